"""The only writer of the search's tables."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection, transaction
from django.utils import timezone

from catalog.models import Case
from catalog.models.search import SEPARATOR
from catalog.search.index import frequencies, version
from catalog.search.index.document import document
from catalog.search.index.impacts import impacts
from catalog.search.index.lexemes import lexemes

BATCH = 200
NO_PLACE = 2**31 - 1  # cases without a number come last in their chapter

_ENTRY_COLUMNS = (
    "case_id, public, overfull, year, place, bank_id, category_id, source_id, published_on, updated_at, written_at, "
    "products, lexemes"
)


@dataclass(frozen=True)
class Row:
    """All that the index holds of a case, as the tables have it."""

    entry: tuple
    text: tuple
    lexemes: list[str]


def index_cases(cases: Iterable[int]) -> int:
    """Writes the rows of the cases with these keys as the database has them now; returns how many.

    Keys of cases that are gone are passed over. The cases are locked while their rows are written, so that two writers
    who change different parts of a case cannot leave rows that lack one of the changes.
    """
    keys = sorted(set(cases))
    return sum(_index_batch(keys[start : start + BATCH]) for start in range(0, len(keys), BATCH))


@transaction.atomic
def _index_batch(keys: list[int]) -> int:
    locked = Case.objects.filter(pk__in=keys).order_by("pk").select_for_update(no_key=True)
    # A statement of its own: the next one then reads what the writer we waited for has committed.
    keys = list(locked.values_list("pk", flat=True))
    version.begin()
    rows = [row(case) for case in Case.objects.filter(pk__in=keys).indexed_text()]
    changes = counted(rows)
    changes.subtract(frequencies.of_entries(keys))
    frequencies.add(changes)
    write([(one.entry, one.text) for one in rows], keys)
    settle()
    return len(rows)


def settle() -> None:
    """Sorts into the index what was written last. New lexemes are first put on a list that every search has to read."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT gin_clean_pending_list('search_entry_lexemes')")


def gather() -> None:
    """Lets a transaction that writes very many entries put more on that list at a time: the index is then written in
    order, at a third of the cost. Searches meanwhile read a list of this size, some 20 ms."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL gin_pending_list_limit = '32MB'")


def forget(keys: list[int]) -> None:
    """Before cases are deleted, and their rows with them."""
    changes: Counter[str] = Counter()
    changes.subtract(frequencies.of_entries(keys))
    frequencies.add(changes)
    _note_written(keys)


def row(case: Case) -> Row:
    content = document(case)
    found = lexemes(content)
    published = case.published_on
    entry = (
        case.pk,
        case.status == Case.Status.PUBLIC,
        found.overfull,
        published.year if published else None,
        NO_PLACE if case.number is None else case.number,
        case.bank_id,
        case.category_id,
        case.source_id,
        published,
        case.updated_at,
        timezone.now(),
        [product.pk for product in case.products.all()],
        SEPARATOR.join(found.every),
    )
    return Row(entry, (case.pk, content.text, impacts(found.every, found.weights)), found.every)


def counted(rows: Iterable[Row]) -> Counter[str]:
    """What the ledger has to note of new rows."""
    found: Counter[str] = Counter()
    for one in rows:
        found.update(one.lexemes)
        found[frequencies.ENTRIES] += 1
    return found


def write(rows: list[tuple[tuple, tuple]], replacing: list[int]) -> None:
    """`rows`: an entry and a text each; `replacing`: the keys of which older rows may stand."""
    with connection.cursor() as cursor:
        if replacing:
            cursor.execute("DELETE FROM catalog_searchtext WHERE case_id = ANY(%s)", [replacing])
            cursor.execute("DELETE FROM catalog_searchentry WHERE case_id = ANY(%s)", [replacing])
        with cursor.copy(f"COPY catalog_searchentry ({_ENTRY_COLUMNS}) FROM STDIN") as copy:
            for entry, _ in rows:
                copy.write_row(entry)
        with cursor.copy("COPY catalog_searchtext (case_id, text, impacts) FROM STDIN") as copy:
            for _, text in rows:
                copy.write_row(text)
    _note_written([entry[0] for entry, _ in rows])


def _note_written(keys: list[int]) -> None:
    """The snapshot does not know of these."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO catalog_writtenentry (case_id) SELECT unnest(%s::bigint[])", [keys])
