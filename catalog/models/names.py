"""What names and addresses have been: what an editor has removed, and where a row stood that is now another.

Both are written by triggers (see the migration): by whatever way a name is changed or a row deleted.
"""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class RemovedName(models.Model):
    """A name, or a row, that an editor has taken out: no import brings it back. Deleting this allows it again.

    `of`: the key of the row that it was a name of, which may be gone. A case that was imported by the name keeps that
    row, as long as there is one.
    """

    class Kind(models.TextChoices):
        BANK = "bank", "银行"
        BANK_ALIAS = "bank_alias", "银行的名称"
        CATEGORY = "category", "章节"
        CATEGORY_ALIAS = "category_alias", "章节的曾用名"
        PRODUCT = "product", "产品"
        PRODUCT_ALIAS = "product_alias", "产品的别名"

    kind = models.CharField("种类", max_length=14, choices=Kind)
    # Of names of banks and products. A removed bank takes its names along.
    bank = models.ForeignKey(
        "catalog.Bank", models.DO_NOTHING, verbose_name="银行", null=True, db_constraint=False, related_name="+"
    )
    of = models.BigIntegerField(null=True, editable=False)
    name = models.CharField("名称", max_length=120, blank=True)
    code = models.CharField("代码", max_length=50, blank=True)
    key = models.CharField(max_length=120, editable=False)
    at = models.DateTimeField("移除时间", db_default=Now(), editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "已移除的名称"
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "bank", "of", "name", "code"], name="removed_name_once", nulls_distinct=False
            ),
            models.CheckConstraint(condition=~Q(name="", code=""), name="removed_name_not_empty"),
        ]
        indexes = [models.Index(fields=["of"], name="removed_name_of")]

    def __str__(self):
        return self.name or self.code


class FormerAddressQuerySet(models.QuerySet):
    def row(self, **where) -> models.Model | None:
        """The row that a former address leads to, if there is such an address."""
        former = self.filter(**where).select_related("bank", "category", "product", "case").first()
        return former and former.row


class FormerAddress(models.Model):
    """Where a row stood before it was merged into another, or got another address: it leads to the row for good.

    `former_key`: of the row that was merged, by which imports knew it. No row takes an address that is here.
    """

    class Kind(models.TextChoices):
        BANK = "bank", "银行"
        CATEGORY = "category", "章节"
        PRODUCT = "product", "产品"
        CASE = "case", "案例"

    kind = models.CharField(max_length=8, choices=Kind)
    address = models.CharField("曾用的地址", max_length=120)
    former_key = models.BigIntegerField(null=True)
    bank = models.ForeignKey("catalog.Bank", models.CASCADE, null=True, related_name="former_addresses")
    category = models.ForeignKey("catalog.Category", models.CASCADE, null=True, related_name="former_addresses")
    product = models.ForeignKey("catalog.Product", models.CASCADE, null=True, related_name="former_addresses")
    case = models.ForeignKey("catalog.Case", models.CASCADE, null=True, related_name="former_addresses")

    objects = FormerAddressQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "曾用的地址"
        constraints = [
            models.UniqueConstraint(fields=["kind", "address"], name="former_address_once"),
            models.CheckConstraint(
                name="former_address_of_one_row",
                condition=Q(kind="bank", bank__isnull=False, category=None, product=None, case=None)
                | Q(kind="category", bank=None, category__isnull=False, product=None, case=None)
                | Q(kind="product", bank=None, category=None, product__isnull=False, case=None)
                | Q(kind="case", bank=None, category=None, product=None, case__isnull=False),
            ),
        ]

    def __str__(self):
        return self.address

    @property
    def row(self) -> models.Model:
        """The row that the address leads to now."""
        return getattr(self, self.kind)
