"""Banks, products and chapters merged, each in one transaction with the search."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection, models, transaction
from django.utils import timezone

from catalog.importing.database.locking import one_import_at_a_time
from catalog.importing.drafts import ImportProblem
from catalog.models import (
    Bank,
    BankAlias,
    Case,
    Category,
    CategoryAlias,
    FormerAddress,
    Product,
    ProductAlias,
    RemovedName,
)
from catalog.search import settle_own

_LINK = Case.products.through

Row = Bank | Product | Category


class MergeProblem(Exception):
    """Why rows can't be merged: one Chinese sentence."""


@dataclass(frozen=True)
class Plan:
    """What a merge into `stays` does: how many `cases` and `products` go over to it, how many products become one with
    another of the same name (`joined`), and the `names` that it gets as aliases.
    """

    stays: Row
    cases: int
    names: list[str]
    products: int = 0
    joined: int = 0


def plan(stays: Row, going: Sequence[Row]) -> Plan:
    """`MergeProblem` where they can't be merged."""
    _refuse(stays, going)
    names = _new_names(stays, going)
    if isinstance(stays, Product):
        links = _LINK.objects.filter(product__in=going).exclude(case__in=stays.cases.all())
        return Plan(stays, links.values("case").distinct().count(), names)
    cases = Case.objects.filter(**{f"{stays._meta.model_name}__in": going}).count()
    if isinstance(stays, Category):
        return Plan(stays, cases, names)
    keys = set(stays.products.values_list("key", flat=True))
    moving = list(Product.objects.filter(bank__in=going).values_list("key", flat=True))
    moved = len(set(moving) - keys)
    return Plan(stays, cases, names, moved, len(moving) - moved)


def merge(stays: Row, going: Sequence[Row]) -> Plan:
    """Makes one of rows of one kind. `MergeProblem` where they can't be merged, or while an import runs."""
    model = type(stays)
    with merging():
        # In the order of their keys, so that no two merges wait for one another; cases that are saved just now are met.
        rows = model.objects.filter(pk__in=[stays.pk, *(row.pk for row in going)]).order_by("pk").select_for_update()
        found = {row.pk: row for row in rows}
        if len(found) <= len(going):
            raise MergeProblem("所选的有一些已经不在了，请重新选择。")
        stays, going = found.pop(stays.pk), list(found.values())
        done = plan(stays, going)
        _MERGES[model](stays, going)
    return done


@contextmanager
def merging() -> Iterator[None]:
    """One transaction, in which what is deleted is not remembered as removed, and at whose end the search has followed.
    No import runs meanwhile: it knows by heart what there was when it began.
    """
    try:
        with one_import_at_a_time(), transaction.atomic():
            _tell("on")
            yield
            _tell("off")
            settle_own()
    except ImportProblem as problem:
        raise MergeProblem(f"{problem.message}。") from problem


def _tell(state: str) -> None:
    """The triggers; until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('catalog.merging', %s, true)", [state])


def _refuse(stays: Row, going: Sequence[Row]) -> None:
    if not going or stays in going:
        raise MergeProblem("请选择两个或更多。")
    if isinstance(stays, Product) and {row.bank_id for row in going} != {stays.bank_id}:
        raise MergeProblem("只有同一家银行的产品才能合并；先合并银行，或改正产品的银行。")


def _merge_banks(stays: Bank, going: list[Bank]) -> None:
    for bank in going:
        own = {product.key: product for product in stays.products.select_for_update()}
        for product in bank.products.select_for_update().order_by("pk"):
            if twin := own.get(product.key):
                _merge_products(twin, [product])
            else:
                Product.objects.filter(pk=product.pk).update(bank=stays)
        RemovedName.objects.filter(bank=bank).exclude(kind=RemovedName.Kind.BANK_ALIAS).update(bank=stays)
    _move_cases(stays, going)
    names, aliases = _new_names(stays, going), {alias.name for bank in going for alias in _aliases(bank)}
    _replace(stays, going)
    # Those that were its name give way where it is made anew one day; what an editor has called it so does not.
    rows = [BankAlias(bank=stays, name=name, former=name not in aliases) for name in names]
    BankAlias.objects.bulk_create(rows, ignore_conflicts=True)


def _merge_products(stays: Product, going: list[Product]) -> None:
    names = _new_names(stays, going)
    linked = set(_LINK.objects.filter(product=stays).values_list("case", flat=True))
    links = _LINK.objects.filter(product__in=going).exclude(case__in=linked)
    _LINK.objects.bulk_create(
        [_LINK(case_id=case, product_id=stays.pk) for case in links.values_list("case", flat=True).distinct()]
    )
    _replace(stays, going)
    ProductAlias.objects.bulk_create([ProductAlias(product=stays, name=name) for name in names], ignore_conflicts=True)


def _merge_categories(stays: Category, going: list[Category]) -> None:
    _move_cases(stays, going)
    names = _new_names(stays, going)
    slogans = dict.fromkeys(line for row in (stays, *going) for line in row.slogans.splitlines())
    _replace(stays, going)
    if "\n".join(slogans) != stays.slogans:
        stays.slogans = "\n".join(slogans)
        stays.save(update_fields=["slogans"])
    CategoryAlias.objects.bulk_create(
        [CategoryAlias(category=stays, name=name) for name in names], ignore_conflicts=True
    )


_MERGES = {Bank: _merge_banks, Product: _merge_products, Category: _merge_categories}


def _aliases(row: Row) -> Iterable[BankAlias | ProductAlias | CategoryAlias]:
    return row.aliases.order_by("pk")


def _new_names(stays: Row, going: Sequence[Row]) -> list[str]:
    """The names of those that go which the one that stays has not, none twice."""
    own = set(_names(stays))
    return list(dict.fromkeys(name for row in going for name in _names(row) if name not in own))


def _names(row: Row) -> list[str]:
    return row.all_names() if isinstance(row, Bank) else [row.name, *(alias.name for alias in _aliases(row))]


def _move_cases(stays: Bank | Category, going: Sequence[Row]) -> None:
    field = stays._meta.model_name
    cases = Case.objects.filter(**{f"{field}__in": going})
    cases.update(**{field: stays}, updated_at=timezone.now())


def _replace(stays: Row, going: Sequence[Row]) -> None:
    """Deletes those that go; their addresses lead to the one that stays."""
    for row in going:
        _keep_removed(stays, row)
        lead_on(stays, row)


def lead_on(stays: models.Model, goes: models.Model) -> None:
    """Deletes the one that goes; its address, and all that led to it, lead to the one that stays."""
    kind, key = stays._meta.model_name, goes.pk
    address = goes.code if hasattr(goes, "code") else goes.slug
    goes.former_addresses.update(**{kind: stays})
    goes.delete()
    FormerAddress.objects.create(kind=kind, address=address, former_key=key, **{kind: stays})


def _keep_removed(stays: models.Model, row: models.Model) -> None:
    """What was removed from the one that goes is not a name of the one that stays either."""
    own = set(_names(stays))
    kind = row._meta.model_name
    kinds = [f"{kind}_alias", *(["product"] if kind == "product" else [])]
    for removed in RemovedName.objects.filter(kind__in=kinds, of=row.pk):
        known = {"kind": removed.kind, "name": removed.name, "code": removed.code, "of": stays.pk}
        if removed.name not in own:
            bank = stays if kind == "bank" else removed.bank
            RemovedName.objects.get_or_create(**known, bank=bank, defaults={"key": removed.key})
        removed.delete()
