"""Old and new of a case's fields, side by side in one text: what goes, what comes, by character."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from diff_match_patch import diff_match_patch
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from catalog.models import doubted_field_label

SECONDS = 1.0  # for one text; of what takes longer the difference is coarser
AROUND = 40  # characters that are shown on each side of a difference
LONGEST_AT_A_GLANCE = 6_000  # characters of two texts that are compared in a list
BEGINNING = 200  # characters of a new text that a list shows

# In this order; the title of what is new stands above.
_FIRST = ("title", "subtitle", "bank", "branch", "category", "products", "published_on", "summary", "body")
# Where a text stood in its source is told in one word.
_PLACES = ("first_line", "last_line", "first_page", "last_page")
# Shown only where they change.
_MINOR = {*_PLACES, "title", "category_confidence", "script", "title_inferred", "number"}
_GONE, _COME = -1, 1


@dataclass(frozen=True)
class FieldDifference:
    label: str
    html: SafeString
    kept: bool = False  # the editor's stays, and this is what the file wants


def differences(
    old: Mapping[str, object], new: Mapping[str, object], kept: Iterable[str] = (), *, whole: bool = False
) -> list[FieldDifference]:
    """`whole`: all of every text; else what is enough for a list."""
    told = []
    for name in [*(name for name in _FIRST if name in new), *(name for name in new if name not in _FIRST)]:
        if name in _PLACES or (name in _MINOR and not old):
            continue
        before, after = _text(old.get(name)), _text(new[name])
        if before or after:
            html = format_html('<span class="difference">{}</span>', _compared(before, after, whole))
            told.append(FieldDifference(doubted_field_label(name), html, name in kept))
    if any(name in old for name in _PLACES):
        told.append(FieldDifference("来源位置", mark_safe("在来源里的行或页变了"), False))
    return told


def _text(value: object) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "\n".join(map(str, value))
    return str(value)


def _compared(before: str, after: str, whole: bool) -> SafeString:
    if not before:
        shown = after if whole or len(after) <= BEGINNING else f"{after[:BEGINNING]}……（共 {len(after)} 字）"
        return format_html("<ins>{}</ins>", shown)
    if not after:
        return format_html("<del>{}</del>", before if whole else before[:BEGINNING])
    if not whole and len(before) + len(after) > LONGEST_AT_A_GLANCE:
        return format_html("{} 字改为 {} 字，打开看逐字的差异", len(before), len(after))
    return _by_character(before, after, whole)


def _by_character(before: str, after: str, whole: bool) -> SafeString:
    comparer = diff_match_patch()
    comparer.Diff_Timeout = SECONDS
    parts = comparer.diff_main(before, after)
    comparer.diff_cleanupSemantic(parts)
    pieces = []
    for number, (kind, text) in enumerate(parts):
        if kind == _GONE:
            pieces.append(format_html("<del>{}</del>", text))
        elif kind == _COME:
            pieces.append(format_html("<ins>{}</ins>", text))
        else:
            pieces.append(escape(text if whole else _near(text, number == 0, number == len(parts) - 1)))
    return format_html_join("", "{}", ((piece,) for piece in pieces))


def _near(text: str, first: bool, last: bool) -> str:
    """Of what is the same what stands beside a difference."""
    ends = (0 if first else AROUND), (0 if last else AROUND)
    if len(text) <= sum(ends) + 10:
        return text
    head, tail = text[: ends[0]], text[len(text) - ends[1] :] if ends[1] else ""
    return f"{head}……{tail}"
