"""Two texts by their characters, and the merge that is proposed of three."""

from diff_match_patch import diff_match_patch
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

_SECONDS = 0.5  # after which what is left of two long texts is shown as a whole
_TAGS = {diff_match_patch.DIFF_DELETE: "del", diff_match_patch.DIFF_INSERT: "ins"}


def marked(old: str, new: str) -> SafeString:
    """The new text with what was added to the old as <ins>, and what was taken from it as <del>."""
    return format_html_join("", "{}", ((_marked(kind, text),) for kind, text in _differences(old, new)))


def proposal(base: str, theirs: str, mine: str) -> str:
    """The base with the changes of `mine`, and those of `theirs` that touch none of them."""
    edits = _edits(base, mine)
    edits += [edit for edit in _edits(base, theirs) if not any(_touch(edit, other) for other in edits)]
    merged, at = [], 0
    for first, last, text in sorted(edits):
        merged += [base[at:first], text]
        at = last
    return "".join([*merged, base[at:]])


def _edits(old: str, new: str) -> list[tuple[int, int, str]]:
    """(first, last, text): `text` takes the place of the characters from `first` to before `last` of the old."""
    edits, at = [], 0
    for kind, text in _differences(old, new):
        if kind == diff_match_patch.DIFF_EQUAL:
            at += len(text)
            continue
        first, _, written = edits.pop() if edits and edits[-1][1] == at else (at, at, "")
        if kind == diff_match_patch.DIFF_DELETE:
            at += len(text)
            edits.append((first, at, written))
        else:
            edits.append((first, at, written + text))
    return edits


def _touch(one: tuple[int, int, str], other: tuple[int, int, str]) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]


def _differences(old: str, new: str) -> list[tuple[int, str]]:
    engine = diff_match_patch()
    engine.Diff_Timeout = _SECONDS
    differences = engine.diff_main(old, new)
    engine.diff_cleanupSemantic(differences)
    return differences


def _marked(kind: int, text: str) -> SafeString | str:
    tag = _TAGS.get(kind)
    return format_html("<{tag}>{text}</{tag}>", tag=tag, text=text) if tag else text
