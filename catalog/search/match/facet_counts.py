"""How many of the matching cases each bank, chapter, source and year has: all facets from one statement.

A facet leaves its own filter out of its counts. So each case is counted with a flag for each filter, whether it
fulfils it, and a facet's counts are the sum over the cases that fulfil the others. Number and counts come from the same
rows as the list: they cannot disagree.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, F, Func, IntegerField, QuerySet

from catalog.search.match.sql import ColumnFilter

COLUMNS = ("bank_id", "category_id", "source_id", "year")


@dataclass(frozen=True)
class FacetCounts:
    """`rows`: (column, key, flags in the order of the `filters`, number of cases)."""

    filters: tuple[str, ...]
    rows: tuple[tuple[str, object, tuple[bool, ...], int], ...]

    @property
    def total(self) -> int:
        return sum(self.by(COLUMNS[0]).values())

    def by(self, column: str, without: str | None = None) -> Counter:
        """Number of cases by key of a column, with all filters but one."""
        counts: Counter = Counter()
        for row_column, key, flags, count in self.rows:
            fulfilled = (flag or name == without for name, flag in zip(self.filters, flags, strict=True))
            if row_column == column and all(fulfilled):
                counts[key] += count
        return counts


def count_facets(entries: QuerySet, filters: Mapping[str, ColumnFilter] | None = None) -> FacetCounts:
    """`filters` by name, each by the keys of one of `COLUMNS`."""
    filters = filters or {}
    try:
        inner, params = entries.order_by().values_list(*COLUMNS).query.sql_with_params()
    except EmptyResultSet:
        return FacetCounts(tuple(filters), ())
    flags: list[str] = []
    values: list[list[int] | bool] = []
    for column_filter in filters.values():
        column = column_filter.column
        flags.append(f"coalesce({column} = ANY(%s), false) OR ({column} IS NULL AND %s)")
        values += [sorted(key for key in column_filter.keys if key is not None), None in column_filter.keys]
    names = "".join(f", flag{number}" for number in range(len(flags)))
    flag_columns = "".join(f", {flag} AS flag{number}" for number, flag in enumerate(flags))
    sets = ", ".join(f"({column}{names})" for column in COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(COLUMNS)}, GROUPING({', '.join(COLUMNS)}), count(*){names} "
            f"FROM (SELECT *{flag_columns} FROM ({inner}) AS matches) AS flagged GROUP BY GROUPING SETS ({sets})",
            [*values, *params],
        )
        rows = cursor.fetchall()
    return FacetCounts(tuple(filters), tuple(map(_row, rows)))


def count_products(entries: QuerySet) -> Counter:
    """A case has any number of products: they are counted by themselves."""
    product = Func(F("products"), function="unnest", output_field=IntegerField())
    rows = entries.order_by().exclude(products=[]).values_list(product).annotate(count=Count("*"))
    return Counter(dict(rows))


def _row(row: tuple) -> tuple:
    """GROUPING has a bit for each column that the row is not grouped by, the first column the highest."""
    keys, (grouping, count, *flags) = row[: len(COLUMNS)], row[len(COLUMNS) :]
    place = next(n for n in range(len(COLUMNS)) if not grouping & (1 << (len(COLUMNS) - 1 - n)))
    return COLUMNS[place], keys[place], tuple(flags), count
