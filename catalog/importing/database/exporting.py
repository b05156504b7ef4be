"""Cases of the catalogue, and those that an import would make of files, in the form of `catalog.importing.form`."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from django.db import transaction
from django.db.models import Prefetch, QuerySet

from catalog.importing.database.content import Content
from catalog.importing.database.documents import DocumentContent, check_banks
from catalog.importing.database.names import Names
from catalog.importing.database.reference import read_reference, write_reference
from catalog.importing.database.resolved import with_owner
from catalog.importing.database.rows import RowsContent
from catalog.importing.database.run import categorise, work_at
from catalog.importing.drafts import ImportProblem, SourceDraft, Statement
from catalog.importing.files import documents_at, refuse_too_many, regular, rows_name
from catalog.importing.form import EMPTY, case_row, id_of
from catalog.importing.reference import Reference, load_reference
from catalog.importing.rows.files import examine
from catalog.models import Case, Doubt

Refused = Callable[[ImportProblem], object]


def export_rows(cases: QuerySet[Case], *, timed: bool = False) -> Iterator[dict[str, object]]:
    """In the order in which the cases came into the catalogue, which an import keeps. Holds 500 of them at a time.

    `timed`: with the time at which each was written last, by which an import knows what was changed since.
    """
    open_doubts = Prefetch("doubts", Doubt.objects.open(), to_attr="open_doubts")
    cases = (
        cases.select_related("source", "bank", "category")
        .defer("source__lines")
        .prefetch_related("products__aliases", open_doubts)
        .order_by("pk")
    )
    for case in cases.iterator(chunk_size=500):
        yield _case_row(case) | ({"updated_at": case.updated_at.isoformat()} if timed else {})


def _case_row(case: Case) -> dict[str, object]:
    publisher = case.source.publisher if case.source else ""
    return case_row(
        {name: getattr(case, name) for name in EMPTY},
        id=id_of(case.ref, case.slug),
        source=case.source.name if case.source else "",
        # The source has one only if all its cases do.
        publisher=publisher or case.imported.get("publisher", ""),
        bank=case.bank and case.bank.name,
        category=case.category and case.category.name,
        chapter=case.category and case.category.code,
        products=[[product.name, *(alias.name for alias in product.aliases.all())] for product in case.products.all()],
        doubts=[doubt.field for doubt in case.open_doubts],
    )


def preview(
    paths: Iterable[Path],
    reference_folder: Path,
    *,
    corrected: bool,
    strict: bool,
    refused: Refused,
    passed_over: Callable[[str], object],
) -> Iterator[dict[str, object]]:
    """The cases that an import would make of all files, those of documents first; nothing is written.

    `refused` hears of each file that can't be imported, and the others go on; `passed_over` of each row that an import
    would not take. Files are not held against one another or against those of earlier imports.
    """
    reference, names = _reference(load_reference(reference_folder))

    def draft_at(path: Path) -> SourceDraft:
        draft = work_at(path, reference, corrected).read(reference)
        check_banks(draft, names.banks)
        return draft

    places = [place for folder in _each(paths, documents_at, refused) for place in sorted(folder)]
    texts = list(_each([place for place in places if not rows_name(place)], regular, refused))
    refuse_too_many(texts)
    drafts = list(_each(texts, draft_at, refused))
    for draft in categorise(drafts):
        yield from _rows(DocumentContent(draft), names, draft.publisher)
    for file in _each(filter(rows_name, places), examine, refused):
        content = RowsContent(file, strict)
        try:
            yield from _rows(content, names, "")
        except ImportProblem as problem:
            refused(problem)
        else:
            for reason in content.bad_rows:
                passed_over(f"{file.name}：{reason}")


def _each(paths: Iterable[Path], read: Callable[[Path], object], refused: Refused) -> Iterator:
    """What `read` makes of each path, without those that it can't read."""
    for path in paths:
        try:
            result = read(path)
        except ImportProblem as problem:
            refused(ImportProblem(problem.message, file=problem.file or path.name, line=problem.line))
        else:
            yield result


def _reference(files: Reference) -> tuple[Reference, Names]:
    """The reference data, and the names, as an import would have them after it had written what is new in the files."""
    with transaction.atomic():
        write_reference(files)
        current = read_reference(), Names.load()
        transaction.set_rollback(True)
    return current


def _rows(content: Content, names: Names, publisher: str) -> Iterator[dict[str, object]]:
    for statement in content.statements(lambda done: None):
        yield _row(statement, content.name, names, statement.publisher or publisher)


def _row(statement: Statement, source: str, names: Names, publisher: str) -> dict[str, object]:
    bank, statement = with_owner(statement, names.banks)
    name, code = statement.category, statement.chapter
    chapter = names.chapters.known(name or "", code) if name or code else None
    return case_row(
        statement.fields,
        id=id_of(statement.ref, ""),
        source=source,
        publisher=publisher,
        bank=bank and bank.name,
        category=chapter.name if chapter else name or None,
        chapter=chapter.code if chapter else code or None,
        products=[(product.name, *product.aliases) for product in statement.products or ()],
        doubts=[doubt.field for doubt in statement.doubts],
    )
