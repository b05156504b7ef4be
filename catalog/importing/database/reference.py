"""Reference data between its files and its tables: banks with their aliases, and chapters.

What an editor has removed does not come back, and what was merged into another row stays a part of it.
"""

from collections.abc import Iterable, Mapping

from django.db import transaction
from django.db.models import QuerySet

from catalog.importing.database.names import Removed
from catalog.importing.drafts import ImportProblem
from catalog.importing.merge import merge
from catalog.importing.reference import BANKS_FILE, BankRecord, ChapterRecord, Reference
from catalog.models import Bank, BankAlias, Category, FormerAddress, RemovedName
from catalog.text.bank_kinds import BANK_KINDS
from catalog.text.names import name_key

KIND_OF = {label: code for code, label in BANK_KINDS.items()}
BANK_FIELDS = ("name", "short_name", "full_name", "english_name", "abbreviation")


@transaction.atomic
def write_reference(reference: Reference) -> None:
    """Writes what is new in the files; what editors changed stays."""
    removed = Removed(RemovedName.Kind.BANK)
    merged = _merged(Bank)
    for position, record in enumerate(reference.banks):
        if bank := merged.get(record.code):
            _add_names(bank, record)
        elif not _is_removed(record, removed):
            _write_bank(record, position)
    removed = Removed(RemovedName.Kind.CATEGORY)
    merged = _merged(Category)
    for record in reference.chapters:
        if record.code not in merged and not _is_removed(record, removed):
            _write_chapter(record)


def _merged(model) -> dict[str, Bank | Category]:
    """By the code that it had, the row that another was merged into, or that has another code now."""
    kind = model._meta.model_name
    return {former.address: former.row for former in FormerAddress.objects.filter(kind=kind).select_related(kind)}


def _is_removed(record: BankRecord | ChapterRecord, removed: Removed) -> bool:
    return record.code in removed.codes or name_key(record.name) in removed


def read_reference() -> Reference:
    """The reference data as editors have it now, which is what documents are read by."""
    banks = tuple(
        BankRecord(
            code=bank.code,
            kind=BANK_KINDS[bank.kind],
            aliases=tuple(alias.name for alias in bank.aliases.all()),
            **{field: getattr(bank, field) for field in BANK_FIELDS},
        )
        for bank in Bank.objects.in_trade_order().prefetch_related("aliases")
    )
    chapters = tuple(
        ChapterRecord(row.code, row.name, row.position, tuple(row.slogans.splitlines()))
        for row in Category.objects.all()
    )
    return Reference(banks, chapters)


def _write_bank(record: BankRecord, position: int) -> None:
    fresh = {field: getattr(record, field) for field in BANK_FIELDS}
    fresh |= {"kind": KIND_OF[record.kind], "position": position}
    bank = Bank.objects.filter(code=record.code).first() or Bank(code=record.code)
    last, aliases = set(bank.imported.get("aliases", ())), set(record.aliases)
    imported = fresh | {"aliases": sorted(aliases)}
    if bank.imported == imported:
        return
    values = merge(fresh, bank.imported, {field: getattr(bank, field) for field in fresh}).values
    _check_name(bank, values, BANKS_FILE)
    for field, value in values.items():
        setattr(bank, field, value)
    bank.imported = imported
    bank.save()
    dropped = bank.aliases.filter(name__in=last - aliases)
    names = list(dropped.values_list("name", flat=True))
    dropped.delete()
    # What the file itself drops it may have again.
    _removed_aliases(bank).filter(name__in=names).update(code=BANKS_FILE)
    _add_aliases(bank, sorted(aliases - last))


def _removed_aliases(bank: Bank) -> QuerySet[RemovedName]:
    return RemovedName.objects.filter(kind=RemovedName.Kind.BANK_ALIAS, of=bank.pk)


def _add_aliases(bank: Bank, names: Iterable[str]) -> None:
    """Without those that an editor has taken from the bank."""
    removed = {name_key(name) for name in _removed_aliases(bank).filter(code="").values_list("name", flat=True)}
    names = [name for name in names if name_key(name) not in removed]
    others = BankAlias.objects.filter(name__in=names, former=False).exclude(bank=bank)
    if taken := others.select_related("bank").first():
        raise ImportProblem(f"别名“{taken.name}”已属于{taken.bank}，不能再给{bank}", file=BANKS_FILE)
    # One by one, so that what hangs on a bank's names hears of each.
    for name in names:
        bank.aliases.get_or_create(name=name)


def _add_names(bank: Bank, record: BankRecord) -> None:
    """What the file calls a bank that was merged into this one, where that is nobody's name yet."""
    taken = {name_key(name) for other in Bank.objects.prefetch_related("aliases") for name in other.all_names()}
    names = [record.name, *(getattr(record, field) for field in BANK_FIELDS[1:]), *record.aliases]
    _add_aliases(bank, [name for name in dict.fromkeys(names) if name and name_key(name) not in taken])


def _write_chapter(record: ChapterRecord) -> None:
    fresh = {"name": record.name, "position": record.order, "slogans": "\n".join(record.slogans)}
    chapter = Category.objects.filter(code=record.code).first() or Category(code=record.code)
    if chapter.imported == fresh:
        return
    values = merge(fresh, chapter.imported, {field: getattr(chapter, field) for field in fresh}).values
    _check_name(chapter, values, "chapters.toml")
    for field, value in values.items():
        setattr(chapter, field, value)
    chapter.imported = fresh
    chapter.save()


def _check_name(row: Bank | Category, values: Mapping[str, object], file: str) -> None:
    """That no other row, of an editor's making, has the name that the file gives this one."""
    if "name" in values and (taken := type(row).objects.filter(name=values["name"]).exclude(pk=row.pk).first()):
        label = type(row)._meta.verbose_name
        raise ImportProblem(f"{label}“{taken.name}”已在目录里，代码是 {taken.code}，不是 {row.code}", file=file)
