"""The public cases that answer a query and a reader's filters: their number, their counts by facet, pages of them.

A facet leaves its own filter out of its counts; all counts and the list come from the same cases, so they cannot
disagree. A snapshot answers for the cases that it has, the tables for what was written since; without a snapshot that
is everything.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Protocol

import numpy as np
from django.db.models import QuerySet

from catalog.models import Bank, Category, SearchEntry
from catalog.search.index.impacts import Ranked, best_first
from catalog.search.match.facet_counts import FacetCounts, count_facets, count_products
from catalog.search.match.sql import ColumnFilter, HasKey, Order, best, in_order
from catalog.search.snapshot import bitmaps
from catalog.search.snapshot.bitmaps import Bitmap, Places
from catalog.search.snapshot.store import Snapshot

Filters = Mapping[str, ColumnFilter]  # by the name of the facet that a reader chose in


@dataclass(frozen=True)
class Results:
    """Cases that match: those that the snapshot has, and those that only the tables have, None if there are none."""

    snapshot_part: "SnapshotPart"
    table_part: "TablePart | None"

    def within(self, column_filter: ColumnFilter) -> "Results":
        """Those of one bank, chapter or product, as which they are then counted."""
        return self._each(lambda part: part.within(column_filter))

    def narrowed(self, filters: Filters) -> "Results":
        """Those that fulfil a reader's choices, of which each facet leaves out its own."""
        return self._each(lambda part: replace(part, filters=filters)) if filters else self

    def among(self, keys: Collection[int]) -> "Results":
        return self._each(lambda part: part.among(keys))

    @cached_property
    def total(self) -> int:
        return sum(part.total for part in self._parts)

    def counts(self, column: str, without: str = "") -> Counter:
        """Number of cases by key of a column, with all filters but one."""
        return sum((part.counts(column, without) for part in self._parts), Counter())

    def page(self, order: Order, start: int, stop: int) -> list[int]:
        """The cases from `start` to before `stop` in an order."""
        if not self.snapshot_part.size:
            return self.table_part.page(order, start, stop) if self.table_part else []
        first, *others = [part.page(order, 0, stop) for part in self._parts]
        if not any(others):
            return first[start:]
        matches = in_order(SearchEntry.objects.filter(HasKey([*first, *others[0]])), order)
        return list(matches.values_list("pk", flat=True)[start:stop])

    def best(self, lexemes: Mapping[str, float], count: int) -> Ranked:
        """The first `count` by score, for lexemes of such worth."""
        return best_first([row for part in self._parts for row in part.best(lexemes, count)])[:count]

    def every_key(self) -> list[int]:
        return [key for part in self._parts for key in part.every_key()]

    @property
    def _parts(self) -> "list[SnapshotPart | TablePart]":
        return [self.snapshot_part, *([self.table_part] if self.table_part else [])]

    def _each(self, change: Callable) -> "Results":
        return Results(change(self.snapshot_part), change(self.table_part) if self.table_part else None)


class _Reader(Protocol):
    """What a part needs of an `IndexReader`."""

    snapshot: Snapshot

    def scores(self, lexemes: Mapping[str, float], places: Places) -> np.ndarray: ...

    def fulfilling(self, column_filter: ColumnFilter) -> Bitmap: ...


@dataclass(frozen=True)
class SnapshotPart:
    """`places`: those of the snapshot that match, before `filters`."""

    reader: _Reader
    places: Bitmap
    filters: Filters = field(default_factory=dict)

    @property
    def snapshot(self) -> Snapshot:
        return self.reader.snapshot

    @property
    def size(self) -> int:
        """Of the snapshot."""
        return self.snapshot.size

    def within(self, column_filter: ColumnFilter) -> "SnapshotPart":
        return replace(self, places=self.places & self.reader.fulfilling(column_filter))

    def among(self, keys: Collection[int]) -> "SnapshotPart":
        return replace(self, places=self.places & bitmaps.of_places(self.snapshot.places_of(keys), self.size))

    @cached_property
    def total(self) -> int:
        return bitmaps.number(self.places) if not self.filters else int(self._flags().sum())

    def counts(self, column: str, without: str = "") -> Counter:
        without = without if without in self.filters else ""
        return Counter(self.snapshot.facets[column].counted(self._flags(without)) if self.size else ())

    def page(self, order: Order, start: int, stop: int) -> list[int]:
        return self.snapshot.keys[self._first(order, stop)].tolist()[start:]

    def best(self, lexemes: Mapping[str, float], count: int) -> Ranked:
        if not self.size:
            return []
        places = np.flatnonzero(self._flags())
        scores = self.reader.scores(lexemes, places)
        first = bitmaps.smallest(-scores, count)
        return list(zip(self.snapshot.keys[places[first]].tolist(), scores[first].tolist(), strict=True))

    def every_key(self) -> list[int]:
        return self.snapshot.keys[self._flags()].tolist()

    def _first(self, order: Order, count: int) -> np.ndarray:
        """The first places in an order."""
        places = np.flatnonzero(self._flags())
        if not order:
            return places[:count]
        if len(places) > count:
            # What is beyond the count by the first column need not be sorted by the others.
            values = _sort_values(self.snapshot, order[0], places)
            places = places[values <= np.partition(values, count - 1)[count - 1]]
        columns = [_sort_values(self.snapshot, name, places) for name in order]
        return places[np.lexsort((places, *reversed(columns)))][:count]

    def _flags(self, without: str = "") -> np.ndarray:
        """A flag a place: whether it matches and fulfils all filters but one."""
        names = tuple(name for name in self.filters if name != without)
        if names not in self._known_flags:
            places = self.places
            for name in names:
                places = places & self._fulfilling(name)
            self._known_flags[names] = bitmaps.flags(places, self.size)
        return self._known_flags[names]

    def _fulfilling(self, name: str) -> Bitmap:
        if name not in self._known_flags:
            self._known_flags[name] = self.reader.fulfilling(self.filters[name])
        return self._known_flags[name]

    @cached_property
    def _known_flags(self) -> dict:
        return {}


@dataclass(frozen=True)
class TablePart:
    """`entries`: those that match, before `filters`."""

    entries: QuerySet
    filters: Filters = field(default_factory=dict)

    def within(self, column_filter: ColumnFilter) -> "TablePart":
        return replace(self, entries=column_filter.narrow(self.entries))

    def among(self, keys: Collection[int]) -> "TablePart":
        return replace(self, entries=self.entries.filter(HasKey(keys)))

    @property
    def total(self) -> int:
        return self._facet_counts.total

    def counts(self, column: str, without: str = "") -> Counter:
        if column == "products":
            return count_products(self._narrowed(without))
        return self._facet_counts.by(column, without)

    def page(self, order: Order, start: int, stop: int) -> list[int]:
        return list(in_order(self._narrowed(), order).values_list("pk", flat=True)[start:stop])

    def best(self, lexemes: Mapping[str, float], count: int) -> Ranked:
        return best(self._narrowed(), lexemes, count)

    def every_key(self) -> list[int]:
        return list(self._narrowed().order_by().values_list("pk", flat=True))

    def _narrowed(self, without: str = "") -> QuerySet:
        entries = self.entries
        for name, column_filter in self.filters.items():
            if name != without:
                entries = column_filter.narrow(entries)
        return entries

    @cached_property
    def _facet_counts(self) -> FacetCounts:
        """Of the cases without any filter but that of products, which the one statement does not know."""
        entries, counted = self.entries, {}
        for name, column_filter in self.filters.items():
            if column_filter.column == "products":
                entries = column_filter.narrow(entries)
            else:
                counted[name] = column_filter
        return count_facets(entries, counted)


_RELATED = {"bank": Bank.objects, "category": Category.objects}
_LAST = np.iinfo(np.int64).max


def _sort_values(snapshot: Snapshot, name: str, places: Places) -> np.ndarray:
    """A column of an order (int64 a place), such that the smallest come first."""
    column = name.removeprefix("-")
    related, _, attribute = column.partition("__")
    if not attribute:
        values = snapshot.values(column)[places]
        return -values if name != column else values
    positions = dict(_RELATED[related].values_list("pk", attribute))
    facet = snapshot.facets[f"{related}_id"]
    return np.array([positions.get(key, _LAST) for key in facet.keys], np.int64)[facet.codes[places]]
