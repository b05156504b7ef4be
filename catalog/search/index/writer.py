"""The only writer of what follows from a case: its entry, its text, its row for suggestions, the document frequencies,
and the note that the snapshot does not know of it.

The database marks every case that is written, by whomever and however (`ChangedCase`); `settle` writes what follows of
those that are marked, and every writer of cases that can calls it at once. What a case's rows are is told by
`make_batch` alone.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import BooleanField, Func, QuerySet
from django.utils import timezone

from catalog.models import Case, ChangedCase
from catalog.models.search import SEPARATOR
from catalog.search.index import frequencies, version
from catalog.search.index.document import document, text_of
from catalog.search.index.impacts import impacts
from catalog.search.index.lexemes import lexemes
from catalog.search.index.titles import title_row
from catalog.text.sketch import sketch
from config.database.copying import copy_rows

BATCH = 200
NO_PLACE = 2**31 - 1  # cases without a number come last in their chapter

# The tables with what `Row` has of them, each before those that refer to it.
_COLUMNS = {
    "catalog_searchentry": "case_id, public, overfull, year, place, bank_id, category_id, source_id, published_on, "
    "updated_at, written_at, products, lexemes",
    "catalog_searchtext": "case_id, text, impacts, marks",
    "catalog_casetitle": "case_id, title, folded, sound, initials, pairs",
}
# Of how many lexemes the changed frequencies are held before they are written.
_MOST_LEXEMES = 500_000

# Marks that this transaction has made. Only the database knows the column (see migrations/0008_changed_cases.sql).
_OWN = Func(template="xact = pg_current_xact_id()", output_field=BooleanField())

# What an entry repeats of its case's own columns and links.
_COPIED = """
    UPDATE catalog_searchentry AS entry
    SET public = cases.status = 'public', bank_id = cases.bank_id, category_id = cases.category_id,
        updated_at = cases.updated_at, written_at = statement_timestamp(), products = ARRAY(
            SELECT product_id FROM catalog_case_products AS link WHERE link.case_id = cases.id ORDER BY product_id
        )
    FROM catalog_case AS cases
    WHERE cases.id = entry.case_id AND cases.id = ANY(%s::bigint[])
    RETURNING entry.case_id
"""

_deferred: ContextVar[bool] = ContextVar("deferred", default=False)


@dataclass(frozen=True)
class Row:
    """All that the index holds of a case: a row of each of the tables of `_COLUMNS`."""

    entry: tuple
    text: tuple
    title: tuple


@dataclass(frozen=True)
class Batch:
    """The rows of some cases, and in how many of these each lexeme stands."""

    rows: list[Row]
    counts: Counter[str]


def make_batch(cases: Iterable[Case]) -> Batch:
    """Asks the database nothing of cases that come with what `CaseQuerySet.indexed_text` fetches."""
    rows, counts = [], Counter[str]()
    for case in cases:
        content = document(case)
        held = lexemes(content)
        published = case.published_on
        entry = (
            case.pk,
            case.status == Case.Status.PUBLIC,
            held.overfull,
            published.year if published else None,
            NO_PLACE if case.number is None else case.number,
            case.bank_id,
            case.category_id,
            case.source_id,
            published,
            case.updated_at,
            timezone.now(),
            sorted(product.pk for product in case.products.all()),
            SEPARATOR.join(held.every),
        )
        text = case.pk, content.text, impacts(held.every, held.weights), sketch(text_of(case)).marks
        rows.append(Row(entry, text, title_row(case.pk, case.title)))
        counts.update(held.every)
    counts[frequencies.ENTRIES] = len(rows)
    return Batch(rows, counts)


def replace(keys: Iterable[int]) -> int:
    """Writes what follows of the cases with these keys as the database has them now; returns how many there are.

    What there is of cases that are gone is removed. The cases are locked while their rows are written, so that two
    writers who change different parts of a case cannot leave rows that lack one of the changes.
    """
    keys = sorted(set(keys))
    return sum(map(_replace_marked, _batches(keys)))


@transaction.atomic
def _replace_marked(keys: list[int]) -> int:
    # First: what is written from here on marks the cases again.
    ChangedCase.objects.filter(case_id__in=keys).delete()
    return _replace(keys)


def _replace(keys: list[int]) -> int:
    """In the transaction of the caller, who has removed the marks."""
    locked = Case.objects.filter(pk__in=keys).order_by("pk").select_for_update(no_key=True)
    # A statement of its own: the next one then reads what the writer we waited for has committed.
    present = list(locked.values_list("pk", flat=True))
    batch = make_batch(Case.objects.filter(pk__in=present).indexed_text())
    replace_rows(batch, keys)
    flush()
    return len(present)


def replace_rows(batch: Batch, keys: Sequence[int]) -> None:
    """Writes rows that were made of cases, in the place of all that there is of the cases with these keys."""
    frequencies.add(_write(batch, keys))


def _write(batch: Batch, keys: Sequence[int]) -> Counter[str]:
    """Returns by how much the frequency of each lexeme has changed."""
    version.begin()
    changes = Counter(batch.counts)
    if keys:
        changes.subtract(_delete(keys))
    with connection.cursor() as cursor:
        for (table, columns), rows in zip(_COLUMNS.items(), _by_table(batch.rows), strict=True):
            copy_rows(table, columns, rows)
        written = {*keys, *(row.entry[0] for row in batch.rows)}
        cursor.execute("INSERT INTO catalog_writtenentry (case_id) SELECT unnest(%s::bigint[])", [sorted(written)])
    return changes


class BulkWriter:
    """See `bulk`."""

    def __init__(self) -> None:
        self._changes: Counter[str] = Counter()

    def replace_rows(self, batch: Batch, keys: Sequence[int]) -> None:
        """As the function does, for cases that the caller has written or locked in this transaction.

        `keys`: those of the cases of which there may be something already.
        """
        written = [row.entry[0] for row in batch.rows]
        # Not those of others: what these have changed the rows may have been made without.
        ChangedCase.objects.filter(_OWN, case_id__in=written).delete()
        self._changes.update(_write(batch, keys))
        if len(self._changes) > _MOST_LEXEMES:
            self.flush()

    def flush(self) -> None:
        """The frequencies of many batches at once: most of their lexemes are the same."""
        frequencies.add(self._changes)
        self._changes.clear()


@contextmanager
def bulk() -> Iterator[BulkWriter]:
    """For very many rows in a transaction of the caller's, which are written at the latest when the block ends.

    Until then nothing is settled. New lexemes are gathered on the index's list of pending ones, 32 MB at a time: so the
    index is written in order, at a third of the cost. Searches meanwhile read a list of this size, some 20 ms.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL gin_pending_list_limit = '32MB'")
    writer = BulkWriter()
    with deferred_indexing():
        yield writer
        writer.flush()
        flush()


def flush() -> None:
    """Sorts into the index what was written last. New lexemes are first put on a list that every search has to read."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT gin_clean_pending_list('search_entry_lexemes')")


def settle(most: int | None = None) -> int:
    """Writes what follows of the cases that are marked as changed; returns how many it has written.

    A case that another transaction is writing is left with its mark to the next who settles: nobody waits for an editor
    or an import. Where there are more than `most`, nothing is done. In `deferred_indexing` it is done at the end.
    """
    return _settle(ChangedCase.objects.all(), most)


def settle_own() -> int:
    """Of the cases that this transaction has marked: those of others are not its writer's to wait for. Outside of one,
    where what was written is committed, of all.
    """
    return _settle(ChangedCase.objects.filter(_OWN) if connection.in_atomic_block else ChangedCase.objects.all())


@transaction.atomic
def copy_columns(keys: Sequence[int]) -> list[int]:
    """Writes to the entries of these cases what they repeat of them: whether a case is public, its bank, its chapter,
    its products. So filters, counts and what readers see are right at once, however many the cases are.

    What stands in the texts, the names of bank and chapter among it, is not made anew: the marks stay until somebody
    settles. The caller has written the cases in this transaction. Returns the keys of those that have an entry.

    A row that moves is one more row of the index on lexemes, which costs far more than all else: they wait on its list
    of pending ones until somebody flushes.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL gin_pending_list_limit = '1GB'")
        cursor.execute(_COPIED, [sorted(keys)])
        copied = [key for (key,) in cursor.fetchall()]
        cursor.execute("INSERT INTO catalog_writtenentry (case_id) SELECT unnest(%s::bigint[])", [copied])
    return copied


def settle_columns(keys: Sequence[int]) -> None:
    """As `settle_own`, for a writer who has changed nothing in this transaction but the status of these cases: so no
    text has to be read. See `copy_columns`.
    """
    copied = copy_columns(keys)
    ChangedCase.objects.filter(_OWN, case_id__in=copied).delete()


def _settle(marks: QuerySet[ChangedCase], most: int | None = None) -> int:
    if _deferred.get():
        return 0
    marked = marks.order_by().values_list("case_id", flat=True).distinct()
    keys = list(marked if most is None else marked[: most + 1])
    if not keys or (most is not None and len(keys) > most):
        return 0
    return sum(_settle_batch(marks, batch) for batch in _batches(sorted(keys)))


@transaction.atomic
def _settle_batch(marks: QuerySet[ChangedCase], keys: list[int]) -> int:
    """Waits only for another who settles, and then finds nothing left to do."""
    taken = marks.filter(case_id__in=keys).order_by("pk").select_for_update()
    case_of_mark = dict(taken.values_list("pk", "case_id"))
    cases = Case.objects.filter(pk__in=set(case_of_mark.values())).order_by("pk")
    present = set(cases.values_list("pk", flat=True))
    free = set(cases.select_for_update(no_key=True, skip_locked=True).values_list("pk", flat=True))
    written = set(case_of_mark.values()) - (present - free)
    # Before the cases are read: what is written from here on marks them again.
    ChangedCase.objects.filter(pk__in=[mark for mark, key in case_of_mark.items() if key in written]).delete()
    if written:
        _replace(sorted(written))
    return len(written)


def _batches(keys: list[int]) -> Iterator[list[int]]:
    return (keys[start : start + BATCH] for start in range(0, len(keys), BATCH))


@contextmanager
def deferred_indexing() -> Iterator[None]:
    """For many writes: one transaction, at whose end every case that was written in it is indexed once.

    A block that raises leaves neither its writes nor rows of them. Inside another such block it is a part of it.
    """
    if _deferred.get():
        yield
        return
    with transaction.atomic():
        token = _deferred.set(True)
        try:
            yield
        finally:
            _deferred.reset(token)
        settle_own()


def _by_table(rows: list[Row]) -> Iterator[list[tuple]]:
    yield [row.entry for row in rows]
    yield [row.text for row in rows]
    yield [row.title for row in rows]


def _delete(keys: Sequence[int]) -> Counter[str]:
    """What the entries counted for, which are gone now. Told by the statement that deletes: so no two writers tell of
    the same entry.
    """
    with connection.cursor() as cursor:
        for table in ("catalog_casetitle", "catalog_searchtext"):
            cursor.execute(f"DELETE FROM {table} WHERE case_id = ANY(%s)", [list(keys)])
        cursor.execute(
            "WITH entries AS (DELETE FROM catalog_searchentry WHERE case_id = ANY(%s) RETURNING lexemes) "
            "SELECT lexeme, count(*) FROM entries, string_to_table(lexemes, %s) AS lexeme GROUP BY lexeme "
            "UNION ALL SELECT %s, count(*) FROM entries",
            [list(keys), SEPARATOR, frequencies.ENTRIES],
        )
        return Counter(dict(cursor.fetchall()))
