"""How many of the matching cases each bank, chapter, source and year has, in every combination, from one reading.

Any count of a facet is a sum over combinations: with several facets chosen too, each of whose counts leaves its own
choice out. So one statement serves all facets and the number of cases, and they cannot disagree.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Count, QuerySet

COLUMNS = ("bank_id", "category_id", "source_id", "year")


@dataclass(frozen=True)
class Tally:
    """`rows`: (bank, chapter, source, year) -> number of cases."""

    rows: dict[tuple, int]

    @property
    def total(self) -> int:
        return sum(self.rows.values())

    def where(self, holds: Callable[[dict], bool]) -> "Tally":
        """The part of it whose combination, as column -> key, fulfils a condition."""
        return Tally({key: count for key, count in self.rows.items() if holds(dict(zip(COLUMNS, key, strict=True)))})

    def by(self, column: str) -> Counter:
        place, found = COLUMNS.index(column), Counter()
        for key, count in self.rows.items():
            found[key[place]] += count
        return found


def tally(entries: QuerySet) -> Tally:
    rows = entries.order_by().values_list(*COLUMNS).annotate(count=Count("*"))
    return Tally({tuple(key): count for *key, count in rows})
