"""Which cases have what is asked for, as conditions in SQL on `SearchEntry`.

Pairs of characters and words of the dictionary are lexemes: for these the index knows the cases. Any other run of
characters is sought by its pairs, and stands in those of the found cases whose text has it: these are looked up once
and then known by their keys.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection
from django.db.models import BooleanField, F, Func, Q, Value

from catalog.models import SearchEntry
from catalog.models.search import LEXEMES
from catalog.search.lexemes import OVERFULL, quote
from catalog.search.segment import is_long_word, long_words, pairs

# A long run is found by pairs taken evenly from it; the look at the text is for the rest.
_MOST_PAIRS = 48
NOTHING = ""


@dataclass(frozen=True)
class Match:
    """Cases whose vector answers `tsquery` (none if it is empty) and those with these `keys`."""

    tsquery: str = NOTHING
    keys: frozenset[int] = frozenset()

    def __or__(self, other: "Match") -> "Match":
        return Match(either([self.tsquery, other.tsquery]), self.keys | other.keys)

    @property
    def is_empty(self) -> bool:
        return not self.tsquery and not self.keys

    @property
    def condition(self) -> Q:
        found = Q()
        if self.keys:
            found |= Q(HasKey(self.keys))
        if self.tsquery:
            found |= Q(Holds(self.tsquery))
        return found


@dataclass(frozen=True)
class Condition:
    """All of `wanted` and none of `excluded`."""

    wanted: tuple[Match, ...]
    excluded: tuple[Match, ...] = ()

    def narrow(self, entries, *, among: str = NOTHING):
        """The entries that fulfil it; `among`: of these only what answers this tsquery too.

        All that the index can answer goes into one tsquery, so that it can take the rare and skip in the common.
        """
        if any(match.is_empty for match in self.wanted):
            return entries.none()
        excluded = [match for match in self.excluded if not match.is_empty]
        positive = every([*(match.tsquery for match in self.wanted if not match.keys), among])
        if positive:
            negative = [f"!({match.tsquery})" for match in excluded if match.tsquery]
            entries = entries.filter(Holds(every([positive, *negative])))
        for match in self.wanted:
            if match.keys:
                entries = entries.filter(match.condition)
        for match in excluded:
            if match.tsquery and not positive:
                having = SearchEntry.objects.filter(Holds(match.tsquery))
                entries = entries.exclude(pk__in=having.values("pk"))
            if match.keys:
                entries = entries.exclude(HasKey(match.keys))
        return entries


class Runs:
    """Finds runs of characters. One for each query: what it has looked up it knows."""

    def __init__(self):
        self._found: dict[str, Match] = {}
        self._overfull: bool | None = None

    def find(self, text: str) -> Match:
        """The cases in whose folded text the folded `text` stands: all of these and no other."""
        if text not in self._found:
            self._found[text] = self._find(text)
        return self._found[text]

    def _find(self, text: str) -> Match:
        exact = tsquery_of_lexeme(text)
        if not exact:
            probable = every(map(quote, _some([*dict.fromkeys(pairs(text)[:-1]), *long_words(text)])))
            return Match(keys=_verified(either([probable, quote(OVERFULL)] if self.overfull else [probable]), text))
        return Match(exact, _verified(quote(OVERFULL), text) if self.overfull else frozenset())

    @property
    def overfull(self) -> bool:
        """Whether there are cases whose vector does not hold everything."""
        if self._overfull is None:
            self._overfull = SearchEntry.objects.filter(overfull=True).exists()
        return self._overfull


def tsquery_of_lexeme(text: str) -> str:
    """For a run that is a lexeme, or the beginning of some; else nothing."""
    if len(text) == 1:
        return f"{quote(text)}:*"
    return quote(text) if len(text) == 2 or is_long_word(text) else NOTHING


def every(queries: Iterable[str]) -> str:
    return _joined(" & ", queries)


def either(queries: Iterable[str]) -> str:
    return _joined(" | ", queries)


def most(queries: list[str], count: int) -> str:
    """At least `count` of them, written out. Meant for few: 8 of which 6 are 28 combinations."""
    from itertools import combinations

    return either(every(chosen) for chosen in combinations(queries, count))


class Holds(Func):
    """Whether the lexemes of an entry answer a tsquery; those in the query are quoted by us."""

    arg_joiner = " @@ "
    template = "(%(expressions)s)"
    output_field = BooleanField()

    def __init__(self, tsquery: str):
        super().__init__(LEXEMES, Func(Value(tsquery), template="(%(expressions)s)::tsquery"))


class HasKey(Func):
    """Whether the entry is one of these, many or few."""

    template = "(%(expressions)s)"
    arg_joiner = " = "
    output_field = BooleanField()

    def __init__(self, keys: Iterable[int]):
        super().__init__(F("pk"), Func(Value(sorted(keys)), template="ANY(%(expressions)s::bigint[])"))


def _verified(probable: str, text: str) -> frozenset[int]:
    with connection.cursor() as cursor:
        # OFFSET 0: the texts are looked at last, and only those of the probable cases.
        cursor.execute(
            "SELECT case_id FROM (SELECT case_id, text FROM catalog_searchentry "
            "JOIN catalog_searchtext USING (case_id) WHERE catalog_lexemes(lexemes) @@ %s::tsquery OFFSET 0) "
            "AS probable WHERE strpos(text, %s) > 0",
            [probable, text],
        )
        return frozenset(key for (key,) in cursor.fetchall())


def _some(lexemes: list[str]) -> list[str]:
    return lexemes[:: -(-len(lexemes) // _MOST_PAIRS)]


def _joined(operator: str, queries: Iterable[str]) -> str:
    """A tsquery of tsqueries; the empty one is left out."""
    queries = [query for query in queries if query]
    return f"({operator.join(queries)})" if len(queries) > 1 else "".join(queries)
