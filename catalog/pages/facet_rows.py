"""Banks and products as filters show them. Each process keeps them until one changes (see `search.names.versions`)."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Model

from catalog.models import Bank, Product
from catalog.search import names_version

_COLUMNS = {Bank: ("code", "name", "kind"), Product: ("slug", "name")}


@dataclass(frozen=True)
class _Kept:
    """Rows by key, as they are while the names have a version: those that were asked for."""

    version: str
    rows: dict[type[Model], dict[int, Model]] = field(default_factory=lambda: {model: {} for model in _COLUMNS})


_latest = _Kept("")


def facet_rows(model: type[Model], keys: Iterable[int]) -> list[Model]:
    """The banks or the products with these keys as they are now, by key; with their name, address and kind alone."""
    global _latest
    version = names_version()
    kept = _latest
    if kept.version != version:
        kept = _latest = _Kept(version)
    rows, keys = kept.rows[model], sorted(keys)
    if missing := [key for key in keys if key not in rows]:
        rows.update(model.objects.only(*_COLUMNS[model]).in_bulk(missing))
    return [rows[key] for key in keys if key in rows]
