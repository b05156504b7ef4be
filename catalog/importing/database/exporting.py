"""Cases of the catalogue, and those that an import would make of files, in the form of `catalog.importing.form`."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from django.db import transaction
from django.db.models import Prefetch, Q, QuerySet, TextField
from django.db.models.functions import Cast, Length

from catalog.importing.database.content import Content
from catalog.importing.database.documents import DocumentContent, check_banks
from catalog.importing.database.locking import one_import_at_a_time
from catalog.importing.database.names import Names
from catalog.importing.database.reference import read_reference, write_reference
from catalog.importing.database.resolved import with_owner
from catalog.importing.database.rows import RowsContent
from catalog.importing.database.run import categorise, work_at
from catalog.importing.database.sources import load
from catalog.importing.drafts import ImportProblem, SourceDraft, Statement
from catalog.importing.files import documents_at, refuse_too_many, regular, rows_name
from catalog.importing.form import EMPTY, case_row, id_of
from catalog.importing.reference import Reference, load_reference
from catalog.importing.rows import tables
from catalog.importing.rows.files import examine
from catalog.importing.terms import Change, Outcome, Terms
from catalog.models import Case, Doubt
from catalog.search import deferred_indexing

Refused = Callable[[ImportProblem], object]
_AT_ONCE = 500  # cases that are held
_LOOKED_AT = 5_000  # of which one query tells the long ones


def export_rows(cases: QuerySet[Case], *, timed: bool = False) -> Iterator[dict[str, object]]:
    """In the order in which the cases came into the catalogue, which an import keeps. Holds 500 of them at a time.

    `timed`: with the time at which each was written last, by which an import knows what was changed since.
    """
    for case in _whole(cases).order_by("pk").iterator(chunk_size=_AT_ONCE):
        yield _case_row(case) | ({"updated_at": case.updated_at.isoformat()} if timed else {})


def export_cases(keys: Sequence[int]) -> Iterator[dict[str, object]]:
    """As `export_rows`, timed, of the cases with these keys and in their order. Each 500 are read when it is their
    turn, by queries of their own: nothing is held open while somebody slowly takes the file. What is gone is left out.
    """
    for start in range(0, len(keys), _AT_ONCE):
        piece = keys[start : start + _AT_ONCE]
        cases = {case.pk: case for case in _whole(Case.objects.filter(pk__in=piece))}
        for case in filter(None, map(cases.get, piece)):
            yield _case_row(case) | {"updated_at": case.updated_at.isoformat()}


def table_columns(keys: Sequence[int]) -> dict[str, int]:
    """The columns of a table of these cases (see `tables.columns_of`)."""
    lengths = {f"{name}_length": Length(Cast(name, TextField())) for name in tables.LONG}
    is_long = Q(_connector=Q.OR, **{f"{name}__gt": tables.CELL // 2 for name in lengths})
    long: list[int] = []
    for start in range(0, len(keys), _LOOKED_AT):
        piece = keys[start : start + _LOOKED_AT]
        cases = Case.objects.filter(pk__in=piece).alias(**lengths).filter(is_long).order_by()
        long += cases.values_list("pk", flat=True)
    return tables.columns_of(tables.HEADINGS, export_cases(long))


def _whole(cases: QuerySet[Case]) -> QuerySet[Case]:
    open_doubts = Prefetch("doubts", Doubt.objects.open(), to_attr="open_doubts")
    unread = ("base", "source__lines", "source__imported", "source__withheld")
    cases = cases.select_related("source", "bank", "category").defer(*unread)
    return cases.prefetch_related("products__aliases", open_doubts)


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
    would not take, and of each file that the catalogue as it is would refuse. `change` is what an import of the file by
    itself would do to the case; on all else neither other files nor earlier imports have a bearing.
    """
    files = load_reference(reference_folder)
    reference, names = _reference(files)

    def draft_at(path: Path) -> SourceDraft:
        draft = work_at(path, reference, corrected).read(reference)
        check_banks(draft, names.banks)
        return draft

    places = [place for folder in _each(paths, documents_at, refused) for place in sorted(folder)]
    texts = list(_each([place for place in places if not rows_name(place)], regular, refused))
    refuse_too_many(texts)
    drafts = categorise(list(_each(texts, draft_at, refused)))
    rehearsed = _rehearse([DocumentContent(draft) for draft in drafts], files)
    for draft, changes in zip(drafts, rehearsed, strict=True):
        if changes.problem:
            passed_over(str(changes.problem))
        yield from _rows(DocumentContent(draft), names, draft.publisher, changes)
    for file in _each(filter(rows_name, places), examine, refused):
        (changes,) = _rehearse([RowsContent(file, strict)], files)
        content = RowsContent(file, strict)
        try:
            yield from _rows(content, names, "", changes)
        except ImportProblem as problem:
            refused(problem)
        else:
            if changes.problem:
                passed_over(str(changes.problem))
            for reason in content.bad_rows:
                passed_over(f"{file.name}：{reason}")


class _Undone(Exception):
    """Takes a transaction back."""


class _Changes(Terms):
    """What an import of one file would do to each of its cases; `problem`: why it would do nothing."""

    indexed = False

    def __init__(self):
        self.by_ref: dict[str, Change] = {}
        self.problem: ImportProblem | None = None

    def hear(self, outcome: Outcome) -> None:
        self.by_ref[outcome.ref] = outcome.change

    def of(self, ref: str) -> str:
        return Change.REFUSED if self.problem else self.by_ref[ref]


def _rehearse(contents: Iterable[Content], files: Reference) -> list[_Changes]:
    """Imports each by itself and takes it back."""
    heard = []
    try:
        with one_import_at_a_time(waits=True), deferred_indexing():
            write_reference(files)
            for content in contents:
                heard.append(changes := _Changes())
                try:
                    with transaction.atomic():
                        load(content, Names.load(), "", terms=changes)
                        raise _Undone
                except ImportProblem as problem:
                    changes.problem = problem
                except _Undone:
                    pass
            raise _Undone
    except _Undone:
        return heard


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


def _rows(content: Content, names: Names, publisher: str, changes: _Changes) -> Iterator[dict[str, object]]:
    for statement in content.statements(lambda done: None):
        row = _row(statement, content.name, names, statement.publisher or publisher)
        yield row | {"change": changes.of(statement.ref)}


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
