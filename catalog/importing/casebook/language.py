"""A language model of the book, which scores how well one row goes on with another.

It is trained on the imported document itself, but only inside printed rows, because the order of the rows is unknown.
Characters: bigrams and trigrams with absolute discounting, interpolated down to single characters (Ney, Essen and
Kneser 1994). Words: the unigram frequencies of jieba's dictionary.
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
# Factor for a negative flow. Measured on true and false neighbours inside the sentences of a book: a positive flow is
# calibrated, a negative one is too strong, because some words of any text occur next to each other only once.
UNLIKELY_WORDS = 0.6
_IDEOGRAPH_PAIRS = re.compile(r"(?=([\u4e00-\u9fff]{2}))")


Topic = dict[str, float]


def likeness(smaller: Topic, larger: Topic) -> float:
    """The cosine similarity of two topics, 0 to 1."""
    if len(smaller) > len(larger):
        smaller, larger = larger, smaller
    return sum(weight * larger[pair] for pair, weight in smaller.items() if pair in larger)


def _topic_pairs(text: str) -> set[str]:
    return set(_IDEOGRAPH_PAIRS.findall(text))


class BookModel:
    """The model of one book, from all its rows. It caches its results, since many seams are scored several times."""

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
        self._flows: dict[tuple[str, str], float] = {}
        self._rows_with = Counter(pair for row in rows for pair in _topic_pairs(row.plain))
        self._rows = max(1, len(rows))
        self._pairs_of: dict[Row, frozenset[str]] = {}
        self._prefix_cache: dict[str, list[float]] = {}
        self._suffix_cache: dict[str, list[float]] = {}

    @staticmethod
    def _heads(grams: Counter[str]) -> dict[str, tuple[int, int]]:
        """(history -> (its count, number of different characters after it)). `grams` counts history + character."""
        heads: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for gram, count in grams.items():
            entry = heads[gram[:-1]]
            entry[0] += count
            entry[1] += 1
        return {head: (count, kinds) for head, (count, kinds) in heads.items()}

    def flow(self, before: str, after: str) -> float:
        """The log ratio in nats of `after` following `before` to `after` anywhere: positive if they belong together."""
        before, after = squeeze(before)[-REACH:], squeeze(after)[:REACH]
        if not before or not after:
            return 0.0
        score = self._flows.get((before, after))
        if score is None:
            score = self._characters(before, after) + WORD_WEIGHT * self._words_across(before, after)
            score = max(-MAX_FLOW, min(MAX_FLOW, score))
            self._flows[before, after] = score
        return score

    def topic(self, rows: Iterable[Row]) -> Topic:
        """What rows are about: (pair of ideographs -> idf weight) as a vector of length 1."""
        pairs: set[str] = set()
        for row in rows:
            if row not in self._pairs_of:
                self._pairs_of[row] = frozenset(_topic_pairs(row.plain))
            pairs |= self._pairs_of[row]
        weights = {pair: self._rarity(pair) for pair in sorted(pairs)}
        length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
        return {pair: weight / length for pair, weight in weights.items()}

    def containment(self, rows: Iterable[Row], text: Iterable[Row]) -> float:
        """The share, by idf weight, of the pairs of ideographs of `rows` that `text` has too, 0 to 1."""
        pairs = {pair for row in rows for pair in _topic_pairs(row.plain)}
        text_pairs = {pair for row in text for pair in _topic_pairs(row.plain)}
        total = sum(self._rarity(pair) for pair in sorted(pairs))
        return sum(self._rarity(pair) for pair in sorted(pairs & text_pairs)) / total if total else 0.0

    def _rarity(self, pair: str) -> float:
        """The inverse document frequency of a pair of ideographs, with rows as documents."""
        return math.log(self._rows / (1 + self._rows_with[pair]))

    def _characters(self, before: str, after: str) -> float:
        """Log ratio of the probability of the first two characters of `after`, given the end of `before` and alone."""
        text = before[-2:] + after[:2]
        seam = min(2, len(before))
        gain = math.log(self._after(text[max(0, seam - 2) : seam], text[seam]) / self._alone(text[seam]))
        if len(after) > 1:
            with_it = self._after(text[seam - 1 : seam + 1], text[seam + 1])
            gain += math.log(with_it / self._after(text[seam : seam + 1], text[seam + 1]))
        return gain

    def _alone(self, char: str) -> float:
        """P(char), with additive smoothing of 0.5."""
        return (self.single[char] + 0.5) / (self.total + 0.5 * (len(self.single) + 1))

    def _after(self, history: str, char: str) -> float:
        """P(char | history of up to two characters), interpolated with that of the shorter history."""
        if not history:
            return self._alone(char)
        heads, grams = (self.after_two, self.triples) if len(history) == 2 else (self.after, self.pairs)
        lower = self._after(history[1:], char)
        if history not in heads:
            return lower
        count, kinds = heads[history]
        return max(grams[history + char] - DISCOUNT, 0) / count + DISCOUNT * kinds / count * lower

    def _words_across(self, before: str, after: str) -> float:
        """Log ratio of the best division into words with a word across the seam, to the best one without.

        The best divisions of either end (Viterbi over unigrams) are cached, so only words across the seam are tried.
        """
        left, right = self._prefix_scores(before), self._suffix_scores(after)
        apart = left[-1] + right[0]
        best_score = apart
        for start in range(len(before)):
            for end in range(1, min(len(after), REACH - (len(before) - start)) + 1):
                count = self._words.get(before[start:] + after[:end], 0)
                if count:
                    best_score = max(best_score, left[start] + math.log(count) - self._log_words + right[end])
        return best_score - apart

    def _prefix_scores(self, text: str) -> list[float]:
        """Log probabilities of the best divisions of the first 0, 1, … characters into words."""
        if text not in self._prefix_cache:
            scores = [0.0]
            for end in range(1, len(text) + 1):
                scores.append(max(scores[start] + self._word(text[start:end]) for start in range(end)))
            self._prefix_cache[text] = scores
        return self._prefix_cache[text]

    def _suffix_scores(self, text: str) -> list[float]:
        """Log probabilities of the best divisions of what follows the first 0, 1, … characters."""
        if text not in self._suffix_cache:
            scores = [0.0]
            for start in range(len(text) - 1, -1, -1):
                ends = range(start + 1, len(text) + 1)
                scores.insert(0, max(self._word(text[start:end]) + scores[end - start - 1] for end in ends))
            self._suffix_cache[text] = scores
        return self._suffix_cache[text]

    def _word(self, text: str) -> float:
        """Log probability of a word; an unknown single character has count 0.5, an unknown word is impossible."""
        count = self._words.get(text, 0) or (0.5 if len(text) == 1 else 0)
        return math.log(count) - self._log_words if count else -math.inf
