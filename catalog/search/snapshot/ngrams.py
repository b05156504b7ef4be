"""N-grams of characters that are no words of the dictionary but asked for often, or had by many cases: 企业融, 情防控.

A phrase is otherwise sought by its pairs and then looked for in the text of each case that has these: of common pairs
these are very many. So a snapshot has posting lists of such n-grams too: of the names of banks and products, of the
words of the thesaurus, and of all that are common. An n-gram is common only if both (n - 1)-grams in it are: so they
are found length by length (Agrawal and Srikant, "Fast algorithms for mining association rules", 1994), in a sample of
the texts, and then looked for in all.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from catalog.search.index.lexemes import tells
from catalog.text.segment import is_long_word

LONGEST_COMMON, LONGEST = 6, 16
SHARE = 0.03  # of the cases have it
_MOST = 20_000


@dataclass(frozen=True)
class FrequentNgrams:
    """`listed`: those that are no words; `chain`: with all that they begin with, from three characters on."""

    listed: frozenset[str]
    chain: frozenset[str]


def common_ngrams(texts: Iterable[str], pairs: Collection[str]) -> set[str]:
    """`texts`: a sample of the folded texts; `pairs`: those that are common."""
    texts = list(texts)
    least = max(3, SHARE * len(texts))
    ngrams: dict[str, int] = {}
    shorter = frozenset(pair for pair in pairs if len(pair) == 2 and tells(pair))
    for length in range(3, LONGEST_COMMON + 1):
        counts: Counter[str] = Counter()
        for text in texts:
            counts.update(_of_length(text, length, shorter))
        common = {ngram: count for ngram, count in counts.items() if count >= least}
        # Of very many the shorter and the more common; a longer one is found by those in it.
        room = _MOST - len(ngrams)
        common = dict(sorted(common.items(), key=lambda item: -item[1])[: max(0, room)])
        ngrams |= common
        shorter = frozenset(common)
    return set(ngrams)


def frequent_ngrams(common: Collection[str], names: Collection[str]) -> FrequentNgrams:
    """`names`: folded names and words, asked for often. Those that are words of the dictionary are lexemes already."""
    ngrams = {ngram for ngram in {*common, *names} if 3 <= len(ngram) <= LONGEST}
    chain = {ngram[:length] for ngram in ngrams for length in range(3, len(ngram) + 1)}
    return FrequentNgrams(frozenset(ngram for ngram in ngrams if not is_long_word(ngram)), frozenset(chain))


def _of_length(text: str, length: int, shorter: frozenset[str]) -> set[str]:
    """The n-grams of that length of which both shorter ones are among `shorter`."""
    common = [text[start : start + length - 1] in shorter for start in range(len(text) - length + 2)]
    return {text[start : start + length] for start in range(len(common) - 1) if common[start] and common[start + 1]}
