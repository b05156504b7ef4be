"""The one place that writes imported cases: drafts to rows, a document a transaction."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from django.db import transaction

from catalog.importing.compose import body_of, provenance_of
from catalog.importing.corrections import Corrections
from catalog.importing.drafts import CaseDraft, ImportProblem, ProductDraft, SourceDraft
from catalog.importing.drafts import Doubt as DoubtDraft
from catalog.importing.merge import merge
from catalog.importing.reference import Reference
from catalog.models import Bank, Case, Category, Doubt, Product, Source
from catalog.search import deferred_indexing
from catalog.text.names import name_key
from catalog.text.script import to_simplified

SOURCE_FIELDS = ("title", "publisher", "published_on", "script")
LABELS = {name: Case._meta.get_field(name).verbose_name for name in ("title", "subtitle", "summary", "body", "branch")}


@dataclass
class Loaded:
    """What one document's import did. `removed` are cases that editors deleted and that stay deleted."""

    source: str
    counts: Counter = field(default_factory=Counter)  # created, updated, unchanged, removed, vanished
    doubts: int = 0
    corrections: int = 0
    skipped: bool = False  # the document and all that its reading depends on are as at the last import
    bad_rows: list[str] = field(default_factory=list)  # the first of them, each with its line and what is wrong
    bad_row_count: int = 0
    unknown_columns: tuple[str, ...] = ()


def fingerprint(sha256: str, reference: Reference, corrections: Corrections) -> str:
    """What a reading depends on: the document, the readers' code, the reference data and the corrections."""
    digest = hashlib.sha256(sha256.encode())
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    digest.update(repr((reference, corrections)).encode())
    return digest.hexdigest()


def unchanged(name: str, mark: str) -> Loaded | None:
    """The report on a document that needs no reading, or None."""
    source = Source.objects.filter(name=name, fingerprint=mark).first()
    if source is None:
        return None
    cases = source.cases.count()
    return Loaded(name, Counter(unchanged=cases), source.doubts.open().count(), skipped=True)


@transaction.atomic
def load(draft: SourceDraft, mark: str = "", corrections: int = 0) -> Loaded:
    """Writes a document's cases. All or nothing; idempotent; never over an editor's change.

    `corrections`: how many the draft needed, for the report.
    """
    source = _write_source(draft, mark)
    report = Loaded(draft.document.name, corrections=corrections)
    rows = {case.ref: case for case in source.cases.all()}
    with deferred_indexing():
        for case_draft in draft.cases:
            if case_draft.ref in source.removed:
                report.counts["removed"] += 1
                continue
            case = rows.pop(case_draft.ref, None)
            report.counts[_write_case(case or Case(ref=case_draft.ref, source=source), case_draft)] += 1
        for case in rows.values():
            report.counts["vanished"] += 1
            _write_doubts(source, case, [DoubtDraft("source", "来源文档的新版本里没有这个案例", 1.0)])
    _write_doubts(source, None, draft.doubts)
    report.doubts = source.doubts.open().count()
    return report


def _write_source(draft: SourceDraft, mark: str) -> Source:
    document = draft.document
    twin = Source.objects.filter(sha256=document.sha256).exclude(name=document.name).first()
    if twin:
        raise ImportProblem(f"内容与已导入的 {twin.name} 完全相同", file=document.name)
    source = Source.objects.filter(name=document.name).first() or Source(name=document.name)
    fresh = {name: _json(getattr(draft, name)) for name in SOURCE_FIELDS}
    current = {name: _json(getattr(source, name)) for name in SOURCE_FIELDS}
    for name, value in merge(fresh, source.imported, current).values.items():
        setattr(source, name, value)
    source.sha256, source.kind, source.encoding = document.sha256, draft.kind, document.encoding
    source.lines, source.fingerprint, source.imported = list(document.lines), mark, fresh
    source.save()
    return source


def _write_case(case: Case, draft: CaseDraft) -> str:
    """Returns created, updated or unchanged."""
    bank = _bank(draft)
    fresh = _fresh_values(draft)
    products = [_product(bank, product) for product in draft.products] if bank else []
    fresh["products"] = sorted(product.pk for product in products)
    result = merge(fresh, case.imported, _current_values(case))
    created = case.pk is None
    changed = created or bool(result.values) or case.imported != fresh
    values = dict(result.values)
    new_products = values.pop("products", None)
    if "bank" in values:
        values["bank"] = bank
    if "category" in values:
        values["category"] = _category(draft)
    for name, value in values.items():
        setattr(case, name, value)
    case.imported = fresh
    if changed:
        case.save()
    if new_products is not None:
        case.products.set(new_products)
    doubts = list(draft.doubts)
    if result.kept:
        labels = "、".join(LABELS.get(name, name) for name in result.kept)
        doubts.append(DoubtDraft(result.kept[0], f"来源的新文本与编辑稿不同，保留了编辑稿：{labels}", 1.0))
    _write_doubts(case.source, case, doubts)
    return "created" if created else "updated" if changed else "unchanged"


def _fresh_values(draft: CaseDraft) -> dict:
    """The draft as JSON values, keyed by the case's fields; relations by their stable codes."""
    first_page, last_page = draft.pages or (None, None)
    return {
        "title": draft.title,
        "subtitle": draft.subtitle,
        "title_inferred": draft.title_inferred,
        "bank": bank.code if (bank := _bank(draft)) else None,
        "branch": draft.branch,
        "category": category.code if (category := _category(draft)) else None,
        "category_confidence": draft.category_confidence,
        "summary": draft.summary,
        "body": body_of(draft.blocks),
        "captions": [caption.text for caption in draft.captions],
        "authors": list(draft.authors),
        "published_on": _json(draft.published_on),
        "script": draft.script,
        "number": draft.number,
        "first_line": min((first for first, _ in draft.spans), default=None),
        "last_line": max((last for _, last in draft.spans), default=None),
        "first_page": first_page,
        "last_page": last_page,
        "provenance": provenance_of(draft.blocks),
    }


def _current_values(case: Case) -> dict:
    names = [f.name for f in Case._meta.concrete_fields if f.name not in {"bank", "category"}]
    current = {name: _json(getattr(case, name)) for name in names}
    current["bank"] = case.bank.code if case.bank else None
    current["category"] = case.category.code if case.category else None
    current["products"] = sorted(case.products.values_list("pk", flat=True)) if case.pk else []
    return current


def _bank(draft: CaseDraft) -> Bank | None:
    if draft.bank is None:
        return None
    # A bank that an editor renamed is still known by its name in the reference data.
    bank = Bank.objects.filter(name=draft.bank).first() or Bank.objects.filter(imported__name=draft.bank).first()
    if bank is None:
        raise ImportProblem(f"银行“{draft.bank}”不在 banks.toml 里（案例“{draft.title}”）", file="banks.toml")
    return bank


def _category(draft: CaseDraft) -> Category | None:
    """The chapter by its name; a chapter that the catalogue does not know yet is made, after the others."""
    if draft.category is None:
        return None
    known = (
        Category.objects.filter(name=draft.category).first()
        or Category.objects.filter(imported__name=draft.category).first()
    )
    if known:
        return known
    position = 1 + max(Category.objects.values_list("position", flat=True), default=0)
    return Category.objects.create(code=f"chapter-{position}", name=draft.category, position=position)


def _product(bank: Bank, draft: ProductDraft) -> Product:
    """The bank's product of that name in any spelling or under any alias, made if there is none.

    The catalogue lists it in simplified characters, whichever document comes first; other spellings are aliases.
    """
    product = (
        bank.products.filter(key=name_key(draft.name)).first()
        or bank.products.filter(aliases__name=draft.name).first()
        or Product.objects.create(bank=bank, name=to_simplified(draft.name))
    )
    for name in (draft.name, *draft.aliases):
        if name != product.name:
            product.aliases.get_or_create(name=name)
    return product


def _write_doubts(source: Source, case: Case | None, drafts: Iterable[DoubtDraft]) -> None:
    """Keeps what editors settled, drops open doubts that the reading no longer has, adds the new."""
    known = {(row.field, row.reason, str(row.spans)): row for row in source.doubts.filter(case=case)}
    wanted = {(draft.field, draft.reason, str([list(span) for span in draft.spans])): draft for draft in drafts}
    for key, draft in wanted.items():
        if key not in known:
            values = {name: getattr(draft, name) for name in ("field", "reason", "confidence", "spans")}
            Doubt.objects.create(source=source, case=case, **values)
    outdated = [row.pk for key, row in known.items() if key not in wanted]
    Doubt.objects.open().filter(pk__in=outdated).delete()


def _json(value):
    return value.isoformat() if isinstance(value, date) else value
