"""Turns what the index holds of each case into posting lists: of each lexeme, the cases that have it, and its impacts.

Done for a block of cases at a time. Postings of lexemes are sorted (Manning, Raghavan and Schütze, "Introduction to
Information Retrieval", 4.2): each is a number, made of its list, its place in the block and its impact, one after the
other. Beginnings of lexemes and n-grams are matched, not ranked: one bit per place, no impacts.
"""

import itertools
from collections.abc import Collection, Iterator, Sequence

import numpy as np

from catalog.models.search import SEPARATOR
from catalog.search.index.lexemes import beginning, run
from catalog.search.snapshot.bitmaps import places as places_of_bits
from catalog.search.snapshot.ngrams import LONGEST, FrequentNgrams
from catalog.search.snapshot.store import BLOCK, packed

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
    """`names`: of what there are posting lists, a row each: lexemes, beginnings of lexemes, and n-grams."""

    def __init__(self, lexemes: Collection[str], characters: Collection[str], ngrams: FrequentNgrams):
        lexemes, characters, listed = list(lexemes), sorted(characters), sorted(ngrams.listed)
        self.names = [*lexemes, *map(beginning, characters), *map(run, listed)]
        self._row_of = _Rows((lexeme, row) for row, lexeme in enumerate(lexemes))
        # What is matched in the texts comes after the lexemes, and is numbered from 0 on by itself.
        self._number_of_character = np.full(_CODES, _NOWHERE, np.int32)
        self._number_of_character[[ord(character) for character in characters]] = np.arange(len(characters))
        self._ngrams = _by_length(ngrams.chain, {text: number for number, text in enumerate(listed, len(characters))})
        self._matched = len(characters) + len(listed)
        self._postings: list[np.ndarray] = []
        self._bits = np.zeros((self._matched, BLOCK // 8), np.uint8)

    def add(self, cases: Sequence[tuple[str, bytes, str]], start: int) -> None:
        """Lexemes, impacts and folded text of the cases in the places from `start` on, of which 8 is a divisor."""
        lexemes, impacts, texts = zip(*cases, strict=True)
        self._add_lexemes([held.split(SEPARATOR) for held in lexemes], impacts, start)
        self._add_texts(texts, start)

    def lists(self) -> Iterator[tuple[str, bytes, bytes]]:
        """Name, places and impacts of each list of the block, as they are stored; and begins the next block."""
        postings = np.concatenate(self._postings)
        self._postings.clear()
        postings.sort()
        first = len(self.names) - self._matched
        borders = np.searchsorted(postings, np.arange(first + 1) << (_PLACE_BITS + _IMPACT_BITS)).tolist()
        for row, (start, end) in enumerate(itertools.pairwise(borders)):
            if start < end:
                places = postings[start:end] >> _IMPACT_BITS & (BLOCK - 1)
                yield self.names[row], packed(places), postings[start:end].astype(np.uint8).tobytes()
        for number in np.flatnonzero(self._bits.any(axis=1)).tolist():
            yield self.names[first + number], packed(places_of_bits(self._bits[number], BLOCK)), b""
        self._bits[:] = 0

    def _add_lexemes(self, lexemes: list[list[str]], impacts: Sequence[bytes], start: int) -> None:
        counts = list(map(len, lexemes))
        rows = np.fromiter(map(self._row_of.__getitem__, itertools.chain.from_iterable(lexemes)), np.int64, sum(counts))
        places = np.repeat(np.arange(start, start + len(lexemes)), counts)
        postings = (rows << _PLACE_BITS | places) << _IMPACT_BITS | np.frombuffer(b"".join(impacts), np.uint8)
        self._postings.append(postings[rows != _NOWHERE])

    def _add_texts(self, texts: Sequence[str], start: int) -> None:
        codes = np.frombuffer("\0".join([*texts, ""]).encode("utf-32-le"), np.uint32)
        places = np.repeat(np.arange(len(texts)), [len(text) + 1 for text in texts])
        stands = np.zeros((self._matched + 1, len(texts)), bool)  # the last row is `_NOWHERE`
        stands[self._number_of_character[codes], places] = True
        at = np.arange(len(codes))
        hashes = codes.astype(np.uint64)
        for length in range(2, min(LONGEST, len(codes)) + 1):
            hashes[: len(codes) - length + 1] *= _FACTOR
            hashes[: len(codes) - length + 1] += codes[length - 1 :]
            if length < 3 or length not in self._ngrams:
                continue
            # Only where a shorter one began can one begin.
            known, numbers = self._ngrams[length]
            at = at[at <= len(codes) - length]
            rows, is_ngram = _find(known, hashes[at])
            at = at[is_ngram]
            stands[numbers[rows[is_ngram]], places[at]] = True
        packed_bits = np.packbits(stands[:-1], axis=1, bitorder="little")
        self._bits[:, start // 8 : start // 8 + packed_bits.shape[1]] = packed_bits


def _by_length(chain: Collection[str], numbers: dict[str, int]) -> dict[int, tuple[np.ndarray, np.ndarray]]:
    """Per length the hashes of the n-grams (uint64), ascending, and their numbers (`_NOWHERE` for those that only lead
    to longer ones).
    """
    hashes_of = {}
    for length in range(3, LONGEST + 1):
        ngrams = [text for text in chain if len(text) == length]
        if not ngrams:
            break
        hashes = np.array(list(map(_hash, ngrams)), np.uint64)
        order = np.argsort(hashes)
        hashes_of[length] = hashes[order], np.array([numbers.get(text, _NOWHERE) for text in ngrams])[order]
    return hashes_of


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
