"""Makes a snapshot of the public entries (see `snapshot`), which serves from the end of its transaction."""

import random
import struct
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, KeysView
from contextlib import contextmanager
from datetime import UTC, date, datetime

import numpy as np
from django.db import connection, transaction
from psycopg import Cursor

from catalog.models import ChampionList, PostingList, SearchEntry, SnapshotColumn, WrittenEntry
from catalog.models import Snapshot as Stored
from catalog.models.search import SEPARATOR
from catalog.search.common_runs import SHARE, CommonRuns
from catalog.search.lexemes import MARK, beginning
from catalog.search.snapshot import BLOCK, FACETS, NO_KEY, packed
from catalog.search.weights import DIMENSION

# A smaller catalogue is read whole in a moment.
WORTH_IT = 2_000
# A lexeme in fewer cases has no list: the index is as quick.
LEAST, LEAST_SHARE = 64, 1 / 400
# So many cases of those in which a lexeme weighs most are known for each that stands in twice as many.
LISTED = 512
_SAMPLE = 3_000
_AT_ONCE = 500
_EPOCH = date(1970, 1, 1)
_LOCK = int.from_bytes(b"snapshot", "big", signed=True)


def is_due() -> bool:
    """Whether the entries are many, and none or not nearly all of them are in the snapshot that serves."""
    written = WrittenEntry.objects.values("case_id").distinct().count()
    newest = Stored.objects.order_by("-version").values_list("entries", flat=True).first()
    if newest is None:
        return SearchEntry.objects.public().count() >= WORTH_IT
    return written > max(200, newest // 100)


def seal() -> bool:
    """False if another process is at it."""
    with _alone() as alone:
        if not alone:
            return False
        in_transaction = connection.in_atomic_block
        with transaction.atomic(), connection.cursor() as cursor:
            if not in_transaction:
                # All that is read is of one moment, and of the lines of the written just those are deleted.
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            _seal()
    return True


@contextmanager
def _alone() -> Iterator[bool]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
        (alone,) = cursor.fetchone()
        try:
            yield alone
        finally:
            if alone:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


def _seal() -> None:
    WrittenEntry.objects.all().delete()
    keys = _columns_of(stored := Stored.objects.create(entries=0, lexemes=""))
    least = max(LEAST, int(len(keys) * LEAST_SHARE))
    frequencies = _frequencies(least)
    sample = sorted(random.Random(len(keys)).sample(keys, min(_SAMPLE, len(keys))))
    common = [lexeme for lexeme, number in frequencies.items() if number >= SHARE * len(keys)]
    often = [lexeme for lexeme, number in frequencies.items() if number > 2 * LISTED]
    champions = _Champions(often, sample, len(keys))
    runs = CommonRuns.of((text for (text,) in _read("SELECT text", sample)), common)
    listed: set[str] = set()
    for block in range(0, len(keys), BLOCK):
        lists = _lists(keys[block : block + BLOCK], frequencies.keys(), runs, champions, block)
        _store_lists(stored, block // BLOCK, lists)
        listed.update(lists)
    champions.store(stored)
    stored.entries, stored.lexemes = len(keys), SEPARATOR.join(sorted(listed))
    stored.save()
    for part in (PostingList, ChampionList, SnapshotColumn):
        part.objects.exclude(snapshot=stored).delete()
    Stored.objects.exclude(pk=stored.pk).delete()


def _columns_of(stored: Stored) -> list[int]:
    """Stores the columns; returns the keys."""
    rows = list(
        SearchEntry.objects.public()
        .order_by("pk")
        .values_list(
            "pk", "bank_id", "category_id", "source_id", "year", "products", "place", "published_on", "updated_at"
        )
        .iterator(chunk_size=10_000)
    )
    names = ("key", *FACETS, "products", "place", "published_on", "updated_at")
    columns = dict(zip(names, zip(*rows, strict=True), strict=True)) if rows else dict.fromkeys(names, ())
    found = {
        "key": np.array(columns["key"], "<i8"),
        "place": np.array(columns["place"], "<i8"),
        "published_on": np.array([_days(day) for day in columns["published_on"]], "<i8"),
        "updated_at": np.array([_microseconds(moment) for moment in columns["updated_at"]], "<i8"),
    }
    for name in FACETS:
        found |= _coded(name, [NO_KEY if key is None else key for key in columns[name]])
    links = [(place, key) for place, keys in enumerate(columns["products"]) for key in keys]
    found |= _coded("products", [key for _, key in links])
    found["products.places"] = np.array([place for place, _ in links], "<u4")
    SnapshotColumn.objects.bulk_create(
        SnapshotColumn(snapshot=stored, name=name, values=values.tobytes()) for name, values in found.items()
    )
    return list(columns["key"])


def _coded(name: str, values: list[int]) -> dict[str, np.ndarray]:
    keys, codes = np.unique(np.array(values, "<i8"), return_inverse=True)
    return {f"{name}.keys": keys.astype("<i8"), f"{name}.codes": codes.astype("<i4")}


def _days(day: date | None) -> int:
    """Cases without a date come last, the newest first."""
    return -1_000_000 if day is None else (day - _EPOCH).days


def _microseconds(moment: datetime) -> int:
    return int(moment.astimezone(UTC).timestamp() * 1_000_000)


def _frequencies(least: int) -> dict[str, int]:
    """Of the lexemes, and of the characters as their beginnings, that stand in so many entries or may do so."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT lexeme, sum(entries) FROM catalog_lexemecount WHERE length(lexeme) > 1 "
            "GROUP BY lexeme HAVING sum(entries) >= %s",
            [least],
        )
        found = {lexeme: int(number) for lexeme, number in cursor}
        cursor.execute(
            "SELECT left(lexeme, 1) FROM catalog_lexemecount WHERE lexeme <> '' AND left(lexeme, 1) <> %s "
            "GROUP BY 1 HAVING sum(entries) >= %s",
            [MARK, least],
        )
        return found | {beginning(character): 0 for (character,) in cursor}


def _lists(
    keys: list[int], wanted: KeysView[str], runs: CommonRuns, champions: "_Champions", start: int
) -> dict[str, array]:
    """Per lexeme and common run its places in a block, counted from the block's beginning."""
    lists = {lexeme: array("H") for lexeme in wanted}
    of_runs: defaultdict[str, array] = defaultdict(lambda: array("H"))
    rows = _read("SELECT lexemes, text, weights", keys)
    for place, (lexemes, text, weights) in enumerate(rows):
        found = lexemes.split(SEPARATOR)
        # The innermost loops of all: so many thousand million steps that nothing in them is a call of ours.
        for lexeme in found:
            if lexeme in lists:
                lists[lexeme].append(place)
        for first in {lexeme[0] for lexeme in found}:
            if (begun := first + MARK) in lists:
                lists[begun].append(place)
        for run in runs.within(text):
            of_runs[run].append(place)
        champions.see(start + place, weights)
    champions.settle()
    return {lexeme: places for lexeme, places in (lists | of_runs).items() if places}


def _read(select: str, keys: list[int]) -> Iterator[tuple]:
    """Rows of the entries with these keys, in their order; vectors as pgvector sends them."""
    for part in range(0, len(keys), _AT_ONCE):
        # Django's cursors read no binary values.
        with Cursor(connection.connection) as cursor:
            cursor.execute(
                f"{select} FROM catalog_searchentry JOIN catalog_searchtext USING (case_id) "
                "WHERE case_id = ANY(%s) ORDER BY case_id",
                [keys[part : part + _AT_ONCE]],
                binary=True,
            )
            yield from cursor


def _store_lists(stored: Stored, block: int, lists: dict[str, array]) -> None:
    with (
        connection.cursor() as cursor,
        cursor.copy("COPY catalog_postinglist (snapshot_id, lexeme, block, places) FROM STDIN") as copy,
    ):
        for lexeme, places in lists.items():
            copy.write_row((stored.pk, lexeme, block, packed(np.frombuffer(places, np.uint16))))


class _Champions:
    """The places in which each of `lexemes` weighs most.

    A sample of the entries tells from which weight on a place is worth remembering; the best `LISTED` of these stay.
    """

    def __init__(self, lexemes: Iterable[str], sample: list[int], entries: int):
        """`sample`: keys of some of so many entries."""
        self.lexeme_of = {DIMENSION[lexeme]: lexeme for lexeme in lexemes}
        self.dimensions = np.array(sorted(self.lexeme_of), np.int64)
        self.least = self._thresholds(sample, entries)
        self.kept: tuple[np.ndarray, ...] = (np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32))
        self._seen: list[tuple[np.ndarray, ...]] = []

    def see(self, place: int, vector: bytes) -> None:
        numbers, weights = self._known(vector)
        heavy = weights >= self.least[numbers]
        numbers = numbers[heavy]
        self._seen.append((numbers, np.full(len(numbers), place), weights[heavy]))

    def settle(self) -> None:
        """The best of what was kept and what was seen since."""
        parts = zip(self.kept, *self._seen, strict=True)
        numbers, places, weights = (np.concatenate(part) for part in parts)
        order = np.lexsort((places, -weights, numbers))
        numbers = numbers[order]
        # The how-manieth of its lexeme each is.
        rank = np.arange(len(numbers)) - np.searchsorted(numbers, numbers)
        order = order[rank < LISTED]
        self.kept = numbers[rank < LISTED], places[order], weights[order]
        self._seen = []

    def store(self, stored: Stored) -> None:
        numbers, places, weights = self.kept
        ends = np.searchsorted(numbers, np.arange(len(self.dimensions)), side="right")
        with (
            connection.cursor() as cursor,
            cursor.copy("COPY catalog_championlist (snapshot_id, lexeme, places, weights) FROM STDIN") as copy,
        ):
            start = 0
            for dimension, end in zip(self.dimensions.tolist(), ends.tolist(), strict=True):
                if end > start:
                    lists = places[start:end].astype("<u4").tobytes(), weights[start:end].astype("<f4").tobytes()
                    copy.write_row((stored.pk, self.lexeme_of[dimension], *lists))
                start = end

    def _thresholds(self, sample: list[int], entries: int) -> np.ndarray:
        if not len(self.dimensions):
            return np.zeros(0)
        seen = [self._known(weights) for (weights,) in _read("SELECT weights", sample)]
        numbers, weights = (np.concatenate(part) for part in zip(*seen, strict=True))
        order = np.lexsort((-weights, numbers))
        numbers, weights = numbers[order], weights[order]
        starts = np.searchsorted(numbers, np.arange(len(self.dimensions)))
        ends = np.searchsorted(numbers, np.arange(len(self.dimensions)), side="right")
        # Half as many again as will be listed: a sample tells only about.
        rank = np.ceil(1.5 * LISTED * len(sample) / max(1, entries)).astype(int)
        found = starts + rank
        return np.where(found < ends, weights[np.minimum(found, len(weights) - 1)], 0.0)

    def _known(self, vector: bytes) -> tuple[np.ndarray, np.ndarray]:
        """(numbers of the lexemes among `lexemes`, their weights) of a `sparsevec` as it is sent:
        dimensions, number of values and a zero as int32, the places from 0 on as int32, the values as float32.
        """
        _, count, _ = struct.unpack_from("!iii", vector)
        dimensions = np.frombuffer(vector, ">i4", count, 12) + 1
        weights = np.frombuffer(vector, ">f4", count, 12 + 4 * count).astype(np.float32)
        numbers = np.searchsorted(self.dimensions, dimensions)
        numbers = np.minimum(numbers, len(self.dimensions) - 1)
        known = self.dimensions[numbers] == dimensions if len(self.dimensions) else np.zeros(count, bool)
        return numbers[known], weights[known]
