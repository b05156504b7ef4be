"""Builds a snapshot of the entries (see `store`), which serves from the end of its transaction."""

import random
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from psycopg import Cursor

from catalog.models import PostingList, SearchEntry, SnapshotColumn, WrittenEntry
from catalog.models import Snapshot as Stored
from catalog.models.search import SEPARATOR
from catalog.search.index.lexemes import MARK, run, tells
from catalog.search.names import lexicon, thesaurus
from catalog.search.snapshot.columns import columns
from catalog.search.snapshot.invert import Inverter
from catalog.search.snapshot.ngrams import SHARE, FrequentNgrams, common_ngrams, frequent_ngrams
from catalog.search.snapshot.store import BLOCK
from config.database.copying import copying

# A smaller catalogue is read whole in a moment.
WORTH_IT = 500
# A lexeme in fewer cases has no list: the index is as quick.
LEAST, LEAST_SHARE = 16, 1 / 20_000
_SAMPLE = 2_000
_AT_ONCE = 512
_LOCK = int.from_bytes(b"snapshot", "big", signed=True)


def is_due() -> bool:
    """Whether the entries are many, and none or not nearly all of them are in the snapshot that serves."""
    written = WrittenEntry.objects.values("case_id").distinct().count()
    newest = Stored.objects.order_by("-version").values_list("entries", flat=True).first()
    if newest is None:
        return SearchEntry.objects.count() >= WORTH_IT
    return written > max(200, newest // 100)


def build_snapshot() -> bool:
    """False if another process is at it."""
    with _alone() as alone:
        if not alone:
            return False
        in_transaction = connection.in_atomic_block
        with transaction.atomic(), connection.cursor() as cursor:
            if not in_transaction:
                # All that is read is of one moment, and of the notes of what was written just those are deleted.
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            _build()
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


def _build() -> None:
    WrittenEntry.objects.all().delete()
    arrays = columns()
    keys = arrays["key"].tolist()
    stored = Stored.objects.create(entries=len(keys), lexemes="")
    SnapshotColumn.objects.bulk_create(
        SnapshotColumn(snapshot=stored, name=name, values=values.tobytes()) for name, values in arrays.items()
    )
    if keys:
        stored.lexemes = SEPARATOR.join(sorted(_store_lists(stored, keys)))
        stored.save()
    for part in (PostingList, SnapshotColumn):
        part.objects.exclude(snapshot=stored).delete()
    Stored.objects.exclude(pk=stored.pk).delete()


def _store_lists(stored: Stored, keys: list[int]) -> set[str]:
    """Returns of what there are lists."""
    frequencies, characters = _frequencies(max(LEAST, int(len(keys) * LEAST_SHARE)))
    ngrams = _ngrams(keys, frequencies)
    inverter = Inverter(frequencies, characters, ngrams)
    listed: set[str] = set()
    for first in range(0, len(keys), BLOCK):
        for start, batch in _batches(keys[first : first + BLOCK]):
            inverter.add(batch, start)
        listed.update(_store(stored, first // BLOCK, inverter.lists()))
    # That a name stands nowhere is worth knowing too.
    nowhere = set(map(run, ngrams.listed)) - listed
    return listed.union(_store(stored, 0, ((name, b"", b"") for name in nowhere)))


def _frequencies(least: int) -> tuple[dict[str, int], set[str]]:
    """Lexemes that stand in so many entries, and characters with which lexemes of so many, or perhaps fewer, begin."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT lexeme, sum(entries) FROM catalog_lexemecount WHERE lexeme <> '' GROUP BY lexeme")
        rows = [(lexeme, int(number)) for lexeme, number in cursor if number > 0]
    firsts: Counter[str] = Counter()
    for lexeme, number in rows:
        firsts[lexeme[0]] += number
    del firsts[MARK]
    # What has marks of punctuation is asked for only where nothing else is: half of the room for next to no use.
    frequent = {
        lexeme: number for lexeme, number in rows if number >= least and (tells(lexeme) or lexeme.startswith(MARK))
    }
    return frequent, {character for character, number in firsts.items() if number >= least}


def _ngrams(keys: list[int], frequencies: dict[str, int]) -> FrequentNgrams:
    sample = sorted(random.Random(len(keys)).sample(keys, min(_SAMPLE, len(keys))))
    texts = [text for _, batch in _batches(sample) for _, _, text in batch]
    common = [lexeme for lexeme, number in frequencies.items() if number >= SHARE * len(keys)]
    return frequent_ngrams(common_ngrams(texts, common), {*lexicon.current().by_name, *thesaurus.current().words})


def _batches(keys: list[int]) -> Iterator[tuple[int, list[tuple[str, bytes, str]]]]:
    """The number of cases before, and the lexemes, impacts and text of each of the next."""
    for start in range(0, len(keys), _AT_ONCE):
        # Django's cursors read binary values as text, which takes twice as long.
        with connection.wrap_database_errors, Cursor(connection.connection) as cursor:
            cursor.execute(
                "SELECT lexemes, impacts, text FROM catalog_searchentry JOIN catalog_searchtext USING (case_id) "
                "WHERE case_id = ANY(%s) ORDER BY case_id",
                [keys[start : start + _AT_ONCE]],
                binary=True,
            )
            yield start, cursor.fetchall()


def _store(stored: Stored, block: int, lists: Iterable[tuple[str, bytes, bytes]]) -> Iterator[str]:
    """Yields the name of each list that it has stored."""
    with copying("catalog_postinglist", "snapshot_id, lexeme, block, places, impacts") as copy:
        for name, places, impacts in lists:
            copy.write_row((stored.pk, name, block, places, impacts))
            yield name
