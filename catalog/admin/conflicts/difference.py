"""Two texts by their characters, and the merge that is proposed of three."""

from diff_match_patch import diff_match_patch
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

_SECONDS = 0.5  # after which what is left of two long texts is shown as a whole
_TAGS = {diff_match_patch.DIFF_DELETE: "del", diff_match_patch.DIFF_INSERT: "ins"}


def marked(old: str, new: str) -> SafeString:
    """The new text with what was added to the old as <ins>, and what was taken from it as <del>."""
    engine = _engine()
    differences = engine.diff_main(old, new)
    engine.diff_cleanupSemantic(differences)
    return format_html_join("", "{}", ((_marked(kind, text),) for kind, text in differences))


def proposal(base: str, theirs: str, mine: str) -> str:
    """`mine` with what `theirs` changed in the base, where all of it finds its place; else `mine`."""
    engine = _engine()
    merged, found = engine.patch_apply(engine.patch_make(base, theirs), mine)
    return merged if all(found) else mine


def _marked(kind: int, text: str) -> SafeString | str:
    tag = _TAGS.get(kind)
    return format_html("<{tag}>{text}</{tag}>", tag=tag, text=text) if tag else text


def _engine() -> diff_match_patch:
    engine = diff_match_patch()
    engine.Diff_Timeout = _SECONDS
    return engine
