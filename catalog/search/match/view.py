"""The cases as one search sees them: a snapshot and what was written since, or the tables alone."""

from dataclasses import dataclass
from functools import cached_property

from catalog.models import SearchEntry, WrittenEntry
from catalog.search.match.expressions import Expression
from catalog.search.match.reader import Reader
from catalog.search.match.results import DatabaseSelection, Selection, SnapshotSelection
from catalog.search.match.sql import Condition, HasKey, Match
from catalog.search.query.fields import FieldFilter
from catalog.search.snapshot import bitmaps, store

# Where more was written since than this and this share of the snapshot, the tables are asked for everything.
MOST_WRITTEN, MOST_WRITTEN_SHARE = 1_000, 0.1


@dataclass(frozen=True)
class View:
    """`written`: the cases written since the snapshot was made."""

    reader: Reader | None = None
    written: tuple[int, ...] = ()

    def select(self, condition: Condition, fields: tuple[FieldFilter, ...] = (), *, drafts: bool = False) -> Selection:
        """The public cases that fulfil all; `drafts`: these too."""
        entries = SearchEntry.objects.all() if drafts else SearchEntry.objects.public()
        if self.reader is None:
            return DatabaseSelection(_narrowed(entries, condition, fields), {})
        size = self.reader.snapshot.size
        found = bitmaps.all_of(size) if drafts else self.reader.snapshot.public
        found = found & self._places(condition, fields) & ~self._written_places
        rest = None
        if self.written:
            rest = DatabaseSelection(_narrowed(entries.filter(HasKey(self.written)), condition, fields), {})
        return SnapshotSelection(self.reader, found, rest, {})

    def probable(self, expression: Expression) -> list[int]:
        """Cases whose lexemes answer the expression, drafts too, without those written since. With a snapshot only."""
        found = self.reader.places(expression) & ~self._written_places
        return self.reader.snapshot.keys[bitmaps.places(found, self.reader.snapshot.size)].tolist()

    def _places(self, condition: Condition, fields: tuple[FieldFilter, ...]) -> bitmaps.Bitmap:
        found = bitmaps.all_of(self.reader.snapshot.size)
        for match in condition.wanted:
            found = found & self._answering(match)
        for match in condition.excluded:
            found = found & ~self._answering(match)
        for one in fields:
            size = self.reader.snapshot.size
            having = bitmaps.of_flags(self.reader.snapshot.facets[one.column].where(one.holds, size))
            found = found & (~having if one.excluded else having)
        return found

    def _answering(self, match: Match) -> bitmaps.Bitmap:
        size = self.reader.snapshot.size
        found = self.reader.places(match.lexemes) if match.lexemes else bitmaps.none(size)
        return found | self._places_of(match.keys) if match.keys else found

    @cached_property
    def _written_places(self) -> bitmaps.Bitmap:
        return self._places_of(self.written)

    def _places_of(self, keys) -> bitmaps.Bitmap:
        return bitmaps.of_places(self.reader.snapshot.places_of(keys), self.reader.snapshot.size)


def now() -> View:
    """As the tables are in this transaction."""
    newest = store.newest()
    if newest is None:
        return View()
    most = max(MOST_WRITTEN, int(MOST_WRITTEN_SHARE * newest.size))
    # Of very many only that they are too many is of interest.
    written = WrittenEntry.objects.order_by().values_list("case_id", flat=True).distinct()[: most + 1]
    keys = tuple(written)
    return View(Reader(newest), keys) if len(keys) <= most else View()


def _narrowed(entries, condition: Condition, fields: tuple[FieldFilter, ...]):
    for one in fields:
        entries = one.filter(entries)
    return condition.narrow(entries)
