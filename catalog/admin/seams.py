"""A doubtful place as an editor compares it: the lines of the source, and the paragraphs that were made of them."""

from dataclasses import dataclass
from itertools import pairwise

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from catalog.models import Doubt
from catalog.pages.provenance import Passage, passages

CONTEXT = 8  # lines of the source before and after
TAIL = 6  # characters on either side by which a seam is found in the rebuilt text


@dataclass(frozen=True)
class Window:
    """Consecutive lines of a source: number, text, and whether the doubt names them."""

    rows: list[tuple[int, str, bool]]


@dataclass(frozen=True)
class RebuiltPassage:
    """A paragraph of the case near the doubt; `html` has the seam marked where it is inside."""

    passage: Passage
    html: SafeString
    doubtful: bool


def source_windows(doubt: Doubt) -> list[Window]:
    """The lines around every place that the doubt names, in the doubt's order; places close together share one."""
    lines, spans = doubt.source.lines, [tuple(span) for span in doubt.spans]
    ranges: list[list[int]] = []
    for first, last in spans:
        around = [max(1, first - CONTEXT), min(len(lines), last + CONTEXT)]
        near = next((known for known in ranges if around[0] <= known[1] + 1 and around[1] >= known[0] - 1), None)
        if near:
            near[:] = min(near[0], around[0]), max(near[1], around[1])
        else:
            ranges.append(around)
    return [
        Window([(n, lines[n - 1], any(a <= n <= b for a, b in spans)) for n in range(first, last + 1)])
        for first, last in ranges
    ]


def rebuilt_passages(doubt: Doubt) -> list[RebuiltPassage]:
    """The paragraphs that hold lines of the doubt, each with its neighbours."""
    if doubt.case is None:
        return []
    body = passages(doubt.case)
    doubtful = [any(_overlap(lines, span) for lines in passage.lines for span in doubt.spans) for passage in body]
    seams = _seams(doubt)
    return [
        RebuiltPassage(passage, _marked(passage.text, seams), doubtful[place])
        for place, passage in enumerate(body)
        if any(doubtful[max(0, place - 1) : place + 2])
    ]


def _overlap(a, b) -> bool:
    return a[0] <= b[1] and b[0] <= a[1]


def _seams(doubt: Doubt) -> list[tuple[str, str]]:
    """What stands before and after each seam: the end of one named place and the beginning of the next."""
    lines = doubt.source.lines
    ends = [(_dense(lines[a[1] - 1])[-TAIL:], _dense(lines[b[0] - 1])[:TAIL]) for a, b in pairwise(doubt.spans)]
    return [seam for seam in ends if all(seam)]


def _marked(text: str, seams: list[tuple[str, str]]) -> SafeString:
    """The text with a mark where two pieces were joined; blanks, which joining changes, do not count."""
    places = [place for place, char in enumerate(text) if not char.isspace()]
    dense = "".join(text[place] for place in places)
    for before, after in seams:
        at = dense.find(before + after)
        if at >= 0:
            cut = places[at + len(before)]
            mark = '<mark class="seam" title="存疑的接缝">⸽</mark>'
            return mark_safe(f"{escape(text[:cut])}{mark}{escape(text[cut:])}")
    return escape(text)


def _dense(text: str) -> str:
    return "".join(text.split())
