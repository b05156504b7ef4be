"""Banks and products as filters show them. Each process keeps them until one changes (see `search.changes`)."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Model

from catalog.models import Bank, NameChange, Product
from catalog.search.names import versions

_COLUMNS = {Bank: ("code", "name", "kind"), Product: ("slug", "name")}


@dataclass(frozen=True)
class _Kept:
    """Rows by key, as they are while the names have a version: those that were asked for."""

    version: str
    rows: dict[type[Model], dict[int, Model]] = field(default_factory=lambda: {model: {} for model in _COLUMNS})


_latest = _Kept("")


def named(model: type[Model], keys: Iterable[int]) -> list[Model]:
    """The banks or the products with these keys as they are now, by key; with their name, address and kind alone."""
    global _latest
    version = versions.version(NameChange.What.NAMES)
    kept = _latest
    if kept.version != version:
        kept = _latest = _Kept(version)
    rows, keys = kept.rows[model], sorted(keys)
    if missing := [key for key in keys if key not in rows]:
        rows.update(model.objects.only(*_COLUMNS[model]).in_bulk(missing))
    return [rows[key] for key in keys if key in rows]
