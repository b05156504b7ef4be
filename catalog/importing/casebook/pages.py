"""Cuts every spread into its two pages and puts all pages into reading order.

The text layer has the right page of a spread before the left one, and does not mark where the left page begins. But a
true cut completes two sentences: the one left open at the end of the last spread, and the one that goes on from this
spread's right page to the next spread. The search is dynamic programming over all spreads. A state is a cut. Its score
is that of the seams it makes, less that of the seam it breaks, plus how plausible its two pages are (one title, with
its box on the same page, rising numbers).
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
ONE_PAGE = -2.5  # a spread with all text on one page
TWO_TITLES = -12.0
HEADING_ON_TOP = 1.5  # a page that begins with a heading, which is usual in books
UNEVEN_PAGES = 4.5  # cost of pages that hold different amounts of text
ORPHANED = -8.0
TORN_TITLE = -8.0  # a title on one page, its box or label on the other
OPENER_WITH_TEXT = -4.0
CASE_STARTS_OPEN = -6.0
NEW_COLUMN, SAME_COLUMN = 3.0, -2.0  # column widths on both sides of a cut: two pages mostly differ in them
TOPIC_ROWS = 6
# Log likelihood ratio of two passages of six rows being neighbours: TOPIC_WEIGHT * ln(likeness / EVEN_LIKENESS), within
# TOPIC_RANGE. Measured on true and false neighbours in the book.
TOPIC_WEIGHT, EVEN_LIKENESS, TOPIC_RANGE = 0.8, 0.047, (-1.2, 1.4)
CAPTION_TOPIC = 3.0
BROKEN_SEAM, UNLIKELY_CAPTION = -2.5, -1.5
MAX_SKIPPED = 3  # unrecognised captions that may stand at the edge of a page


@dataclass(frozen=True, eq=False)
class Page:
    """One page. `spread`: index of its spread; `confidence` (0 to 1) and `reason` (Chinese): of the cut of it."""

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
    """A page as the search sees it.

    `starts`, `ends`: see `_edges`. `titles`: their number. `marks`: the numbers on it. `head`, `tail`: topics of its
    first and last rows.
    """

    items: tuple[Item, ...]
    starts: tuple[tuple[Item, float], ...]
    ends: tuple[tuple[Item, float], ...]
    titles: int
    marks: tuple[Mark, ...]
    head: Topic
    tail: Topic
    score: float  # of the page by itself


@dataclass(frozen=True)
class _Cut:
    """A cut of a spread: `items[:at]` are the right page, `items[at:]` the left one."""

    at: int
    left: _Half
    right: _Half
    score: float

    @property
    def ends(self) -> tuple[tuple[Item, float], ...]:
        return self.right.ends or self.left.ends

    @property
    def tail(self) -> Topic:
        return self.right.tail or self.left.tail

    @property
    def state(self) -> State:
        """The last numbers of each level after this spread, as far as it has any."""
        start = FRESH if self.left.titles else {}
        state = walk(self.left.marks, start)[1]
        return walk(self.right.marks, FRESH if self.right.titles else state)[1]


def order_pages(spreads: Sequence[Sequence[Item]], seams: Seams) -> list[Page]:
    """All pages that hold items, in reading order: left before right. `spreads`: the items of each spread."""
    typical_ink = median(_ink(items) for items in spreads) if spreads else 0.0
    states = [_cuts(items, typical_ink, seams) for items in spreads]
    first = next((i for i, items in enumerate(spreads) if any(item.kind == "title" for item in items)), None)
    if first is not None:
        states[first] = [_without_orphans(cut) for cut in states[first]]
    scores = [[cut.score for cut in cuts] for cuts in states]
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
        best_total = totals[choices[index]]
        cut = cuts[choices[index]]
        rivals = [total for other, total in zip(cuts, totals, strict=True) if not _same_text(cut, other)]
        certainty = confidence(best_total - max(rivals, default=best_total - 6.0))
        reason = _reason(cut)
        pages.append(Page(index, "left", cut.left.items, certainty, reason))
        pages.append(Page(index, "right", cut.right.items, certainty, reason))
    return [page for page in pages if page.items]


def _same_text(cut: _Cut, other: _Cut) -> bool:
    """Whether two cuts divide the running text in the same way and differ only in a caption or label."""
    return _flow_size(cut.right) == _flow_size(other.right) and cut.right.titles == other.right.titles


def _flow_size(half: _Half) -> int:
    return sum(item.is_flow and (item.doubt or -1.0) < 0 for item in half.items)


def settle_captions(pages: Sequence[Page], seams: Seams) -> list[Page]:
    """The pages with doubtful rows at their edges turned into captions.

    This can be decided only now, when it is known which page comes before and after.
    """
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
    """The score of a case ending with this edge of a page."""
    return end[1] + (0.5 if end[0].closed else -1.0 if not end[0].open else CASE_STARTS_OPEN)


def _opening(start: tuple[Item, float]) -> float:
    """The score of a case beginning with this edge of a page."""
    row, gain = start
    if row.begins_paragraph:
        return gain + (0.5 if row.begins_paragraph == 1 else -3.0)
    return gain - 1.0 * row.is_short


def _skipped(edge: Sequence[tuple[Item, float]], chosen: tuple[Item, float] | None) -> set[Item]:
    return {item for item, _ in edge[: edge.index(chosen)]} if chosen in edge else set()


def _as_caption(item: Item, captions: set[Item]) -> Item:
    return replace(item, kind="caption", doubt=None) if item in captions else item


def _forward(scores: list[list[float]], links: list[list[list[float]]]) -> list[list[float]]:
    totals = [scores[0]] if scores else []
    for cut_scores, link in zip(scores[1:], links, strict=True):
        previous = totals[-1]
        totals.append(
            [
                cut_scores[to] + max(previous[i] + link[i][to] for i in range(len(previous)))
                for to in range(len(cut_scores))
            ]
        )
    return totals


def _backward(scores: list[list[float]], links: list[list[list[float]]]) -> list[list[float]]:
    totals = [[0.0] * len(scores[-1])] if scores else []
    for cut_scores, link in zip(reversed(scores[1:]), reversed(links), strict=True):
        following = totals[-1]
        totals.append([max(row[to] + cut_scores[to] + following[to] for to in range(len(cut_scores))) for row in link])
    totals.reverse()
    return totals


def _cuts(items: Sequence[Item], typical_ink: float, seams: Seams) -> list[_Cut]:
    """The best cuts of a spread by their own scores, at most `MAX_STATES`. A cut at 0 leaves everything on one page.

    `typical_ink`: the median `_ink` of a spread. One with less than half of it often has text on one page only.
    """
    cuts = [_cut(items, at, seams) for at in range(len(items))]
    if _ink(items) < typical_ink / 2:
        cuts[0] = replace(cuts[0], score=cuts[0].score - ONE_PAGE)
    return sorted(cuts, key=lambda cut: cut.score + _promise(cut), reverse=True)[:MAX_STATES]


def _without_orphans(cut: _Cut) -> _Cut:
    """A cut of the spread with the first title, penalised if its left page has text before that title."""
    has_orphans = cut.left.starts and not cut.left.titles
    return replace(cut, score=cut.score + ORPHANED) if has_orphans else cut


def _promise(cut: _Cut) -> float:
    """What the neighbouring spreads may add to a cut's score: they can complete the sentences that it cuts."""
    end = cut.right.ends[0][0] if cut.right.ends else None
    start = cut.left.starts[0][0] if cut.left.starts else None
    if end is None or start is None:
        return 3.0
    clean_end, clean_start = end.closed, start.begins_paragraph == 1
    return 3.0 * (not clean_end) + 3.0 * (not clean_start) + 4.0 * (clean_end and clean_start)


def _cut(items: Sequence[Item], at: int, seams: Seams) -> _Cut:
    """The cut before `items[at]` with its score."""
    right, left = (_half(items[:at], seams), _half(items[at:], seams))
    score = left.score + right.score
    if not at:
        return _Cut(at, left, right, score + ONE_PAGE)
    state = walk(left.marks, FRESH if left.titles else {})[1]
    score += _turn(left.ends, left.tail, state, right, seams)
    above = next((item for item in reversed(items[:at]) if item.is_flow), None)
    below = next((item for item in items[at:] if item.is_flow), None)
    if above is not None and below is not None:
        score -= seams.score(above, below) + _same_topic(right.tail, left.head)
        beside_mark = not items[at - 1].is_flow or not items[at].is_flow
        score += NEW_COLUMN if _columns_differ(items, at) else (0.5 if beside_mark else SAME_COLUMN)
        score += HEADING_ON_TOP * (below.kind == "heading" and not left.titles)
    score += _caption_fits(items[at - 1], right, left, seams) + _caption_fits(items[at], left, right, seams)
    for item in items[at:]:
        if item.kind in ("label", "box") and item.title is not None:
            score += TORN_TITLE * any(other.kind == "title" and other.title == item.title for other in items[:at])
        if item.kind == "title":
            score += TORN_TITLE * any(
                other.kind in ("label", "box") and other.title == item.title for other in items[:at]
            )
    ink_right, ink_left = _ink(items[:at]), _ink(items[at:])
    if ink_right and ink_left:
        score -= UNEVEN_PAGES * ((ink_right - ink_left) / (ink_right + ink_left)) ** 2
    return _Cut(at, left, right, score)


def _columns_differ(items: Sequence[Item], at: int) -> bool:
    """Whether the columns before and after a cut differ in width. A box counts, as it stands beside its page's text."""
    above = next((item for item in reversed(items[:at]) if item.is_flow or item.kind == "box"), None)
    below = next((item for item in items[at:] if item.is_flow or item.kind == "box"), None)
    return above is not None and below is not None and abs(above.column - below.column) > 1.6


def _caption_fits(item: Item, page: _Half, facing_page: _Half, seams: Seams) -> float:
    """The score of a caption or table at the cut: positive if its words are those of its page, not the facing one."""
    if item.kind not in ("caption", "table"):
        return 0.0
    topic = seams.model.topic(item.rows)
    return CAPTION_TOPIC * (
        likeness(topic, _text_topic(page, seams)) - likeness(topic, _text_topic(facing_page, seams))
    )


def _text_topic(half: _Half, seams: Seams) -> Topic:
    texts = [item for item in half.items if item.kind in ("title", "heading", "body")]
    return seams.model.topic(row for item in texts for row in item.rows)


def _ink(items: Sequence[Item]) -> float:
    """How much of a page is printed: the sum of the column widths of all rows, in ems."""
    return sum(item.column * len(item.rows) for item in items if item.kind in ("body", "box", "heading"))


def _half(items: Sequence[Item], seams: Seams) -> _Half:
    """What the search needs of a page with these items."""
    flow = [item for item in items if item.is_flow and item.kind != "table"]
    titles = sum(item.kind == "title" for item in items)
    marks = tuple(mark for item in flow for mark in marks_of(item))
    score = TWO_TITLES * max(0, titles - 1)
    if any(item.kind == "opener" for item in items) and flow:
        score += OPENER_WITH_TEXT
    score += walk(marks, FRESH if titles else {})[0]
    boxes = [item for item in items if item.kind == "box"]
    head = seams.model.topic(row for item in flow[:TOPIC_ROWS] for row in item.rows)
    tail = seams.model.topic(row for item in flow[-TOPIC_ROWS:] for row in item.rows)
    if titles and boxes:  # the boxed lead is a summary of the text on its page
        score += _same_topic(seams.model.topic(boxes[0].rows), head)
    return _Half(
        tuple(items), _edges(items, seams), _edges(items, seams, backwards=True), titles, marks, head, tail, score
    )


def _same_topic(first: Topic, second: Topic) -> float:
    """The log likelihood ratio, in nats, of two passages being neighbours by their words."""
    if not first or not second:
        return 0.0
    ratio = TOPIC_WEIGHT * math.log(max(likeness(first, second), 1e-3) / EVEN_LIKENESS)
    return max(TOPIC_RANGE[0], min(TOPIC_RANGE[1], ratio))


def _edges(items: Sequence[Item], seams: Seams, *, backwards: bool = False) -> tuple[tuple[Item, float], ...]:
    """The rows with which a page's text can begin (or end, with `backwards`), each with the score of that choice.

    The first row has score 0. If it may be a caption, the next row can begin the text instead: its score is the doubt
    of the caption, less the seam between the two rows that is given up.
    """
    places = [i for i, item in enumerate(items) if item.is_flow and item.kind != "table"]
    places = (places[::-1] if backwards else places)[: MAX_SKIPPED + 1]
    edges: list[tuple[Item, float]] = []
    gain = 0.0
    for place, inner_place in pairwise([*places, None]):
        item = items[place]
        edges.append((item, gain))
        if item.kind != "body" or inner_place is None or item.number:
            break
        inner = items[inner_place]
        # The neighbour outside is a caption, a label or a row already skipped as a caption; or it is on another page.
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
            given_up = 0.0  # a slightly negative seam only says that two sentences rarely follow each other
        # Its doubt between the rows of its own column, as extracted, limits the gain.
        in_place = (UNLIKELY_CAPTION if item.doubt is None else item.doubt) + 1.0
        gain += min(MAX_DOUBT if doubt is None else doubt, in_place) - given_up
    return tuple(edges)


def _link(before: _Cut, after: _Cut, state: State, seams: Seams) -> float:
    """The score of going on from one spread to the next; an empty left page is skipped."""
    page = after.left if after.left.starts or after.left.titles else after.right
    return _turn(before.ends, before.tail, state, page, seams)


def _turn(ends: Sequence[tuple[Item, float]], tail: Topic, state: State, page: _Half, seams: Seams) -> float:
    """The score of going on to a page: a new case begins there, or sentence, topic and numbers go on.

    `ends`, `tail`, `state`: possible last rows, topic and numbers of the page before.
    """
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
