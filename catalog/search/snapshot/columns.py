"""What a snapshot has of each entry beside its text: the columns by which cases are counted and sorted."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime

import numpy as np

from catalog.models import SearchEntry
from catalog.search.snapshot.store import FACETS, NO_KEY

_EPOCH = date(1970, 1, 1)


def columns() -> dict[str, np.ndarray]:
    """By name; `key` is the case of each place. See `Snapshot.facets` for those that are counted."""
    rows = list(
        SearchEntry.objects.order_by("pk")
        .values_list(
            "pk",
            "public",
            "bank_id",
            "category_id",
            "source_id",
            "year",
            "products",
            "place",
            "published_on",
            "updated_at",
        )
        .iterator(chunk_size=10_000)
    )
    names = ("key", "public", *FACETS, "products", "place", "published_on", "updated_at")
    values = dict(zip(names, zip(*rows, strict=True), strict=True)) if rows else dict.fromkeys(names, ())
    links = [(place, key) for place, keys in enumerate(values["products"]) for key in keys]
    return {
        "key": np.array(values["key"], "<i8"),
        "public": np.array(values["public"], "<u1"),
        "place": np.array(values["place"], "<i8"),
        "published_on": np.array([_days(day) for day in values["published_on"]], "<i8"),
        "updated_at": np.array([_microseconds(moment) for moment in values["updated_at"]], "<i8"),
        **{name: array for facet in FACETS for name, array in _coded(facet, values[facet])},
        **dict(_coded("products", [key for _, key in links])),
        "products.places": np.array([place for place, _ in links], "<u4"),
    }


def _coded(name: str, values: Sequence[int | None]) -> Iterator[tuple[str, np.ndarray]]:
    keys, codes = np.unique(np.array([NO_KEY if key is None else key for key in values], "<i8"), return_inverse=True)
    yield f"{name}.keys", keys.astype("<i8")
    yield f"{name}.codes", codes.astype("<i4")


def _days(day: date | None) -> int:
    """Cases without a date come last, the newest first."""
    return -1_000_000 if day is None else (day - _EPOCH).days


def _microseconds(moment: datetime) -> int:
    return int(moment.astimezone(UTC).timestamp() * 1_000_000)
