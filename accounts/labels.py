"""What permissions are called: by the rows and what one may do with them."""

import re

from django.apps import apps
from django.contrib.admin import AdminSite
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q, QuerySet
from django.forms import ModelMultipleChoiceField
from django.utils.text import capfirst

VERBS = {"view": "查看", "add": "增加", "change": "修改", "delete": "删除", "publish": "公开"}
VERBS |= {"erase": "彻底删除", "import": "导入"}
_CODENAME = re.compile(rf"\b({'|'.join(VERBS)})_([a-z]+)\b")


class PermissionsField(ModelMultipleChoiceField):
    def label_from_instance(self, obj):
        return permission_label(obj)


def permission_label(permission: Permission) -> str:
    """案例库 | 案例 | 修改."""
    kind = permission.content_type
    told = VERBS.get(permission.codename.partition("_")[0]) or permission.name
    app = apps.app_configs.get(kind.app_label)
    return f"{app.verbose_name if app else kind.app_label} | {capfirst(kind.name)} | {told}"


def codename_label(text: str) -> str:
    """A text with every code of a permission (change_case) as it is called (修改案例)."""
    names = {model._meta.model_name: str(model._meta.verbose_name) for model in apps.get_models()}
    names["cases"] = names["case"]  # import_cases
    return _CODENAME.sub(lambda code: VERBS[code[1]] + names.get(code[2], code[2]), text)


def offered_permissions(site: AdminSite, model, field: str, holder: str | None) -> QuerySet[Permission]:
    """Those that open something: the rows that have pages, or stand on one. Others only where the holder has them, so
    that a save takes none away.
    """
    pages = site._registry.values()
    shown = {page.model for page in pages} | {inline.model for page in pages for inline in page.inlines}
    kinds = ContentType.objects.get_for_models(*shown).values()
    opened = Q(content_type__in=list(kinds))
    if holder and holder.isdecimal():
        opened |= Q(pk__in=model._base_manager.filter(pk=holder).values(field))
    return Permission.objects.filter(opened).select_related("content_type")
