"""What the database itself records of every write of cases and of what they belong to, whoever writes.

An event holds what a statement took away, not what it brought: a row as it was before an update or a deletion, and of
an insertion nothing but that there was one. What a row was after an event is what the next event of that row took away,
or else the row itself. So nothing is stored twice, an import of new cases costs next to nothing, and rows from before
there was a history need no first version. `catalog.history` reads it.
"""

import pghistory
import pgtrigger
from django.db import models
from pghistory.models import Event
from pghistory.trigger import Event as EventTrigger

from catalog.models.case import Case
from catalog.models.reference import Bank, BankAlias, Category, Product, ProductAlias
from catalog.models.source import Source


class HistoryEvent(Event):
    """A row of one table at one statement. All events have their number from one sequence: its order is theirs."""

    pgh_id = models.BigIntegerField(
        primary_key=True, db_default=models.Func(models.Value("catalog_history_seq"), function="nextval")
    )

    # Long columns, which an update notes only where it changed them: null stands for “as afterwards”.
    sparse: frozenset[str] = frozenset()
    # Columns that are noted with the others, but whose change alone is no event.
    silent: frozenset[str] = frozenset()
    # Of rows that say no more than that they are there: insertions have their values, an update is a deletion and an
    # insertion.
    of_ties = False

    class Meta:
        abstract = True


class Recording(EventTrigger):
    """Notes events once a statement, not once a row: an import writes hundreds of rows with each.

    The query is planned anew at each call (EXECUTE): a plan kept from the update of one row would join the thousands
    of a later one in a nested loop.
    """

    def get_func(self, model):
        event, table = self.event_model, f'"{model._meta.db_table}"'
        fields = _noted(event)
        changed = " OR ".join(_differs(field.column) for field in fields if field.name not in event.silent)
        joined = f'old_values JOIN new_values ON old_values."id" = new_values."id" WHERE {changed}'
        match self.operation:
            case pgtrigger.Insert:
                rows = [self._rows("insert", "new_values", _values("new_values", fields if event.of_ties else []))]
            case pgtrigger.Update if event.of_ties:
                rows = [
                    self._rows("delete", "old_values", _values("old_values", fields), joined),
                    self._rows("insert", "new_values", _values("new_values", fields), joined),
                ]
            case pgtrigger.Update:
                rows = [self._rows("update", "old_values", {f.column: self._before(f) for f in fields}, joined)]
            case pgtrigger.Delete:
                rows = [self._rows("delete", "old_values", _values("old_values", fields))]
            case pgtrigger.Truncate:
                rows = [self._rows("delete", table, _values(table, fields))]
        return " ".join(f"EXECUTE $query${query}$query$;" for query in rows) + " RETURN NULL;"

    def _before(self, field: models.Field) -> str:
        old = f'old_values."{field.column}"'
        return f"CASE WHEN {_differs(field.column)} THEN {old} END" if field.name in self.event_model.sparse else old

    def _rows(self, label: str, row: str, values: dict[str, str], source: str = "") -> str:
        """The query that adds an event for each row of `source`; `values`: expressions by column."""
        own = {
            "pgh_created_at": "statement_timestamp()",
            "pgh_label": f"'{label}'",
            "pgh_obj_id": f'{row}."id"',
            # Asked at the first row: what changes nothing leaves no context either.
            "pgh_context_id": "(SELECT catalog_history_context())",
        } | values
        into = ", ".join(f'"{column}"' for column in own)
        table = self.event_model._meta.db_table
        return f'INSERT INTO "{table}" ({into}) SELECT {", ".join(own.values())} FROM {source or row}'


def _noted(event: type[HistoryEvent]) -> list[models.Field]:
    return [field for field in event._meta.fields if not field.name.startswith("pgh_")]


def _values(row: str, fields: list[models.Field]) -> dict[str, str]:
    return {field.column: f'{row}."{field.column}"' for field in fields}


def _differs(column: str) -> str:
    return f'old_values."{column}" IS DISTINCT FROM new_values."{column}"'


class _Recorded(pghistory.RowEvent):
    when = pgtrigger.After

    def add_event_trigger(self, event_model):
        options = {name: getattr(self, name) for name in ("label", "row", "operation", "when")}
        name = f"history_{str(self.operation).lower()}"
        trigger = Recording(event_model=event_model, name=name, level=pgtrigger.Statement, **options)
        pgtrigger.register(trigger)(event_model.pgh_tracked_model)


class _Inserted(_Recorded):
    label, row, operation = "insert", "NEW", pgtrigger.Insert


class _Updated(_Recorded):
    label, row, operation = "update", "OLD", pgtrigger.Update


class _Deleted(_Recorded):
    label, row, operation = "delete", "OLD", pgtrigger.Delete


class _Emptied(_Recorded):
    """By TRUNCATE, which shows a trigger no rows: they are read before it."""

    label, row, operation, when = "delete", "OLD", pgtrigger.Truncate, pgtrigger.Before

    def pghistory_setup(self, event_model):
        self.add_event_trigger(event_model)


def events_of(model: type[models.Model], *fields: str) -> type[HistoryEvent]:
    """An abstract model of the events of `model`, which note these fields."""
    return pghistory.create_event_model(
        model,
        *(_Inserted(), _Updated(), _Deleted(), _Emptied()),
        fields=list(fields),
        base_model=HistoryEvent,
        obj_field=pghistory.ObjForeignKey(related_name="+", related_query_name="+", db_index=False),
        context_field=pghistory.ContextForeignKey(related_name="+", db_index=True),
        append_only=False,
    )


class Meta:
    # Nobody is given rights to events: who may see them follows from the rights to what they are about.
    default_permissions = ()
    indexes = [models.Index(fields=["pgh_obj", "pgh_id"], name="%(class)s_of_row")]


class CaseEvent(
    events_of(
        Case,
        *("ref", "title", "subtitle", "title_inferred", "slug", "status", "bank", "branch"),
        *("category", "category_confidence", "summary", "body", "captions", "authors", "published_on", "script"),
        *("source", "number", "first_line", "last_line", "first_page", "last_page", "provenance", "imported", "base"),
        "created_at",
    )
):
    sparse = frozenset({"summary", "body", "captions", "provenance", "imported"})
    silent = frozenset({"imported", "base", "created_at"})
    created_at = models.DateTimeField("建立", null=True)

    class Meta(Meta):
        pass


class CaseProduct(Case.products.through):
    """The tie of a case to a product, by a name for its events."""

    class Meta:
        proxy = True
        default_permissions = ()


class CaseProductEvent(events_of(CaseProduct, "case", "product")):
    of_ties = True

    class Meta(Meta):
        indexes = [*Meta.indexes, models.Index(fields=["case", "pgh_id"], name="%(class)s_of_case")]


class BankEvent(
    events_of(Bank, *("code", "name", "short_name", "full_name", "english_name", "abbreviation", "kind", "position"))
):
    class Meta(Meta):
        pass


class BankAliasEvent(events_of(BankAlias, "bank", "name")):
    of_ties = True

    class Meta(Meta):
        pass


class CategoryEvent(events_of(Category, "code", "name", "position", "slogans")):
    class Meta(Meta):
        pass


class ProductEvent(events_of(Product, "bank", "name", "key", "slug", "kind")):
    class Meta(Meta):
        pass


class ProductAliasEvent(events_of(ProductAlias, "product", "name")):
    of_ties = True

    class Meta(Meta):
        pass


class SourceEvent(
    events_of(Source, *("name", "sha256", "kind", "title", "publisher", "published_on", "script", "encoding", "status"))
):
    # Without the default that the database has for those of documents.
    status = models.CharField("状态", max_length=9, choices=Source.Status, null=True)  # noqa: DJ001 (null: not noted)

    class Meta(Meta):
        pass
