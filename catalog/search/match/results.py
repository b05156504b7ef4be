"""The public cases that answer a query and a reader's choices: their number, their counts by facet, pages of them.

A facet leaves its own choice out of its counts; all counts and the list come from the same cases, so they cannot
disagree. `DatabaseSelection` asks the tables. `SnapshotSelection` asks a snapshot, and the tables only of what was
written since.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from django.db.models import F, Q, QuerySet

from catalog.models import Bank, Category, SearchEntry
from catalog.search.index import impacts
from catalog.search.index.impacts import Ranked
from catalog.search.match.reader import Reader
from catalog.search.match.sql import HasKey
from catalog.search.match.tally import FacetCounts, count_facets, count_products
from catalog.search.snapshot import bitmaps
from catalog.search.snapshot.store import Snapshot

# An order: columns of the entries, "-" before those that go down. Cases without a value come last, equal ones by key.
Order = tuple[str, ...]
OF = "of"  # the name of the choice that a list is made by, such as that of a bank's page


@dataclass(frozen=True)
class Choice:
    """Cases that have one of `keys` in a column; None is the key of those without any."""

    column: str
    keys: frozenset

    def filter(self, entries: QuerySet) -> QuerySet:
        if self.column == "products":
            return entries.filter(products__overlap=sorted(self.keys))
        wanted = Q(**{f"{self.column}__in": self.keys - {None}})
        if None in self.keys:
            wanted |= Q(**{f"{self.column}__isnull": True})
        return entries.filter(wanted)


Choices = Mapping[str, Choice]


@dataclass(frozen=True)
class DatabaseSelection:
    entries: QuerySet
    choices: Choices

    def narrowed(self, choices: Choices) -> "DatabaseSelection":
        """`OF` is no choice of the reader's: no facet leaves it out."""
        choices = dict(choices)
        of = choices.pop(OF, None)
        return DatabaseSelection(of.filter(self.entries) if of else self.entries, choices)

    @property
    def total(self) -> int:
        return self._tally.total

    def counts(self, column: str, without: str = "") -> Counter:
        """Number of cases by key of a column, with all choices but one."""
        if column == "products":
            return count_products(self._chosen(without))
        return self._tally.by(column, without)

    def page(self, order: Order, start: int, stop: int) -> list[int]:
        return list(in_order(self._chosen(), order).values_list("pk", flat=True)[start:stop])

    def best(self, lexemes: Mapping[str, float], number: int) -> Ranked:
        """The first so many by score, for lexemes of such worth."""
        return impacts.best(self._chosen(), lexemes, number)

    def among(self, keys: Collection[int]) -> "DatabaseSelection":
        return replace(self, entries=self.entries.filter(HasKey(keys)))

    def every_key(self) -> list[int]:
        return list(self._chosen().order_by().values_list("pk", flat=True))

    def _chosen(self, without: str = "") -> QuerySet:
        entries = self.entries
        for name, choice in self.choices.items():
            if name != without:
                entries = choice.filter(entries)
        return entries

    @cached_property
    def _tally(self) -> FacetCounts:
        """Of the cases without any choice but that of products, which a tally does not know, and then with each."""
        entries, counted = self.entries, {}
        for name, choice in self.choices.items():
            if choice.column == "products":
                entries = choice.filter(entries)
            else:
                counted[name] = (choice.column, set(choice.keys))
        return count_facets(entries, counted)


@dataclass(frozen=True)
class SnapshotSelection:
    """`found`: places of the snapshot; `rest`: of what was written since, nothing if nothing was."""

    reader: Reader
    found: bitmaps.Bitmap
    rest: DatabaseSelection | None
    choices: Choices

    @property
    def snapshot(self) -> Snapshot:
        return self.reader.snapshot

    def narrowed(self, choices: Choices) -> "SnapshotSelection":
        return replace(self, choices=choices, rest=self.rest and self.rest.narrowed(choices)) if choices else self

    @cached_property
    def total(self) -> int:
        inside = bitmaps.number(self.found) if not self.choices else int(self._chosen().sum())
        return inside + (self.rest.total if self.rest else 0)

    def counts(self, column: str, without: str = "") -> Counter:
        """Number of cases by key of a column, with all choices but one."""
        without = without if without in self.choices else ""
        found = Counter(self.snapshot.facets[column].counted(self._chosen(without)))
        return found + self.rest.counts(column, without) if self.rest else found

    def page(self, order: Order, start: int, stop: int) -> list[int]:
        keys = self.snapshot.keys[self._first(order, stop)].tolist()
        rest = self.rest.page(order, 0, stop) if self.rest else []
        if not rest:
            return keys[start:]
        found = in_order(SearchEntry.objects.filter(HasKey([*keys, *rest])), order)
        return list(found.values_list("pk", flat=True)[start:stop])

    def best(self, lexemes: Mapping[str, float], number: int) -> Ranked:
        """The first so many by score, for lexemes of such worth."""
        places = np.flatnonzero(self._chosen())
        scores = self.reader.scores(lexemes, places)
        first = bitmaps.smallest(-scores, number)
        found = list(zip(self.snapshot.keys[places[first]].tolist(), scores[first].tolist(), strict=True))
        rest = self.rest.best(lexemes, number) if self.rest else []
        return impacts.in_order(found + rest)[:number]

    def among(self, keys: Collection[int]) -> "SnapshotSelection":
        places = bitmaps.of_places(self.snapshot.places_of(keys), self.snapshot.size)
        return replace(self, found=self.found & places, rest=self.rest and self.rest.among(keys))

    def every_key(self) -> list[int]:
        return self.snapshot.keys[self._chosen()].tolist() + (self.rest.every_key() if self.rest else [])

    def _first(self, order: Order, number: int) -> np.ndarray:
        """The first places in an order."""
        places = np.flatnonzero(self._chosen())
        if not order:
            return places[:number]
        if len(places) > number:
            # What is beyond the number by the first column need not be sorted by the others.
            values = _values(self.snapshot, order[0], places)
            places = places[values <= np.partition(values, number - 1)[number - 1]]
        columns = [_values(self.snapshot, name, places) for name in order]
        return places[np.lexsort((places, *reversed(columns)))][:number]

    def _chosen(self, without: str = "") -> np.ndarray:
        """A flag a place."""
        left = tuple(name for name in self.choices if name != without)
        if left not in self._flags:
            found = bitmaps.flags(self.found, self.snapshot.size)
            for name in left:
                found = found & self._having(name)
            self._flags[left] = found
        return self._flags[left]

    def _having(self, name: str) -> np.ndarray:
        if name not in self._flags:
            choice = self.choices[name]
            facet = self.snapshot.facets[choice.column]
            self._flags[name] = facet.where(choice.keys.__contains__, self.snapshot.size)
        return self._flags[name]

    @cached_property
    def _flags(self) -> dict:
        return {}


Selection = DatabaseSelection | SnapshotSelection


def in_order(entries: QuerySet, order: Order) -> QuerySet:
    down = [(name.removeprefix("-"), name.startswith("-")) for name in order]
    columns = [F(name).desc(nulls_last=True) if falls else F(name).asc(nulls_last=True) for name, falls in down]
    return entries.order_by(*columns, "pk")


_RELATED = {"bank": Bank, "category": Category}
_LAST = np.iinfo(np.int64).max


def _values(snapshot: Snapshot, name: str, places: np.ndarray) -> np.ndarray:
    """A column of an order, such that the smallest come first."""
    column = name.removeprefix("-")
    related, _, field = column.partition("__")
    if not field:
        values = snapshot.values(column)[places]
        return -values if name != column else values
    known = dict(_RELATED[related].objects.values_list("pk", field))
    facet = snapshot.facets[f"{related}_id"]
    return np.array([known.get(key, _LAST) for key in facet.keys], np.int64)[facet.codes[places]]
