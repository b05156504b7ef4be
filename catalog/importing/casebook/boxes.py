"""Finds the boxed lead of every case: the rows near a title and its label 案例简介 that are the box.

The box is a run of rows of one column width. Mostly its label follows it; sometimes the label stands above it, or at
the end of the page while the box is right under the title. A box starts and ends with whole sentences and has no
headings, and the rows before and after it go on with each other.
"""

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from catalog.importing.casebook.frames import Item
from catalog.importing.casebook.seams import Seams, confidence

MAX_BOX_ROWS = 26
TYPICAL_BOX = 140  # characters
SAME_COLUMN = 1.6  # ems by which the widths of one column may differ
NARROW, WIDE = 17, 40
MIN_SCORE, MIN_LABELLED = 0.0, -4.0  # lower with a label, because then there must be a box
SLIVER, SLIVER_ROWS = -3.0, 4  # score of, and bound on, a few rows left over between a box and a title or caption


@dataclass(frozen=True)
class Lead:
    """A boxed lead. `title`: index into the contents; `rows`: line numbers; `has_label`: 案例简介 stands beside it."""

    title: int
    rows: tuple[int, ...]
    confidence: float
    has_label: bool


def lift_boxes(items: Sequence[Item], seams: Seams) -> tuple[list[Item], list[Lead]]:
    """(items of a spread with every box as one item, the leads). The label of a box gets the index of its title."""
    result = list(items)
    leads: list[Lead] = []
    for title in [item for item in items if item.kind == "title"]:
        place = result.index(title)
        label = _nearest_label(result, place)
        candidates = sorted(_candidates(result, place, label, seams), reverse=True)
        if not candidates or candidates[0][0] < (MIN_SCORE if label is None else MIN_LABELLED):
            continue
        score, first, last = candidates[0]
        rival = next((total for total, start, end in candidates if (start, end) != (first, last)), score - 6.0)
        rows = tuple(row for item in result[first : last + 1] for row in item.rows)
        box = Item("box", rows, result[first].column, title=title.title)
        if label is not None:
            result[label] = replace(result[label], title=title.title)
        result[first : last + 1] = [box]
        numbers = tuple(row.number for row in rows)
        leads.append(Lead(title.title or 0, numbers, confidence(score - rival), label is not None))
    return result, leads


def _nearest_label(items: Sequence[Item], at: int) -> int | None:
    """The index of the nearest label to which the title at index `at` is the nearest title."""
    labels = [i for i, item in enumerate(items) if item.kind == "label" and item.title is None]
    titles = [i for i, item in enumerate(items) if item.kind == "title"]
    own_labels = [i for i in labels if min(titles, key=lambda title: abs(title - i)) == at]
    return min(own_labels, key=lambda i: abs(i - at), default=None)


def _candidates(items: Sequence[Item], title: int, label: int | None, seams: Seams) -> Iterator[tuple[float, int, int]]:
    """Yields (score, first, last) of the runs of items that end above, or begin below, the label or the title.

    `title` and `label` are indices into `items`.
    """
    anchors = [(title, 1.0, -1.0)]
    if label is not None:
        # The label stands above its box only where the title is right above the label.
        is_under_title = title < label and all(item.kind == "caption" for item in items[title + 1 : label])
        anchors = [(label, 1.0 if is_under_title else -3.0, 1.0 if is_under_title else 3.0), (title, 1.0, 0.5)]
    bonuses: dict[tuple[int, int], float] = {}
    for anchor, below, above in anchors:
        for last in _nearest_texts(items, anchor, -1):
            for first in range(last, max(-1, last - MAX_BOX_ROWS), -1):
                if items[first].kind != "body":
                    break
                bonuses[first, last] = max(bonuses.get((first, last), -99.0), above)
        for first in _nearest_texts(items, anchor, 1):
            for last in range(first, min(len(items), first + MAX_BOX_ROWS)):
                if items[last].kind != "body":
                    break
                bonuses[first, last] = max(bonuses.get((first, last), -99.0), below)
    for (first, last), bonus in bonuses.items():
        yield bonus + _box_score(items, first, last, seams), first, last


def _nearest_texts(items: Sequence[Item], at: int, step: int) -> list[int]:
    """Indices of the nearest rows of text in direction `step`: the nearest, and others if that may be a caption.

    Captions, titles and labels in between are skipped.
    """
    places: list[int] = []
    at += step
    while 0 <= at < len(items):
        if items[at].kind == "body":
            places.append(at)
            if (items[at].doubt or 0.0) <= 0:
                break
        elif items[at].kind not in ("caption", "title", "label"):
            break
        at += step
    return places


def _box_score(items: Sequence[Item], first: int, last: int, seams: Seams) -> float:
    """How well the items from `first` to `last` (inclusive) are a box, in nats."""
    run = items[first : last + 1]
    before = items[first - 1] if first else None
    after = items[last + 1] if last + 1 < len(items) else None
    score = _edge_score(before, run[0], seams) + _end_score(run[-1], after)
    score += SLIVER * (_is_sliver(items, first, -1) + _is_sliver(items, last, 1))
    for left, right in itertools.pairwise(run):
        score += max(-1.5, min(0.0, seams.score(left, right)))
        if abs(left.column - right.column) > SAME_COLUMN:
            score -= 3.0
        if left.closed and right.begins_paragraph == 1:
            score -= 0.7
    score += (-1.5, -0.5, 0.5)[run[0].begins_paragraph + 1]
    score -= 1.5 * sum(max(0.0, item.doubt or 0.0) for item in run)  # rows that are probably captions
    characters = sum(len(row.plain) for item in run for row in item.rows)
    score -= abs(math.log(characters / TYPICAL_BOX)) * 1.5
    if run[0].column <= NARROW or run[0].column >= WIDE:
        score += 1.0
    if before is not None and after is not None and before.kind == after.kind == "body":
        gain = seams.score(before, after) - seams.score(before, run[0])
        score += 0.5 * max(-2.0, min(4.0, gain))
    return score


def _is_sliver(items: Sequence[Item], at: int, step: int) -> bool:
    """Whether only a few rows of the same column remain between this end of the box and a title, label or caption."""
    row_count = 0
    place = at + step
    while 0 <= place < len(items) and items[place].kind == "body" and row_count < SLIVER_ROWS:
        if abs(items[place].column - items[at].column) > SAME_COLUMN:
            return False
        row_count += 1
        place += step
    return 0 < row_count < SLIVER_ROWS and not (0 <= place < len(items) and items[place].is_flow)


def _edge_score(before: Item | None, first: Item, seams: Seams) -> float:
    """How well a text begins at `first`, in nats."""
    if before is None or not before.is_flow or (before.doubt or 0.0) > 0.5:
        return 2.0
    if before.kind == "heading":
        return -4.0
    if abs(before.column - first.column) > SAME_COLUMN:
        return 2.0
    if before.open:
        # A box is indented like a paragraph; if it is not, only a sentence that clearly does not go on marks its start.
        least, doubt = (-1.0, 0.0) if first.begins_paragraph == 1 else (-3.0, 2.0)
        return max(least, min(1.5, -doubt - seams.score(before, first)))
    return -0.5 if first.begins_paragraph == 1 else -3.0


def _end_score(last: Item, after: Item | None) -> float:
    """How well a text ends at `last`, in nats."""
    score = 0.0 if last.closed else -1.5 if last.falls_short else -4.0
    if after is None or not after.is_flow:
        return score + 1.5
    if abs(after.column - last.column) > SAME_COLUMN:
        return score + 1.5
    ends = after.begins_paragraph == 1 or (last.closed and last.falls_short)
    return score + (0.5 if ends else -3.0)
