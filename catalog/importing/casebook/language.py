"""A model of the book itself: does this line go on with that one?

Trained on the document being imported, within printed lines only, so that a wrong neighbour teaches nothing:
characters after one and two characters, with absolute discounting; words come from jieba's dictionary, weighed by
its frequencies. `flow` answers in nats: positive if the two ends belong together, negative if not.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable

from catalog.importing.casebook.lines import Row, squeeze
from catalog.text.dictionary import tokenizer

DISCOUNT = 0.75
REACH = 6  # characters on either side of a seam that a word can span
WORD_WEIGHT = 0.5
MAX_FLOW = 8.0
# Measured on a book's own neighbours and strangers inside sentences: a likely seam says what it seems to, an unlikely
# one less, for there are always words that meet only once.
UNLIKELY_WORDS = 0.6
_IDEOGRAPH_PAIRS = re.compile(r"(?=([\u4e00-\u9fff]{2}))")


Topic = dict[str, float]


def likeness(one: Topic, other: Topic) -> float:
    """0 to 1: how much two passages share of what is rare in the book."""
    if len(one) > len(other):
        one, other = other, one
    return sum(weight * other[pair] for pair, weight in one.items() if pair in other)


def _topic_pairs(text: str) -> set[str]:
    return set(_IDEOGRAPH_PAIRS.findall(text))


class BookModel:
    def __init__(self, rows: Iterable[Row]):
        rows = list(rows)
        self.single: Counter[str] = Counter()
        self.pairs: Counter[str] = Counter()
        self.triples: Counter[str] = Counter()
        for row in rows:
            text = row.plain
            self.single.update(text)
            self.pairs.update(text[i : i + 2] for i in range(len(text) - 1))
            self.triples.update(text[i : i + 3] for i in range(len(text) - 2))
        self.total = max(1, sum(self.single.values()))
        self.after = self._heads(self.pairs)
        self.after_two = self._heads(self.triples)
        self._words = tokenizer().FREQ
        self._log_words = math.log(tokenizer().total)
        self._cache: dict[tuple[str, str], float] = {}
        self._rows_with = Counter(pair for row in rows for pair in _topic_pairs(row.plain))
        self._rows = max(1, len(rows))
        self._pairs_of: dict[Row, frozenset[str]] = {}
        self._left: dict[str, list[float]] = {}
        self._right: dict[str, list[float]] = {}

    @staticmethod
    def _heads(grams: Counter[str]) -> dict[str, tuple[int, int]]:
        """For every history: how often it occurs, and with how many different next characters."""
        heads: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for gram, count in grams.items():
            entry = heads[gram[:-1]]
            entry[0] += count
            entry[1] += 1
        return {head: (count, kinds) for head, (count, kinds) in heads.items()}

    def flow(self, before: str, after: str) -> float:
        """How much likelier `after` is behind the end of `before` than anywhere in the book, in nats."""
        before, after = squeeze(before)[-REACH:], squeeze(after)[:REACH]
        if not before or not after:
            return 0.0
        known = self._cache.get((before, after))
        if known is None:
            known = self._characters(before, after) + WORD_WEIGHT * self._words_across(before, after)
            known = max(-MAX_FLOW, min(MAX_FLOW, known))
            self._cache[before, after] = known
        return known

    def topic(self, rows: Iterable[Row]) -> Topic:
        """What a passage is about: its pairs of ideographs, the rarer in the book the heavier, of length 1."""
        pairs: set[str] = set()
        for row in rows:
            if row not in self._pairs_of:
                self._pairs_of[row] = frozenset(_topic_pairs(row.plain))
            pairs |= self._pairs_of[row]
        weights = {pair: self._rarity(pair) for pair in sorted(pairs)}
        length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
        return {pair: weight / length for pair, weight in weights.items()}

    def containment(self, rows: Iterable[Row], text: Iterable[Row]) -> float:
        """0 to 1: how much of what is rare in `rows` stands in `text` too."""
        wanted = {pair for row in rows for pair in _topic_pairs(row.plain)}
        there = {pair for row in text for pair in _topic_pairs(row.plain)}
        total = sum(self._rarity(pair) for pair in sorted(wanted))
        return sum(self._rarity(pair) for pair in sorted(wanted & there)) / total if total else 0.0

    def _rarity(self, pair: str) -> float:
        return math.log(self._rows / (1 + self._rows_with[pair]))

    def _characters(self, before: str, after: str) -> float:
        """Log ratio of the first two characters after the seam with and without what stands before it."""
        text = before[-2:] + after[:2]
        seam = min(2, len(before))
        gain = math.log(self._after(text[max(0, seam - 2) : seam], text[seam]) / self._alone(text[seam]))
        if len(after) > 1:
            with_it = self._after(text[seam - 1 : seam + 1], text[seam + 1])
            gain += math.log(with_it / self._after(text[seam : seam + 1], text[seam + 1]))
        return gain

    def _alone(self, char: str) -> float:
        return (self.single[char] + 0.5) / (self.total + 0.5 * (len(self.single) + 1))

    def _after(self, history: str, char: str) -> float:
        """P(char | one or two characters), interpolated down to the single character."""
        if not history:
            return self._alone(char)
        heads, grams = (self.after_two, self.triples) if len(history) == 2 else (self.after, self.pairs)
        lower = self._after(history[1:], char)
        if history not in heads:
            return lower
        count, kinds = heads[history]
        return max(grams[history + char] - DISCOUNT, 0) / count + DISCOUNT * kinds / count * lower

    def _words_across(self, before: str, after: str) -> float:
        """How much better the dictionary reads the two ends as one text than apart: a word that spans the seam.

        Likeliest divisions into words (Viterbi over the dictionary's frequencies) of either end are kept, so that
        only the words across the seam are tried.
        """
        left, right = self._read_left(before), self._read_right(after)
        apart = left[-1] + right[0]
        best = apart
        for start in range(len(before)):
            for end in range(1, min(len(after), REACH - (len(before) - start)) + 1):
                count = self._words.get(before[start:] + after[:end], 0)
                if count:
                    best = max(best, left[start] + math.log(count) - self._log_words + right[end])
        return best - apart

    def _read_left(self, text: str) -> list[float]:
        """Log probability of the first 0, 1, … characters."""
        if text not in self._left:
            best = [0.0]
            for end in range(1, len(text) + 1):
                best.append(max(best[start] + self._word(text[start:end]) for start in range(end)))
            self._left[text] = best
        return self._left[text]

    def _read_right(self, text: str) -> list[float]:
        """Log probability of what follows the first 0, 1, … characters."""
        if text not in self._right:
            best = [0.0]
            for start in range(len(text) - 1, -1, -1):
                ends = range(start + 1, len(text) + 1)
                best.insert(0, max(self._word(text[start:end]) + best[end - start - 1] for end in ends))
            self._right[text] = best
        return self._right[text]

    def _word(self, text: str) -> float:
        count = self._words.get(text, 0) or (0.5 if len(text) == 1 else 0)
        return math.log(count) - self._log_words if count else -math.inf
