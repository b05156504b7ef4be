"""Addresses of rows, made from their names."""

from catalog.text.names import slugify


def slug_stem(model, text: str) -> str:
    """The address of `text` where no other row of `model` has it."""
    return slugify(text) or model._meta.model_name


def unique_slug(model, text: str) -> str:
    """An address for `text` that no row of `model` has yet."""
    stem = slug_stem(model, text)
    taken = set(model.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    if stem not in taken:
        return stem
    return next(slug for n in range(2, len(taken) + 3) if (slug := f"{stem}-{n}") not in taken)
