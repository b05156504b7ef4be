"""To whom a name belongs, in any spelling: a name that two go by would lead what is imported to either of them."""

from collections.abc import Iterable

from django import forms
from django.core.exceptions import ValidationError

from catalog.admin.together import MergingForm
from catalog.importing.database.names import names_of
from catalog.models import Bank, Case, Product
from catalog.text.names import name_key

BANK_NAMES = ("name", "short_name", "full_name", "english_name", "abbreviation")


def bank_called(names: Iterable[str], apart_from: int | None) -> tuple[str, Bank] | None:
    """The first of these names that another bank goes by, and that bank."""
    keys = {name_key(name): name for name in names}
    for bank in Bank.objects.exclude(pk=apart_from).prefetch_related("aliases"):
        for theirs in names_of(bank):
            if name := keys.get(name_key(theirs)):
                return name, bank
    return None


def product_called(name: str, bank: int, apart_from: int | None) -> Product | None:
    """Another product of the bank that goes by this name."""
    key = name_key(name)
    for product in Product.objects.filter(bank=bank).exclude(pk=apart_from).prefetch_related("aliases"):
        if key == product.key or key in (name_key(alias.name) for alias in product.aliases.all()):
            return product
    return None


class BankForm(MergingForm):
    def clean(self):
        cleaned = super().clean()
        for field in {*BANK_NAMES} & {*self.changed_data} & {*cleaned}:
            # As the importer knows it: a legal name also without the form of company.
            names = names_of(Bank(**{field: cleaned[field]}), aliases=())
            if taken := bank_called(names, self.instance.pk):
                self.add_error(field, _taken_by(*taken))
        return cleaned


class ProductForm(MergingForm):
    def clean(self):
        cleaned = super().clean()
        bank, changed = cleaned.get("bank"), {*self.changed_data} & {"bank", "name"}
        if not bank or not changed:
            return cleaned
        if name := cleaned.get("name"):
            if not name_key(name):
                self.add_error("name", "名称里没有字。")
            elif other := product_called(name, bank.pk, self.instance.pk):
                told = (
                    f"{bank.name}已有产品“{other.name}”，或以它为别名；是同一个产品，就在列表里选中两个，用“合并所选”。"
                )
                self.add_error("name", told)
        if "bank" in changed and self.instance.pk:
            self._check_move(bank)
        return cleaned

    def _check_move(self, bank: Bank) -> None:
        """What belongs to the product comes along to its new bank."""
        for alias in self.instance.aliases.all():
            if other := product_called(alias.name, bank.pk, self.instance.pk):
                self.add_error("bank", f"别名“{alias.name}”在{bank.name}已属于产品“{other.name}”。")
        if others := Case.objects.filter(products=self.instance).exclude(bank=bank).exclude(bank=None).count():
            self.add_error("bank", f"有 {others} 个别家银行的案例用着这个产品，请先从它们那里去掉。")


class AliasForm(forms.ModelForm):
    """`owner`: the bank or product whose page it is, as its own form has it by now."""

    def __init__(self, *args, owner, **kwargs):
        super().__init__(*args, **kwargs)
        self.owner = owner

    def clean_name(self):
        name = self.cleaned_data["name"]
        if "name" in self.changed_data:
            if not name_key(name):
                raise ValidationError("别名里没有字。")
            self.refuse_taken(name)
        return name


class BankAliasForm(AliasForm):
    def refuse_taken(self, name: str) -> None:
        if taken := bank_called([name], self.owner.pk):
            raise ValidationError(_taken_by(*taken))


class ProductAliasForm(AliasForm):
    def refuse_taken(self, name: str) -> None:
        bank = self.owner.bank_id
        if bank and (other := product_called(name, bank, self.owner.pk)):
            raise ValidationError(f"同一家银行的产品“{other.name}”已经叫这个名字。")


class AliasFormSet(forms.BaseInlineFormSet):
    def get_form_kwargs(self, index):
        return super().get_form_kwargs(index) | {"owner": self.instance}


def _taken_by(name: str, bank: Bank) -> str:
    return f"“{name}”已是{bank.name}的名称或别名；是同一家银行，就在列表里选中两家，用“合并所选”。"
