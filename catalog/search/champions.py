"""Champion lists: the cases in which a common lexeme weighs most, so that ranking need not look at every match.

After Manning, Raghavan and Schütze, "Introduction to Information Retrieval", 7.1.3. A sample of the cases tells from
which weight on a case is worth remembering; the best `LISTED` of these stay.
"""

from collections.abc import Iterator

import numpy as np

from catalog.search.inverting import Vectors

LISTED = 256
_ROOM = 4_000_000  # of what was found since the best were last chosen


class Champions:
    """Of the lexemes that have a row, as long as they stand in more than twice as many cases as are listed."""

    def __init__(self, frequencies: np.ndarray, sample: Vectors, share: float):
        """`frequencies` by row; `sample`: of that share of the cases."""
        self._least = np.where(frequencies > 2 * LISTED, _thresholds(sample, len(frequencies), share), np.inf)
        self._found: list[Vectors] = []
        self._number = 0

    def add(self, found: Vectors, start: int) -> None:
        """Places are counted from `start` on."""
        heavy = found.weights >= self._least[found.rows]
        self._found.append(Vectors(found.rows[heavy], start + found.places[heavy], found.weights[heavy]))
        self._number += int(heavy.sum())
        if self._number > _ROOM:
            self._found = [self._best()]
            # What stays may be more than half of the room already.
            self._number = 0

    def _best(self) -> Vectors:
        rows = np.concatenate([one.rows for one in self._found])
        places = np.concatenate([one.places for one in self._found])
        weights = np.concatenate([one.weights for one in self._found])
        order = np.lexsort((places, -weights, rows))
        rows = rows[order]
        # The how-manieth of its row each is.
        best = np.arange(len(rows)) - np.searchsorted(rows, rows) < LISTED
        return Vectors(rows[best], places[order[best]], weights[order[best]])

    def lists(self) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
        """(row, places, weights), the heaviest first."""
        if not self._found:
            return
        best = self._best()
        rows, starts = np.unique(best.rows, return_index=True)
        ends = np.searchsorted(best.rows, rows, side="right")
        for row, start, end in zip(rows.tolist(), starts, ends, strict=True):
            yield row, best.places[start:end], best.weights[start:end]


def _thresholds(sample: Vectors, rows: int, share: float) -> np.ndarray:
    order = np.lexsort((-sample.weights, sample.rows))
    sorted_rows, weights = sample.rows[order], sample.weights[order]
    starts = np.searchsorted(sorted_rows, np.arange(rows))
    ends = np.searchsorted(sorted_rows, np.arange(rows), side="right")
    # Half as many again as will be listed: a sample tells only about.
    found = starts + int(np.ceil(1.5 * LISTED * share))
    weights = np.append(weights, np.float32(0))
    return np.where(found < ends, weights[np.minimum(found, len(weights) - 1)], 0.0)
