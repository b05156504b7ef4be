"""How many public cases banks, chapters, products and sources have, counted by the search as the case list counts them.

One count of the index gives the numbers of all rows, so this is for pages that show many of them. The admin, which
sorts by the number in the database, and suggestions, which ask of few rows, ask the case table (`CountedQuerySet`).
"""

from collections import Counter
from collections.abc import Iterable

from django.db.models import Model, QuerySet

from catalog.models import Bank, Category, Product, Source
from catalog.search import HasKey, public_cases, search_deadline

_COLUMNS = {Bank: "bank_id", Category: "category_id", Product: "products", Source: "source_id"}
# Long: these counts are the page. What is wanted of the limit is its other half, that all counts are of one moment.
_SECONDS = 10.0


class PublicCounts:
    """`total` cases, and how many each row of the `models` has."""

    def __init__(self, *models: type[Model]):
        with search_deadline(_SECONDS):
            cases = public_cases()
            self.total = cases.total
            self._counts = {model: _of_rows(cases.counts(_COLUMNS[model])) for model in models}

    def rows_in_use(self, model: type[Model]) -> int:
        """How many rows have a case."""
        return len(self._counts[model])

    def narrowed(self, rows: QuerySet) -> QuerySet:
        """To those that have a case."""
        return rows.filter(HasKey(self._counts[rows.model]))

    def put_on(self, rows: Iterable[Model]) -> list[Model]:
        """The rows, each with `public_cases`."""
        counted = list(rows)
        for row in counted:
            row.public_cases = self._counts[type(row)][row.pk]
        return counted

    def in_use(self, rows: Iterable[Model]) -> list[Model]:
        """Those that have a case, each with `public_cases`. Of few rows, of which it is quicker than `narrowed`."""
        return [row for row in self.put_on(rows) if row.public_cases]


def in_use(rows: QuerySet) -> list[Model]:
    """The rows that have public cases, each with `public_cases`."""
    return PublicCounts(rows.model).in_use(rows)


def _of_rows(counts: Counter) -> Counter:
    """Without the cases that have no such row."""
    return Counter({key: count for key, count in counts.items() if key is not None})
