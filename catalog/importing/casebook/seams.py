"""Scores a seam: how well one item goes on with another.

The score combines the layout (is the sentence complete? does the next row begin a paragraph or heading?) with the
language model of the book. It is a log likelihood ratio in nats, positive if the items belong together. So the scores
of seams can be added, and the difference between two alternatives gives a confidence.
"""

import math
from dataclasses import dataclass

from catalog.importing.casebook.frames import Item
from catalog.importing.casebook.language import UNLIKELY_WORDS, BookModel

OPEN_INTO_START = -5.0  # an open sentence before a heading
OPEN_INTO_NEW, WORD_GOES_ON = -4.0, 4.0
STUMP_INTO_MIDDLE = -3.0  # the last row of a paragraph before a row that is inside another paragraph
# For a row that is either squeezed and indented or not indented: the mean of both cases.
SQUEEZED_OPEN, SQUEEZED_NEW = -0.3, 0.3
NEW_SENTENCE, NEW_PARAGRAPH = 0.6, 0.1  # factors for the flow across the end of a sentence or paragraph, as measured


@dataclass
class Seams:
    """Scores seams with the model of one book, and caches the scores."""

    model: BookModel

    def __post_init__(self) -> None:
        self._scores: dict[tuple[Item, Item], float] = {}

    def score(self, before: Item, after: Item) -> float:
        """How well `after` goes on from `before`, in nats."""
        key = (before, after)
        if key not in self._scores:
            self._scores[key] = self._score(before, after)
        return self._scores[key]

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
                # `after` is as narrow as an indented row. Justification varies, so a word across the seam (a high
                # flow) overrules that; a phrase that often follows a comma does not.
                return OPEN_INTO_NEW + (flow if flow > WORD_GOES_ON else min(flow, 1.0))
            return flow + inside - 1.5 * before.falls_short
        if start == 1:
            return (1.0 if before.closed else 0.5) * before.falls_short + NEW_PARAGRAPH * flow
        if before.falls_short:
            inside = STUMP_INTO_MIDDLE if start == -1 else 0.0 if after.is_short else SQUEEZED_NEW
            return inside + (NEW_SENTENCE if after.is_short else NEW_PARAGRAPH) * min(flow, 1.0)
        return NEW_SENTENCE * flow


def confidence(margin: float) -> float:
    """The probability (logistic function) of a decision that beats its best alternative by `margin` nats."""
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, margin))))
