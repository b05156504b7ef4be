"""Keeps the search entries in step with the cases: in the transaction of the write, whoever writes.

Writes that send no signals (`bulk_create`, `update`) are followed by a call of `touch`.
"""

from collections.abc import Iterable
from contextlib import contextmanager
from contextvars import ContextVar

from django.core.checks import Tags, register
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_delete, pre_save

from catalog.models import Bank, Case, Category, Product
from catalog.search.index.writer import forget, index_cases
from catalog.search.maintenance.checks import check_index, check_thesaurus

# What the entries of a row's cases depend on; other changes of the row need no rewriting. The other names of banks and
# products are known to the query alone (see `lexicon`), where they serve from the moment they are written.
_INDEXED = {
    Bank: ["name"],
    Category: ["name"],
    Product: ["name"],
}
_deferred: ContextVar[set[int] | None] = ContextVar("deferred", default=None)


def touch(cases: Iterable[int]) -> None:
    """Indexes the cases with these keys: now, or once at the end of `deferred_indexing`."""
    deferred = _deferred.get()
    if deferred is None:
        index_cases(cases)
    else:
        deferred.update(cases)


@contextmanager
def deferred_indexing():
    """For bulk writes: one transaction, at whose end every case touched in it is indexed once.

    A block that raises leaves neither its writes nor entries of them. Inside another such block it is a part of it.
    """
    if _deferred.get() is not None:
        yield
        return
    touched: set[int] = set()
    with transaction.atomic():
        token = _deferred.set(touched)
        try:
            yield
        finally:
            _deferred.reset(token)
        index_cases(touched)


def connect() -> None:
    """Called once, by `CatalogConfig.ready`."""
    register(check_index, Tags.database)
    register(check_thesaurus, Tags.database)
    post_save.connect(_case_saved, Case, dispatch_uid="search")
    pre_delete.connect(_case_leaves, Case, dispatch_uid="search")
    m2m_changed.connect(_products_changed, Case.products.through, dispatch_uid="search")
    for model in _INDEXED:
        pre_save.connect(_remember_names, model, dispatch_uid="search")
        post_save.connect(_row_saved, model, dispatch_uid="search")
    pre_delete.connect(_product_leaves, Product, dispatch_uid="search")
    post_delete.connect(_product_left, Product, dispatch_uid="search")


def _keys(cases: QuerySet[Case]) -> list[int]:
    return list(cases.values_list("pk", flat=True))


def _case_saved(instance: Case, **kwargs) -> None:
    touch([instance.pk])


def _case_leaves(instance: Case, **kwargs) -> None:
    forget([instance.pk])


def _products_changed(instance: Case | Product, action: str, reverse: bool, pk_set: set[int] | None, **kwargs) -> None:
    if not reverse:
        if action.startswith("post_"):
            touch([instance.pk])
    elif action == "pre_clear":
        instance._cases_before = _keys(instance.cases)
    elif action == "post_clear":
        touch(instance._cases_before)
    elif action.startswith("post_"):
        touch(pk_set)


def _names(model, pk) -> tuple | None:
    return model.objects.filter(pk=pk).values_list(*_INDEXED[model]).first()


def _remember_names(sender, instance, **kwargs) -> None:
    instance._names_before = _names(sender, instance.pk)


def _row_saved(sender, instance, created: bool, **kwargs) -> None:
    if not created and instance._names_before != _names(sender, instance.pk):
        touch(_keys(instance.cases))


def _product_leaves(instance: Product, **kwargs) -> None:
    instance._cases_before = _keys(instance.cases)


def _product_left(instance: Product, **kwargs) -> None:
    touch(instance._cases_before)
