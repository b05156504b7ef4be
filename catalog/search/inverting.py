"""Turns what the index holds of each case into posting lists: of each lexeme, the cases that have it, and its impacts.

Done for a block of cases at a time, by sorting (Manning, Raghavan and Schütze, "Introduction to Information Retrieval",
4.2). A posting is a number: its list, its place in the block and its impact, one after the other.
"""

import itertools
from collections.abc import Collection, Iterator, Sequence

import numpy as np

from catalog.models.search import SEPARATOR
from catalog.search.lexemes import beginning, run
from catalog.search.listed_runs import LONGEST, ListedRuns
from catalog.search.snapshot import BLOCK, packed

_CODES = 0x110000
_FACTOR = np.uint64(0x9E3779B97F4A7C15)  # of a polynomial hash; odd, its bits well mixed
_IMPACT_BITS = 8
_PLACE_BITS = (BLOCK - 1).bit_length()
_NOWHERE = -1


class _Rows(dict):
    """The row of each listed lexeme."""

    def __missing__(self, lexeme: str) -> int:
        return _NOWHERE


class Inverter:
    """`names`: of what there are lists, a row each: lexemes, beginnings of lexemes, and runs."""

    def __init__(self, lexemes: Collection[str], characters: Collection[str], runs: ListedRuns):
        lexemes, characters, found = list(lexemes), sorted(characters), sorted(runs.found)
        self.names = [*lexemes, *map(beginning, characters), *map(run, found)]
        self._row_of = _Rows((lexeme, row) for row, lexeme in enumerate(lexemes))
        self._row_of_character = np.full(_CODES, _NOWHERE, np.int32)
        self._row_of_character[[ord(one) for one in characters]] = len(lexemes) + np.arange(len(characters))
        first = len(lexemes) + len(characters)
        self._runs = _by_length(runs.chain, {text: first + number for number, text in enumerate(found)})
        self._postings: list[np.ndarray] = []

    def add(self, cases: Sequence[tuple[str, bytes, str]], start: int) -> None:
        """Lexemes, impacts and folded text of the cases in the places from `start` on."""
        lexemes, impacts, texts = zip(*cases, strict=True)
        self._add_lexemes([held.split(SEPARATOR) for held in lexemes], impacts, start)
        self._add_texts(texts, start)

    def lists(self) -> Iterator[tuple[str, bytes, bytes]]:
        """Name, places and impacts of each list of the block, as they are stored; and begins the next block."""
        if not self._postings:
            return
        postings = np.concatenate(self._postings)
        self._postings.clear()
        postings.sort()
        rows = postings >> (_PLACE_BITS + _IMPACT_BITS)
        starts = np.flatnonzero(np.diff(rows, prepend=_NOWHERE))
        for start, end in itertools.pairwise([*starts.tolist(), len(rows)]):
            places = postings[start:end] >> _IMPACT_BITS & (BLOCK - 1)
            impacts = postings[start:end].astype(np.uint8)
            yield self.names[rows[start]], packed(places), impacts.tobytes() if impacts.any() else b""

    def _add_lexemes(self, lexemes: list[list[str]], impacts: Sequence[bytes], start: int) -> None:
        counts = list(map(len, lexemes))
        rows = np.fromiter(map(self._row_of.__getitem__, itertools.chain.from_iterable(lexemes)), np.int64, sum(counts))
        places = np.repeat(np.arange(start, start + len(lexemes)), counts)
        self._add(rows, places, np.frombuffer(b"".join(impacts), np.uint8))

    def _add_texts(self, texts: Sequence[str], start: int) -> None:
        codes = np.frombuffer("\0".join([*texts, ""]).encode("utf-32-le"), np.uint32)
        places = np.repeat(np.arange(start, start + len(texts)), [len(text) + 1 for text in texts])
        self._add_once(self._row_of_character[codes], places)
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
            at = at[is_run]
            self._add_once(rows[numbers[is_run]], places[at])

    def _add_once(self, rows: np.ndarray, places: np.ndarray) -> None:
        """However often it stands in a place. What is sought in texts is not ranked by."""
        pairs = np.unique((rows.astype(np.int64) << _PLACE_BITS | places)[rows != _NOWHERE])
        self._postings.append(pairs << _IMPACT_BITS)

    def _add(self, rows: np.ndarray, places: np.ndarray, impacts: np.ndarray) -> None:
        postings = (rows << _PLACE_BITS | places) << _IMPACT_BITS | impacts
        self._postings.append(postings[rows != _NOWHERE])


def _by_length(chain: Collection[str], rows: dict[str, int]) -> dict[int, tuple[np.ndarray, np.ndarray]]:
    """Per length the hashes of the runs, ascending, and their rows; none for those that only lead to longer ones."""
    found = {}
    for length in range(3, LONGEST + 1):
        runs = [text for text in chain if len(text) == length]
        if not runs:
            break
        hashes = np.array(list(map(_hash, runs)), np.uint64)
        order = np.argsort(hashes)
        found[length] = hashes[order], np.array([rows.get(text, _NOWHERE) for text in runs])[order]
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
