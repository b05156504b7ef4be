"""How well one thing goes on with another: the score of a seam between two items, in nats.

It joins what the layout says (does a sentence stay open? does the next line begin a paragraph, a heading, a list?)
with what the book's language says. Positive: they belong together. The scale is that of a log likelihood ratio, so
that seams add up and a difference of two readings is a confidence.
"""

import math
from dataclasses import dataclass

from catalog.importing.casebook.frames import Item
from catalog.importing.casebook.language import UNLIKELY_WORDS, BookModel

OPEN_INTO_START = -5.0  # a sentence that stays open before a heading or an indented line
OPEN_INTO_NEW, WORD_GOES_ON = -4.0, 4.0
STUMP_INTO_MIDDLE = -3.0  # a paragraph that has ended before a line inside another
# A row that may be an indented one, squeezed, or not: the mean of both readings.
SQUEEZED_OPEN, SQUEEZED_NEW = -0.3, 0.3
NEW_SENTENCE, NEW_PARAGRAPH = 0.6, 0.1  # how much the words say there, as measured in a book


@dataclass
class Seams:
    """Scores seams with one book's model, and remembers them."""

    model: BookModel

    def __post_init__(self) -> None:
        self._known: dict[tuple[Item, Item], float] = {}

    def score(self, before: Item, after: Item) -> float:
        key = (before, after)
        if key not in self._known:
            self._known[key] = self._score(before, after)
        return self._known[key]

    def _score(self, before: Item, after: Item) -> float:
        if "table" in (before.kind, after.kind):
            return 0.0
        start = after.begins_paragraph
        if before.kind == "heading":
            if after.kind == "heading":
                return -1.0
            return (-3.0, 0.0, 1.0)[start + 1]
        if after.kind == "heading":
            if before.closed:
                return 1.0 if before.falls_short else 0.5
            return OPEN_INTO_START if before.open else -1.0
        flow = self.model.flow(before.last.text, after.first.text)
        flow *= UNLIKELY_WORDS if flow < 0 else 1.0
        if before.open:
            inside = 0.5 if start == -1 else 0.0 if after.is_short else SQUEEZED_OPEN
            if start == 1:
                # Narrower than its column, as an indented row is. Justification varies, so a word that goes on across
                # the seam may overrule that; a phrase that often follows a comma may not.
                return OPEN_INTO_NEW + (flow if flow > WORD_GOES_ON else min(flow, 1.0))
            return flow + inside - 1.5 * before.falls_short
        if start == 1:
            return (1.0 if before.closed else 0.5) * before.falls_short + NEW_PARAGRAPH * flow
        if before.falls_short:
            inside = STUMP_INTO_MIDDLE if start == -1 else 0.0 if after.is_short else SQUEEZED_NEW
            return inside + (NEW_SENTENCE if after.is_short else NEW_PARAGRAPH) * min(flow, 1.0)
        return NEW_SENTENCE * flow


def confidence(margin: float) -> float:
    """Probability of a decision that beats its best alternative by `margin` nats."""
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, margin))))
