"""The recycle bin: cases that were deleted, whoever did it, and their way back under the same key, address and ref."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from catalog.history.comparing import row_names
from catalog.history.states import TIES
from catalog.models import Bank, Case, CaseEvent, Category, Product, Source
from catalog.models.slugs import unique_slug
from catalog.search import settle_own

BATCH = 500
_PLACE = ("first_line", "last_line", "first_page", "last_page", "provenance")


def deleted_cases() -> QuerySet[CaseEvent]:
    """The deletion of each case that is not there now, newest first; its columns are those of the case."""
    later = CaseEvent.objects.filter(pgh_obj=OuterRef("pgh_obj"), pgh_label="delete", pgh_id__gt=OuterRef("pgh_id"))
    there = Case.objects.filter(pk=OuterRef("pgh_obj_id")).order_by()
    return CaseEvent.objects.filter(~Exists(later), ~Exists(there), pgh_label="delete").order_by("-pgh_id")


@dataclass
class Restored:
    """`cases`: keys of those that are back. `said`: what did not come back as it was, and which case did not at all."""

    cases: list[int] = field(default_factory=list)
    said: list[str] = field(default_factory=list)


@transaction.atomic
def restore(keys: Collection[int]) -> Restored:
    """Brings deleted cases back with their products; their sources' imports then know them again, and readers see their
    lines in the source. The caller says who and why (`recording`).
    """
    result, keys = Restored(), sorted(set(keys))
    for start in range(0, len(keys), BATCH):
        _restore(keys[start : start + BATCH], result)
    settle_own()
    return result


def _restore(keys: list[int], result: Restored) -> None:
    events = list(deleted_cases().filter(pgh_obj_id__in=keys).order_by("pgh_id").select_for_update(of=("self",)))
    there = {
        name: _there(model, {getattr(event, name) for event in events})
        for name, model in (("bank_id", Bank), ("category_id", Category), ("source_id", Source))
    }
    taken = {
        name: set(Case.objects.filter(**{f"{name}__in": _values(events, name)}).values_list(name, flat=True))
        for name in ("ref", "slug")
    }
    numbers = set(Case.objects.filter(source__in=_values(events, "source_id")).values_list("source_id", "number"))
    columns = [column.attname for column in CaseEvent._meta.fields if not column.name.startswith("pgh_")]
    rows = []
    for event in events:
        case = Case(pk=event.pgh_obj_id, **{name: getattr(event, name) for name in columns})
        told = f"“{case.full_title}”"
        if case.ref in taken["ref"]:
            result.said.append(f"{told}没有恢复：已有同一导入标识的案例。")
            continue
        for name, label in (("bank_id", "银行"), ("category_id", "章节"), ("source_id", "来源")):
            if (key := getattr(case, name)) and key not in there[name]:
                gone = row_names(Case._meta.get_field(name.removesuffix("_id")).related_model, {key})[key]
                result.said.append(f"{told}的{label}“{gone}”已不存在，空着。")
                setattr(case, name, None)
                if name == "source_id":
                    _forget_place(case)
        if case.number is not None and (case.source_id, case.number) in numbers:
            result.said.append(f"{told}的序号 {case.number} 现在是同一来源另一个案例的，空着。")
            case.number = None
        numbers.add((case.source_id, case.number))
        if case.slug in taken["slug"]:
            case.slug = unique_slug(Case, case.full_title)
            result.said.append(f"{told}原来的地址现在是另一个案例的，新地址是 {case.slug}。")
        taken["ref"].add(case.ref)
        taken["slug"].add(case.slug)
        case.updated_at = timezone.now()
        rows.append(case)
    taken["ref"].discard(None)
    Case.objects.bulk_create(rows)
    _since_then([event.pk for event in events])
    _restore_products(rows, events, result)
    forget_deletion(rows)
    result.cases += [row.pk for row in rows]


def _since_then(events: list[int]) -> None:
    """The cases are as old as they were: `bulk_create` has made them new."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE catalog_case SET created_at = event.created_at FROM catalog_caseevent AS event "
            "WHERE event.pgh_id = ANY(%s) AND event.pgh_obj_id = catalog_case.id AND event.created_at IS NOT NULL",
            [events],
        )


def _values(events: Iterable[CaseEvent], name: str) -> set[Any]:
    return {value for event in events if (value := getattr(event, name)) is not None}


def _there(model, keys: set[int | None]) -> set[int]:
    return set(model.objects.filter(pk__in=keys - {None}).values_list("pk", flat=True))


def _forget_place(case: Case) -> None:
    case.number = None
    for name in _PLACE:
        setattr(case, name, [] if name == "provenance" else None)


def _restore_products(rows: list[Case], events: list[CaseEvent], result: Restored) -> None:
    """The ties that were cut in the context of the deletion."""
    ties, contexts = TIES[Case], {event.pgh_obj_id: event.pgh_context_id for event in events}
    for row in rows:
        cut = ties.events.objects.filter(case_id=row.pk, pgh_context_id=contexts[row.pk], pgh_label="delete")
        wanted = set(cut.values_list("product_id", flat=True))
        there = _there(Product, wanted)
        ties.model.objects.bulk_create(ties.model(case_id=row.pk, product_id=key) for key in sorted(there))
        for name in row_names(Product, wanted - there).values():
            result.said.append(f"“{row.full_title}”的产品“{name}”已不存在，没有带回。")


def forget_deletion(rows: list[Case]) -> None:
    """The sources of these cases hold them for deleted no longer (see the trigger of migration 0012)."""
    entries = [(row.source_id, row.ref, row.title, row.subtitle) for row in rows if row.source_id]
    if not entries:
        return
    sources, refs, titles, subtitles = (list(column) for column in zip(*entries, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH back AS (
                SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[])
                    AS back (source, ref, title, subtitle)
            )
            UPDATE catalog_source SET
                removed = ARRAY(
                    SELECT ref FROM unnest(removed) WITH ORDINALITY AS r (ref, place)
                    WHERE NOT EXISTS (SELECT FROM back WHERE source = catalog_source.id AND back.ref = r.ref)
                    ORDER BY place
                ),
                withheld = coalesce((
                    SELECT jsonb_agg(entry ORDER BY place)
                    FROM jsonb_array_elements(withheld) WITH ORDINALITY AS w (entry, place)
                    WHERE NOT EXISTS (
                        SELECT FROM back WHERE source = catalog_source.id AND CASE
                            WHEN ref IS NOT NULL THEN ref = entry->>'ref'
                            ELSE entry->>'ref' IS NULL
                                AND (title, subtitle) = (entry->>'title', entry->>'subtitle')
                        END
                    )
                ), '[]'),
                updated_at = now()
            WHERE id IN (SELECT source FROM back)
            """,
            [sources, refs, titles, subtitles],
        )
