"""The one place that writes imported cases: new ones by COPY, known ones merged with what editors made of them.

The number of queries of a batch does not depend on the number of its cases.
"""

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from django.db.models import Q

from catalog.importing.database.batches import Slugs, copy_in, next_keys
from catalog.importing.database.indexing import Indexer
from catalog.importing.database.names import Names
from catalog.importing.database.resolved import ResolvedCase, identity, marks_of, resolve, without_line
from catalog.importing.drafts import Doubt as DoubtDraft
from catalog.importing.drafts import ImportProblem, Statement
from catalog.importing.merge import merge
from catalog.models import Case, Doubt, Product, Source
from catalog.search import reindex

_LINK = Case.products.through
_VANISHED = "来源的新版本里没有这个案例"
# Settled ones of earlier imports stay settled.
_VANISHED_FORMERLY = ("来源文件的新版本里没有这一行", "来源文档的新版本里没有这个案例")
_KEPT = "来源的新文本与编辑稿不同，保留了编辑稿："


class Writer:
    """Writes into one source; `shifted`: its lines are not those of the last import any more. `counts`: created,
    updated, unchanged, removed, vanished (see `sources.Report`).
    """

    def __init__(self, source: Source, names: Names, indexer: Indexer, shifted: bool):
        self.source, self.names, self.indexer = source, names, indexer
        self.counts: Counter[str] = Counter()
        self._slugs = Slugs(Case)
        self._withheld: dict[str, dict] = {}
        self._cases_before = source.cases.count()
        # What belongs to a source that is withdrawn does not come in public.
        self._status = Case.Status.PUBLIC if source.status == Source.Status.PUBLIC else Case.Status.DRAFT
        self._shifted = shifted

    def write(self, statements: Sequence[Statement]) -> None:
        """Refs are the source's own and none comes twice in an import."""
        columns = ("ref", "pk", "source", "imported")
        found = list(Case.objects.filter(ref__in=[statement.ref for statement in statements]).values_list(*columns))
        # Asked in this order: what an editor deletes just now is met in one of the two.
        removed = set(Source.objects.values_list("removed", flat=True).get(pk=self.source.pk))
        kept = [statement for statement in statements if statement.ref not in removed]
        gone = [statement for statement in statements if statement.ref in removed]
        self._withheld |= {statement.ref: _withheld(statement) for statement in gone}
        self.counts["removed"] += len(gone)
        new = {case.ref: case for case in resolve(kept, self.names)}
        known = {}
        for ref, pk, source, imported in found:
            if ref not in new:
                continue
            if source != self.source.pk:
                raise ImportProblem(f"导入标识“{ref}”已属于另一份来源的案例", file=self.source.name)
            case = new.pop(ref)
            last = marks_of(imported)
            if last == last | case.marks:
                self.counts["unchanged"] += 1
            else:
                known[pk] = case
        # The updated first: they may give up numbers that new ones take.
        new, known = self._with_free_numbers(new, known)
        updated = self._update(known)
        created = self._create(list(new.values()))
        self.counts["created"] += len(created)
        self.counts["updated"] += len(updated)
        self.counts["unchanged"] += len(known) - len(updated)
        self.indexer.add([*created, *updated], [case.pk for case in updated])

    def finish(self, refs: Container[str], doubts: Iterable[DoubtDraft] = ()) -> None:
        """Once all is written. `refs`: of all statements. `doubts`: those that belong to no case."""
        self._withhold()
        self._write_doubts({None: list(doubts)})
        # If as many were met again as there were, none is gone, and none needs looking for.
        complete = self.counts["unchanged"] + self.counts["updated"] == self._cases_before
        pairs = () if complete else self.source.cases.values_list("pk", "ref").iterator()
        vanished = [pk for pk, ref in pairs if ref not in refs]
        self.counts["vanished"] += len(vanished)
        doubted = self.source.doubts.filter(field="source", reason__in=[_VANISHED, *_VANISHED_FORMERLY])
        doubted.open().exclude(case__in=vanished).delete()
        known = set(doubted.values_list("case", flat=True))
        draft = DoubtDraft("source", _VANISHED, 1.0)
        copy_in([self._doubt(pk, draft) for pk in vanished if pk not in known])

    def _withhold(self) -> None:
        """The lines of deleted cases, in what the source holds now. Where it no longer says them only titles are known,
        which may stand anywhere in it.
        """
        source = Source.objects.select_for_update().only("withheld").get(pk=self.source.pk)
        known = {entry["ref"]: entry for entry in source.withheld if entry["ref"]} | self._withheld
        unnumbered = [entry for entry in source.withheld if not entry["ref"]]
        withheld = [*known.values(), *unnumbered]
        if self._shifted:
            withheld = [entry if entry["ref"] in self._withheld else entry | {"lines": []} for entry in withheld]
        if withheld != source.withheld:
            Source.objects.filter(pk=self.source.pk).update(withheld=withheld)

    def index_renamed(self) -> None:
        """Indexes anew the cases that name what an editor has renamed since the import began."""
        for field, keys in self.names.renamed().items():
            reindex(self.source.cases.filter(**{f"{field}__in": keys}).values_list("pk", flat=True))

    def _with_free_numbers(self, *groups: Mapping) -> list[dict]:
        """The groups without the numbers that another case of the source has; each gets a doubt instead."""
        numbered = [case for group in groups for case in group.values() if case.values.get("number") is not None]
        if not numbered:
            return [dict(group) for group in groups]
        numbers = [case.values["number"] for case in numbered]
        others = self.source.cases.exclude(ref__in=[case.ref for case in numbered])
        taken = set(others.filter(number__in=numbers).values_list("number", flat=True))
        return [{key: _numbered_once(case, taken) for key, case in group.items()} for group in groups]

    def _create(self, cases: list[ResolvedCase]) -> list[Case]:
        if not cases:
            return []
        rows = []
        for case, pk in zip(cases, next_keys(Case, len(cases)), strict=True):
            row = Case(pk=pk, ref=case.ref, source_id=self.source.pk, imported=case.marks, status=self._status)
            _assign(row, case.values, case.related)
            _carry(row, case.related.get("products", []))
            rows.append(row)
        for row, slug in zip(rows, self._slugs.take([row.full_title for row in rows]), strict=True):
            row.slug = slug
        copy_in(rows)
        copy_in([_LINK(case_id=row.pk, product_id=product.pk) for row in rows for product in row.products.all()])
        copy_in([self._doubt(row.pk, doubt) for row, case in zip(rows, cases, strict=True) for doubt in case.doubts])
        return rows

    def _update(self, cases: dict[int, ResolvedCase]) -> list[Case]:
        """Of these something differs from the last import. Returns those of which more than a doubt does, if only in
        what an editor's change keeps out.
        """
        if not cases:
            return []
        # Locked, so that an editor who saves just now is not overwritten.
        list(Case.objects.filter(pk__in=cases).order_by("pk").select_for_update(no_key=True).values_list("pk"))
        rows = list(Case.objects.filter(pk__in=cases).select_related("bank", "category").order_by("pk"))
        linked = _products_of(list(cases))
        untouched = marks_of(_current(Case(), []))
        changed, noted, renumbered, columns, doubts, relinked = [], [], [], set(), {}, {}
        for row in rows:
            case, products = cases[row.pk], linked[row.pk]
            # What was never imported is still what it was in the beginning, unless an editor has written it.
            last = untouched | marks_of(row.imported)
            marks = marks_of(case.values)
            result = merge(marks, last, marks_of(_current(row, products)))
            differs = bool(result.values) or any(last[name] != value for name, value in marks.items())
            (changed if differs else noted).append(row)
            row.imported = marks_of(row.imported) | case.marks
            if row.number is not None and "number" in result.values:
                renumbered.append(row.pk)
            _assign(row, {name: case.values[name] for name in result.values}, case.related)
            if "products" in result.values:
                products = relinked[row.pk] = case.related["products"]
            _carry(row, products)
            columns.update(result.values)
            doubts[row.pk] = [*case.doubts, *_kept(result.kept)]
        if renumbered:  # two may exchange theirs
            Case.objects.filter(pk__in=renumbered).update(number=None)
        _save(changed, {*columns, "imported", "updated_at"} - {"products"})
        _save(noted, {"imported"})
        _link(relinked)
        self._write_doubts(doubts)
        return changed

    def _write_doubts(self, drafts: Mapping[int | None, Sequence[DoubtDraft]]) -> None:
        """Keeps what editors settled, drops open doubts that the source no longer gives, adds the new. `drafts`: by the
        key of the case. That an edit was kept stays to be seen until an editor has seen it, or another was kept.
        """
        new = {
            (pk, field, without_line(reason), str(spans)): doubt
            for pk, doubts in drafts.items()
            for doubt in doubts
            for field, reason, spans in [identity(doubt)]
        }
        kept_anew = {pk for pk, _, reason, _ in new if reason.startswith(_KEPT)}
        of_cases = Q(case__in=[pk for pk in drafts if pk is not None])
        rows = self.source.doubts.filter(of_cases | Q(case=None) if None in drafts else of_cases)
        outdated = []
        for row in rows.exclude(reason__in=[_VANISHED, *_VANISHED_FORMERLY]):
            key = (row.case_id, row.field, without_line(row.reason), str(row.spans))
            waits = row.reason.startswith(_KEPT) and row.case_id not in kept_anew
            if key in new and (row.settled_at or row.reason == new[key].reason):
                del new[key]
            elif row.settled_at is None and not waits:
                outdated.append(row.pk)
        if outdated:
            Doubt.objects.filter(pk__in=outdated).delete()
        copy_in([self._doubt(pk, doubt) for (pk, *_), doubt in new.items()])

    def _doubt(self, case: int | None, draft: DoubtDraft) -> Doubt:
        values = {name: getattr(draft, name) for name in ("field", "reason", "confidence", "spans")}
        return Doubt(source_id=self.source.pk, case_id=case, **values)


def _withheld(statement: Statement) -> dict:
    """As the database notes of a case that is deleted."""
    fields = statement.fields
    ranges = [lines for row in fields.get("provenance") or [] for lines in row["lines"]]
    if fields.get("first_line"):
        ranges.append([fields["first_line"], fields.get("last_line") or fields["first_line"]])
    names = {name: fields.get(name) or "" for name in ("title", "subtitle")}
    return {"ref": statement.ref, **names, "lines": ranges}


def _numbered_once(case: ResolvedCase, taken: set[int]) -> ResolvedCase:
    """Adds the case's number to those taken, or takes it from the case."""
    number = case.values.get("number")
    if number is None:
        return case
    if number not in taken:
        taken.add(number)
        return case
    doubt = DoubtDraft("number", f"序号 {number} 已属于同一来源的另一个案例，没有采用", 0.3)
    return replace(case, values={**case.values, "number": None}, doubts=(*case.doubts, doubt))


def _assign(row: Case, values: Mapping[str, object], related: Mapping[str, object]) -> None:
    for name, value in values.items():
        if name in ("bank", "category"):
            setattr(row, name, related[name])
        elif name == "published_on":
            row.published_on = date.fromisoformat(value) if value else None
        elif name != "products":
            setattr(row, name, value)


def _carry(row: Case, products: Iterable[Product]) -> None:
    """Lets `row.products.all()` answer without the database, as after `prefetch_related`."""
    row._prefetched_objects_cache = {"products": list(products)}


def _current(row: Case, products: Iterable[Product]) -> dict[str, object]:
    current = {field.name: getattr(row, field.name) for field in Case._meta.concrete_fields if field.name != "source"}
    current["published_on"] = row.published_on and row.published_on.isoformat()
    return current | {
        "bank": row.bank and row.bank.code,
        "category": row.category and row.category.code,
        "products": sorted(product.pk for product in products),
    }


def _kept(fields: Sequence[str]) -> list[DoubtDraft]:
    if not fields:
        return []
    labels = "、".join(str(Case._meta.get_field(name).verbose_name) for name in fields)
    return [DoubtDraft(fields[0], f"{_KEPT}{labels}", 1.0)]


def _save(rows: list[Case], columns: set[str]) -> None:
    """One statement whatever differs, as `bulk_create` updates what is there."""
    if rows:
        Case.objects.bulk_create(rows, update_conflicts=True, unique_fields=["id"], update_fields=sorted(columns))


def _products_of(cases: list[int]) -> dict[int, list[Product]]:
    products = defaultdict(list)
    for link in _LINK.objects.filter(case__in=cases).select_related("product"):
        products[link.case_id].append(link.product)
    return products


def _link(products: Mapping[int, list[Product]]) -> None:
    """Sets the products of cases, which are all of them known."""
    if products:
        _LINK.objects.filter(case__in=list(products)).delete()
        copy_in([_LINK(case_id=pk, product_id=product.pk) for pk, rows in products.items() for product in rows])
