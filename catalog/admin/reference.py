from django import forms
from django.contrib import admin

from catalog.admin.deletion import DeletionAdmin
from catalog.admin.history import RecordedAdmin
from catalog.admin.links import link
from catalog.admin.merging import MergingRowsAdmin
from catalog.admin.owners import AliasFormSet, BankAliasForm, BankForm, ProductAliasForm, ProductForm
from catalog.models import Bank, BankAlias, Category, CategoryAlias, Product, ProductAlias


class CountedAdmin(DeletionAdmin, MergingRowsAdmin, RecordedAdmin):
    """Rows that cases belong to, with how many."""

    def get_queryset(self, request):
        return super().get_queryset(request).with_counts()

    def get_readonly_fields(self, request, obj=None):
        # Addresses and imports hang on the code.
        return ["code", *self.readonly_fields] if obj and hasattr(obj, "code") else self.readonly_fields

    @admin.display(description="公开案例", ordering="public_cases")
    def case_count(self, row):
        return row.public_cases

    @admin.display(description="网站页面")
    def on_site(self, row):
        return link(row.get_absolute_url(), "查看")


def product_label(product: Product) -> str:
    return f"{product.name}（{product.bank.name}）"


class ProductsField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, obj):
        return product_label(obj)


class BankAliasInline(admin.TabularInline):
    model = BankAlias
    form = BankAliasForm
    formset = AliasFormSet
    extra = 1


@admin.register(Bank)
class BankAdmin(CountedAdmin):
    form = BankForm
    list_display = ["name", "short_name", "kind", "abbreviation", "case_count", "on_site"]
    list_filter = ["kind"]
    search_fields = ["name", "short_name", "full_name", "english_name", "abbreviation", "aliases__name"]
    inlines = [BankAliasInline]


class ProductAliasInline(admin.TabularInline):
    model = ProductAlias
    form = ProductAliasForm
    formset = AliasFormSet
    extra = 1


@admin.register(Product)
class ProductAdmin(CountedAdmin):
    form = ProductForm
    list_display = ["name", "bank", "case_count", "kind", "on_site"]
    list_editable = ["kind"]
    list_filter = ["kind", ("bank", admin.RelatedOnlyFieldListFilter)]
    search_fields = ["name", "aliases__name", "bank__name"]
    autocomplete_fields = ["bank"]
    inlines = [ProductAliasInline]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("bank")

    def label_of_choice(self, product) -> str:
        """Several banks have a product of the same name."""
        return product_label(product)


class CategoryAliasInline(admin.TabularInline):
    """A trigger writes them where a chapter is renamed; taken out they mean it no more."""

    model = CategoryAlias
    extra = 0

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False


@admin.register(Category)
class CategoryAdmin(CountedAdmin):
    list_display = ["name", "position", "case_count", "on_site"]
    list_editable = ["position"]
    search_fields = ["name", "aliases__name"]
    inlines = [CategoryAliasInline]
