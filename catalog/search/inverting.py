"""Turns what the index holds of each case into posting lists: of each lexeme, the cases that have it.

Done for a block of cases at a time, with arrays instead of strings: a million lexemes of five hundred cases are looked
up in one step.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from catalog.search.lexemes import beginning, run
from catalog.search.listed_runs import LONGEST, ListedRuns
from catalog.search.snapshot import BLOCK, packed
from catalog.search.weights import DIMENSION

_HEAD = 12  # bytes of a `sparsevec` before its places: dimensions, number of values, 0
_CODES = 0x110000
_BIT = np.left_shift(1, np.arange(8)).astype(np.uint8)
_FACTOR = np.uint64(0x9E3779B97F4A7C15)  # of a polynomial hash; odd, its bits well mixed


@dataclass(frozen=True)
class Vectors:
    """Of several cases what their vectors have of known lexemes: the lexeme's row, the case's place, the weight."""

    rows: np.ndarray
    places: np.ndarray
    weights: np.ndarray


class Inverter:
    """`names`: of what there are lists, a row each: lexemes, beginnings of lexemes, and runs."""

    def __init__(self, lexemes: Collection[str], characters: Collection[str], runs: ListedRuns):
        """`lexemes`: with weights, and with places of their own in a vector."""
        lexemes, characters, found = list(lexemes), sorted(characters), sorted(runs.found)
        self.names = [*lexemes, *map(beginning, characters), *map(run, found)]
        self._row_of = {lexeme: row for row, lexeme in enumerate(lexemes)}
        dimensions = np.array([DIMENSION[lexeme] for lexeme in lexemes], np.int64)
        self._order = np.argsort(dimensions)
        self._dimensions = dimensions[self._order]
        self._row_of_character = np.full(_CODES, -1, np.int32)
        self._row_of_character[[ord(one) for one in characters]] = len(lexemes) + np.arange(len(characters))
        first = len(lexemes) + len(characters)
        self._runs = _by_length(runs.chain, {text: first + number for number, text in enumerate(found)})
        self._bits = np.zeros((len(self.names), BLOCK // 8), np.uint8)

    def vectors(self, vectors: Sequence[bytes], start: int = 0) -> Vectors:
        """Of `sparsevec`s as the database sends them: head, places from 0 on as int32, values as float32."""
        counts = np.array([(len(vector) - _HEAD) // 8 for vector in vectors])
        parts = [np.frombuffer(vector, ">i4", count, _HEAD) for vector, count in zip(vectors, counts, strict=True)]
        dimensions = np.concatenate(parts).astype(np.int64) + 1
        parts = [
            np.frombuffer(vector, ">f4", count, _HEAD + 4 * count)
            for vector, count in zip(vectors, counts, strict=True)
        ]
        numbers, known = _find(self._dimensions, dimensions)
        places = np.repeat(np.arange(start, start + len(vectors)), counts)
        return Vectors(self._order[numbers[known]], places[known], np.concatenate(parts).astype(np.float32)[known])

    def add(self, found: Vectors) -> None:
        """Places are counted from the beginning of the block."""
        self._mark(found.rows, found.places)

    def add_lexemes(self, lexemes: Iterable[str], place: int) -> None:
        """Of a case whose vector does not hold all it has."""
        rows = [row for lexeme in lexemes if (row := self._row_of.get(lexeme)) is not None]
        self._mark(np.array(rows, np.int64), np.full(len(rows), place))

    def add_texts(self, texts: Sequence[str], start: int) -> None:
        """Folded texts of the places from `start` on."""
        codes = np.frombuffer("\0".join([*texts, ""]).encode("utf-32-le"), np.uint32)
        places = np.repeat(np.arange(start, start + len(texts)), [len(text) + 1 for text in texts])
        rows = self._row_of_character[codes]
        self._mark(rows[rows >= 0], places[rows >= 0])
        at = np.arange(len(codes))
        hashes = codes.astype(np.uint64)
        for length in range(2, min(LONGEST, len(codes)) + 1):
            hashes[: len(codes) - length + 1] *= _FACTOR
            hashes[: len(codes) - length + 1] += codes[length - 1 :]
            if length < 3 or length not in self._runs:
                continue
            # Only where a shorter one began can one begin.
            known, rows = self._runs[length]
            at = at[at <= len(codes) - length]
            numbers, is_run = _find(known, hashes[at])
            at, rows = at[is_run], rows[numbers[is_run]]
            self._mark(rows[rows >= 0], places[at[rows >= 0]])

    def lists(self) -> Iterator[tuple[str, bytes]]:
        """The lists of the block, as they are stored; and begins the next."""
        for row in np.flatnonzero(self._bits.any(axis=1)).tolist():
            places = np.flatnonzero(np.unpackbits(self._bits[row], bitorder="little"))
            yield self.names[row], packed(places)
        self._bits[:] = 0

    def _mark(self, rows: np.ndarray, places: np.ndarray) -> None:
        bytes_ = rows.astype(np.int64) * self._bits.shape[1] + (places >> 3)
        np.bitwise_or.at(self._bits.ravel(), bytes_, _BIT[places & 7])


def _by_length(chain: Collection[str], rows: dict[str, int]) -> dict[int, tuple[np.ndarray, np.ndarray]]:
    """Per length the hashes of the runs, ascending, and their rows; -1 for those that only lead to longer ones."""
    found = {}
    for length in range(3, LONGEST + 1):
        runs = [text for text in chain if len(text) == length]
        if not runs:
            break
        hashes = np.array(list(map(_hash, runs)), np.uint64)
        order = np.argsort(hashes)
        found[length] = hashes[order], np.array([rows.get(text, -1) for text in runs])[order]
    return found


def _hash(text: str) -> int:
    value = ord(text[0])
    for character in text[1:]:
        value = (value * int(_FACTOR) + ord(character)) % 2**64
    return value


def _find(known: np.ndarray, asked: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(where in `known`, which is ascending, each would stand, whether it does)"""
    if not len(known):
        return np.zeros(len(asked), np.int64), np.zeros(len(asked), bool)
    numbers = np.minimum(np.searchsorted(known, asked), len(known) - 1)
    return numbers, known[numbers] == asked
