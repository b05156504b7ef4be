"""A batch of drafts to rows: new cases by COPY, known ones merged with what editors made of them.

The number of queries of a batch does not depend on the number of its rows.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from catalog.importing.database.copying import copy_in, next_keys
from catalog.importing.database.indexing import Indexer
from catalog.importing.database.names import Names
from catalog.importing.database.slugs import Slugs
from catalog.importing.database.wanted import Wanted, mark, want
from catalog.importing.drafts import Doubt as DoubtDraft
from catalog.importing.merge import merge
from catalog.importing.rows.drafts import RowDraft
from catalog.models import Case, Doubt, Product, Source

_LINK = Case.products.through


class Writer:
    """Writes into one source. `counts`: created, updated, unchanged, removed, as `loader.Loaded` has them."""

    def __init__(self, source: Source, names: Names, indexer: Indexer):
        self.source, self.names, self.indexer = source, names, indexer
        self.counts: Counter[str] = Counter()
        self._slugs = Slugs(Case)
        self._removed = frozenset(source.removed)

    def write(self, drafts: Sequence[tuple[str, RowDraft]]) -> None:
        """`drafts` with their refs, of which none comes twice in an import."""
        kept = [(ref, draft) for ref, draft in drafts if ref not in self._removed]
        self.counts["removed"] += len(drafts) - len(kept)
        wanted = {one.ref: one for one in want(kept, self.names)}
        known = Case.objects.filter(ref__in=list(wanted)).values_list("ref", "pk", "imported")
        new, changed = dict(wanted), {}
        for ref, pk, imported in known:
            one = new.pop(ref)
            if imported == imported | one.marks:
                self.counts["unchanged"] += 1
            else:
                changed[pk] = one
        created = self._create(list(new.values()))
        updated = self._update(changed)
        self.counts["created"] += len(created)
        self.counts["updated"] += len(updated)
        self.indexer.add([*created, *updated], [case.pk for case in updated])

    def _create(self, wanted: list[Wanted]) -> list[Case]:
        if not wanted:
            return []
        cases = []
        for one, pk in zip(wanted, next_keys(Case, len(wanted)), strict=True):
            case = Case(pk=pk, ref=one.ref, source_id=self.source.pk, imported=one.marks)
            _assign(case, one.values, one.related)
            _carry(case, one.related.get("products", []))
            cases.append(case)
        for case, slug in zip(cases, self._slugs.take([case.full_title for case in cases]), strict=True):
            case.slug = slug
        copy_in(cases)
        copy_in([_LINK(case_id=case.pk, product_id=product.pk) for case in cases for product in case.products.all()])
        copy_in([self._doubt(case.pk, doubt) for case, one in zip(cases, wanted, strict=True) for doubt in one.doubts])
        return cases

    def _update(self, wanted: dict[int, Wanted]) -> list[Case]:
        """All of `wanted` differ from the last import, if only in what an editor's change keeps out."""
        if not wanted:
            return []
        # Locked, so that an editor who saves just now is not overwritten.
        list(Case.objects.filter(pk__in=wanted).order_by("pk").select_for_update(no_key=True).values_list("pk"))
        cases = list(Case.objects.filter(pk__in=wanted).select_related("bank", "category").order_by("pk"))
        linked = _products_of(list(wanted))
        columns, doubts, relinked = set(), {}, {}
        for case in cases:
            one = wanted[case.pk]
            products = linked[case.pk]
            result = merge(
                {name: mark(value) for name, value in one.values.items()},
                case.imported,
                {name: mark(value) for name, value in _current(case, products).items()},
            )
            case.imported = case.imported | one.marks
            _assign(case, {name: one.values[name] for name in result.values}, one.related)
            if "products" in result.values:
                products = relinked[case.pk] = one.related["products"]
            _carry(case, products)
            columns.update(result.values)
            doubts[case.pk] = [*one.doubts, *_kept(result.kept)]
        self._save(cases, columns - {"products"})
        _link(relinked)
        self._write_doubts(doubts)
        return cases

    def _save(self, cases: list[Case], columns: set[str]) -> None:
        """One statement whatever differs, as `bulk_create` updates what is there."""
        Case.objects.bulk_create(
            cases,
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=sorted({*columns, "imported", "updated_at"}),
        )

    def _write_doubts(self, wanted: dict[int, list[DoubtDraft]]) -> None:
        """Keeps what editors settled, drops open doubts that the row no longer gives, adds the new."""
        new = {(pk, doubt.field, doubt.reason): doubt for pk, doubts in wanted.items() for doubt in doubts}
        outdated = []
        for row in Doubt.objects.filter(case__in=list(wanted), source=self.source):
            if new.pop((row.case_id, row.field, row.reason), None) is None and row.settled_at is None:
                outdated.append(row.pk)
        Doubt.objects.filter(pk__in=outdated).delete()
        copy_in([self._doubt(pk, doubt) for (pk, _, _), doubt in new.items()])

    def _doubt(self, case: int, draft: DoubtDraft) -> Doubt:
        values = {name: getattr(draft, name) for name in ("field", "reason", "confidence")}
        return Doubt(source_id=self.source.pk, case_id=case, **values)


def _assign(case: Case, values: dict[str, object], related: dict[str, object]) -> None:
    for name, value in values.items():
        if name in ("bank", "category"):
            setattr(case, name, related[name])
        elif name == "published_on":
            case.published_on = date.fromisoformat(value) if value else None
        elif name != "products":
            setattr(case, name, value)


def _carry(case: Case, products: Iterable[Product]) -> None:
    """Lets `case.products.all()` answer without the database, as after `prefetch_related`."""
    case._prefetched_objects_cache = {"products": list(products)}


def _current(case: Case, products: list[Product]) -> dict[str, object]:
    current = {field.name: getattr(case, field.name) for field in Case._meta.concrete_fields if field.name != "source"}
    current["published_on"] = case.published_on and case.published_on.isoformat()
    return current | {
        "bank": case.bank and case.bank.code,
        "category": case.category and case.category.code,
        "products": sorted(product.pk for product in products),
    }


def _kept(fields: tuple[str, ...]) -> list[DoubtDraft]:
    if not fields:
        return []
    labels = "、".join(str(Case._meta.get_field(name).verbose_name) for name in fields)
    return [DoubtDraft(fields[0], f"来源的新文本与编辑稿不同，保留了编辑稿：{labels}", 1.0)]


def _products_of(cases: list[int]) -> dict[int, list[Product]]:
    found = defaultdict(list)
    for link in _LINK.objects.filter(case__in=cases).select_related("product"):
        found[link.case_id].append(link.product)
    return found


def _link(products: dict[int, list[Product]]) -> None:
    """Sets the products of cases, which are all of them known."""
    if products:
        _LINK.objects.filter(case__in=list(products)).delete()
        copy_in([_LINK(case_id=pk, product_id=product.pk) for pk, rows in products.items() for product in rows])
