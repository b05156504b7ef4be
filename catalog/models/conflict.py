from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from catalog.models.case import Case


class ConflictQuerySet(models.QuerySet):
    def open(self):
        return self.filter(settled_at__isnull=True)


class Conflict(models.Model):
    """What a source says anew where an editor had changed a case; it waits until a person settles it.

    `theirs` is the source's, `mine` what the case had at the time, `base` what both came from; as JSON values, as the
    import compares them (banks and chapters by code, products by key). `base` is None where it isn't known. Of a text
    that is merged by paragraphs they are a part of it: `region` tells it from the others of the field, and `before` and
    `after` are the keys of the paragraphs around it (see `catalog.importing.merge.Region`).
    """

    class How(models.TextChoices):
        THEIRS = "theirs", "用新文本"
        MINE = "mine", "保留"
        MERGED = "merged", "合并"

    case = models.ForeignKey(Case, models.CASCADE, related_name="conflicts", verbose_name="案例")
    field = models.CharField("栏目", max_length=30)
    region = models.CharField(max_length=24, blank=True, editable=False)
    before = models.CharField(max_length=16, blank=True, editable=False)
    after = models.CharField(max_length=16, blank=True, editable=False)
    base = models.JSONField("原来的文本", null=True, blank=True)
    theirs = models.JSONField("来源的新文本", null=True, blank=True)
    mine = models.JSONField("编辑稿", null=True, blank=True)
    made_at = models.DateTimeField("发现时间", default=timezone.now)
    settled_at = models.DateTimeField("处理时间", null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, verbose_name="处理人"
    )
    how = models.CharField("处理", max_length=6, choices=How, blank=True)

    objects = ConflictQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "冲突"
        ordering = ["case", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "field", "region"], name="conflict_once_open", condition=Q(settled_at__isnull=True)
            ),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, how="")
                | Q(settled_at__isnull=False, how__in=["theirs", "mine", "merged"]),
                name="conflict_settled_somehow",
            ),
        ]

    def __str__(self):
        return f"{self.field_label}：{self.case}"

    @property
    def field_label(self) -> str:
        return str(Case._meta.get_field(self.field).verbose_name)

    @property
    def is_part(self) -> bool:
        """Whether it is about some paragraphs of the text only."""
        return bool(self.region)
