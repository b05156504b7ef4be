"""Which cases have a run of characters, a phrase.

Pairs of characters and words of the dictionary are lexemes: of these the index knows the cases, and of some frequent
n-grams a snapshot does. Any other phrase is sought by the lexemes in it, and stands in those of the probable cases
whose text has it: these are looked up once and then known by their keys.
"""

from collections.abc import Sequence

from django.db import connection

from catalog.models import SearchEntry
from catalog.search.index.lexemes import MARK, OVERFULL, run, tells
from catalog.search.match.expressions import Either, Every, Expression, Has, tsquery
from catalog.search.match.reader import IndexReader
from catalog.search.match.sql import Condition, Match
from catalog.search.snapshot.ngrams import LONGEST_COMMON
from catalog.text.segment import is_long_word, long_words, pairs

# A long phrase is found by pairs taken evenly from it; the look at the text is for the rest.
_MOST_PAIRS = 48


class PhraseMatcher:
    """One for each query: what it has looked up it knows."""

    def __init__(self, reader: IndexReader):
        self.reader = reader
        self._matches: dict[str, Match] = {}
        self._overfull: bool | None = None

    def match(self, text: str) -> Match:
        """The cases in whose folded text the folded `text` stands: all of these and no other."""
        if text not in self._matches:
            self._matches[text] = self._match(text)
        return self._matches[text]

    def stands(self, text: str) -> bool:
        """Whether the folded `text` stands in any public case."""
        return self.reader.select(Condition((self.match(text),))).total > 0

    def _match(self, text: str) -> Match:
        if lexeme := _lexeme(text):
            return Match(lexeme, _verified(Has(OVERFULL), text) if self.overfull else frozenset())
        ngram, reader = Has(run(text)), self.reader
        if reader.knows(ngram):
            # The database's index knows nothing of it.
            return Match(ngram, _holding(reader.written or (), text))
        parts = [*dict.fromkeys(pairs(text)[:-1]), *long_words(text), *self._frequent_in(text)]
        # Of marks of punctuation no snapshot has lists.
        telling = [part for part in parts if tells(part.rstrip(MARK))]
        probable: Expression = Every(tuple(map(Has, _evenly(telling or parts))))
        if self.overfull:
            probable = Either((probable, Has(OVERFULL)))
        if reader.written is None:
            return Match(keys=_verified(probable, text))
        # The next page, or a choice in a facet, asks for it again.
        reader.learn(ngram, _holding(reader.probable(probable), text))
        return Match(ngram, _holding(reader.written, text))

    def _frequent_in(self, text: str) -> list[str]:
        """The longest n-grams in it, from each of its characters on, that the snapshot has lists of."""
        listed = self.reader.snapshot.frequent
        if not listed:
            return []
        ngrams = []
        for start in range(len(text) - 2):
            ends = range(min(start + LONGEST_COMMON, len(text)), start + 2, -1)
            ngrams += [run(text[start:end]) for end in ends if run(text[start:end]) in listed][:1]
        return list(dict.fromkeys(ngrams))

    @property
    def overfull(self) -> bool:
        """Whether there are cases whose vector does not hold everything."""
        if self._overfull is None:
            self._overfull = SearchEntry.objects.filter(overfull=True).exists()
        return self._overfull


def _lexeme(text: str) -> Has | None:
    """For a text that is a lexeme, or the beginning of some."""
    if len(text) == 1:
        return Has(text, beginning=True)
    return Has(text) if len(text) == 2 or is_long_word(text) else None


def _verified(probable: Expression, text: str) -> frozenset[int]:
    with connection.cursor() as cursor:
        # OFFSET 0: the texts are looked at last, and only those of the probable cases.
        cursor.execute(
            "SELECT case_id FROM (SELECT case_id, text FROM catalog_searchentry "
            "JOIN catalog_searchtext USING (case_id) WHERE catalog_lexemes(lexemes) @@ %s::tsquery OFFSET 0) "
            "AS probable WHERE strpos(text, %s) > 0",
            [tsquery(probable), text],
        )
        return frozenset(key for (key,) in cursor.fetchall())


def _holding(keys: Sequence[int], text: str) -> frozenset[int]:
    if not keys:
        return frozenset()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT case_id FROM catalog_searchtext WHERE case_id = ANY(%s) AND strpos(text, %s) > 0",
            [list(keys), text],
        )
        return frozenset(key for (key,) in cursor.fetchall())


def _evenly(lexemes: list[str]) -> list[str]:
    return lexemes[:: -(-len(lexemes) // _MOST_PAIRS)]
