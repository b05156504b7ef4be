from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef
from django.urls import reverse

from catalog.models.reference import CountedQuerySet


class SourceQuerySet(CountedQuerySet):
    def public(self):
        """Those that readers may see: not withdrawn, and not of cases of which none is public, whose titles they bear.
        A document of which no case was ever made is nobody's secret.
        """
        cases = Source.cases.rel.related_model.objects.filter(source=OuterRef("pk")).order_by()
        without = ~Exists(cases) & models.Q(withheld=[], removed=[])
        return self.filter(without | Exists(cases.public()), status=Source.Status.PUBLIC)


class Script(models.TextChoices):
    HANS = "hans", "简体"
    HANT = "hant", "繁体"


class Source(models.Model):
    """A document that cases were read from. `lines` is its text as decoded, so that any place can be shown."""

    class Kind(models.TextChoices):
        CASEBOOK = "casebook", "案例集"
        ARTICLE = "article", "网络文章"
        ROWS = "rows", "结构化数据"

    class Status(models.TextChoices):
        PUBLIC = "public", "公开"
        WITHDRAWN = "withdrawn", "已撤下"

    # Two files of one name that are not editions of one another: 案例.csv, and 案例（2）.csv for the second.
    name = models.CharField("名称", max_length=200, unique=True)
    file_name = models.CharField("文件名", max_length=200, db_index=True, editable=False)
    sha256 = models.CharField("内容校验（SHA-256）", max_length=64, unique=True)
    kind = models.CharField("种类", max_length=10, choices=Kind)
    title = models.CharField("标题", max_length=300, blank=True)
    publisher = models.CharField("发布者", max_length=200, blank=True)
    published_on = models.DateField("发布日期", null=True, blank=True)
    script = models.CharField("原文字体", max_length=4, choices=Script, default=Script.HANS)
    encoding = models.CharField("编码", max_length=20, blank=True)
    lines = ArrayField(models.TextField(blank=True), verbose_name="原文", default=list, blank=True)
    removed = ArrayField(
        models.CharField(max_length=240),
        verbose_name="编辑已删除的案例",
        default=list,
        blank=True,
        help_text="导入标识；再次导入时不会重建",
    )
    status = models.CharField(
        "状态", max_length=9, choices=Status, default=Status.PUBLIC, db_default=Status.PUBLIC, editable=False
    )
    # Keys of the cases that were public when it was withdrawn: they come back with it.
    withdrawn_cases = ArrayField(models.BigIntegerField(), default=list, db_default=[], blank=True, editable=False)
    # Of deleted cases: {"ref", "title", "subtitle", "lines"}. Written by a trigger, and by imports, which know anew.
    withheld = models.JSONField(default=list, db_default=[], blank=True, editable=False)
    fingerprint = models.CharField(max_length=64, blank=True, editable=False)  # what the last reading depended on
    imported = models.JSONField("上次导入的值", default=dict, blank=True, editable=False)
    created_at = models.DateTimeField("首次导入", auto_now_add=True)
    updated_at = models.DateTimeField("更新", auto_now=True)

    objects = SourceQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "来源文档"
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=["casebook", "article", "rows"]), name="source_kind"),
            models.CheckConstraint(condition=models.Q(script__in=["hans", "hant"]), name="source_script"),
            models.CheckConstraint(condition=models.Q(status__in=["public", "withdrawn"]), name="source_status"),
        ]

    def __str__(self):
        return self.label

    def save(self, *args, **kwargs):
        self.file_name = self.file_name or self.name
        super().save(*args, **kwargs)

    def get_absolute_url(self):
        return reverse("source", args=[self.pk])

    @property
    def label(self) -> str:
        """What a reader calls the document."""
        return f"《{self.title}》" if self.title else self.name
