"""The one place that writes imported cases: new ones by COPY, known ones merged with what editors made of them.

The number of queries of a batch does not depend on the number of its cases.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from django.db.models import Q

from catalog.importing.database.batches import (
    PRODUCT_LINK,
    Slugs,
    assign,
    carry,
    copy_in,
    current_values,
    link,
    next_keys,
    products_of,
    save,
    told_values,
    wanted_values,
)
from catalog.importing.database.conflicts import ConflictDraft, base_of, merge_edited, record_conflicts
from catalog.importing.database.identity.duplicates import Twin, likely_duplicates
from catalog.importing.database.identity.editions import Edition
from catalog.importing.database.indexing import Indexer
from catalog.importing.database.names import Names
from catalog.importing.database.resolved import (
    ResolvedCase,
    identity,
    last_marks,
    marks_of,
    resolve,
    without_line,
)
from catalog.importing.drafts import Doubt as DoubtDraft
from catalog.importing.drafts import Statement
from catalog.importing.merge import merge
from catalog.importing.terms import Change, Outcome, Terms
from catalog.models import Case, Doubt, Product, Source
from catalog.search import reindex

_VANISHED = "来源的新版本里没有这个案例"
# Settled ones of earlier imports stay settled.
_VANISHED_FORMERLY = ("来源文件的新版本里没有这一行", "来源文档的新版本里没有这个案例")
_RECOGNISED = "来源的新版本里，它的标题、正文或编号改了很多，按内容认作这个案例，请核对"
# Doubts that no statement gives, and that none takes back; so are those about another case.
_OURS = [_VANISHED, *_VANISHED_FORMERLY, _RECOGNISED]
# Earlier imports told of a conflict by a doubt, without its text: that stays until an editor has seen it.
_KEPT_FORMERLY = "来源的新文本与编辑稿不同，保留了编辑稿："


class Writer:
    """Writes into one source; `shifted`: its lines are not those of the last import any more. `counts`: created,
    updated, unchanged, removed, vanished, duplicates (see `sources.Report`). `terms` hear of each case once it is
    written.
    """

    def __init__(self, source: Source, names: Names, indexer: Indexer, shifted: bool, terms: Terms | None = None):
        self.source, self.names, self.indexer, self.terms = source, names, indexer, terms or Terms()
        self.counts: Counter[str] = Counter()
        self._slugs = Slugs(Case)
        self._withheld: dict[str, dict] = {}
        self._cases_before = source.cases.count()
        # What belongs to a source that is withdrawn does not come in public.
        public = self.terms.public and source.status == Source.Status.PUBLIC
        self._status = Case.Status.PUBLIC if public else Case.Status.DRAFT
        self._shifted = shifted

    def write(self, statements: Sequence[Statement]) -> None:
        """No ref comes twice in an import."""
        statements = self._with_own_refs(statements)
        columns = ("ref", "pk", "imported")
        found = list(Case.objects.filter(ref__in=[statement.ref for statement in statements]).values_list(*columns))
        # Asked in this order: what an editor deletes just now is met in one of the two.
        removed = set(Source.objects.values_list("removed", flat=True).get(pk=self.source.pk))
        kept = [statement for statement in statements if statement.ref not in removed]
        gone = [statement for statement in statements if statement.ref in removed]
        self._withheld |= {statement.ref: _withheld(statement) for statement in gone}
        self.counts["removed"] += len(gone)
        for statement in gone:
            self._tell(Change.REMOVED, statement.called, str(statement.fields.get("title", "")))
        last = {ref: self.names.merged.understood(marks_of(imported)) for ref, *_, imported in found}
        new = {case.ref: case for case in resolve(kept, self.names, last)}
        known = {}
        for ref, pk, _ in found:
            if ref not in new:
                continue
            case = new.pop(ref)
            if last[ref] == last[ref] | case.marks:
                self.counts["unchanged"] += 1
                self._tell(Change.UNCHANGED, case.called, _title(case), pk)
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

    def _with_own_refs(self, statements: Sequence[Statement]) -> list[Statement]:
        """Another file of that name, or of that name before its suffix, may have cases of these refs."""
        refs = [statement.ref for statement in statements]
        others = set(Case.objects.filter(ref__in=refs).exclude(source=self.source).values_list("ref", flat=True))
        return [
            replace(
                statement, ref=f"{statement.ref}@{self.source.pk}", source_ref=statement.source_ref or statement.ref
            )
            if statement.ref in others
            else statement
            for statement in statements
        ]

    def _tell(self, change: Change, called: str, title: str, case: int | None = None, **more: object) -> None:
        self.terms.hear(Outcome(self.source.file_name, called, change, title, case, **more))

    def finish(self, edition: Edition, doubts: Iterable[DoubtDraft] = ()) -> None:
        """Once all is written. `doubts`: those that belong to no case."""
        self._withhold()
        self._write_doubts({None: list(doubts)})
        # If as many were met again as there were, none is gone, and none needs looking for.
        complete = self.counts["unchanged"] + self.counts["updated"] == self._cases_before
        pairs = () if complete else self.source.cases.values_list("pk", "ref").iterator()
        vanished = [pk for pk, ref in pairs if ref is None or ref in edition.gone]
        self.counts["vanished"] += len(vanished)
        doubted = self.source.doubts.filter(field="source", reason__in=[_VANISHED, *_VANISHED_FORMERLY])
        doubted.open().exclude(case__in=vanished).delete()
        known = set(doubted.values_list("case", flat=True))
        draft = DoubtDraft("source", _VANISHED, 1.0)
        copy_in([self._doubt(pk, draft) for pk in vanished if pk not in known])
        self._doubt_identities(edition.unsure)

    def _doubt_identities(self, unsure: Mapping[str, float]) -> None:
        """One each until an editor has settled it."""
        doubted = self.source.doubts.open().filter(reason=_RECOGNISED).values("case")
        rows = self.source.cases.filter(ref__in=list(unsure)).exclude(pk__in=doubted).values_list("pk", "ref")
        copy_in([self._doubt(pk, DoubtDraft("source", _RECOGNISED, round(unsure[ref], 2))) for pk, ref in rows])

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
            assign(row, case.values, case.related)
            carry(row, case.related.get("products", []))
            rows.append(row)
        twins = likely_duplicates(rows, self.source)
        for row in rows:
            if (twin := twins.get(row.pk)) and twin.alike:
                row.status = Case.Status.DRAFT
        for row, slug in zip(rows, self._slugs.take([row.full_title for row in rows]), strict=True):
            row.slug = slug
        copy_in(rows)
        copy_in([PRODUCT_LINK(case_id=row.pk, product_id=product.pk) for row in rows for product in row.products.all()])
        copy_in([self._doubt(row.pk, doubt) for row, case in zip(rows, cases, strict=True) for doubt in case.doubts])
        copy_in([self._doubt_twin(pk, twin) for pk, twin in twins.items()])
        self.counts["duplicates"] += len(twins)
        for row, case in zip(rows, cases, strict=True):
            new = told_values(row, row.products.all(), [name for name, value in case.values.items() if value])
            twin = twins.get(row.pk)
            doubts = _reasons(case.doubts) + ((twin.reason,) if twin else ())
            change = Change.DUPLICATE if twin and twin.alike else Change.NEW
            self._tell(change, case.called, _title(case), new=new, doubts=doubts)
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
        linked = products_of(list(cases))
        there = self._products_there(rows)
        untouched = marks_of(current_values(Case(), []))
        changed, noted, renumbered, columns, doubts, relinked = [], [], [], set(), {}, {}
        conflicts: dict[int, list[ConflictDraft]] = {}
        for row in rows:
            case, products = cases[row.pk], linked[row.pk]
            # What was never imported is still what it was in the beginning, unless an editor has written it.
            values, before = case.values, list(products)
            current = current_values(row, products)
            marks = marks_of(values)
            last = untouched | last_marks(row.imported, self.names.merged, current["products"], there)
            result = merge(marks, last, marks_of(current))
            merged, conflicts[row.pk] = merge_edited(row, result.kept, values, last, current)
            written = {name: values[name] for name in result.values} | merged
            kept = tuple(dict.fromkeys(draft.field for draft in conflicts[row.pk]))
            differs = bool(written) or any(last[name] != value for name, value in marks.items())
            (changed if differs else noted).append(row)
            row.imported = marks_of(row.imported) | case.marks
            old = told_values(row, before, [*result.values, *result.kept])
            if row.number is not None and "number" in result.values:
                renumbered.append(row.pk)
            assign(row, written, case.related)
            row.base = base_of(row, values)
            if "products" in result.values:
                products = relinked[row.pk] = case.related["products"]
            carry(row, products)
            columns.update(written)
            doubts[row.pk] = case.doubts
            new = told_values(row, products, written) | wanted_values(values, case.related, kept)
            change = Change.CONFLICT if kept else Change.CHANGED if written else Change.UNCHANGED
            told = {"old": old, "new": new, "kept": kept, "doubts": _reasons(case.doubts)}
            self._tell(change, case.called, row.title, row.pk, **told)
        if renumbered:  # two may exchange theirs
            Case.objects.filter(pk__in=renumbered).update(number=None)
        save(changed, {*columns, "imported", "base", "updated_at"} - {"products"})
        save(noted, {"imported", "base"})
        link(relinked)
        self._write_doubts(doubts)
        record_conflicts(conflicts, {pk: case.values for pk, case in cases.items()})
        return changed

    def _products_there(self, rows: Iterable[Case]) -> set[int]:
        """The keys of those products of the last import that there still are."""
        marks = (self.names.merged.understood(marks_of(row.imported)) for row in rows)
        keys = {key for mark in marks for key in mark.get("products", []) if isinstance(key, int)}
        return set(Product.objects.filter(pk__in=keys).values_list("pk", flat=True)) if keys else set()

    def _write_doubts(self, drafts: Mapping[int | None, Sequence[DoubtDraft]]) -> None:
        """Keeps what editors settled, drops open doubts that the source no longer gives, adds the new. `drafts`: by the
        key of the case.
        """
        new = {
            (pk, field, without_line(reason), str(spans)): doubt
            for pk, doubts in drafts.items()
            for doubt in doubts
            for field, reason, spans in [identity(doubt)]
        }
        of_cases = Q(case__in=[pk for pk in drafts if pk is not None])
        rows = self.source.doubts.filter(of_cases | Q(case=None) if None in drafts else of_cases)
        outdated = []
        for row in rows.exclude(reason__in=_OURS).filter(other=None):
            key = (row.case_id, row.field, without_line(row.reason), str(row.spans))
            waits = row.reason.startswith(_KEPT_FORMERLY)
            # Of one that stands on another line now the row says so; one that was settled stays settled.
            if key in new and (row.settled_at or row.reason == new[key].reason):
                del new[key]
            elif row.settled_at is None and not waits:
                outdated.append(row.pk)
        if outdated:
            Doubt.objects.filter(pk__in=outdated).delete()
        copy_in([self._doubt(pk, doubt) for (pk, *_), doubt in new.items()])

    def _doubt_twin(self, case: int, twin: Twin) -> Doubt:
        draft = DoubtDraft("source", twin.reason, round(1 - (twin.alike or 0.5), 2))
        doubt = self._doubt(case, draft)
        doubt.other_id = twin.pk
        return doubt

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


def _title(case: ResolvedCase) -> str:
    return str(case.values.get("title", ""))


def _reasons(doubts: Iterable[DoubtDraft]) -> tuple[str, ...]:
    return tuple(doubt.reason for doubt in doubts)
