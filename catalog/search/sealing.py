"""Makes a snapshot of the entries (see `snapshot`), which serves from the end of its transaction."""

import random
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import numpy as np
from django.db import connection, transaction
from psycopg import Cursor

from catalog.models import ChampionList, PostingList, SearchEntry, SnapshotColumn, WrittenEntry
from catalog.models import Snapshot as Stored
from catalog.models.search import SEPARATOR
from catalog.search import lexicon, thesaurus
from catalog.search.champions import Champions
from catalog.search.columns import columns
from catalog.search.inverting import Inverter
from catalog.search.lexemes import MARK, run, tells
from catalog.search.listed_runs import SHARE, common_runs, listed_runs
from catalog.search.snapshot import BLOCK
from catalog.search.weights import DIMENSION, MOST_VALUES

# A smaller catalogue is read whole in a moment.
WORTH_IT = 2_000
# A lexeme in fewer cases has no list: the index is as quick.
LEAST, LEAST_SHARE = 64, 1 / 400
_SAMPLE = 2_000
_AT_ONCE = 500
_LOCK = int.from_bytes(b"snapshot", "big", signed=True)


def is_due() -> bool:
    """Whether the entries are many, and none or not nearly all of them are in the snapshot that serves."""
    written = WrittenEntry.objects.values("case_id").distinct().count()
    newest = Stored.objects.order_by("-version").values_list("entries", flat=True).first()
    if newest is None:
        return SearchEntry.objects.count() >= WORTH_IT
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
    found = columns()
    keys = found["key"].tolist()
    stored = Stored.objects.create(entries=len(keys), lexemes="")
    SnapshotColumn.objects.bulk_create(
        SnapshotColumn(snapshot=stored, name=name, values=values.tobytes()) for name, values in found.items()
    )
    if keys:
        stored.lexemes = SEPARATOR.join(sorted(_store_lists(stored, keys)))
        stored.save()
    for part in (PostingList, ChampionList, SnapshotColumn):
        part.objects.exclude(snapshot=stored).delete()
    Stored.objects.exclude(pk=stored.pk).delete()


def _store_lists(stored: Stored, keys: list[int]) -> set[str]:
    """Returns of what there are lists."""
    least = max(LEAST, int(len(keys) * LEAST_SHARE))
    frequencies, characters = _frequencies(least)
    sample = sorted(random.Random(len(keys)).sample(keys, min(_SAMPLE, len(keys))))
    texts, vectors = zip(*[row for batch in _batches(sample) for row in batch], strict=True)
    common = [lexeme for lexeme, number in frequencies.items() if number >= SHARE * len(keys)]
    asked = {*lexicon.current().by_name, *thesaurus.current().words}
    runs = listed_runs(common_runs(texts, common), asked)
    inverter = Inverter(frequencies, characters, runs)
    numbers = np.array(list(frequencies.values()))
    champions = Champions(numbers, inverter.vectors(vectors), len(sample) / len(keys))
    listed: set[str] = set()
    for first in range(0, len(keys), BLOCK):
        block = keys[first : first + BLOCK]
        for start, (texts, vectors) in _numbered(_batches(block)):
            found = inverter.vectors(vectors, start)
            inverter.add(found)
            champions.add(found, first)
            inverter.add_texts(texts, start)
            full = [n for n, vector in enumerate(vectors) if len(vector) >= 8 * MOST_VALUES]
            for n in full:
                entry = SearchEntry.objects.get(pk=block[start + n])
                inverter.add_lexemes(entry.lexemes.split(SEPARATOR), start + n)
        lists = dict(inverter.lists())
        listed.update(lists)
        _copy(
            "catalog_postinglist (snapshot_id, lexeme, block, places)",
            [(stored.pk, name, first // BLOCK, places) for name, places in lists.items()],
        )
    # That a name stands nowhere is worth knowing too.
    nowhere = set(map(run, runs.found)) - listed
    _copy("catalog_postinglist (snapshot_id, lexeme, block, places)", [(stored.pk, name, 0, b"") for name in nowhere])
    _copy(
        "catalog_championlist (snapshot_id, lexeme, places, weights)",
        [
            (stored.pk, inverter.names[row], places.astype("<u4").tobytes(), weights.astype("<f2").tobytes())
            for row, places, weights in champions.lists()
        ],
    )
    return listed | nowhere


def _frequencies(least: int) -> tuple[dict[str, int], set[str]]:
    """Lexemes that stand in so many entries, and characters with which lexemes of so many, or perhaps fewer, begin.

    Those that share their place in a vector with another are left to the index, whose answers are exact.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT lexeme, sum(entries) FROM catalog_lexemecount WHERE lexeme <> '' GROUP BY lexeme")
        rows = [(lexeme, int(number)) for lexeme, number in cursor if number > 0]
    sharing = Counter(DIMENSION[lexeme] for lexeme, _ in rows)
    firsts: Counter[str] = Counter()
    for lexeme, number in rows:
        firsts[lexeme[0]] += number
    del firsts[MARK]
    frequent = {
        lexeme: number
        for lexeme, number in rows
        if number >= least and sharing[DIMENSION[lexeme]] == 1 and (tells(lexeme) or lexeme.startswith(MARK))
    }
    return frequent, {character for character, number in firsts.items() if number >= least}


def _batches(keys: list[int]) -> Iterator[list[tuple[str, bytes]]]:
    """The text and the vector of each case, as pgvector sends it."""
    for start in range(0, len(keys), _AT_ONCE):
        # Django's cursors read no binary values.
        with Cursor(connection.connection) as cursor:
            cursor.execute(
                "SELECT text, weights FROM catalog_searchtext WHERE case_id = ANY(%s) ORDER BY case_id",
                [keys[start : start + _AT_ONCE]],
                binary=True,
            )
            yield cursor.fetchall()


def _numbered(batches: Iterable[list[tuple]]) -> Iterator[tuple[int, tuple[tuple, ...]]]:
    """Each batch by columns, with the number of rows before it."""
    start = 0
    for batch in batches:
        yield start, tuple(zip(*batch, strict=True))
        start += len(batch)


def _copy(table: str, rows: Iterable[tuple]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
