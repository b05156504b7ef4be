"""Cases of the catalogue in the form of `catalog.importing.form`."""

from collections.abc import Iterator

from django.db.models import Prefetch, QuerySet

from catalog.importing.form import EMPTY, case_row, id_of
from catalog.models import Case, Doubt


def export_rows(cases: QuerySet[Case]) -> Iterator[dict[str, object]]:
    """In the order in which the cases came into the catalogue, which an import keeps. Holds 500 of them at a time."""
    open_doubts = Prefetch("doubts", Doubt.objects.open(), to_attr="open_doubts")
    cases = (
        cases.select_related("source", "bank", "category")
        .defer("source__lines")
        .prefetch_related("products__aliases", open_doubts)
        .order_by("pk")
    )
    return map(_row, cases.iterator(chunk_size=500))


def _row(case: Case) -> dict[str, object]:
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
