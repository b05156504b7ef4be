"""Cases of the catalogue that come back in an export of its own: they are what they were, wherever they came from.

What somebody changed in the exported file is an editor's change, not their source's. It is made where the case is still
as it was when it left, or where nobody but an import has written the field; what else differs is told and left alone.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.db.models import Q
from django.db.models.functions import Length
from django.utils import timezone

from catalog.importing.database.batches import (
    assign,
    carry,
    current_values,
    link,
    products_of,
    save,
    told_values,
    wanted_values,
)
from catalog.importing.database.indexing import Indexer
from catalog.importing.database.names import Names
from catalog.importing.database.resolved import ResolvedCase, marks_of, resolve
from catalog.importing.drafts import Statement
from catalog.importing.form import LONGEST_ID, carried_id, id_of
from catalog.importing.terms import Change, Outcome, Terms
from catalog.models import Case, Doubt, Product, Source
from catalog.text.sketch import likeness, sketch

_LEFT_ALONE = "送回的导出里有几栏和目录里的不同，而案例在导出以后改过，没有采用："
# The catalogue's own, not an editor's to change in a file.
_OURS = {"first_line", "last_line", "first_page", "last_page", "provenance", "number", "script"}


@dataclass
class ReturningCases:
    """Those among the statements about `source`. `counts`: updated, unchanged."""

    source: Source
    names: Names
    indexer: Indexer
    terms: Terms
    counts: Counter = field(default_factory=Counter)

    def take(self, statements: Sequence[Statement]) -> list[Statement]:
        """Writes what the catalogue's own cases come back with; returns the other statements."""
        ids = {statement.ref: carried_id(statement.source_ref or statement.ref) for statement in statements}
        if not any(ids.values()):
            return list(statements)
        known = self._known(list(filter(None, ids.values())))
        mine = set(Case.objects.filter(ref__in=list(ids), source=self.source).values_list("ref", flat=True))
        returning, others = {}, []
        for statement in statements:
            case = known.get(ids[statement.ref]) if statement.ref not in mine else None
            if case and case.pk not in returning and _is(case, statement):
                returning[case.pk] = statement
            else:
                others.append(statement)
        self._write(returning)
        return others

    def _known(self, ids: Sequence[str]) -> dict[str, Case]:
        """By their ids, the cases that have them."""
        by_kind: dict[str, list[str]] = {"ref": [], "slug": []}
        for each in ids:
            kind, _, name = each.partition(":")
            by_kind[kind].append(name)
        # Of a long ref an id is only a digest.
        long = Q(pk__in=Case.objects.annotate(length=Length("ref")).filter(length__gt=LONGEST_ID - 4))
        named = Q(ref__in=by_kind["ref"]) | Q(slug__in=by_kind["slug"], ref=None)
        digests = any(len(name) == 32 for names in by_kind.values() for name in names)
        cases = Case.objects.filter(named | long if digests else named).select_related("bank", "category")
        return {id_of(case.ref, case.slug): case for case in cases}

    def _write(self, statements: dict[int, Statement]) -> None:
        if not statements:
            return
        resolved = {
            case.ref: case
            for case in resolve([replace(s, ref=str(pk)) for pk, s in statements.items()], self.names, {})
        }
        rows = Case.objects.filter(pk__in=statements).order_by("pk")
        list(rows.select_for_update(no_key=True).values_list("pk"))
        linked = products_of(list(statements))
        changed, columns, relinked, told = [], set(), {}, {}
        for row in rows.select_related("bank", "category"):
            statement, case = statements[row.pk], resolved[str(row.pk)]
            taken, left = self._differing(row, case, linked[row.pk], statement)
            change = Change.CONFLICT if left else Change.CHANGED if taken else Change.UNCHANGED
            old = told_values(row, linked[row.pk], [*taken, *left])
            wanted = wanted_values(case.values, case.related, left)
            if left:
                told[row.pk] = left
            if not taken:
                self.counts["unchanged"] += 1
                self._hear(change, statement, row, old, wanted, left)
                continue
            assign(row, {name: case.values[name] for name in taken}, case.related)
            products = linked[row.pk]
            if "products" in taken:
                products = relinked[row.pk] = case.related["products"]
            carry(row, products)
            self._hear(change, statement, row, old, told_values(row, products, taken) | wanted, left)
            row.updated_at = timezone.now()
            changed.append(row)
            columns.update(taken)
            self.counts["updated"] += 1
        save(changed, {*columns, "updated_at"} - {"products"})
        link(relinked)
        self._tell(told)
        self.indexer.add(changed, [row.pk for row in changed])

    def _differing(
        self, row: Case, case: ResolvedCase, products: Iterable[Product], statement: Statement
    ) -> tuple[list[str], list[str]]:
        """(fields to write, fields to tell of)."""
        current = current_values(row, products)
        differ = [name for name, value in case.values.items() if name not in _OURS and value != current[name]]
        if statement.as_of and statement.as_of == row.updated_at:
            return differ, []
        if statement.as_of:
            return [], differ
        # What was never imported is still what it was in the beginning, unless an editor has written it.
        marks, last = marks_of(current), marks_of(current_values(Case(), []))
        last |= self.names.merged.understood(marks_of(row.imported))
        unedited = [name for name in differ if last[name] == marks[name]]
        return unedited, [name for name in differ if name not in unedited]

    def _hear(
        self, change: Change, statement: Statement, row: Case, old: Mapping, new: Mapping, kept: Sequence[str]
    ) -> None:
        name = self.source.file_name
        self.terms.hear(Outcome(name, statement.called, change, row.title, row.pk, old, new, tuple(kept)))

    def _tell(self, fields: dict[int, list[str]]) -> None:
        """One doubt a case, on its own source."""
        for row in Case.objects.filter(pk__in=fields, source__isnull=False):
            labels = "、".join(str(Case._meta.get_field(name).verbose_name) for name in fields[row.pk])
            Doubt.objects.get_or_create(
                source_id=row.source_id,
                case=row,
                field=fields[row.pk][0],
                reason=f"{_LEFT_ALONE}{labels}",
                settled_at=None,
                defaults={"confidence": 1.0},
            )


def _is(case: Case, statement: Statement) -> bool:
    """An id of another catalogue may be one of this one's too: of another case."""
    if case.title == statement.fields.get("title"):
        return True
    text = sketch(f"{statement.fields.get('summary') or ''}\n{statement.fields.get('body') or ''}")
    alike = likeness(sketch(f"{case.summary}\n{case.body}"), text)
    return alike is not None and alike >= 0.3
