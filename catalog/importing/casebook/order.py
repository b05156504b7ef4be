"""Puts the running text of a case into reading order.

Inside a page, columns and sections may be in another order than they are read. The extracted order is kept unless the
case has a defect: a sentence that does not go on, numbers that fall, or a heading with nothing below it. Then the text
is cut into pieces, and blocks of pieces are moved while the total score of seams and numbers rises (a local search
with insertion moves).
"""

from collections.abc import Sequence
from itertools import pairwise

from catalog.importing.casebook.frames import Item
from catalog.importing.casebook.numbering import FRESH, marks_of, walk
from catalog.importing.casebook.pages import Page
from catalog.importing.casebook.seams import Seams

Piece = tuple[Item, ...]

KEPT = 1.0  # nats for two pieces that follow each other in the extracted order
DANGLING = -3.0  # a heading with nothing under it on its page
STARTS_INSIDE, STOPS_OPEN = -2.0, -6.0  # a case that begins inside a paragraph, or ends inside a sentence
MIN_GAIN = 1.0
MOVED_ROW = 0.02  # cost of a moved row, so that of two equally good moves the smaller one is made
DEFECT = -1.5
MAX_BLOCK = 8
MAX_MOVES = 6
NEW_COLUMN = 1.6


def order_flow(pages: Sequence[Page], seams: Seams) -> list[Item]:
    """The running text of a case's pages in reading order."""
    pieces = [piece for page in pages for piece in _pieces(page)]
    page_of = {item: number for number, page in enumerate(pages) for item in page.items}
    natural = {(before, after) for before, after in pairwise(pieces)}
    score = _Score(seams, natural, page_of)
    if score.has_defect(pieces):
        for _ in range(MAX_MOVES):
            rearranged = _best_move(pieces, score)
            if rearranged is None:
                break
            pieces = rearranged
    return [item for piece in pieces for item in piece]


def _pieces(page: Page) -> list[Piece]:
    """The running text of a page, cut at other items, where the column changes, and before headings and tables."""
    pieces: list[list[Item]] = []
    before: Item | None = None
    for item in page.items:
        if item.is_flow:
            section = item.kind == "heading" and not (before is not None and before.kind == "heading")
            table = before is not None and "table" in (item.kind, before.kind)
            if before is None or section or table or abs(before.column - item.column) > NEW_COLUMN:
                pieces.append([])
            pieces[-1].append(item)
        before = item if item.is_flow else None
    return [tuple(piece) for piece in pieces]


class _Score:
    """Scores an order of pieces. `natural`: pairs that follow each other as extracted; `page_of`: item -> page."""

    def __init__(self, seams: Seams, natural: set[tuple[Piece, Piece]], page_of: dict[Item, int]):
        self.seams, self.natural, self.page_of = seams, natural, page_of
        self._joints: dict[tuple[int, int], float] = {}

    def joint(self, before: Piece, after: Piece) -> float:
        """The score of one piece right after another, cached."""
        key = (id(before), id(after))
        if key not in self._joints:
            score = self.seams.score(before[-1], after[0])
            if before[-1].kind == "heading" and self.page_of[before[-1]] != self.page_of[after[0]]:
                score += DANGLING * (after[0].kind == "heading")
            self._joints[key] = score + KEPT * ((before, after) in self.natural)
        return self._joints[key]

    def total(self, pieces: Sequence[Piece]) -> float:
        """The score of an order of all pieces, in nats."""
        joints = sum(self.joint(before, after) for before, after in pairwise(pieces))
        marks = [mark for piece in pieces for item in piece for mark in marks_of(item)]
        return joints + walk(marks, FRESH)[0] + self._ends(pieces)

    def _ends(self, pieces: Sequence[Piece]) -> float:
        """The score of how the text begins and ends: a paragraph or heading first, a complete sentence last."""
        if not pieces:
            return 0.0
        first, last = pieces[0][0], pieces[-1][-1]
        score = STARTS_INSIDE if first.begins_paragraph == -1 or first.is_short else 0.0
        return score + (DANGLING if last.kind == "heading" else STOPS_OPEN * last.open)

    def has_defect(self, pieces: Sequence[Piece]) -> bool:
        """Whether a seam is bad, the numbers of sections fall, or the last row is a heading."""
        if any(self.joint(before, after) - KEPT < DEFECT for before, after in pairwise(pieces)):
            return True
        marks = [mark for piece in pieces for item in piece if item.kind == "heading" for mark in marks_of(item)]
        sections = [value for level, value in marks if level == 1]
        return sections != sorted(sections) or bool(pieces and pieces[-1][-1].kind == "heading")


def _best_move(pieces: Sequence[Piece], score: _Score) -> list[Piece] | None:
    """The order after the best move of one block of pieces; None if no move gains `MIN_GAIN`."""
    best_total, best_order = score.total(pieces) + MIN_GAIN, None
    for start in range(len(pieces)):
        for stop in range(start + 1, min(len(pieces), start + MAX_BLOCK) + 1):
            row_count = sum(len(piece) for piece in pieces[start:stop])
            block, other_pieces = list(pieces[start:stop]), [*pieces[:start], *pieces[stop:]]
            for place in range(len(other_pieces) + 1):
                if place == start:
                    continue
                candidate = [*other_pieces[:place], *block, *other_pieces[place:]]
                total = score.total(candidate) - MOVED_ROW * row_count
                if total > best_total:
                    best_total, best_order = total, candidate
    return best_order
