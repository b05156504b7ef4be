"""The entries at one moment, in memory: posting lists and columns.

An inverted index with columns beside it, as search engines have them (Manning, Raghavan and Schütze, "Introduction to
Information Retrieval", chapters 1, 4 and 7), kept in the database and read by each process piece by piece, as queries
ask for it. Cases have places, from 0 on in the order of their keys. Sets of places are bitmaps: how many of 100,000
cases fulfil three conditions is known in microseconds, and of each bank, chapter and year in a millisecond, however
many they are. A snapshot never changes. What was written after it is answered by the tables (see `match.reader`);
`build` makes a new one.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from threading import Lock

import numpy as np
from django.db import connection

from catalog.models import PostingList, SnapshotColumn
from catalog.models import Snapshot as Stored
from catalog.models.search import SEPARATOR
from catalog.search.snapshot import bitmaps
from catalog.search.snapshot.bitmaps import Bitmap, Places

BLOCK = 32_768  # places
_LONG = 255
# Posting lists that a process keeps, in bytes.
_ROOM = 160_000_000
# What a list takes beside the bytes of its arrays: in a small catalogue that is most of it.
_OBJECTS = 800
# A lexeme that is in more than one of so many places has its impacts by place: five bytes a posting take as much room.
_MANY = 5
FACETS = ("bank", "category", "source", "year")
NO_KEY = -1


@dataclass(frozen=True)
class Facet:
    """A column of few different values: of each place the number of its value in `keys`, of which the first is none.

    Of `products` a place has any number: `places[i]` has the value `keys[codes[i]]`. `codes`: int32, `places`: uint32.
    """

    keys: tuple
    codes: np.ndarray
    places: np.ndarray | None = None

    def counted(self, chosen: np.ndarray) -> dict:
        """How many of the places of which the flag is set have each value."""
        codes = self.codes[chosen if self.places is None else chosen[self.places]]
        counts = np.bincount(codes, minlength=len(self.keys)).tolist()
        return {key: count for key, count in zip(self.keys, counts, strict=True) if count}

    def where(self, wanted: Callable[[int | None], bool], size: int) -> np.ndarray:
        """A flag for each of `size` places: whether it has a value that is wanted."""
        is_wanted = np.array(list(map(wanted, self.keys)), bool)[self.codes]
        if self.places is None:
            return is_wanted
        flags = np.zeros(size, bool)
        flags[self.places[is_wanted]] = True
        return flags


@dataclass(frozen=True)
class Postings:
    """The places that have a lexeme, and its impact in each (uint8): of all places where it is in many, else only of
    its own, which `of_places` (int32) then names. `impacts` is empty if nothing is ranked by it.
    """

    places: Bitmap
    impacts: np.ndarray
    of_places: Places | None = None

    @classmethod
    def of(cls, flags: np.ndarray, impacts: bytes) -> "Postings":
        """`flags`: of each place; `impacts`: in the order of those that have the lexeme."""
        values, of_places = np.frombuffer(impacts, np.uint8), None
        if len(values) * _MANY > len(flags):
            by_place = np.zeros(len(flags), np.uint8)
            by_place[flags] = values
            values = by_place
        elif len(values):
            of_places = np.flatnonzero(flags).astype(np.int32)
        return cls(bitmaps.of_flags(flags), values, of_places)

    def impacts_in(self, places: Places, size: int) -> np.ndarray:
        """The impact (uint8) in each of these of `size` places."""
        by_place = self.impacts
        if self.of_places is not None or not len(by_place):
            by_place = np.zeros(size, np.uint8)
            if self.of_places is not None:
                by_place[self.of_places] = self.impacts
        return by_place[places]

    @property
    def nbytes(self) -> int:
        arrays = (self.places, self.impacts, *([] if self.of_places is None else [self.of_places]))
        return _OBJECTS + sum(array.nbytes for array in arrays)


class SnapshotGone(Exception):
    """A newer one has taken its place while it was read, outside of a transaction that would have kept it."""


class Snapshot:
    """One a version and process. See `newest`.

    `size`: how many cases it has. `frequent`: what there are posting lists of (see `lexemes.run`, `lexemes.beginning`).
    """

    def __init__(self, version: int, size: int, frequent: frozenset[str]):
        self.version, self.size, self.frequent = version, size, frequent
        self._columns: dict[str, np.ndarray] = {}
        self._cache: OrderedDict[str, Postings] = OrderedDict()
        self._room = _ROOM
        self._lock = Lock()

    @cached_property
    def keys(self) -> np.ndarray:
        """The case of each place."""
        return self._column("key", np.int64) if self.size else np.zeros(0, np.int64)

    @cached_property
    def public(self) -> Bitmap:
        """The places of public cases; the others are drafts."""
        return bitmaps.of_flags(self._column("public", np.uint8))

    @cached_property
    def facets(self) -> Mapping[str, Facet]:
        self._load_columns()
        facets = {f"{name}_id" if name != "year" else name: self._facet(name) for name in FACETS}
        facets["products"] = self._facet("products", self._column("products.places", np.uint32))
        return facets

    def values(self, name: str) -> np.ndarray:
        """A column to sort by: `place`, `published_on` (days) or `updated_at` (microseconds)."""
        return self._column(name, np.int64)

    def places_of(self, keys: Iterable[int]) -> Places:
        """The places of those of the cases that it has."""
        cases = np.array(sorted(keys), np.int64)
        return np.searchsorted(self.keys, cases[self.has(cases)])

    def has(self, keys: Sequence[int] | np.ndarray) -> np.ndarray:
        """Of each case whether it is here (bool)."""
        cases = np.array(keys, np.int64)
        if not self.size:
            return np.zeros(len(cases), bool)
        return self.keys[np.minimum(np.searchsorted(self.keys, cases), self.size - 1)] == cases

    def posting_lists(self, lexemes: Iterable[str]) -> dict[str, Postings]:
        """Of those of the lexemes that are frequent, and of those that it has learned."""
        lexemes = list(dict.fromkeys(lexemes))
        lists = {lexeme: postings for lexeme in lexemes if (postings := self._cache.get(lexeme)) is not None}
        lists |= self._read_lists([lexeme for lexeme in lexemes if lexeme in self.frequent and lexeme not in lists])
        self._keep(lists)
        return lists

    def learn(self, lexeme: str, keys: Iterable[int]) -> Postings:
        """Keeps for a while which cases have what there is no list of. Those written since may be left out: nobody asks
        a snapshot for them any more.
        """
        flags = np.zeros(self.size, bool)
        flags[self.places_of(keys)] = True
        postings = Postings.of(flags, b"")
        self._keep({lexeme: postings})
        return postings

    def _keep(self, lists: Mapping[str, Postings]) -> None:
        with self._lock:
            for lexeme, postings in lists.items():
                if (before := self._cache.pop(lexeme, None)) is not None:
                    self._room += before.nbytes
                # Last are those asked for last.
                self._cache[lexeme] = postings
                self._room -= postings.nbytes
            while self._room < 0 and self._cache:
                self._room += self._cache.popitem(last=False)[1].nbytes

    def _read_lists(self, lexemes: list[str]) -> dict[str, Postings]:
        if not lexemes:
            return {}
        parts: dict[str, list[tuple[int, bytes, bytes]]] = {}
        rows = PostingList.objects.filter(snapshot_id=self.version, lexeme__in=lexemes)
        for lexeme, block, places, impacts in rows.values_list("lexeme", "block", "places", "impacts"):
            parts.setdefault(lexeme, []).append((block, bytes(places), bytes(impacts)))
        if len(parts) < len(lexemes):
            raise SnapshotGone
        return {lexeme: self._joined(blocks) for lexeme, blocks in parts.items()}

    def _joined(self, parts: list[tuple[int, bytes, bytes]]) -> Postings:
        """The blocks of a list."""
        flags = np.zeros(self.size, bool)
        for block, places, _ in parts:
            part = flags[block * BLOCK : (block + 1) * BLOCK]
            part[:] = bitmaps.flags(unpacked(places), len(part))
        return Postings.of(flags, b"".join(impacts for _, _, impacts in sorted(parts)))

    def _facet(self, name: str, places: np.ndarray | None = None) -> Facet:
        keys = [None if key == NO_KEY else key for key in self._column(f"{name}.keys", np.int64).tolist()]
        return Facet(tuple(keys), self._column(f"{name}.codes", np.int32), places)

    def _column(self, name: str, kind: type) -> np.ndarray:
        if name not in self._columns:
            self._load_columns()
        return self._columns[name].view(np.dtype(kind).newbyteorder("<"))

    def _load_columns(self) -> None:
        rows = SnapshotColumn.objects.filter(snapshot_id=self.version).values_list("name", "values")
        self._columns = {name: np.frombuffer(values, np.uint8) for name, values in rows}
        if not self._columns:
            raise SnapshotGone


def packed(places: np.ndarray) -> bytes:
    """Places of a block, counted from its beginning and ascending, as they are stored: as bits, or, where that is
    shorter, as the steps from one to the next, a byte each; 255 stands for a step of 255 that leads to no place.
    """
    steps = np.diff(places, prepend=-1)
    long = steps // _LONG
    ends = np.cumsum(long + 1)
    if len(places) and ends[-1] >= BLOCK // 8:
        return bitmaps.of_places(places, BLOCK).tobytes()
    stored = np.full(ends[-1] if len(places) else 0, _LONG, np.uint8)
    stored[ends - 1] = steps % _LONG
    return stored.tobytes()


def unpacked(stored: bytes) -> Bitmap:
    """The bits of the block."""
    values = np.frombuffer(stored, np.uint8)
    if len(values) == BLOCK // 8:
        return values
    return bitmaps.of_places(np.cumsum(values, dtype=np.int64)[values != _LONG] - 1, BLOCK)


EMPTY = Snapshot(0, 0, frozenset())
_latest: tuple[tuple, Snapshot] | None = None


def newest() -> Snapshot | None:
    """The one that serves, if there is any."""
    row = Stored.objects.order_by("-version").values_list("version", "made_at").first()
    return get(*row) if row else None


def get(version: int, made_at: datetime) -> Snapshot:
    """The snapshot of a row of the table, as the process keeps it while it is the newest that was asked for."""
    global _latest
    # In the tables of a rebuild versions begin anew: the time tells two of one number apart.
    place = (connection.alias, connection.settings_dict["NAME"], version, made_at)
    if _latest is None or _latest[0] != place:
        stored = Stored.objects.get(version=version)
        _latest = place, Snapshot(version, stored.entries, frozenset(stored.lexemes.split(SEPARATOR)) - {""})
    return _latest[1]
