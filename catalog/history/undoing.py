"""撤销: what one context did is taken back, as a whole, whatever its size.

Made rows go, deleted cases come back, and of changed ones each field that nobody has changed since gets its value back;
where somebody has, theirs stays (as in `catalog.importing.merge`). A made case that somebody has worked on since stays
too. All of it in one transaction, in statements over many rows.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db import connection
from django.db.models import Exists, Model, OuterRef, Q
from pghistory.models import Context

from catalog.history.bin import forget_deletion, restore
from catalog.history.recording import Kind, describe
from catalog.history.states import EVENTS, Changes, changes_of
from catalog.models import Bank, Case, CaseEvent, CaseProductEvent, Category, Edition, Product, Source
from catalog.search import deferred_indexing

# Columns that only have a meaning together.
_GROUPS = {
    Case: (
        ("first_line", "last_line", "first_page", "last_page", "provenance"),
        ("category_id", "category_confidence"),
        ("title", "title_inferred"),
    )
}
# Columns that are not gone back to: names by which others know a row, what an import found in the file itself, and the
# number, which comes after the others.
_LEFT = {"ref", "slug", "code", "number", "created_at", "sha256", "encoding"}
# Columns by which somebody has said what becomes of a case, not what it is.
_DECIDED = {"status", "category_confidence", "title_inferred"}
# What keeps a row of a model from being unused.
_BELONGING = {
    Source: ((Case, "source"),),
    Product: ((Case.products.through, "product"),),
    Category: ((Case, "category"),),
    Bank: ((Case, "bank"), (Product, "bank")),
}
BATCH = 500
# Models whose deleted rows are put back, in this order, each with what its events do not hold.
_RETURNED = {
    Bank: {"imported": "'{}'"},
    Category: {"imported": "'{}'"},
    Product: {},
    Source: {
        **{"lines": "'{}'", "removed": "'{}'", "fingerprint": "''", "imported": "'{}'"},
        # The next import of its file finds it by the file's name.
        **{"file_name": "name", "created_at": "now()", "updated_at": "now()"},
    },
}
# The event of a row behind its last one in the context: what it was after the context.
_FOLLOWING = """
    LEFT JOIN LATERAL (
        SELECT * FROM {events} WHERE pgh_obj_id = touched.id AND pgh_id > touched.last ORDER BY pgh_id LIMIT 1
    ) AS following ON true
"""
_REFERENCES = {"bank_id": Bank, "category_id": Category, "source_id": Source}


@dataclass
class Undone:
    """Numbers of cases, and what was not taken back, a line each."""

    deleted: int = 0
    changed: int = 0
    restored: int = 0
    kept: int = 0
    said: list[str] = field(default_factory=list)


def undo(context: UUID) -> Undone:
    """Takes back what was done in a context. The caller names who and why (`recording`), which can be undone as well.

    Raises `Context.DoesNotExist`; an IntegrityError where a name is another's by now: then nothing is taken back.
    """
    with deferred_indexing():
        Context.objects.get(pk=context)
        describe(kind=Kind.UNDO, undone=str(context))
        result, cases = Undone(), changes_of(context)
        # Locked, so that who saves just now is not overwritten.
        for model in _RETURNED:
            _return_rows(model, context)
        touched = Case.objects.filter(pk__in=cases.created | cases.changed).order_by("pk")
        list(touched.select_for_update(no_key=True).values_list("pk"))
        _undo_creations(context, cases, result)
        for model in (Bank, Category, Product, Source):
            if changed := changes_of(context, model).changed:
                _take_back(model, context, changed)
        ties = _take_back_products(context, cases.changed)
        result.changed = len(_take_back(Case, context, cases.changed) | ties)
        _take_back_numbers(context, cases.changed)
        returned = restore(cases.deleted)
        result.restored, result.said = len(returned.cases), result.said + returned.said
        _remove_unused(context)
        _forget_readings(cases)
    return result


def _forget_readings(cases: Changes) -> None:
    """The sources of these cases no longer say what the catalogue has: their files are read anew, if only they come."""
    keys = cases.created | cases.changed | cases.deleted
    events = CaseEvent.objects.filter(pgh_obj_id__in=keys, source__isnull=False).values("source")
    sources = Source.objects.filter(Q(pk__in=events) | Q(cases__in=keys))
    Source.objects.filter(pk__in=sources.values("pk")).exclude(fingerprint="").update(fingerprint="")


def _return_rows(model: type[Model], context: UUID) -> None:
    """Rows that the context deleted are there again, under their keys, but for those whose name is another's by now. Of
    a source its text is not: the next import of it brings that.
    """
    events, empty = EVENTS[model]._meta, _RETURNED[model]
    columns = [column.column for column in events.fields if not column.name.startswith("pgh_")]
    into = ", ".join(["id", *columns, *empty])
    values = ", ".join(["pgh_obj_id", *columns, *empty.values()])
    there = f"EXISTS (SELECT FROM {model._meta.db_table} WHERE id = pgh_obj_id)"
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {model._meta.db_table} ({into}) SELECT {values} FROM {events.db_table} "
            f"WHERE pgh_context_id = %s AND pgh_label = 'delete' AND NOT {there} ON CONFLICT DO NOTHING",
            [context],
        )


def _undo_creations(context: UUID, cases: Changes, result: Undone) -> None:
    """Made cases go, and their sources do not hold them for deleted by an editor: a later import may bring them."""
    tied_since = CaseProductEvent.objects.filter(case_id__in=cases.created).exclude(pgh_context=context)
    drafts = Edition.objects.open().filter(case__in=cases.created)
    kept = _worked_on(context, cases.created) | set(tied_since.values_list("case_id", flat=True))
    kept |= set(drafts.values_list("case_id", flat=True))
    going = cases.created - kept
    rows = list(Case.objects.filter(pk__in=going).only("source", "ref", "title", "subtitle"))
    for start in range(0, len(rows), BATCH):
        Case.objects.filter(pk__in=[row.pk for row in rows[start : start + BATCH]]).delete()
    forget_deletion(rows)
    result.deleted = len(rows)
    left = Case.objects.filter(pk__in=kept)
    result.kept = left.count()
    result.said += [f"“{case.full_title}”后来又改过，没有删除。" for case in left.only("title", "subtitle")]


def _worked_on(context: UUID, keys: Collection[int]) -> set[int]:
    """Of the cases that the context made, those of which somebody has made something else. That readers see them, or
    that what was inferred is confirmed, is no work that would be lost.
    """
    events = CaseEvent._meta
    looked_at = _LEFT | _DECIDED | CaseEvent.silent
    columns = [column.column for column in events.fields if not column.name.startswith("pgh_")]
    same = [
        f"present.{name} IS NOT DISTINCT FROM {_after(name, CaseEvent.sparse)}"
        for name in columns
        if name not in looked_at
    ]
    statement = f"""
        WITH touched AS (
            SELECT pgh_obj_id AS id, max(pgh_id) AS last FROM @events
            WHERE pgh_context_id = %s AND pgh_obj_id = ANY(%s) GROUP BY pgh_obj_id
        )
        SELECT present.id FROM touched
        JOIN {Case._meta.db_table} AS present ON present.id = touched.id
        {_FOLLOWING.format(events="@events")}
        WHERE NOT ({" AND ".join(same)})
    """
    with connection.cursor() as cursor:
        cursor.execute(statement.replace("@events", events.db_table), [context, sorted(keys)])
        return {key for (key,) in cursor.fetchall()}


def _remove_unused(context: UUID) -> None:
    """Sources, products, chapters and banks that the context made and that nothing belongs to any more."""
    for model in (Source, Product, Category, Bank):
        made = changes_of(context, model).created
        rows = model.objects.filter(pk__in=made)
        for relation in model._meta.related_objects:
            column = relation.field.name
            if relation.related_model in (Case, Product) and not relation.many_to_many:
                rows = rows.filter(
                    ~Exists(relation.related_model.objects.filter(**{column: OuterRef("pk")}).order_by())
                )
            elif relation.many_to_many:
                rows = rows.filter(~Exists(Case.products.through.objects.filter(product=OuterRef("pk"))))
        rows.delete()


def _take_back(model: type[Model], context: UUID, keys: Collection[int]) -> set[int]:
    """Gives rows back what the context took from them; returns the keys of those that changed.

    Of each column: `before` is what the first event of the context noted, `after` what the first event behind its last
    one noted, else what is there now. Long columns are looked for in the events that follow as well.
    """
    events, table = EVENTS[model], model._meta.db_table
    columns = [
        column.column
        for column in events._meta.fields
        if not column.name.startswith("pgh_") and column.name not in _LEFT
    ]
    sparse = events.sparse
    groups = {name: group for group in _GROUPS.get(model, ()) for name in group}
    same = {name: f"present.{name} IS NOT DISTINCT FROM {_after(name, sparse)}" for name in columns}
    untouched = {name: " AND ".join(same[each] for each in groups.get(name, (name,))) for name in columns}
    assignments = ", ".join(
        f"{name} = CASE WHEN {untouched[name]} THEN {_before(name, sparse)} ELSE present.{name} END" for name in columns
    )
    stamp = ", updated_at = now()" if any(column.name == "updated_at" for column in model._meta.fields) else ""
    own = f"SELECT pgh_obj_id AS id, min(pgh_id) AS first, max(pgh_id) AS last FROM {events._meta.db_table}"
    statement = f"""
        WITH touched AS ({own} WHERE pgh_context_id = %s AND pgh_obj_id = ANY(%s) GROUP BY pgh_obj_id)
        UPDATE {table} SET {assignments}{stamp}
        FROM touched
        JOIN {table} AS present ON present.id = touched.id
        JOIN {events._meta.db_table} AS past ON past.pgh_id = touched.first
        {_FOLLOWING.format(events=events._meta.db_table)}
        WHERE {table}.id = touched.id
        RETURNING {table}.id
    """
    with connection.cursor() as cursor:
        cursor.execute(statement.replace("@events", events._meta.db_table), [context, sorted(keys)])
        return {key for (key,) in cursor.fetchall()}


def _noted(name: str, beyond: str) -> str:
    """Of a long column, what the first event that changed it noted."""
    return (
        f"(SELECT {name} FROM @events WHERE pgh_obj_id = touched.id AND {beyond} AND {name} IS NOT NULL "
        "ORDER BY pgh_id LIMIT 1)"
    )


def _before(name: str, sparse: Collection[str]) -> str:
    if name in sparse:
        return f"coalesce({_noted(name, 'pgh_id >= touched.first')}, present.{name})"
    if reference := _REFERENCES.get(name):
        # A bank or chapter that is gone meanwhile cannot be gone back to.
        there = f"EXISTS (SELECT FROM {reference._meta.db_table} WHERE id = past.{name})"
        return f"CASE WHEN past.{name} IS NULL OR {there} THEN past.{name} ELSE present.{name} END"
    return f"past.{name}"


def _after(name: str, sparse: Collection[str]) -> str:
    if name in sparse:
        return f"coalesce({_noted(name, 'pgh_id > touched.last')}, present.{name})"
    return f"CASE WHEN following.pgh_id IS NULL THEN present.{name} ELSE following.{name} END"


def _take_back_numbers(context: UUID, keys: Collection[int]) -> None:
    """Numbers in a source, which two cases may have exchanged; one that is another's by now stays away."""
    own = "SELECT pgh_obj_id AS id, min(pgh_id) AS first, max(pgh_id) AS last FROM catalog_caseevent"
    numbers = f"""
        WITH touched AS ({own} WHERE pgh_context_id = %s AND pgh_obj_id = ANY(%s) GROUP BY pgh_obj_id)
        SELECT present.id, past.number FROM touched
        JOIN catalog_case AS present ON present.id = touched.id
        JOIN catalog_caseevent AS past ON past.pgh_id = touched.first
        {_FOLLOWING.format(events="catalog_caseevent")}
        WHERE present.number IS NOT DISTINCT FROM {_after("number", ())}
            AND present.number IS DISTINCT FROM past.number
    """
    free = """
        NOT EXISTS (
            SELECT FROM catalog_case AS other
            WHERE other.source_id = catalog_case.source_id AND other.number = wanted.number
        )
    """
    with connection.cursor() as cursor:
        cursor.execute(numbers, [context, sorted(keys)])
        wanted = [list(column) for column in zip(*cursor.fetchall(), strict=True)]
        if not wanted:
            return
        cursor.execute("UPDATE catalog_case SET number = NULL WHERE id = ANY(%s)", [wanted[0]])
        cursor.execute(
            "UPDATE catalog_case SET number = wanted.number "
            "FROM unnest(%s::bigint[], %s::int[]) AS wanted (id, number) "
            f"WHERE catalog_case.id = wanted.id AND {free}",
            wanted,
        )


def _take_back_products(context: UUID, keys: Collection[int]) -> set[int]:
    """Ties that the context made are cut, those that it cut are there again, where nobody has touched them since."""
    last: dict[tuple[int, int], tuple[str, str]] = {}
    events = CaseProductEvent.objects.filter(pgh_context=context, case_id__in=keys).order_by("pgh_id")
    for case, product, label in events.values_list("case_id", "product_id", "pgh_label"):
        first = last.get((case, product), (label, label))[0]
        last[case, product] = first, label
    later = CaseProductEvent.objects.filter(case_id__in=keys).exclude(pgh_context=context)
    begin = min(events.values_list("pgh_id", flat=True), default=0)
    touched = set(later.filter(pgh_id__gt=begin).values_list("case_id", "product_id"))
    net = {tie: labels for tie, labels in last.items() if tie not in touched and labels[0] == labels[1]}
    made = [tie for tie, (_, label) in net.items() if label == "insert"]
    cut = [tie for tie, (_, label) in net.items() if label == "delete"]
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM catalog_case_products USING unnest(%s::bigint[], %s::bigint[]) AS made (case_id, product_id) "
            "WHERE catalog_case_products.case_id = made.case_id AND catalog_case_products.product_id = made.product_id",
            _columns(made),
        )
        cursor.execute(
            "INSERT INTO catalog_case_products (case_id, product_id) "
            "SELECT cut.* FROM unnest(%s::bigint[], %s::bigint[]) AS cut (case_id, product_id) "
            "JOIN catalog_product ON catalog_product.id = cut.product_id "
            "JOIN catalog_case ON catalog_case.id = cut.case_id ON CONFLICT DO NOTHING",
            _columns(cut),
        )
    return {case for case, _ in net}


def _columns(ties: Sequence[tuple[int, int]]) -> list[list[int]]:
    return [[case for case, _ in ties], [product for _, product in ties]]
