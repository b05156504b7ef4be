"""Whether the index holds of every case what follows from it, and the repair of what does not."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.db import connection, transaction

from catalog.models import Case, CaseTitle, ChangedCase, SearchEntry, SearchText, WrittenEntry
from catalog.models.search import SEPARATOR
from catalog.search.index import frequencies, writer
from catalog.search.snapshot import store

BATCH = 500
_ENTRY = ("case", "public", "overfull", "year", "place", "bank", "category", "source", "published_on", "updated_at")
_ENTRY_END = ("products", "lexemes")  # between the two: `written_at`, which no case tells
_TITLE = ("case", "title", "folded", "sound", "initials", "pairs")

Progress = Callable[[int], object]


@dataclass
class Differences:
    """Cases (keys) of which the index does not hold what it should, by kind; `lexemes`: with a wrong frequency."""

    marked: list[int] = field(default_factory=list)  # written, and not settled yet
    differing: list[int] = field(default_factory=list)  # without rows, or with others than would be made now
    orphaned: list[int] = field(default_factory=list)  # rows without a case
    outdated: list[int] = field(default_factory=list)  # other in the snapshot than in the tables, and not noted
    lexemes: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return any([self.marked, self.differing, self.orphaned, self.outdated, self.lexemes])


def find_differences(progress: Progress = lambda cases: None) -> Differences:
    """Makes the rows of every case anew and compares them; `progress` hears how many more cases are done."""
    differences = Differences()
    differences.marked = sorted(ChangedCase.objects.order_by().values_list("case_id", flat=True).distinct())
    keys = list(Case.objects.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(keys), BATCH):
        part = keys[start : start + BATCH]
        differences.differing += _differing(part)
        progress(len(part))
    differences.orphaned = _orphaned()
    differences.outdated = _outdated()
    differences.lexemes = _wrong_lexemes()
    return differences


def repair(differences: Differences) -> None:
    """Writes anew what differs. The snapshot is told which of its cases are outdated, so that the tables answer."""
    # Batch by batch: a reader who wants to settle the same ones waits for no more than one.
    writer.settle()
    with transaction.atomic():
        writer.replace([*differences.differing, *differences.orphaned])
        WrittenEntry.objects.bulk_create(WrittenEntry(case_id=key) for key in differences.outdated)
        if _wrong_lexemes():
            frequencies.recount()


def _differing(keys: list[int]) -> list[int]:
    made = {row.entry[0]: row for row in writer.make_batch(Case.objects.filter(pk__in=keys).indexed_text()).rows}
    entries = {
        row[0]: row for row in SearchEntry.objects.filter(pk__in=keys).values_list(*_ENTRY, *_ENTRY_END).iterator()
    }
    texts = dict(_texts(keys))
    titles = {row[0]: row for row in CaseTitle.objects.filter(pk__in=keys).values_list(*_TITLE)}
    count = len(_ENTRY)
    return [
        key
        for key, row in made.items()
        if (*row.entry[:count], *row.entry[count + 1 :]) != entries.get(key)
        or row.text != texts.get(key)
        or row.title != titles.get(key)
    ]


def _texts(keys: list[int]) -> Iterable[tuple[int, tuple]]:
    rows = SearchText.objects.filter(pk__in=keys).values_list("pk", "text", "impacts", "marks")
    for key, text, impacts, marks in rows:
        yield key, (key, text, bytes(impacts), marks)


def _orphaned() -> list[int]:
    orphans: set[int] = set()
    for model in (SearchEntry, CaseTitle):
        rows = model.objects.exclude(pk__in=Case.objects.values("pk")).order_by()
        orphans.update(rows.values_list("pk", flat=True))
    return sorted(orphans)


def _outdated() -> list[int]:
    snapshot = store.newest()
    if snapshot is None:
        return []
    written = set(WrittenEntry.objects.order_by().values_list("case_id", flat=True).distinct())
    rows = SearchEntry.objects.values_list("pk", "public", "bank_id", "category_id", "source_id", "year", "place")
    tables = {key: tuple(values) for key, *values in rows.iterator() if key not in written}
    in_snapshot = {key: values for key, *values in _rows_of(snapshot) if key not in written}
    keys = tables.keys() | in_snapshot.keys()
    return sorted(key for key in keys if tables.get(key) != tuple(in_snapshot.get(key, ())))


def _rows_of(snapshot: store.Snapshot) -> Iterable[tuple]:
    if not snapshot.size:
        return []
    public = store.bitmaps.flags(snapshot.public, snapshot.size).tolist()
    names = ("bank_id", "category_id", "source_id", "year")
    columns = [[facet.keys[code] for code in facet.codes] for facet in map(snapshot.facets.__getitem__, names)]
    return zip(snapshot.keys.tolist(), public, *columns, snapshot.values("place").tolist(), strict=True)


def _wrong_lexemes() -> list[str]:
    """At most a hundred: how many there are says no more than that there are any."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(actual.lexeme, noted.lexeme) FROM "
            "(SELECT lexeme, count(*) AS entries FROM catalog_searchentry, string_to_table(lexemes, %s) AS lexeme "
            " GROUP BY lexeme UNION ALL SELECT %s, count(*) FROM catalog_searchentry HAVING count(*) > 0) AS actual "
            "FULL JOIN (SELECT lexeme, sum(entries) AS entries FROM catalog_lexemecount GROUP BY lexeme "
            '           HAVING sum(entries) <> 0) AS noted ON actual.lexeme COLLATE "C" = noted.lexeme '
            "WHERE actual.entries IS DISTINCT FROM noted.entries LIMIT 100",
            [SEPARATOR, frequencies.ENTRIES],
        )
        return [lexeme for (lexeme,) in cursor.fetchall()]
