"""A file of rows to a source with its cases, and the report. All or nothing; idempotent; never over an editor's change.

A case's ref is `<file name>#<key>`: the file's name is the room in which its rows' numbers are told apart.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from itertools import islice

from django.db import transaction

from catalog.importing.corrections import Corrections
from catalog.importing.database import documents
from catalog.importing.database.indexing import Indexer
from catalog.importing.database.names import Names
from catalog.importing.database.writer import Writer
from catalog.importing.drafts import Doubt as DoubtDraft
from catalog.importing.drafts import ImportProblem
from catalog.importing.merge import merge
from catalog.importing.reference import Reference
from catalog.importing.rows.columns import column_of
from catalog.importing.rows.drafts import BadRow, RowDraft, draft_of
from catalog.importing.rows.files import RowsFile
from catalog.models import Case, Doubt, Source
from catalog.search import reindex

BATCH = 500
_TOLD = 100  # bad rows that the report names; of the others only the number
_MOST_COLUMNS = 50
_LONGEST_NAME = 130  # of a file: what a ref has room for

BytesProgress = Callable[[int, str], AbstractContextManager[Callable[[int], object]]]


def fingerprint(file: RowsFile, reference: Reference) -> str:
    """What the reading of the file depends on. Not the chapters: rows make those themselves."""
    return documents.fingerprint(file.sha256, Reference(reference.banks, ()), Corrections())


@transaction.atomic
def load_rows(
    file: RowsFile, mark: str, *, strict: bool, progress: BytesProgress, processes: int | None = None
) -> documents.Loaded:
    """`strict`: a bad row refuses the whole file, else it is skipped and told. `mark`: see `fingerprint`."""
    source = _source(file)
    before = source.cases.count()
    report = documents.Loaded(file.name)
    reading = Reading(file, strict)
    names = Names.load()
    with progress(file.size, file.name) as read, Indexer(file.size, processes) as indexer:
        writer = Writer(source, names, indexer)
        drafts = reading.drafts(read)
        while batch := list(islice(drafts, BATCH)):
            writer.write(batch)
    reading.finish()
    _index_renamed(source, names)
    report.counts = writer.counts
    found_again = writer.counts["unchanged"] + writer.counts["updated"]
    report.counts["vanished"] = _doubt_vanished(source, reading.seen if found_again < before else None)
    report.bad_rows, report.bad_row_count = reading.bad, reading.bad_count
    report.unknown_columns = tuple(reading.unknown)
    _finish_source(source, file, reading, "" if reading.bad_count else mark)
    report.doubts = source.doubts.open().count()
    return report


class Reading:
    """The good drafts of a file with their refs, one by one; what was wrong with the others."""

    def __init__(self, file: RowsFile, strict: bool):
        self.file, self.strict = file, strict
        self.bad: list[str] = []
        self.bad_count = 0
        self.unknown: Counter[str] = Counter()
        self.publishers: set[str] = set()
        self.scripts: Counter[str] = Counter()
        self.seen: set[int] = set()  # hashes of refs: all that is held of every row, some 70 bytes
        self._repeats: Counter[str] = Counter()

    def drafts(self, progress: Callable[[int], object]) -> Iterator[tuple[str, RowDraft]]:
        for record in self.file.records(progress):
            self._note_columns(record.values)
            try:
                draft = draft_of(record)
                ref = self._ref(draft)
            except BadRow as bad:
                self.bad_count += 1
                if len(self.bad) < _TOLD:
                    self.bad.append(str(bad))
                continue
            self.scripts[draft.fields["script"]] += 1
            if len(self.publishers) < 2:
                self.publishers.add(draft.publisher)
            # A file that will be refused is read to its end, so that all its bad rows are known.
            if not (self.strict and self.bad_count):
                yield ref, draft

    def finish(self) -> None:
        """`ImportProblem` if the whole file is to be refused."""
        if self.bad_count and (self.strict or not self.seen):
            told = "；".join(self.bad[:5]) + ("；……" if self.bad_count > 5 else "")
            why = "按 --strict 整个文件不导入" if self.seen else "没有一行可以导入"
            raise ImportProblem(f"{self.bad_count} 行有问题，{why}。{told}", file=self.file.name)
        if not self.seen:
            raise ImportProblem("只有表头，没有一行数据。", file=self.file.name)

    def _ref(self, draft: RowDraft) -> str:
        """Of rows without a number that agree in title and publisher, the second is told apart as #…-2."""
        key = draft.key
        while hash(ref := f"{self.file.name}#{key}") in self.seen:
            if draft.numbered:
                raise BadRow(draft.line, f"编号“{key}”和前面的一行相同")
            self._repeats[draft.key] += 1
            key = f"{draft.key}-{self._repeats[draft.key] + 1}"
        self.seen.add(hash(ref))
        return ref

    def _note_columns(self, values: dict) -> None:
        for name in values:
            if column_of(name) is None and (name in self.unknown or len(self.unknown) < _MOST_COLUMNS):
                self.unknown[name] += 1


def _source(file: RowsFile) -> Source:
    if len(file.name) > _LONGEST_NAME:
        raise ImportProblem(f"文件名超过 {_LONGEST_NAME} 字，请改短后再导入。", file=file.name)
    if twin := Source.objects.filter(sha256=file.sha256).exclude(name=file.name).defer("lines").first():
        raise ImportProblem(f"内容与已导入的 {twin.name} 完全相同", file=file.name)
    source = Source.objects.filter(name=file.name).first() or Source(name=file.name)
    source.sha256, source.kind, source.encoding = file.sha256, Source.Kind.ROWS, file.encoding
    source.save()
    return source


def _finish_source(source: Source, file: RowsFile, reading: Reading, mark: str) -> None:
    """The publisher that all rows agree in, and the script of most, are the source's, unless an editor knows better."""
    (script, _), *_ = reading.scripts.most_common(1)
    fresh = {"publisher": reading.publishers.pop() if len(reading.publishers) == 1 else "", "script": script}
    for name, value in merge(fresh, source.imported, {name: getattr(source, name) for name in fresh}).values.items():
        setattr(source, name, value)
    source.imported, source.fingerprint = fresh, mark
    source.save(update_fields=["publisher", "script", "imported", "fingerprint", "updated_at"])


def _doubt_vanished(source: Source, seen: set[int] | None) -> int:
    """Cases whose row is gone stay, with a doubt; that of a row which is back goes. `seen` is None where all are."""
    reason = DoubtDraft("source", "来源文件的新版本里没有这一行", 1.0)
    doubted = dict(source.doubts.filter(field=reason.field, reason=reason.reason).values_list("case", "settled_at"))
    refs = source.cases.values_list("pk", "ref").iterator() if seen is not None else ()
    gone = [pk for pk, ref in refs if hash(ref) not in seen]
    source.doubts.open().filter(field=reason.field, reason=reason.reason).exclude(case__in=gone).delete()
    Doubt.objects.bulk_create(
        Doubt(source=source, case_id=pk, field=reason.field, reason=reason.reason, confidence=reason.confidence)
        for pk in gone
        if pk not in doubted
    )
    return len(gone)


def _index_renamed(source: Source, names: Names) -> None:
    for field, keys in names.renamed().items():
        reindex(Case.objects.filter(source=source, **{f"{field}__in": keys}).values_list("pk", flat=True))
