"""Settles what a write through Django changed, in its transaction: the index is never behind for whoever wrote.

Which cases a write concerns the database tells (see `ChangedCase`). A write that sends no signals (`bulk_create`,
`update`, SQL) is settled by a call of `writer.settle`, or else before the next search.
"""

from typing import Any

from django.core.checks import Tags, register
from django.db.models.signals import m2m_changed, post_delete, post_save

from catalog.models import Bank, Case, Category, Product
from catalog.search.index import writer
from catalog.search.maintenance.system_checks import check_index, check_thesaurus


def connect() -> None:
    """Called once, by `CatalogConfig.ready`."""
    register(check_index, Tags.database)
    register(check_thesaurus, Tags.database)
    for model in (Case, Bank, Category, Product):
        post_save.connect(_settle, model, dispatch_uid="search")
        post_delete.connect(_settle, model, dispatch_uid="search")
    m2m_changed.connect(_settle_links, Case.products.through, dispatch_uid="search")


def _settle(**kwargs: Any) -> None:
    writer.settle_own()


def _settle_links(action: str, **kwargs: Any) -> None:
    if action.startswith("post_"):
        writer.settle_own()
