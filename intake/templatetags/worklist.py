"""What waits for an editor, for the admin's first page."""

from collections.abc import Callable
from typing import NamedTuple

from django import template
from django.urls import reverse

from catalog.models import Case, Conflict, Doubt, Edition
from intake.models import ImportBatch
from intake.tasks import IMPORT

register = template.Library()


class Work(NamedTuple):
    """A kind of work: the right that it takes, the list in which it is done, and how much there is."""

    label: str
    permission: str
    list_name: str
    parameters: str
    number: Callable[[], int]


KINDS = (
    Work("待确认的导入", IMPORT, "intake_importbatch", "", lambda: ImportBatch.objects.filter(state="waiting").count()),
    Work("可能重复的案例", "catalog.view_doubt", "catalog_doubt", "?settled=no&duplicate=yes", lambda: _doubts(False)),
    Work("冲突", "catalog.view_case", "catalog_conflict", "", lambda: Conflict.objects.open().count()),
    Work("存疑", "catalog.view_doubt", "catalog_doubt", "?settled=no&duplicate=no", lambda: _doubts(True)),
    Work("待审核的修改", "catalog.change_case", "catalog_edition", "", lambda: Edition.objects.open().count()),
    Work("草稿", "catalog.view_case", "catalog_case", "?status__exact=draft", lambda: _drafts()),
)


def _doubts(without_other: bool) -> int:
    return Doubt.objects.open().filter(other__isnull=without_other).count()


def _drafts() -> int:
    return Case.objects.filter(status=Case.Status.DRAFT).count()


@register.simple_tag
def worklist(user) -> list[dict[str, object]]:
    """What this editor may look at: label, number and address of each kind."""
    return [
        {
            "label": work.label,
            "number": work.number(),
            "address": reverse(f"admin:{work.list_name}_changelist") + work.parameters,
        }
        for work in KINDS
        if user.has_perm(work.permission)
    ]
