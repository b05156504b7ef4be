"""From paths to cases: find, read, correct, categorise, load."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction

from catalog.history import Kind, recording
from catalog.importing.chapters import infer_categories, labelled_texts, train
from catalog.importing.corrections import Corrections, check_against, load_corrections
from catalog.importing.database.documents import DocumentContent, check_banks
from catalog.importing.database.locking import one_import_at_a_time
from catalog.importing.database.names import Names
from catalog.importing.database.reference import read_reference, write_reference
from catalog.importing.database.rows import RowsContent
from catalog.importing.database.sources import Report, load, unchanged, unheard
from catalog.importing.database.thesaurus import load_thesaurus
from catalog.importing.decoding import read_document
from catalog.importing.drafts import Document, ImportProblem, SourceDraft
from catalog.importing.files import find_documents, rows_name
from catalog.importing.fingerprint import DOCUMENT_READERS, ROWS_READERS, fingerprint
from catalog.importing.readers import read
from catalog.importing.reference import Reference, load_reference
from catalog.importing.rows.files import RowsFile, examine
from catalog.importing.terms import Terms
from catalog.importing.timing import time_limit
from catalog.models import Case, Source
from catalog.search import deferred_indexing
from catalog.text import limits

_PATHS_TOLD = 20  # in the history: of more the first


class Progress:
    """What hears how an import goes on. This one keeps it to itself."""

    def each(self, items: Iterable, label: str) -> Iterable:
        """The items, told one by one."""
        return items

    def bytes(self, total: int, label: str) -> AbstractContextManager[Callable[[int], object]]:
        """A function that is told how many bytes of `total` more are done."""
        return unheard(total, label)


@dataclass(frozen=True)
class Work:
    """A document with its corrections, and the fingerprint of all that its reading depends on."""

    document: Document
    corrections: Corrections
    fingerprint: str

    def read(self, reference: Reference) -> SourceDraft:
        with time_limit(limits.DOCUMENT_SECONDS, self.document.name):
            return read(self.document, reference, self.corrections)


class _Undone(Exception):
    """Takes a transaction back."""


def import_documents(
    paths: Iterable[Path],
    reference_folder: Path,
    *,
    again: bool = False,
    corrected: bool = True,
    strict: bool = False,
    progress: Progress | None = None,
    terms: Terms | None = None,
) -> list[Report]:
    """Imports documents and files of rows, and reports on each, in the order of their names.

    `again`: read a document even if nothing that its reading depends on has changed. `corrected`: apply the
    corrections that stand beside a document. `strict`: refuse a file of rows with a bad row or cell. One transaction:
    whatever can't be imported leaves the catalogue as it was. `ImportProblem` says what is wrong and where.
    """
    paths = list(paths)
    told = [path.name for path in paths[:_PATHS_TOLD]]
    with one_import_at_a_time(), transaction.atomic(), recording(Kind.IMPORT, files=told):
        run = _Run(progress or Progress(), terms or Terms())
        return run.run(paths, reference_folder, again, corrected, strict)


def rehearse_import(
    paths: Iterable[Path], reference_folder: Path, *, progress: Progress | None = None, terms: Terms
) -> list[Report]:
    """As `import_documents`, of which in the end only the reports and what `terms` heard are left. It waits for an
    import that is under way. `terms` should do without search entries.
    """
    reports = []
    try:
        with one_import_at_a_time(waits=True), deferred_indexing():
            run = _Run(progress or Progress(), terms)
            reports = run.run(paths, reference_folder, again=True, corrected=True, strict=False)
            raise _Undone
    except _Undone:
        return reports


class _Run:
    """One import, within a transaction."""

    def __init__(self, progress: Progress, terms: Terms):
        self.progress, self.terms = progress, terms

    def run(
        self, paths: Iterable[Path], reference_folder: Path, again: bool, corrected: bool, strict: bool
    ) -> list[Report]:
        write_reference(load_reference(reference_folder))
        load_thesaurus(reference_folder / "thesaurus.words")
        reference, self.names = read_reference(), Names.load()
        documents = find_documents(paths)
        files = self._each([path for path in documents if rows_name(path)], examine)
        works = self._each(
            [path for path in documents if not rows_name(path)], lambda path: work_at(path, reference, corrected)
        )
        known = {} if again else {w.document.name: unchanged(w.document.name, w.fingerprint) for w in works}
        unread = [work for work in works if not known.get(work.document.name)]
        read = self._each(self.progress.each(unread, "读取"), lambda work: work.read(reference))
        by_name = {draft.document.name: draft for draft in categorise(read)}

        def load_work(work: Work) -> Report | None:
            name = work.document.name
            return known.get(name) or (self._load(work, by_name[name]) if name in by_name else None)

        reports = self._each(self.progress.each(works, "写入"), load_work)
        reports += self._each(files, lambda file: self._load_rows(file, reference, again, strict))
        return sorted(filter(None, reports), key=lambda report: report.source)

    def _each(self, items: Iterable, do: Callable) -> list:
        """What `do` makes of each, without those that it refuses. What names a refused file has made is gone."""
        results = []
        for item in items:
            try:
                results.append(do(item))
            except ImportProblem as problem:
                name = item.document.name if isinstance(item, Work) else item.name
                self.terms.refuse(name, ImportProblem(problem.message, file=problem.file or name, line=problem.line))
                self.names = Names.load()
        return results

    def _load(self, work: Work, draft: SourceDraft) -> Report:
        check_banks(draft, self.names.banks)
        content = DocumentContent(draft, len(work.corrections))
        return load(content, self.names, work.fingerprint, terms=self.terms)

    def _load_rows(self, file: RowsFile, reference: Reference, again: bool, strict: bool) -> Report:
        # Not the chapters: rows make those themselves.
        mark = fingerprint(file.sha256, ROWS_READERS, Reference(reference.banks, ()), Corrections())
        known = None if again else unchanged(file.name, mark)
        return known or load(RowsContent(file, strict), self.names, mark, self.progress.bytes, self.terms)


def work_at(path: Path, reference: Reference, corrected: bool) -> Work:
    document = read_document(path)
    corrections = load_corrections(path) if corrected else Corrections()
    check_against(corrections, document)
    return Work(document, corrections, fingerprint(document.sha256, DOCUMENT_READERS, reference, corrections))


def categorise(drafts: Sequence[SourceDraft]) -> list[SourceDraft]:
    """The classifier learns from the collections of this import and from those that the catalogue holds."""
    if all(case.category for draft in drafts for case in draft.cases):
        return list(drafts)
    held = (
        Case.objects.public()
        .filter(source__kind=Source.Kind.CASEBOOK, category__isnull=False, category_confidence__isnull=True)
        .exclude(source__name__in=[draft.document.name for draft in drafts])
        .values_list("category__name", "title", "subtitle", "summary", "body")
    )
    classifier = train([*labelled_texts(drafts), *((row[0], "\n".join(row[1:])) for row in held)])
    return [infer_categories(draft, classifier) for draft in drafts]
