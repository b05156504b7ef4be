from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from catalog.models.case import Case


class EditionQuerySet(models.QuerySet):
    def open(self):
        """Those that wait for a decision, of cases that are there."""
        return self.filter(Exists(Case.objects.filter(pk=OuterRef("case_id")).order_by()), state=Edition.State.OPEN)


class Edition(models.Model):
    """What editors have made of a case and readers do not see yet. Rows are only added: each save of the draft is one.

    `values` is what was in the editors' form, `base` what the case had when the draft was begun: texts by field, as a
    browser sends them. The row outlives its case, which may come back out of the recycle bin.
    """

    class State(models.TextChoices):
        OPEN = "open", "待审核"
        REPLACED = "replaced", "后来又改过"
        PUBLISHED = "published", "已公开"
        DISCARDED = "discarded", "已放弃"

    case = models.ForeignKey(Case, models.DO_NOTHING, related_name="editions", verbose_name="案例", db_constraint=False)
    state = models.CharField("状态", max_length=9, choices=State, default=State.OPEN)
    values = models.JSONField("内容", default=dict)
    base = models.JSONField("开始时公开的内容", default=dict)
    reason = models.CharField("修改说明", max_length=500, blank=True)
    made_at = models.DateTimeField("保存", default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name="编辑"
    )
    closed_at = models.DateTimeField("处理时间", null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name="处理人"
    )

    objects = EditionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "草稿版"
        ordering = ["-pk"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(state="open"), name="edition_one_open"),
            models.CheckConstraint(
                condition=Q(state__in=["open", "replaced", "published", "discarded"]), name="edition_state"
            ),
        ]

    def __str__(self):
        return f"草稿版 {self.made_at:%Y-%m-%d %H:%M}"

    def close(self, state: "Edition.State", user) -> None:
        self.state, self.closed_at, self.closed_by = state, timezone.now(), user
        self.save(update_fields=["state", "closed_at", "closed_by"])
