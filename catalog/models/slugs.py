"""Addresses of rows, made from their names."""

from catalog.models.names import FormerAddress
from catalog.text.names import slugify


def slug_stem(model, text: str) -> str:
    """The address of `text` where no other row of `model` has it."""
    return slugify(text) or model._meta.model_name


def former_addresses(model):
    """Those that no row of `model` may take: they lead to another row."""
    return FormerAddress.objects.filter(kind=model._meta.model_name).order_by()


def unique_slug(model, text: str) -> str:
    """An address for `text` that no row of `model` has yet, or had."""
    stem = slug_stem(model, text)
    taken = set(model.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    taken |= set(former_addresses(model).filter(address__startswith=stem).values_list("address", flat=True))
    if stem not in taken:
        return stem
    return next(slug for n in range(2, len(taken) + 3) if (slug := f"{stem}-{n}") not in taken)
