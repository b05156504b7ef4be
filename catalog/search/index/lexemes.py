"""The lexemes of a case, under which its entry stands in the index.

`pair`        two neighbouring characters, and the last character of a text: they find every run of characters
`word`        a word of three or more characters, wherever it stands: it finds that word without a look at the text
`\x01bank:7`   whose case it is, and of which products; no text has such a character

Pairs and words of two characters are the same. None has a position: how often and where a lexeme stands is in the
weights, and a run is verified on the text. So no text is too long for the 16,383 positions of a tsvector.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from catalog.search.index.bm25 import weigh
from catalog.text.segment import latin_words, long_words, pairs

MARK = "\x01"
# Stands in a vector too full to hold all that is in the text.
OVERFULL = f"{MARK}overfull"
# A tsvector holds 1 MB of lexemes; some is lost to alignment.
_LIMIT = 900_000


@dataclass(frozen=True)
class Document:
    """The folded texts of a case by field (see `weights.BOOST`), and the lexemes of its bank and products."""

    texts: dict[str, list[str]]
    owners: list[str]

    @property
    def text(self) -> str:
        """All of it, a line a text. A run of characters is found inside a line only."""
        return "\n".join(text for texts in self.texts.values() for text in texts)


@dataclass(frozen=True)
class Lexemes:
    """What the index holds of a document: all lexemes in order, and the weights of those that tell something."""

    every: list[str]
    weights: dict[str, float]
    overfull: bool


def lexemes(document: Document) -> Lexemes:
    counts: dict[str, Counter[str]] = {}
    every = set(document.owners)
    for field, texts in document.texts.items():
        counts[field] = Counter(
            [lexeme for text in texts for view in (pairs, long_words, latin_words) for lexeme in view(text)]
        )
        every.update(counts[field])
    counts["names"] = counts.get("names", Counter()) + Counter(dict.fromkeys(document.owners, 1))
    weights = weigh(counts, sum(map(len, document.texts.get("body", ()))))
    weights = {lexeme: weight for lexeme, weight in weights.items() if _TELLS[lexeme]}
    fitting, overfull = _fit(every, weights)
    return Lexemes(sorted(fitting), weights, overfull)


class _Tells(dict):
    """`tells` of each lexeme, kept for the texts to come; begun anew when there are too many."""

    MOST = 200_000

    def __missing__(self, lexeme: str) -> bool:
        if len(self) >= self.MOST:
            self.clear()
        self[lexeme] = tells_anything = lexeme.startswith(MARK) or tells(lexeme)
        return tells_anything


_TELLS = _Tells()


def tells(lexeme: str) -> bool:
    """Whether a lexeme says something about a case: more than a character, no blanks, no marks of punctuation."""
    return len(lexeme) > 1 and lexeme.isalnum()


def beginning(character: str) -> str:
    """Stands for all lexemes that begin with the character; in a snapshot only."""
    return character + MARK


def run(text: str) -> str:
    """Stands for a run of three or more characters, wherever it is; in a snapshot only. A lexeme of the same characters
    may be more special: `ban` is one where it is a word of its own.
    """
    return text + MARK


def quote(lexeme: str) -> str:
    """A lexeme as a literal in a tsvector or tsquery."""
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"


def _fit(every: set[str], weights: Mapping[str, float]) -> tuple[list[str], bool]:
    """As many as a vector holds, those with weights first."""
    if 4 * sum(map(len, every)) <= _LIMIT:
        return list(every), False
    fitting, size = [OVERFULL], 0
    for lexeme in sorted(every, key=lambda lexeme: -weights.get(lexeme, 0)):
        size += len(lexeme.encode())
        if size > _LIMIT:
            return fitting, True
        fitting.append(lexeme)
    return fitting[1:], False
