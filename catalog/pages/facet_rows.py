"""Banks and products as facets show them. Each process keeps the rows until a name of any bank or product changes."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Model

from catalog.models import Bank, Product
from catalog.search import names_version

_COLUMNS = {Bank: ("code", "name", "kind"), Product: ("slug", "name")}


@dataclass(frozen=True)
class _Cache:
    """Rows by model and key, those that were asked for, as they are in one version of the names."""

    version: str
    rows: dict[type[Model], dict[int, Model]] = field(default_factory=lambda: {model: {} for model in _COLUMNS})


_cache = _Cache("")


def facet_rows(model: type[Model], keys: Iterable[int]) -> list[Model]:
    """The banks or the products with these keys, in the order of the keys, with the columns of `_COLUMNS` alone.

    `model`: one of those. Keys without a row are left out.
    """
    global _cache
    version = names_version()
    cache = _cache
    if cache.version != version:
        cache = _cache = _Cache(version)
    rows, keys = cache.rows[model], sorted(keys)
    if missing := [key for key in keys if key not in rows]:
        rows.update(model.objects.only(*_COLUMNS[model]).in_bulk(missing))
    return [rows[key] for key in keys if key in rows]
