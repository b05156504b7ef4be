"""Three-way merge of what a document says now, what it said at the last import, and what editors made of it.

An import writes a value only where the row still holds what the last import wrote. Where an editor changed it, the
edit stays, whatever the document says now.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

JsonValue = Any


@dataclass(frozen=True)
class Merge:
    """`values` to write now, and the fields in which the document has something new that an edit keeps out."""

    values: dict[str, JsonValue]
    kept: tuple[str, ...]


def merge(fresh: Mapping[str, JsonValue], last: Mapping[str, JsonValue], current: Mapping[str, JsonValue]) -> Merge:
    """All three map field names to JSON values; `last` lacks what was never imported, which then counts as unedited."""
    values, kept = {}, []
    for field, value in fresh.items():
        if value == current[field] or (field in last and value == last[field]):
            continue
        if field in last and current[field] != last[field]:
            kept.append(field)
        else:
            values[field] = value
    return Merge(values, tuple(kept))
