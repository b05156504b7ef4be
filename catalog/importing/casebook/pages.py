"""Where every spread is cut into its two pages, and the reading order of all pages.

The right page of a spread was extracted before the left one. Which row begins the left page is nowhere said; but the
right cut completes two sentences: the one that the last spread left open, and the one that this spread's right page
leaves to the next. The search is a dynamic programme over all spreads: a state is a cut, its score the seams that it
makes less the seam that it breaks, and what a page can be (one title, its box with it, numbers that rise).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import Literal

from catalog.importing.casebook.frames import MAX_DOUBT, Item, weigh_caption
from catalog.importing.casebook.language import Topic, likeness
from catalog.importing.casebook.numbering import FRESH, Mark, State, marks_of, walk
from catalog.importing.casebook.seams import Seams, confidence

Side = Literal["left", "right"]

MAX_STATES = 45
ONE_PAGE = -2.5  # a spread of which one page holds all text
TWO_TITLES = -12.0
HEADING_ON_TOP = 1.5  # where a page could as well begin with a paragraph, books let it begin with a heading
UNEVEN_PAGES = 4.5  # both pages hold about as much
ORPHANED = -8.0
TORN_TITLE = -8.0  # a title on one page, its box or label on the other
OPENER_WITH_TEXT = -4.0
CASE_STARTS_OPEN = -6.0
NEW_COLUMN, SAME_COLUMN = 3.0, -2.0  # pages mostly differ in the width of their columns
TOPIC_ROWS = 6
# Log likelihood ratio of two passages of six rows being neighbours, by their likeness: measured on the book's own
# neighbours and strangers it is a line in the logarithm of the likeness, even at EVEN_LIKENESS.
TOPIC_WEIGHT, EVEN_LIKENESS, TOPIC_RANGE = 0.8, 0.047, (-1.2, 1.4)
CAPTION_TOPIC = 3.0
BROKEN_SEAM, UNLIKELY_CAPTION = -2.5, -1.5
MAX_SKIPPED = 3  # captions that may stand at a page's edge unrecognised


@dataclass(frozen=True, eq=False)
class Page:
    """One page in reading order. `confidence`: of the cut of its spread; `reason`: what decided it, in Chinese."""

    spread: int
    side: Side
    items: tuple[Item, ...]
    confidence: float
    reason: str

    @property
    def titles(self) -> list[Item]:
        return [item for item in self.items if item.kind == "title"]

    @property
    def flow(self) -> list[Item]:
        return [item for item in self.items if item.is_flow]


@dataclass(frozen=True)
class _Half:
    """What the search needs to know of one page: how it can begin and end, and what stands on it."""

    items: tuple[Item, ...]
    starts: tuple[tuple[Item, float], ...]
    ends: tuple[tuple[Item, float], ...]
    titles: int
    marks: tuple[Mark, ...]
    head: Topic
    tail: Topic
    own: float  # score of the page by itself


@dataclass(frozen=True)
class _Cut:
    at: int
    left: _Half
    right: _Half
    own: float

    @property
    def ends(self) -> tuple[tuple[Item, float], ...]:
        return self.right.ends or self.left.ends

    @property
    def tail(self) -> Topic:
        return self.right.tail or self.left.tail

    @property
    def state(self) -> State:
        """The numbers after this spread, as far as it tells."""
        start = FRESH if self.left.titles else {}
        state = walk(self.left.marks, start)[1]
        return walk(self.right.marks, FRESH if self.right.titles else state)[1]


def order_pages(spreads: Sequence[Sequence[Item]], seams: Seams) -> list[Page]:
    """All pages in reading order, left before right."""
    usual = median(_ink(items) for items in spreads) if spreads else 0.0
    states = [_cuts(items, usual, seams) for items in spreads]
    first = next((i for i, items in enumerate(spreads) if any(item.kind == "title" for item in items)), None)
    if first is not None:
        states[first] = [_without_orphans(cut) for cut in states[first]]
    scores = [[cut.own for cut in cuts] for cuts in states]
    links: list[list[list[float]]] = []
    for previous, cuts in pairwise(states):
        links.append([[_link(a, b, a_state, seams) for b in cuts] for a, a_state in ((a, a.state) for a in previous)])
    forward = _forward(scores, links)
    backward = _backward(scores, links)
    pages: list[Page] = []
    choice = max(range(len(states[-1])), key=forward[-1].__getitem__) if states else 0
    choices = [0] * len(states)
    for index in range(len(states) - 1, -1, -1):
        choices[index] = choice
        if index:
            column = links[index - 1]
            choice = max(
                range(len(states[index - 1])),
                key=lambda i, column=column, to=choice, at=index: forward[at - 1][i] + column[i][to],
            )
    for index, cuts in enumerate(states):
        totals = [forward[index][i] + backward[index][i] for i in range(len(cuts))]
        best = totals[choices[index]]
        cut = cuts[choices[index]]
        rivals = [total for other, total in zip(cuts, totals, strict=True) if not _same_text(cut, other)]
        sure = confidence(best - max(rivals, default=best - 6.0))
        reason = _reason(cut)
        pages.append(Page(index, "left", cut.left.items, sure, reason))
        pages.append(Page(index, "right", cut.right.items, sure, reason))
    return [page for page in pages if page.items]


def _same_text(one: _Cut, other: _Cut) -> bool:
    """Do two cuts divide the running text alike? Then only a caption or mark stands on another page."""
    return _flow_size(one.right) == _flow_size(other.right) and one.right.titles == other.right.titles


def _flow_size(half: _Half) -> int:
    return sum(item.is_flow and (item.doubt or -1.0) < 0 for item in half.items)


def settle_captions(pages: Sequence[Page], seams: Seams) -> list[Page]:
    """Rows at the pages' edges that are captions after all, now that it is known what stands before and behind."""
    captions: set[Item] = set()
    ends: tuple[tuple[Item, float], ...] = ()
    for page in pages:
        starts = _edges(page.items, seams)
        if page.titles or not ends:
            captions |= _skipped(ends, max(ends, key=_closing, default=None))
            captions |= _skipped(starts, max(starts, key=_opening, default=None))
        elif starts:
            pairs = [(end, start) for end in ends for start in starts]
            end, start = max(pairs, key=lambda pair: pair[0][1] + pair[1][1] + seams.score(pair[0][0], pair[1][0]))
            captions |= _skipped(ends, end) | _skipped(starts, start)
        if starts or page.titles:
            ends = _edges(page.items, seams, backwards=True)
    captions |= _skipped(ends, max(ends, key=_closing, default=None))
    return [replace(page, items=tuple(_as_caption(item, captions) for item in page.items)) for page in pages]


def _closing(end: tuple[Item, float]) -> float:
    return end[1] + (0.5 if end[0].closed else -1.0 if not end[0].open else CASE_STARTS_OPEN)


def _opening(start: tuple[Item, float]) -> float:
    row, gain = start
    if row.begins_paragraph:
        return gain + (0.5 if row.begins_paragraph == 1 else -3.0)
    return gain - 1.0 * row.is_short


def _skipped(edge: Sequence[tuple[Item, float]], chosen: tuple[Item, float] | None) -> set[Item]:
    return {item for item, _ in edge[: edge.index(chosen)]} if chosen in edge else set()


def _as_caption(item: Item, captions: set[Item]) -> Item:
    return replace(item, kind="caption", doubt=None) if item in captions else item


def _forward(scores: list[list[float]], links: list[list[list[float]]]) -> list[list[float]]:
    best = [scores[0]] if scores else []
    for own, link in zip(scores[1:], links, strict=True):
        before = best[-1]
        best.append([own[to] + max(before[i] + link[i][to] for i in range(len(before))) for to in range(len(own))])
    return best


def _backward(scores: list[list[float]], links: list[list[list[float]]]) -> list[list[float]]:
    best = [[0.0] * len(scores[-1])] if scores else []
    for own, link in zip(reversed(scores[1:]), reversed(links), strict=True):
        after = best[-1]
        best.append([max(row[to] + own[to] + after[to] for to in range(len(own))) for row in link])
    best.reverse()
    return best


def _cuts(items: Sequence[Item], usual: float, seams: Seams) -> list[_Cut]:
    """The likeliest cuts of a spread by what they say themselves; `at` 0 leaves everything on one page.

    `usual`: how much a spread holds. One with less than half of that may well have text on one page only.
    """
    cuts = [_cut(items, at, seams) for at in range(len(items))]
    if _ink(items) < usual / 2:
        cuts[0] = replace(cuts[0], own=cuts[0].own - ONE_PAGE)
    return sorted(cuts, key=lambda cut: cut.own + _promise(cut), reverse=True)[:MAX_STATES]


def _without_orphans(cut: _Cut) -> _Cut:
    """On the spread of the first title no text can stand before the title's page."""
    orphaned = cut.left.starts and not cut.left.titles
    return replace(cut, own=cut.own + ORPHANED) if orphaned else cut


def _promise(cut: _Cut) -> float:
    """What neighbours may still give: a cut inside a sentence can be completed, one between two texts fits anywhere."""
    end = cut.right.ends[0][0] if cut.right.ends else None
    start = cut.left.starts[0][0] if cut.left.starts else None
    if end is None or start is None:
        return 3.0
    clean_end, clean_start = end.closed, start.begins_paragraph == 1
    return 3.0 * (not clean_end) + 3.0 * (not clean_start) + 4.0 * (clean_end and clean_start)


def _cut(items: Sequence[Item], at: int, seams: Seams) -> _Cut:
    right, left = (_half(items[:at], seams), _half(items[at:], seams))
    own = left.own + right.own
    if not at:
        return _Cut(at, left, right, own + ONE_PAGE)
    state = walk(left.marks, FRESH if left.titles else {})[1]
    own += _turn(left.ends, left.tail, state, right, seams)
    above = next((item for item in reversed(items[:at]) if item.is_flow), None)
    below = next((item for item in items[at:] if item.is_flow), None)
    if above is not None and below is not None:
        own -= seams.score(above, below) + _same_topic(right.tail, left.head)
        beside_mark = not items[at - 1].is_flow or not items[at].is_flow
        own += NEW_COLUMN if _parted(items, at) else (0.5 if beside_mark else SAME_COLUMN)
        own += HEADING_ON_TOP * (below.kind == "heading" and not left.titles)
    own += _caption_fits(items[at - 1], right, left, seams) + _caption_fits(items[at], left, right, seams)
    for item in items[at:]:
        if item.kind in ("label", "box") and item.title is not None:
            own += TORN_TITLE * any(other.kind == "title" and other.title == item.title for other in items[:at])
        if item.kind == "title":
            own += TORN_TITLE * any(o.kind in ("label", "box") and o.title == item.title for o in items[:at])
    ink_right, ink_left = _ink(items[:at]), _ink(items[at:])
    if ink_right and ink_left:
        own -= UNEVEN_PAGES * ((ink_right - ink_left) / (ink_right + ink_left)) ** 2
    return _Cut(at, left, right, own)


def _parted(items: Sequence[Item], at: int) -> bool:
    """Do the columns above and below a cut differ in width? A box counts: it is set beside its own page's text."""
    above = next((item for item in reversed(items[:at]) if item.is_flow or item.kind == "box"), None)
    below = next((item for item in items[at:] if item.is_flow or item.kind == "box"), None)
    return above is not None and below is not None and abs(above.column - below.column) > 1.6


def _caption_fits(item: Item, here: _Half, there: _Half, seams: Seams) -> float:
    """A caption or table at the cut belongs to the page whose words it shares."""
    if item.kind not in ("caption", "table"):
        return 0.0
    topic = seams.model.topic(item.rows)
    return CAPTION_TOPIC * (likeness(topic, _text_topic(here, seams)) - likeness(topic, _text_topic(there, seams)))


def _text_topic(half: _Half, seams: Seams) -> Topic:
    texts = [item for item in half.items if item.kind in ("title", "heading", "body")]
    return seams.model.topic(row for item in texts for row in item.rows)


def _ink(items: Sequence[Item]) -> float:
    return sum(item.column * len(item.rows) for item in items if item.kind in ("body", "box", "heading"))


def _half(items: Sequence[Item], seams: Seams) -> _Half:
    flow = [item for item in items if item.is_flow and item.kind != "table"]
    titles = sum(item.kind == "title" for item in items)
    marks = tuple(mark for item in flow for mark in marks_of(item))
    own = TWO_TITLES * max(0, titles - 1)
    if any(item.kind == "opener" for item in items) and flow:
        own += OPENER_WITH_TEXT
    own += walk(marks, FRESH if titles else {})[0]
    boxes = [item for item in items if item.kind == "box"]
    head = seams.model.topic(row for item in flow[:TOPIC_ROWS] for row in item.rows)
    tail = seams.model.topic(row for item in flow[-TOPIC_ROWS:] for row in item.rows)
    if titles and boxes:  # the boxed lead says shortly what the first paragraphs say again
        own += _same_topic(seams.model.topic(boxes[0].rows), head)
    return _Half(
        tuple(items), _edges(items, seams), _edges(items, seams, backwards=True), titles, marks, head, tail, own
    )


def _same_topic(one: Topic, other: Topic) -> float:
    if not one or not other:
        return 0.0
    ratio = TOPIC_WEIGHT * math.log(max(likeness(one, other), 1e-3) / EVEN_LIKENESS)
    return max(TOPIC_RANGE[0], min(TOPIC_RANGE[1], ratio))


def _edges(items: Sequence[Item], seams: Seams, *, backwards: bool = False) -> tuple[tuple[Item, float], ...]:
    """The rows with which a page's text can begin (or end): the first, or the next if the first is a caption after all.

    Each with what that gains: what speaks for a caption there, less the seam that is given up.
    """
    places = [i for i, item in enumerate(items) if item.is_flow and item.kind != "table"]
    places = (places[::-1] if backwards else places)[: MAX_SKIPPED + 1]
    found: list[tuple[Item, float]] = []
    gain = 0.0
    for place, inner_place in pairwise([*places, None]):
        item = items[place]
        found.append((item, gain))
        if item.kind != "body" or inner_place is None or item.number:
            break
        inner = items[inner_place]
        # What stands beyond is a caption or label, or was passed over as a caption, or is another page.
        beyond = place + (1 if backwards else -1)
        outer = items[beyond] if 0 <= beyond < len(items) else None
        if outer is not None and outer.is_flow:
            outer = replace(outer, kind="caption")
        near = items[place - 1] if backwards else items[place + 1]
        before, after = (near, outer) if backwards else (outer, near)
        certain, doubt = weigh_caption(item, before, after, seams.model)
        if doubt is None and not certain:
            break
        pair = (inner, item) if backwards else (item, inner)
        given_up = 0.0 if pair[0].open else seams.score(*pair)
        if BROKEN_SEAM < given_up < 0:
            given_up = 0.0  # that two sentences seldom meet is no reason to part them
        # Where it was extracted it stood between rows of its column, perhaps: that counts too.
        in_place = (UNLIKELY_CAPTION if item.doubt is None else item.doubt) + 1.0
        gain += min(MAX_DOUBT if doubt is None else doubt, in_place) - given_up
    return tuple(found)


def _link(before: _Cut, after: _Cut, state: State, seams: Seams) -> float:
    """The score of going on from one spread to the next; an empty left page is passed over."""
    page = after.left if after.left.starts or after.left.titles else after.right
    return _turn(before.ends, before.tail, state, page, seams)


def _turn(ends: Sequence[tuple[Item, float]], tail: Topic, state: State, page: _Half, seams: Seams) -> float:
    """The score of turning to a page: a new case begins on it, or sentence, topic and numbers go on."""
    if page.titles:
        return max(map(_closing, ends), default=0.0) + max(map(_opening, page.starts), default=0.0)
    joins = [bonus + gain + seams.score(end, start) for end, bonus in ends for start, gain in page.starts]
    score = max(joins, default=0.0) + _same_topic(tail, page.head)
    return score + walk(page.marks, state)[0] - walk(page.marks, {})[0]


def _reason(cut: _Cut) -> str:
    if not cut.at:
        return "这一对开页看来只有一页有文字"
    start = cut.left.starts[0][0].first.number if cut.left.starts else cut.left.items[0].first.number
    return f"看来左页从第 {start} 行开始"
