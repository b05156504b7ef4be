from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models, transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Cast, Coalesce, Length
from django.db.models.lookups import LessThanOrEqual
from django.urls import reverse
from django.utils import timezone

from catalog.models.slugs import unique_slug
from catalog.models.source import Script, Source
from catalog.text import limits

# Cases without a number of their own come after the numbered ones of their chapter.
PLACE_IN_CHAPTER = Coalesce("number", Value(2**31 - 1), output_field=models.BigIntegerField())


class CaseQuerySet(models.QuerySet):
    def public(self):
        return self.filter(status=Case.Status.PUBLIC)

    def for_list(self):
        """With all that a list row shows, on a page or in the API, and no other column."""
        return self.select_related("bank", "category", "source").only(
            *("title", "subtitle", "title_inferred", "slug", "branch", "summary", "body", "captions"),
            *("published_on", "script", "bank__code", "bank__name", "category__code", "category__name", "source__name"),
        )

    def for_page(self):
        """With all that a case's own page shows, without the texts of its source."""
        return self.select_related("bank", "category", "source").defer("source__lines", "source__withheld")

    def indexed_text(self):
        """With all that the search index reads."""
        return self.select_related("bank", "category").prefetch_related("bank__aliases", "products__aliases")


class Case(models.Model):
    """A case study. `body` is Markdown: headings, paragraphs and tables (see `catalog.text.markdown`)."""

    # Whoever has this right changes what readers see.
    PUBLISH, ERASE = "catalog.publish_case", "catalog.erase_case"

    class Status(models.TextChoices):
        PUBLIC = "public", "公开"
        DRAFT = "draft", "草稿"

    ref = models.CharField("导入标识", max_length=240, unique=True, null=True, blank=True, editable=False)
    title = models.CharField("标题", max_length=300)
    subtitle = models.CharField("副标题", max_length=300, blank=True)
    title_inferred = models.BooleanField("标题为代拟", default=False, help_text="原文没有标题；确认或改定后取消勾选")
    slug = models.SlugField("地址", max_length=120, unique=True, allow_unicode=True, editable=False)
    status = models.CharField("状态", max_length=6, choices=Status, default=Status.PUBLIC)

    bank = models.ForeignKey(
        "catalog.Bank", models.PROTECT, related_name="cases", verbose_name="银行", null=True, blank=True
    )
    branch = models.CharField("机构（分支行、部门）", max_length=100, blank=True)
    category = models.ForeignKey(
        "catalog.Category", models.PROTECT, related_name="cases", verbose_name="章节", null=True, blank=True
    )
    category_confidence = models.FloatField(
        "章节的把握", null=True, blank=True, help_text="0 到 1；空白表示原文写明或编辑已确认"
    )
    products = models.ManyToManyField("catalog.Product", related_name="cases", verbose_name="产品", blank=True)

    summary = models.TextField("案例简介", blank=True)
    body = models.TextField("正文", blank=True, help_text="Markdown：## 标题、空行分段、表格")
    captions = ArrayField(models.TextField(), verbose_name="图片说明", default=list, blank=True)
    authors = ArrayField(models.CharField(max_length=60), verbose_name="作者", default=list, blank=True)
    published_on = models.DateField("发布日期", null=True, blank=True)
    script = models.CharField("原文字体", max_length=4, choices=Script, default=Script.HANS)

    source = models.ForeignKey(
        "catalog.Source", models.PROTECT, related_name="cases", verbose_name="来源", null=True, blank=True
    )
    number = models.PositiveIntegerField("在来源中的序号", null=True, blank=True)
    first_line = models.PositiveIntegerField("来源起始行", null=True, blank=True)
    last_line = models.PositiveIntegerField("来源终止行", null=True, blank=True)
    first_page = models.PositiveIntegerField("印刷页起", null=True, blank=True)
    last_page = models.PositiveIntegerField("印刷页止", null=True, blank=True)
    provenance = models.JSONField("段落出处", default=list, blank=True, editable=False)
    imported = models.JSONField("上次导入的值", default=dict, blank=True, editable=False)
    # What the last import said of `summary` and `body`, where an editor has made something else of it: long values are
    # no more than digests in `imported`. Noted by a trigger when an editor writes, and by imports.
    base = models.JSONField("编辑之前的文本", null=True, blank=True, editable=False)

    created_at = models.DateTimeField("建立", auto_now_add=True)
    updated_at = models.DateTimeField("更新", auto_now=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "案例"
        ordering = ["pk"]
        permissions = [("publish_case", "公开、撤回，改动已公开的"), ("erase_case", "彻底删除")]
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="case_title_not_empty"),
            models.CheckConstraint(condition=Q(status__in=["public", "draft"]), name="case_status"),
            models.CheckConstraint(condition=Q(script__in=["hans", "hant"]), name="case_script"),
            models.CheckConstraint(
                condition=Q(category_confidence__isnull=True) | Q(category_confidence__range=(0, 1)),
                name="case_category_confidence",
            ),
            models.CheckConstraint(
                condition=Q(first_line__isnull=True) | Q(first_line__gte=1, last_line__gte=F("first_line")),
                name="case_lines_in_order",
            ),
            models.CheckConstraint(
                condition=Q(first_page__isnull=True) | Q(last_page__gte=F("first_page")), name="case_pages_in_order"
            ),
            models.UniqueConstraint(fields=["source", "number"], name="case_number_once_a_source"),
            # Cases from before these limits are kept as they are (see the migration), and shown in parts like others.
            models.CheckConstraint(
                condition=LessThanOrEqual(Length("summary"), limits.SUMMARY),
                name="case_summary_length",
                violation_error_message=f"案例简介超过 {limits.SUMMARY} 字",
            ),
            models.CheckConstraint(
                condition=LessThanOrEqual(Length("body"), limits.BODY),
                name="case_body_length",
                violation_error_message=f"正文超过 {limits.BODY} 字",
            ),
            models.CheckConstraint(
                condition=~(Q(summary__contains="\r") | Q(body__contains="\r")),
                name="case_line_ends",
                violation_error_message="换行须是 LF",
            ),
            models.CheckConstraint(
                condition=Q(captions__len__lte=limits.CAPTIONS)
                & LessThanOrEqual(Length(Cast("captions", models.TextField())), 2 * limits.CAPTIONS_TEXT),
                name="case_captions_length",
                violation_error_message="图片说明太多或太长",
            ),
            models.CheckConstraint(
                condition=Q(authors__len__lte=limits.AUTHORS),
                name="case_authors_number",
                violation_error_message=f"作者超过 {limits.AUTHORS} 位",
            ),
        ]
        indexes = [
            models.Index("category", PLACE_IN_CHAPTER, "id", name="case_by_category", condition=Q(status="public")),
            models.Index(fields=["bank", "published_on"], name="case_by_bank", condition=Q(status="public")),
            models.Index(
                F("published_on").desc(nulls_last=True), "id", name="case_by_date", condition=Q(status="public")
            ),
        ]

    def __str__(self):
        return self.full_title

    def save(self, *args, **kwargs):
        """One transaction with what follows a write: the search entry is never behind the case."""
        with transaction.atomic():
            if not self.slug:
                self.slug = unique_slug(Case, self.full_title)
            super().save(*args, **kwargs)

    def get_absolute_url(self):
        return reverse("case", args=[self.slug])

    def clean(self):
        """What is too long, at its field: an editor hears of it in the form, not from the database."""
        told = {name: limits.overlong_text(name, getattr(self, name)) for name in ("summary", "body")}
        told |= {name: limits.overlong_list(name, getattr(self, name) or []) for name in ("captions", "authors")}
        if problems := {
            name: f"{self._meta.get_field(name).verbose_name}{what}" for name, what in told.items() if what
        }:
            raise ValidationError(problems)

    @property
    def full_title(self) -> str:
        return f"{self.title}——{self.subtitle}" if self.subtitle else self.title

    def neighbours(self) -> tuple["Case | None", "Case | None"]:
        """The public cases before and after this one in its chapter."""
        if self.category_id is None:
            return None, None
        chapter = (
            Case.objects.public()
            .filter(category_id=self.category_id)
            .annotate(place=PLACE_IN_CHAPTER)
            .only("title", "subtitle", "slug")
        )
        here = 2**31 - 1 if self.number is None else self.number
        before = chapter.filter(Q(place__lt=here) | Q(place=here, pk__lt=self.pk)).order_by("-place", "-pk").first()
        after = chapter.filter(Q(place__gt=here) | Q(place=here, pk__gt=self.pk)).order_by("place", "pk").first()
        return before, after


class DoubtQuerySet(models.QuerySet):
    def open(self):
        return self.filter(settled_at__isnull=True)

    def settle(self, user) -> int:
        """Marks the open ones as settled by `user`, and returns how many there were."""
        return self.open().update(settled_at=timezone.now(), settled_by=user)

    def reopen(self) -> int:
        return self.filter(settled_at__isnull=False).update(settled_at=None, settled_by=None)


class Doubt(models.Model):
    """A decision of the importer that an editor should look at. `spans` are line ranges of the source.

    `other`: a case that this one may be once more. The doubt goes with it.
    """

    source = models.ForeignKey("catalog.Source", models.CASCADE, related_name="doubts", verbose_name="来源")
    case = models.ForeignKey(Case, models.CASCADE, related_name="doubts", verbose_name="案例", null=True, blank=True)
    field = models.CharField("栏目", max_length=30)
    reason = models.TextField("疑点")
    confidence = models.FloatField("把握")
    spans = models.JSONField("来源行", default=list, blank=True)
    other = models.ForeignKey(
        Case, models.CASCADE, related_name="duplicates", verbose_name="可能相同的案例", null=True, blank=True
    )
    settled_at = models.DateTimeField("处理时间", null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, verbose_name="处理人"
    )

    objects = DoubtQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "存疑"
        # What is settled comes last, the latest first.
        ordering = [F("settled_at").desc(nulls_first=True), "case", "confidence"]
        constraints = [
            models.CheckConstraint(condition=Q(confidence__range=(0, 1)), name="doubt_confidence"),
        ]
        indexes = [models.Index(fields=["case"], name="doubt_open", condition=Q(settled_at__isnull=True))]

    def __str__(self):
        return self.reason

    @property
    def field_anchor(self) -> str:
        """Of the field in the case's form."""
        return f"id_{_FIELD_OF.get(self.field, self.field)}"


_FIELD_OF = {"text": "body", "date": "published_on", "year": "published_on", "chapter": "category"}
# What an export calls what is no field of its own.
_OTHER_COLUMNS = {"year": "年份", "text": "正文", "date": "发布日期", "chapter": "章节", "row": "整行"}


def doubted_field_label(name: str) -> str:
    """What an editor calls the field of a case, or of its source, that a doubt is about."""
    for model in (Case, Source):
        try:
            return str(model._meta.get_field(name).verbose_name)
        except FieldDoesNotExist:
            continue
    return _OTHER_COLUMNS.get(name, "其他")
