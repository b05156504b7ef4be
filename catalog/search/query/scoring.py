"""What a query looks for and how much each lexeme of it tells: the query's part of BM25.

    score(case) = Σ over the query's lexemes  FACTOR · idf(lexeme) · weight(lexeme, case)
    idf = ln(1 + (N - n + 0.5) / (n + 0.5))

with the weights of `index.bm25`, N entries of which n have the lexeme (Robertson and Zaragoza, "The Probabilistic
Relevance Framework: BM25 and Beyond", 2009, with the 1 added that keeps it above zero).
"""

import math
from collections.abc import Iterable

from catalog.search.index.lexemes import tells
from catalog.search.query.terms import Term, Word, telling
from catalog.text.segment import is_long_word, plain

WORD = 1.0
PART = 0.5  # a shorter word inside a word
PAIR = 0.3  # two neighbouring characters that are no word
OWNER = 2.0  # the bank or product itself, where its name is asked for
RELATED = 0.5  # times the relation's own weight: words of the thesaurus never drown those that were typed


def idf(frequency: int, entries: int) -> float:
    return math.log(1 + (max(entries, frequency) - frequency + 0.5) / (frequency + 0.5))


def factors(terms: Iterable[Term], related: dict[str, float] | None = None) -> dict[str, float]:
    """Lexeme -> how much it counts, before its rarity."""
    factors: dict[str, float] = {}
    for term in terms:
        for lexeme in term.lexemes:
            _raise(factors, lexeme, PAIR)
        for word in term.words:
            for lexeme, factor in _of_word(word):
                _raise(factors, lexeme, factor)
    for text, weight in (related or {}).items():
        # One that is no lexeme counts by what it consists of.
        parts = [text] if len(text) == 2 or is_long_word(text) else telling(plain().cut(text))
        for part in parts:
            factors.setdefault(part, RELATED * weight / len(parts))
    return {lexeme: factor for lexeme, factor in factors.items() if tells(lexeme) or not lexeme.isprintable()}


def _of_word(word: Word) -> Iterable[tuple[str, float]]:
    yield word.text, WORD
    for part in word.parts:
        if part != word.text:
            yield part, PART
    for owner in word.owners:
        yield owner, OWNER


def _raise(factors: dict[str, float], lexeme: str, factor: float) -> None:
    factors[lexeme] = max(factor, factors.get(lexeme, 0.0))
