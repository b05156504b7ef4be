"""Whatever editors do to names, and whatever sources go on calling things: nothing comes back, no case loses its bank.

`HYPOTHESIS_PROFILE=thorough` tries 500 sequences.
"""

import os
from dataclasses import dataclass, field

import pytest
from django.db import connection
from django.db.models import ProtectedError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.merging import merge, merge_cases
from catalog.models import Bank, BankAlias, Case, Category, CategoryAlias, FormerAddress, Product, ProductAlias
from catalog.search import find_differences, settle
from tests.names.conftest import BANKS, CHAPTERS, Files

MODELS = [Product, Bank, Category]
ALIASES = [ProductAlias, BankAlias, CategoryAlias]
# What the sources call things, for as long as they are read.
ROWS = [
    {"bank": "工商银行", "category": "聚力抗疫", "products": ["复工贷", "园区贷"]},
    {"bank": "工行", "category": "服务小微", "products": ["复工 贷"]},
    {"bank": "宇宙行深圳分行", "category": "数字人民币", "products": ["復工貸", "工行通"]},
    {"bank": "微众银行", "category": "服务小微", "products": ["复工贷", "微粒贷"]},
    {"bank": "老街银行", "category": "老街 故事", "products": ["老街贷"]},
]


@dataclass
class Desk:
    """What a sequence works on. A step names its row by a number; where there is none it does nothing."""

    files: Files
    made: int = 0
    gone: list[tuple[type, int | None, str]] = field(default_factory=list)  # (model, bank, name) that was deleted
    codes: set[tuple[type, str]] = field(default_factory=set)  # of rows that were deleted or merged

    def row(self, model, number: int):
        rows = list(model.objects.order_by("pk"))
        return rows[number % len(rows)] if rows else None

    def read(self, number: int, other: int) -> None:
        self.files.bring(*ROWS[: 1 + number % 5])

    def start(self, number: int, other: int) -> None:
        """The reference data, of which something else has changed."""
        self.files.write(
            BANKS.replace('"老街银行"', f'"老街银行", "老街{number}"'), CHAPTERS.replace("= 2", f"= {other + 2}")
        )
        self.files.reference()

    def rename(self, number: int, other: int) -> None:
        if row := self.row(MODELS[other % 3], number):
            self.made += 1
            name = f"新名{self.made}"
            if other % 2:
                with connection.cursor() as cursor:
                    cursor.execute(f"UPDATE {row._meta.db_table} SET name = %s WHERE id = %s", [name, row.pk])
            else:
                row.name = name
                row.save()

    def merge(self, number: int, other: int) -> None:
        model = MODELS[other % 3]
        stays = self.row(model, number)
        rows = model.objects.exclude(pk=stays.pk) if stays else model.objects.none()
        if model is Product:
            rows = rows.filter(bank=stays.bank) if stays else rows
        going = list(rows.order_by("pk")[: 1 + other % 2])
        if going:
            self.codes |= {(model, row.code) for row in going if hasattr(row, "code")}
            # Its name at the bank that goes is one at the bank that stays.
            self.gone = [
                (kind, stays.pk if model is Bank and bank in {row.pk for row in going} else bank, name)
                for kind, bank, name in self.gone
            ]
            merge(stays, going)
            self.gone = [one for one in self.gone if not self.is_alive(one)]

    def delete(self, number: int, other: int) -> None:
        row = self.row(MODELS[other % 3], number)
        if row is None:
            return
        try:
            names = [row.name, *(alias.name for alias in row.aliases.all())]
            bank = row.bank_id if isinstance(row, Product) else None
            former = list(row.former_addresses.values_list("address", flat=True))
            row.delete()
        except ProtectedError:
            return
        if not isinstance(row, Bank):  # its names may be another's one day, its code is not
            self.gone += [(type(row), bank, name) for name in names]
        self.gone = [one for one in self.gone if not self.is_alive(one)]
        if hasattr(row, "code"):
            self.codes |= {(type(row), code) for code in (row.code, *former)}

    def delete_alias(self, number: int, other: int) -> None:
        if row := self.row(ALIASES[other % 3], number):
            row.delete()

    def merge_cases(self, number: int, other: int) -> None:
        stays, goes = self.row(Case, number), self.row(Case, number + 1 + other)
        if stays and stays != goes:
            merge_cases(stays, goes, ["bank", "body"][: other % 3])

    def move(self, number: int, other: int) -> None:
        """A product to another bank, where it has no namesake."""
        product, bank = self.row(Product, number), self.row(Bank, other)
        if product and not bank.products.filter(key=product.key).exists():
            self.gone = [one for one in self.gone if one[:2] != (Product, bank.pk)]
            Product.objects.filter(pk=product.pk).update(bank=bank)

    def is_alive(self, gone) -> bool:
        """Whether another row goes by the name."""
        model, bank, name = gone
        rows = model.objects.filter(bank=bank) if model is Product else model.objects.all()
        return rows.filter(name=name).exists() or rows.filter(aliases__name=name).exists()


STEPS = [Desk.read, Desk.start, Desk.rename, Desk.merge, Desk.delete, Desk.delete_alias, Desk.merge_cases, Desk.move]


@pytest.mark.slow
@pytest.mark.django_db
@settings(
    max_examples=500 if os.environ.get("HYPOTHESIS_PROFILE") == "thorough" else 6,
    derandomize=os.environ.get("HYPOTHESIS_PROFILE") != "thorough",
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 9), st.integers(0, 5)), min_size=5, max_size=14))
def test_no_name_comes_back_and_no_case_loses_its_bank(tmp_path, steps):
    from django.db import transaction

    with transaction.atomic():
        files = Files(tmp_path)
        files.reference()
        files.bring(*ROWS)
        desk = Desk(files)
        cases, addresses = [], []  # an address that a case had is never another's
        for step, number, other in steps:
            banked = set(Case.objects.exclude(bank=None).values_list("pk", flat=True))
            chaptered = set(Case.objects.exclude(category=None).values_list("pk", flat=True))
            step(desk, number, other)
            assert not Case.objects.filter(pk__in=banked, bank=None).exists(), step
            addresses = [*addresses, *Case.objects.exclude(pk__in=cases).values_list("slug", flat=True)]
            cases = list(Case.objects.values_list("pk", flat=True))
            assert len(set(addresses)) == len(addresses), step
            assert not Case.objects.filter(pk__in=chaptered, category=None).exists(), step
            for model, code in desk.codes:
                assert not model.objects.filter(code=code).exists(), (step, code)
            for one in desk.gone:
                assert not desk.is_alive(one), (step, one)
        settle()
        assert not find_differences()
        assert not FormerAddress.objects.filter(kind="bank", address__in=Bank.objects.values("code")).exists()
        transaction.set_rollback(True)
