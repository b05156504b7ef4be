"""One file's cases into the catalogue, whichever reader the file wants, and the report on it."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from itertools import islice

from django.db import transaction

from catalog.importing.database.batches import refuse_full_disk
from catalog.importing.database.content import Content
from catalog.importing.database.identity.editions import recognise
from catalog.importing.database.identity.returning import ReturningCases
from catalog.importing.database.indexing import Indexer, Unindexed
from catalog.importing.database.names import Names
from catalog.importing.database.writer import Writer
from catalog.importing.drafts import ImportProblem
from catalog.importing.merge import merge
from catalog.importing.terms import Terms
from catalog.models import Conflict, Source

BATCH = 500
_OF_THE_FILE = ("sha256", "kind", "encoding", "lines", "imported", "fingerprint")
_LONGEST_NAME = 130  # of a file: what a ref has room for

BytesProgress = Callable[[int, str], AbstractContextManager[Callable[[int], object]]]


@dataclass
class Report:
    """What one file's import did. `removed` are cases that editors deleted and that stay deleted, `duplicates` those of
    the created that another source seems to have.
    """

    source: str
    counts: Counter = field(default_factory=Counter)  # created, updated, unchanged, removed, vanished, duplicates
    doubts: int = 0  # open ones
    conflicts: int = 0  # open ones
    corrections: int = 0
    skipped: bool = False  # the file and all that its reading depends on are as at the last import
    bad_rows: Sequence[str] = ()  # the first of them, each with its line and what is wrong
    bad_row_count: int = 0
    unknown_columns: Sequence[str] = ()


def unchanged(name: str, fingerprint: str) -> Report | None:
    """The report on a file that needs no reading, or None."""
    source = Source.objects.filter(file_name=name, fingerprint=fingerprint).defer("lines").first()
    if source is None:
        return None
    counts = Counter(unchanged=source.cases.count())
    conflicts = Conflict.objects.open().filter(case__source=source).count()
    return Report(name, counts, source.doubts.open().count(), conflicts, skipped=True)


@contextmanager
def unheard(total: int, label: str) -> Iterator[Callable[[int], object]]:
    """A progress that nobody hears of."""
    yield lambda done: None


@transaction.atomic
def load(
    content: Content,
    names: Names,
    fingerprint: str,
    progress: BytesProgress = unheard,
    terms: Terms | None = None,
) -> Report:
    """All or nothing; idempotent; never over an editor's change. `ImportProblem` names the file.

    `fingerprint`: of all that the reading depends on.
    """
    try:
        return _load(content, names, fingerprint, progress, terms or Terms())
    except ImportProblem as problem:
        raise ImportProblem(problem.message, file=problem.file or content.name, line=problem.line) from problem


def _load(content: Content, names: Names, fingerprint: str, progress: BytesProgress, terms: Terms) -> Report:
    refuse_full_disk(content.size)
    _refuse(content)
    edition = recognise(content, names.banks, terms.taken_for)
    source = edition.source or Source.objects.create(
        name=edition.name, file_name=content.name, sha256=content.sha256, kind=content.kind
    )
    with progress(content.size, content.name) as advance, _indexer(content, terms) as indexer:
        edition.free_numbers()
        writer = Writer(source, names, indexer, shifted=source.sha256 != content.sha256, terms=terms)
        returning = ReturningCases(source, names, indexer, terms)
        statements = edition.statements(content.statements(advance))
        while batch := list(islice(statements, BATCH)):
            refuse_full_disk()
            writer.write(returning.take([statement for statement in batch if terms.takes(statement.called)]))
    if not edition.source and not source.cases.exists():
        # An export of the catalogue's own: its cases have their sources.
        source.delete()
        return _report(content, writer.counts + returning.counts, 0, 0)
    # Rows that were refused or left out are told again the next time.
    _finish(source, content, "" if content.bad_row_count or not terms.takes_all else fingerprint)
    writer.index_renamed()
    writer.finish(edition, content.doubts)
    doubts = source.doubts.open().count()
    conflicts = Conflict.objects.open().filter(case__source=source).count()
    return _report(content, writer.counts + returning.counts, doubts, conflicts)


def _report(content: Content, counts: Counter[str], doubts: int, conflicts: int) -> Report:
    return Report(
        content.name,
        +counts,
        doubts,
        conflicts,
        content.corrections,
        bad_rows=content.bad_rows,
        bad_row_count=content.bad_row_count,
        unknown_columns=tuple(content.unknown_columns),
    )


def _indexer(content: Content, terms: Terms) -> Indexer:
    return Indexer(content.size) if terms.indexed else Unindexed()


def _refuse(content: Content) -> None:
    if len(content.name) > _LONGEST_NAME:
        raise ImportProblem(f"文件名超过 {_LONGEST_NAME} 字，请改短后再导入。", file=content.name)
    if twin := Source.objects.filter(sha256=content.sha256).exclude(file_name=content.name).defer("lines").first():
        raise ImportProblem(f"内容与已导入的 {twin.name} 完全相同", file=content.name)


def _finish(source: Source, content: Content, fingerprint: str) -> None:
    """What the file says of itself is the source's, unless an editor knows better."""
    fresh = content.source_fields()
    current = {name: getattr(source, name) for name in fresh}
    if "published_on" in fresh:
        current["published_on"] = source.published_on and source.published_on.isoformat()
    for name, value in merge(fresh, source.imported, current).values.items():
        setattr(source, name, value)
    source.sha256, source.kind, source.encoding = content.sha256, content.kind, content.encoding
    source.lines, source.imported, source.fingerprint = list(content.lines), fresh, fingerprint
    # What editors may have written meanwhile is left alone.
    source.save(update_fields=[*fresh, *_OF_THE_FILE, "updated_at"])
