"""Which cases have what is asked for, as conditions in SQL on `SearchEntry`."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import BooleanField, F, Func, Q, Value

from catalog.models import SearchEntry
from catalog.models.search import LEXEMES
from catalog.search.match.expressions import Expression, either, every, tsquery


@dataclass(frozen=True)
class Match:
    """Cases whose lexemes answer an expression (none if there is none) and those with these `keys`."""

    lexemes: Expression | None = None
    keys: frozenset[int] = frozenset()

    def __or__(self, other: "Match") -> "Match":
        return Match(either([self.lexemes, other.lexemes]), self.keys | other.keys)

    @property
    def is_empty(self) -> bool:
        return not self.lexemes and not self.keys

    @property
    def condition(self) -> Q:
        found = Q()
        if self.keys:
            found |= Q(HasKey(self.keys))
        if self.lexemes:
            found |= Q(Holds(tsquery(self.lexemes)))
        return found


@dataclass(frozen=True)
class Condition:
    """All of `wanted` and none of `excluded`."""

    wanted: tuple[Match, ...] = ()
    excluded: tuple[Match, ...] = ()

    def narrow(self, entries):
        """The entries that fulfil it.

        All that the index can answer goes into one tsquery, so that it can take the rare and skip in the common.
        """
        if any(match.is_empty for match in self.wanted):
            return entries.none()
        excluded = [match for match in self.excluded if not match.is_empty]
        positive = every(match.lexemes for match in self.wanted if not match.keys)
        if positive:
            negative = [f"!({tsquery(match.lexemes)})" for match in excluded if match.lexemes]
            entries = entries.filter(Holds(" & ".join([tsquery(positive), *negative])))
        for match in self.wanted:
            if match.keys:
                entries = entries.filter(match.condition)
        for match in excluded:
            if match.lexemes and not positive:
                having = SearchEntry.objects.filter(Holds(tsquery(match.lexemes)))
                entries = entries.exclude(pk__in=having.values("pk"))
            if match.keys:
                entries = entries.exclude(HasKey(match.keys))
        return entries


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
