from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

HELD = timedelta(seconds=60)  # since a page was last heard of


class OpenPage(models.Model):
    """That somebody has the form of a row open. `kind`: the model's label. Not more than is needed to say so: a row an
    account and form, gone a minute after the page.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=60)
    object_id = models.BigIntegerField()
    since = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = "打开着的页面"
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["kind", "object_id", "user"], name="open_page_once")]

    def __str__(self):
        return f"{self.kind} {self.object_id}"

    @classmethod
    def hold(cls, user, kind: str, object_id: int) -> None:
        """Says that the page is open, and forgets all that are not any more."""
        now = timezone.now()
        cls.objects.filter(seen_at__lt=now - HELD).delete()
        row = cls(user=user, kind=kind, object_id=object_id, since=now, seen_at=now)
        unique = ["kind", "object_id", "user"]
        cls.objects.bulk_create([row], update_conflicts=True, unique_fields=unique, update_fields=["seen_at"])

    @classmethod
    def others(cls, user, kind: str, object_id: int) -> models.QuerySet["OpenPage"]:
        present = cls.objects.filter(kind=kind, object_id=object_id, seen_at__gte=timezone.now() - HELD)
        return present.exclude(user=user).select_related("user").order_by("since")
