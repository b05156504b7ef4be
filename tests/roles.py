"""The groups that the migrations make, for tests: a test that empties tables takes them away from those after it."""

from importlib import import_module

from django.apps import apps
from django.contrib.auth.models import Group


def role(name: str) -> Group:
    """编辑, 审核 or 管理员."""
    import_module("accounts.migrations.0002_roles").make_roles(apps, None)
    return Group.objects.get(name=name)
