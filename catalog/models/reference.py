"""The trade's reference data: banks, chapters, products, and the names they go by."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Length
from django.urls import reverse

from catalog.models.slugs import former_addresses, unique_slug
from catalog.text.bank_kinds import BANK_KINDS
from catalog.text.names import name_key
from catalog.text.product_kinds import PRODUCT_KINDS


class CountedQuerySet(models.QuerySet):
    """Rows that cases refer to, with their public cases told by the case table itself.

    For the admin, which sorts and pages by the count in the database, and for suggestions, which ask of a few rows
    whether they lead anywhere. Pages count by the search instead (`catalog.pages.counts`): as the case list counts,
    and all rows at once.
    """

    def with_counts(self):
        """Adds `public_cases`, the number of public cases of the row."""
        count = self._public_cases().values(self._column).annotate(count=Count("*")).values("count")
        return self.annotate(public_cases=Coalesce(Subquery(count), 0))

    def in_use(self):
        """Those that have a public case."""
        return self.filter(Exists(self._public_cases()))

    def _public_cases(self):
        cases = self.model._meta.get_field("cases").related_model.objects
        return cases.public().order_by().filter(**{self._column: OuterRef("pk")})

    @property
    def _column(self) -> str:
        return self.model._meta.get_field("cases").field.name


class Coded(models.Model):
    """Rows whose address is a code that an editor gives them once."""

    class Meta:
        abstract = True

    def clean(self):
        """An editor hears in the form that a code leads elsewhere, not from the database."""
        former = former_addresses(type(self)).filter(address=self.code).exclude(**{self._meta.model_name: self.pk})
        if row := former.row():
            raise ValidationError({"code": f"{self.code} 曾是{row}的代码，这个地址转到它那里。请换一个。"})


# BankKind.JOINT_STOCK and so on.
BankKind = models.TextChoices(
    "BankKind",
    {code.replace("-", "_").upper(): (code, label) for code, label in BANK_KINDS.items()},
    module=__name__,
)


ProductKind = models.TextChoices(
    "ProductKind", {code.upper(): (code, label) for code, label in PRODUCT_KINDS.items()}, module=__name__
)


class BankQuerySet(CountedQuerySet):
    def in_trade_order(self):
        kind = models.Case(
            *(models.When(kind=value, then=place) for place, value in enumerate(BankKind.values)),
            output_field=models.IntegerField(),
        )
        return self.order_by(kind, "position", "name")


class Bank(Coded):
    code = models.SlugField("代码", unique=True, help_text="地址和导入所用的固定标识，建立后不再改变")
    name = models.CharField("名称", max_length=60, unique=True, help_text="目录中列出的名称，如 工商银行")
    short_name = models.CharField("简称", max_length=30, blank=True)
    full_name = models.CharField("全称", max_length=100, blank=True)
    english_name = models.CharField("英文名", max_length=120, blank=True)
    abbreviation = models.CharField("英文缩写", max_length=20, blank=True)
    kind = models.CharField("类别", max_length=12, choices=BankKind)
    position = models.PositiveSmallIntegerField("同类中的次序", default=0)
    imported = models.JSONField(default=dict, blank=True, editable=False)

    objects = BankQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "银行"
        ordering = ["position", "name"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=BankKind.values), name="bank_kind"),
            models.CheckConstraint(condition=~Q(name=""), name="bank_name_not_empty"),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("bank", args=[self.code])

    def all_names(self) -> list[str]:
        """Every name it goes by, the catalogue's first, none twice."""
        names = [self.name, self.short_name, self.full_name, self.english_name, self.abbreviation]
        return list(dict.fromkeys(filter(None, [*names, *(alias.name for alias in self.aliases.all())])))


class BankAlias(models.Model):
    bank = models.ForeignKey(Bank, models.CASCADE, related_name="aliases", verbose_name="银行")
    name = models.CharField("别名", max_length=120, unique=True)
    # Kept by a trigger where the bank got another name; gives way where another bank gets this one.
    former = models.BooleanField("曾用名", default=False, db_default=False, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "银行别名"
        ordering = ["name"]
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="bank_alias_not_empty")]

    def __str__(self):
        return self.name


class Category(Coded):
    code = models.SlugField("代码", unique=True, help_text="地址和导入所用的固定标识，建立后不再改变")
    name = models.CharField("名称", max_length=30, unique=True)
    position = models.PositiveSmallIntegerField("次序", default=0)
    slogans = models.TextField("题语", blank=True, help_text="每行一句")
    imported = models.JSONField(default=dict, blank=True, editable=False)

    objects = CountedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "章节"
        ordering = ["position", "name"]
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="category_name_not_empty")]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("category", args=[self.code])


class CategoryAlias(models.Model):
    """A name that a chapter had, kept by a trigger. Sources go on using it."""

    category = models.ForeignKey(Category, models.CASCADE, related_name="aliases", verbose_name="章节")
    name = models.CharField("曾用名", max_length=30, unique=True)

    class Meta:
        verbose_name = verbose_name_plural = "章节曾用名"
        ordering = ["name"]
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="category_alias_not_empty")]

    def __str__(self):
        return self.name


class Product(models.Model):
    """A named product, service, platform or scheme of one bank. `key` is what its spellings share."""

    bank = models.ForeignKey(Bank, models.PROTECT, related_name="products", verbose_name="银行")
    name = models.CharField("名称", max_length=100)
    kind = models.CharField(
        "种类",
        max_length=9,
        choices=ProductKind,
        default=ProductKind.UNDECIDED,
        db_default=ProductKind.UNDECIDED,
    )
    key = models.CharField(max_length=100, editable=False)
    slug = models.SlugField("地址", max_length=100, unique=True, allow_unicode=True, editable=False)

    objects = CountedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "产品"
        ordering = ["bank__position", "name"]
        constraints = [
            models.UniqueConstraint(fields=["bank", "key"], name="product_once_a_bank"),
            models.CheckConstraint(condition=~Q(key=""), name="product_name_not_empty"),
            models.CheckConstraint(condition=Q(kind__in=ProductKind.values), name="product_kind"),
        ]

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        self.key = name_key(self.name)
        if not self.slug:
            self.slug = unique_slug(Product, f"{self.bank.code}-{self.name}")
        super().save(*args, **kwargs)

    def get_absolute_url(self):
        return reverse("product", args=[self.slug])

    def clean(self):
        """The key is no field of a form: an editor hears here that the name is another product's."""
        twins = Product.objects.filter(bank=self.bank_id, key=name_key(self.name)).exclude(pk=self.pk)
        if twin := twins.first():
            what = f"这家银行已有产品“{twin}”。如果是同一个，请在产品的列表里选中它们，合并所选。"
            raise ValidationError({"name": what})


class ProductAlias(models.Model):
    product = models.ForeignKey(Product, models.CASCADE, related_name="aliases", verbose_name="产品")
    name = models.CharField("别名", max_length=100)
    former = models.BooleanField("曾用名", default=False, db_default=False, editable=False)  # kept by a trigger

    class Meta:
        verbose_name = verbose_name_plural = "产品别名"
        ordering = [Length("name"), "name"]
        constraints = [
            models.UniqueConstraint(fields=["product", "name"], name="product_alias_once"),
            models.CheckConstraint(condition=~Q(name=""), name="product_alias_not_empty"),
        ]

    def __str__(self):
        return self.name
