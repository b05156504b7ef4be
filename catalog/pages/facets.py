"""The facets of the case list: by what a reader narrows it, and how many cases each choice would leave.

Values of one facet are alternatives (OR), facets narrow each other (AND). A facet counts what the list would show
without the facet's own choice, so the other values stay in view.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import django_filters

from catalog.models import Bank, BankKind
from catalog.pages.facet_rows import facet_rows
from catalog.pages.forms import ValuesField
from catalog.search import ColumnFilter

FACET_LIMIT = 30  # values of a facet on a page; the chosen ones are always among them
AT_ONCE = 8  # values in view; the others are a click away


@dataclass(frozen=True)
class Option:
    """A value of a facet with the number of cases that a reader would see on choosing it alone in its facet."""

    value: str
    label: str
    count: int
    chosen: bool


@dataclass(frozen=True)
class FacetPanel:
    """A facet as the page shows it: the first options, and the rest behind a disclosure."""

    name: str
    label: str
    options: list[Option]

    @property
    def at_once(self) -> list[Option]:
        return self.options[: self._cut]

    @property
    def rest(self) -> list[Option]:
        return self.options[self._cut :]

    @property
    def rest_chosen(self) -> bool:
        """A choice must not be out of sight."""
        return any(option.chosen for option in self.rest)

    @property
    def _cut(self) -> int:
        # One or two that stick out are not worth a disclosure.
        return AT_ONCE if len(self.options) > AT_ONCE + 2 else len(self.options)


class Facet(django_filters.Filter):
    """A filter by any of several values, which can list its values with their counts.

    `field_name` is a column of the search's entries; what stands in the column is a key, what stands in an address is
    a value.
    """

    field_class = ValuesField

    def __init__(self, field_name, *, label):
        super().__init__(field_name, label=label, known=self.known)

    def known(self, values: list[str]) -> set[str]:
        """Those of the values that there are."""
        raise NotImplementedError

    def labels(self, values: list[str]) -> dict[str, str]:
        """The labels of known values, in the facet's order if it has one of its own."""
        raise NotImplementedError

    def keys(self, values: list[str]) -> set:
        """The keys of known values; None is the key of cases without one."""
        raise NotImplementedError

    def candidates(self, counts: Counter, chosen: list[str]) -> list[Option]:
        """The options that there are, or the likely ones of very many. `counts`: of cases by key."""
        raise NotImplementedError

    def sort(self, options: list[Option]) -> list[Option]:
        """By count, unless the facet has an order of its own."""
        return sorted(options, key=lambda option: (-option.count, option.label))

    def column_filter(self, values: list[str]) -> ColumnFilter:
        return ColumnFilter(self.field_name, frozenset(self.keys(values)))

    def options(self, counts: Counter, chosen: list[str]) -> list[Option]:
        """At most `FACET_LIMIT` and the chosen ones. `counts`: of cases by key, under all the other filters."""
        options = self.candidates(counts, chosen)
        best = set(sorted(options, key=lambda option: (not option.chosen, -option.count))[:FACET_LIMIT])
        return self.sort([option for option in options if option in best])


class RelatedFacet(Facet):
    """By a related row's address field; `order` is the trade's order of the related rows, else by count.

    `columns` are those that a label and the address need: there are a hundred rows on a page.
    """

    def __init__(self, field_name, *, label, related, columns, address, order=()):
        super().__init__(field_name, label=label)
        self.related, self.columns, self.address, self.order = related, columns, address, order
        self._rows = {}

    def known(self, values):
        return {self.value_of(row) for row in self._with_values(values)}

    def labels(self, values):
        return {self.value_of(row): str(row) for row in self._with_values(values)}

    def keys(self, values):
        return {row.pk for row in self._with_values(values)}

    def candidates(self, counts, chosen):
        likely = [key for key, _ in counts.most_common(FACET_LIMIT + 1) if key is not None]
        rows = [(self.value_of(row), row) for row in self._with_keys({*likely, *self.keys(chosen)})]
        return [Option(value, str(row), counts.get(row.pk, 0), value in chosen) for value, row in rows]

    def sort(self, options):
        return options if self.order else super().sort(options)

    def value_of(self, row) -> str:
        """What stands in an address for the row."""
        return str(getattr(row, self.address))

    def _with_keys(self, keys: Collection[int]) -> Iterable:
        return self.related.objects.only(*self.columns).filter(pk__in=keys).order_by(*(self.order or ["pk"]))

    def _with_values(self, values: Sequence[str]) -> list:
        """The rows of those values that have one. Each is asked for once: there is a filter for each request."""
        missing = [value for value in values if value not in self._rows]
        if missing:
            addresses = [value for value in missing if self._is_address(value)]
            rows = self.related.objects.only(*self.columns).filter(**{f"{self.address}__in": addresses})
            self._rows |= dict.fromkeys(missing) | {self.value_of(row): row for row in rows}
        return [row for value in values if (row := self._rows[value])]

    def _is_address(self, value: str) -> bool:
        """Whether the database can be asked for it."""
        if self.address == "pk":
            return value.isascii() and value.isdigit() and len(value) < 19
        return "\0" not in value


class NamedFacet(RelatedFacet):
    """By the bank or the product, of which each process keeps the rows."""

    def _with_keys(self, keys):
        return facet_rows(self.related, keys)


class ValueFacet(Facet):
    """By values that are no rows of their own."""

    def by_value(self, counts: Counter) -> Counter:
        """Counts by key as counts by value."""
        raise NotImplementedError

    def candidates(self, counts, chosen):
        by_value = self.by_value(counts)
        return [
            Option(value, label, by_value.get(value, 0), value in chosen)
            for value, label in self.labels([*by_value, *chosen]).items()
        ]


class KindFacet(ValueFacet):
    """By the kind of the bank."""

    def known(self, values):
        return {value for value in values if value in BankKind.values}

    def labels(self, values):
        return {value: label for value, label in BankKind.choices if value in values}

    def keys(self, values):
        return set(Bank.objects.filter(kind__in=values).values_list("pk", flat=True))

    def by_value(self, counts):
        by_kind = Counter()
        for bank in facet_rows(Bank, counts.keys() - {None}):
            by_kind[bank.kind] += counts[bank.pk]
        return by_kind

    def sort(self, options):
        places = {value: place for place, value in enumerate(BankKind.values)}
        return sorted(options, key=lambda option: places[option.value])


class YearFacet(ValueFacet):
    """By the year of publication, the latest first."""

    UNKNOWN = "none"

    def known(self, values):
        return {value for value in values if value == self.UNKNOWN or self._is_year(value)}

    def labels(self, values):
        return {value: "未注明" if value == self.UNKNOWN else f"{value} 年" for value in dict.fromkeys(values)}

    def keys(self, values):
        return {None if value == self.UNKNOWN else int(value) for value in values}

    def by_value(self, counts):
        return Counter({self.UNKNOWN if year is None else str(year): count for year, count in counts.items()})

    def sort(self, options):
        return sorted(options, key=lambda option: option.value.zfill(4), reverse=True)

    def _is_year(self, value: str) -> bool:
        return value.isascii() and value.isdigit() and len(value) <= 4 and int(value) > 0
