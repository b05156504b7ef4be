"""Which cases have what is asked for, as conditions in SQL on `SearchEntry`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import BooleanField, F, Func, Q, QuerySet, Value

from catalog.models import SearchEntry
from catalog.models.search import LEXEMES, SEPARATOR
from catalog.search.index.impacts import Ranked, best_first, score
from catalog.search.match.expressions import Expression, either, every, tsquery

# An order: columns of the entries, "-" before those that descend. Cases without a value come last, equal ones by key.
Order = tuple[str, ...]


@dataclass(frozen=True)
class Match:
    """Cases whose lexemes answer an expression (none if there is none) and those with these `keys`."""

    lexemes: Expression | None = None
    keys: frozenset[int] = frozenset()

    @classmethod
    def any_of(cls, matches: Iterable["Match"]) -> "Match":
        """Cases that one of them matches."""
        matches = list(matches)
        return cls(either(match.lexemes for match in matches), frozenset().union(*(match.keys for match in matches)))

    @property
    def is_empty(self) -> bool:
        return not self.lexemes and not self.keys

    @property
    def condition(self) -> Q:
        condition = Q()
        if self.keys:
            condition |= Q(HasKey(self.keys))
        if self.lexemes:
            condition |= Q(Holds(tsquery(self.lexemes)))
        return condition


@dataclass(frozen=True)
class ColumnFilter:
    """Cases with one of `keys` in a column of their entries, or with a value in one of `ranges` (ends included).

    None among the keys stands for cases without a value; `products` is a column of many keys. `excluded`: the others.
    """

    column: str
    keys: frozenset[int | None] = frozenset()
    ranges: tuple[tuple[int, int], ...] = ()
    excluded: bool = False

    def holds(self, key: int | None) -> bool:
        """Whether a case is meant that has this key in the column; `excluded` is the caller's to heed."""
        return key in self.keys or (key is not None and any(first <= key <= last for first, last in self.ranges))

    def narrow(self, entries: QuerySet) -> QuerySet:
        if self.column == "products":
            condition = Q(products__overlap=sorted(key for key in self.keys if key is not None))
        else:
            condition = Q(**{f"{self.column}__in": self.keys - {None}})
            for bounds in self.ranges:
                condition |= Q(**{f"{self.column}__range": bounds})
            if None in self.keys:
                condition |= Q(**{f"{self.column}__isnull": True})
        return entries.exclude(condition) if self.excluded else entries.filter(condition)


@dataclass(frozen=True)
class Condition:
    """All of `wanted` and none of `excluded`, and every one of `filters`."""

    wanted: tuple[Match, ...] = ()
    excluded: tuple[Match, ...] = ()
    filters: tuple[ColumnFilter, ...] = ()

    def narrow(self, entries: QuerySet) -> QuerySet:
        """The entries that fulfil it.

        All that the index can answer goes into one tsquery, so that it can take the rare and skip in the common.
        """
        if any(match.is_empty for match in self.wanted):
            return entries.none()
        for column_filter in self.filters:
            entries = column_filter.narrow(entries)
        excluded = [match for match in self.excluded if not match.is_empty]
        positive = every(match.lexemes for match in self.wanted if not match.keys)
        if positive:
            negative = [f"!({tsquery(match.lexemes)})" for match in excluded if match.lexemes]
            entries = entries.filter(Holds(" & ".join([tsquery(positive), *negative])))
        for match in self.wanted:
            if match.keys:
                entries = entries.filter(match.condition)
        none_of = Match.any_of(excluded)
        if none_of.lexemes and not positive:
            matching = SearchEntry.objects.filter(Holds(tsquery(none_of.lexemes)))
            entries = entries.exclude(pk__in=matching.values("pk"))
        if none_of.keys:
            entries = entries.exclude(HasKey(none_of.keys))
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


def in_order(entries: QuerySet, order: Order) -> QuerySet:
    columns = []
    for name in order:
        column = F(name.removeprefix("-"))
        columns.append(column.desc(nulls_last=True) if name.startswith("-") else column.asc(nulls_last=True))
    return entries.order_by(*columns, "pk")


def best(entries: QuerySet, lexemes: Mapping[str, float], count: int | None = None) -> Ranked:
    """The `count` entries that score highest for lexemes of such worth. Each is looked at: they should be few."""
    rows = entries.order_by().values_list("pk", "lexemes", "content__impacts")
    ranked = [(key, score(held.split(SEPARATOR), impacts, lexemes)) for key, held, impacts in rows.iterator()]
    return best_first(ranked)[:count]
