"""The tsvector of a case: its lexemes, where they stand, and the limits of the type.

Lexemes are the words of the text, all its bigrams and single characters (a word of two characters is its own bigram),
and one for the bank and each product. Titles, summaries and headings give each lexeme its weight; the bigrams of the
body come bare, for there are many and they are for finding, not for ranking.

Positions here are places in a count, not in the text: `ts_rank` reads their number and weights, and nothing asks for
neighbours. So no text is too long for the 16,383 positions of a tsvector.
"""

from collections import Counter
from dataclasses import dataclass

from catalog.search.segment import Segmenter, bigrams

WEIGHTS = "ABCD"
# More repeats of a word than this say nothing more about a case, and cost two bytes each.
_MOST_POSITIONS = {"A": 8, "B": 16, "C": 16, "D": 32}
# A tsvector holds 1 MB of lexemes and positions; some is lost to alignment.
_LIMIT = 900_000
# Stands in a vector too full to hold all that is in the text: such a case is verified on its text for every run.
OVERFULL = "text:overfull"


@dataclass(frozen=True)
class Document:
    """The folded texts of a case by weight, and the lexemes of its bank and products."""

    texts: dict[str, list[str]]
    owners: list[str]

    @property
    def text(self) -> str:
        """All of it, a line a text. A run of characters is found inside a line only."""
        return "\n".join(text for weight in WEIGHTS for text in self.texts.get(weight, ()))


def vector(document: Document, segmenter: Segmenter) -> str:
    """The tsvector as PostgreSQL reads it."""
    counts: dict[str, Counter] = {}
    for weight in WEIGHTS:
        for text in document.texts.get(weight, ()):
            found = segmenter.words(text)
            if weight != "D":
                # A two-character word counts once, as the word or as the bigram.
                known = set(found)
                found += [pair for pair in bigrams(text) if pair not in known]
            for lexeme in found:
                counts.setdefault(lexeme, Counter())[weight] += 1
    bare = {*bigrams(document.text), *document.text} - {*counts, " ", "\n"}
    owned = {lexeme: Counter(A=1) for lexeme in document.owners}
    return " ".join(_fit({**owned, **counts}, sorted(bare)))


def _fit(counts: dict[str, Counter], bare: list[str]) -> list[str]:
    """The entries of a vector, those with weights first, as many as fit."""
    entries, size = [], len(OVERFULL)
    for lexeme, weights in [*counts.items(), *((lexeme, None) for lexeme in bare)]:
        positions = _positions(weights) if weights else []
        size += len(lexeme.encode()) + 2 * len(positions) + (3 if positions else 0)
        if size > _LIMIT:
            return [*entries, quote(OVERFULL)]
        entries.append(f"{quote(lexeme)}:{','.join(positions)}" if positions else quote(lexeme))
    return entries


def _positions(weights: Counter) -> list[str]:
    kept = [weight for weight in WEIGHTS for _ in range(min(weights[weight], _MOST_POSITIONS[weight]))]
    return [f"{place}{weight}" for place, weight in enumerate(kept, 1)]


def quote(lexeme: str) -> str:
    """A lexeme as a literal in a tsvector or tsquery."""
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"
