"""Reference data between its files and its tables: banks with their aliases, and chapters."""

from collections.abc import Mapping

from django.db import transaction

from catalog.importing.drafts import ImportProblem
from catalog.importing.merge import merge
from catalog.importing.reference import BankRecord, ChapterRecord, Reference
from catalog.models import Bank, BankAlias, Category
from catalog.text.bank_kinds import BANK_KINDS

KIND_OF = {label: code for code, label in BANK_KINDS.items()}
BANK_FIELDS = ("name", "short_name", "full_name", "english_name", "abbreviation")


@transaction.atomic
def write_reference(reference: Reference) -> None:
    """Writes what is new in the files; what editors changed stays."""
    for position, record in enumerate(reference.banks):
        _write_bank(record, position)
    for record in reference.chapters:
        _write_chapter(record)


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
    fresh |= {"kind": KIND_OF[record.kind], "position": position, "aliases": sorted(record.aliases)}
    bank = Bank.objects.filter(code=record.code).first() or Bank(code=record.code)
    if bank.imported == fresh:
        return
    current = {field: getattr(bank, field) for field in fresh if field != "aliases"}
    current["aliases"] = sorted(alias.name for alias in bank.aliases.all()) if bank.pk else []
    values = merge(fresh, bank.imported, current).values
    _check_name(bank, values, "banks.toml")
    aliases = values.pop("aliases", None)
    for field, value in values.items():
        setattr(bank, field, value)
    bank.imported = fresh
    bank.save()
    if aliases is not None:
        _write_aliases(bank, aliases)


def _write_aliases(bank: Bank, names: list[str]) -> None:
    taken = BankAlias.objects.filter(name__in=names).exclude(bank=bank).select_related("bank").first()
    if taken:
        raise ImportProblem(f"别名“{taken.name}”已属于{taken.bank}，不能再给{bank}", file="banks.toml")
    bank.aliases.exclude(name__in=names).delete()
    # One by one, so that what hangs on a bank's names hears of each.
    for name in names:
        bank.aliases.get_or_create(name=name)


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
