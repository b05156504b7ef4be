"""Two cases that are one: the one that stays gets what it lacks, and of the fields that differ what an editor chose."""

from collections.abc import Collection
from dataclasses import dataclass

from django.core.exceptions import ValidationError

from catalog.merging.rows import MergeProblem, lead_on, merging
from catalog.models import Case, Product

# What an editor chooses between, in the order of a case's page.
FIELDS = (
    *("title", "subtitle", "status", "bank", "branch", "category"),
    *("summary", "body", "captions", "authors", "published_on", "script"),
)
_ALONG = {"title": ("title_inferred",), "category": ("category_confidence",)}  # what belongs to the value of a field


@dataclass(frozen=True)
class Difference:
    """A field in which two cases differ, with the texts of both. `fills`: the one that stays has nothing there."""

    name: str
    label: str
    stays: str
    goes: str

    @property
    def fills(self) -> bool:
        return not self.stays


def differences(stays: Case, goes: Case) -> list[Difference]:
    """Those in which the one that goes has anything to give."""
    pairs = [
        Difference(name, str(Case._meta.get_field(name).verbose_name), shown(stays, name), shown(goes, name))
        for name in FIELDS
    ]
    return [pair for pair in pairs if pair.goes and pair.goes != pair.stays]


def shown(case: Case, name: str) -> str:
    """The value as an editor reads it."""
    if display := getattr(case, f"get_{name}_display", None):
        return str(display())
    value = getattr(case, name)
    return "\n".join(value) if isinstance(value, list) else str(value or "")


def products_left(stays: Case, goes: Case, taken: Collection[str]) -> list[Product]:
    """The products that do not go over, because they are of another bank than the case then is."""
    bank = goes.bank_id if "bank" in taken or not stays.bank_id else stays.bank_id
    twins = set(Product.objects.filter(bank=bank).values_list("key", flat=True))
    return [row for row in goes.products.select_related("bank") if row.bank_id != bank and row.key not in twins]


def merge_cases(stays: Case, goes: Case, taken: Collection[str]) -> Case:
    """`taken`: the fields that the one that stays gets of the other, besides those that it has not. `MergeProblem`
    where a case has been changed since these were read, or is too long to be saved, or while an import runs.
    """
    with merging():
        rows = Case.objects.filter(pk__in=[stays.pk, goes.pk]).order_by("pk").select_for_update()
        found = {row.pk: row for row in rows}
        if any(row.pk not in found or found[row.pk].updated_at != row.updated_at for row in (stays, goes)):
            raise MergeProblem("这两个案例有一个刚刚被改过或删去，请再看一遍。")
        stays, goes = found[stays.pk], found[goes.pk]
        fields = [pair.name for pair in differences(stays, goes) if pair.name in taken or pair.fills]
        for name in fields:
            for column in (name, *_ALONG.get(name, ())):
                setattr(stays, column, getattr(goes, column))
        if "body" in fields and stays.source_id == goes.source_id:
            known = {piece["key"] for piece in stays.provenance}
            stays.provenance = [*stays.provenance, *(row for row in goes.provenance if row["key"] not in known)]
        try:
            stays.clean()
        except ValidationError as error:
            raise MergeProblem(f"{'；'.join(error.messages)}。请先在它的页面里缩短。") from error
        products = list(goes.products.all())
        # What is open about the text that stays is open still.
        goes.doubts.open().filter(field__in=fields).update(case=stays)
        lead_on(stays, goes)
        stays.save()
        twins = Product.objects.filter(bank=stays.bank_id, key__in=[product.key for product in products])
        stays.products.add(*twins)
    return stays
