"""Runs of characters that many cases have, and that are no words of the dictionary: 企业融, 情防控.

A run is otherwise sought by its pairs and then looked for in the text of each case that has these: of common pairs
these are very many. So a snapshot has lists of the common runs too. A run of n characters is common only if both of
n - 1 in it are: so they are found length by length (Agrawal and Srikant, "Fast algorithms for mining association
rules", 1994), in a sample of the texts, and then looked for in all.
"""

from collections import Counter
from collections.abc import Collection, Iterable

from catalog.search.lexemes import tells
from catalog.search.segment import is_long_word

LONGEST = 8
SHARE = 0.03  # of the cases have it
_MOST = 20_000


class CommonRuns:
    def __init__(self, runs: Collection[str]):
        self._runs = frozenset(runs)
        self._heads = frozenset(run[:3] for run in runs)

    @classmethod
    def of(cls, texts: Iterable[str], pairs: Collection[str]) -> "CommonRuns":
        """`texts`: a sample; `pairs`: those that are common."""
        texts = list(texts)
        least = max(3, SHARE * len(texts))
        found: Counter[str] = Counter()
        shorter = pairs = frozenset(pair for pair in pairs if len(pair) == 2 and tells(pair))
        for length in range(3, LONGEST + 1):
            counts: Counter[str] = Counter()
            for text in texts:
                counts.update(_of_length(text, length, shorter))
            common = {run: count for run, count in counts.items() if count >= least}
            if not common:
                break
            found.update(common)
            shorter = frozenset(common)
        # Every run begins with a run of three: without that it would not be looked for.
        runs = [run for run, _ in sorted(found.items(), key=lambda item: (len(item[0]), -item[1]))[:_MOST]]
        return cls([run for run in runs if not is_long_word(run)]) if pairs else cls(())

    def within(self, text: str) -> set[str]:
        """Those that stand in a folded text."""
        runs, heads = self._runs, self._heads
        return {
            run
            for start in range(len(text) - 2)
            if text[start : start + 3] in heads
            for end in range(start + 3, start + LONGEST + 1)
            if (run := text[start:end]) in runs
        }


def _of_length(text: str, length: int, shorter: frozenset[str]) -> set[str]:
    """The runs of so many characters of which both shorter ones are among `shorter`."""
    common = [text[start : start + length - 1] in shorter for start in range(len(text) - length + 2)]
    return {text[start : start + length] for start in range(len(common) - 1) if common[start] and common[start + 1]}
