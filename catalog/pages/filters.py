"""The filters of the case list: one FilterSet behind the pages (and whatever else lists cases).

Values of one facet are alternatives (OR), facets narrow each other (AND). Unknown values are ignored, never an error.
A facet counts what the list would show without the facet's own choice, so the other values stay in view. All counts
come from the very selection that the list is made of: they can't disagree with it.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import django_filters
from django import forms

from catalog.models import Bank, BankKind, Category, Product, SearchEntry, Source
from catalog.pages.facet_rows import facet_rows
from catalog.pages.forms import QueryField
from catalog.search import ColumnFilter, QueryPlan, Results, plan_query

AS_TYPED = "typed"  # the parameter that says a query is meant as it is, slips and all
FACET_LIMIT = 30  # values of a facet on a page; the chosen ones are always among them


@dataclass(frozen=True)
class Option:
    """A value of a facet with the number of cases that a reader would see on choosing it alone in its facet."""

    value: str
    label: str
    count: int
    chosen: bool


class ManyValues(forms.Field):
    """The values of a repeated parameter that `known` lets through, in order and none twice; never invalid."""

    widget = forms.SelectMultiple

    def __init__(self, *args, known, **kwargs):
        super().__init__(*args, **kwargs)
        self.known = known

    def clean(self, value: Sequence[str] | None) -> list[str]:
        asked = [item.replace("\0", "") for item in dict.fromkeys(value or [])]
        known = self.known(asked) if asked else set()
        return [item for item in asked if item in known]


class Facet(django_filters.Filter):
    """A filter by any of several values, which can list its values with their counts.

    `field_name` is a column of the entries; its content is a key, a value is what stands in an address.
    """

    field_class = ManyValues

    def __init__(self, field_name, *, label):
        super().__init__(field_name, label=label, known=self.known)

    def known(self, values: list[str]) -> set[str]:
        raise NotImplementedError

    def labels(self, values: list[str]) -> dict[str, str]:
        raise NotImplementedError

    def keys(self, values: list[str]) -> set:
        """The keys of chosen values; None is the key of cases without one."""
        raise NotImplementedError

    def by_value(self, keys: Counter) -> Counter:
        """Counts by key as counts by value."""
        raise NotImplementedError

    def column_filter(self, values: list[str]) -> ColumnFilter:
        return ColumnFilter(self.field_name, frozenset(self.keys(values)))

    def sort(self, options: list[Option]) -> list[Option]:
        """`options` come in the order of `labels`."""
        return sorted(options, key=lambda option: (-option.count, option.label))

    def options(self, keys: Counter, chosen: list[str]) -> list[Option]:
        """`keys`: counted with all the other filters. Values without a case are left out unless chosen."""
        counts = self.by_value(keys)
        labels = self.labels([*counts, *chosen])
        options = [
            Option(value, label, counts.get(value, 0), value in chosen)
            for value, label in labels.items()
            if counts.get(value) or value in chosen
        ]
        return self._first(options)

    def _first(self, options: list[Option]) -> list[Option]:
        first = set(sorted(options, key=lambda option: (not option.chosen, -option.count))[:FACET_LIMIT])
        return self.sort([option for option in options if option in first])


class RelatedFacet(Facet):
    """By a related row's address field; `order` is the trade's order of the related rows, else by count.

    `columns` are those that a label and the address need: there are a hundred rows on a page.
    """

    def __init__(self, field_name, *, label, related, columns, address, order=()):
        super().__init__(field_name, label=label)
        self.related, self.columns, self.address, self.order = related, columns, address, order
        self._found = {}

    def known(self, values):
        return {self._value(row) for row in self._find(values)}

    def labels(self, values):
        return {self._value(row): str(row) for row in self._find(values)}

    def keys(self, values):
        return {row.pk for row in self._find(values)}

    def options(self, keys, chosen):
        # Of very many rows only those that may be shown.
        likely = [key for key, _ in keys.most_common(FACET_LIMIT + 1) if key is not None]
        rows = [(self._value(row), row) for row in self._with_keys({*likely, *self.keys(chosen)})]
        return self._first([Option(value, str(row), keys.get(row.pk, 0), value in chosen) for value, row in rows])

    def sort(self, options):
        return options if self.order else super().sort(options)

    def _value(self, row) -> str:
        return str(getattr(row, self.address))

    def _with_keys(self, keys: Collection[int]) -> Iterable:
        return self.related.objects.only(*self.columns).filter(pk__in=keys).order_by(*(self.order or ["pk"]))

    def _find(self, values: Sequence[str]) -> list:
        """The rows of those values that have one. Each is asked for once: there is a filter for each request."""
        asked = [value for value in values if value not in self._found]
        if asked:
            fitting = [value for value in asked if self._fits(value)]
            rows = self.related.objects.only(*self.columns).filter(**{f"{self.address}__in": fitting})
            self._found |= dict.fromkeys(asked) | {self._value(row): row for row in rows}
        return [row for value in values if (row := self._found[value])]

    def _fits(self, value: str) -> bool:
        return self.address != "pk" or (value.isascii() and value.isdigit() and len(value) < 19)


class NamedFacet(RelatedFacet):
    """By the bank or the product."""

    def _with_keys(self, keys):
        return facet_rows(self.related, keys)


class KindFacet(Facet):
    def known(self, values):
        return set(BankKind.values)

    def labels(self, values):
        return {value: label for value, label in BankKind.choices if value in values}

    def keys(self, values):
        return set(Bank.objects.filter(kind__in=values).values_list("pk", flat=True))

    def by_value(self, keys):
        found = Counter()
        for bank in facet_rows(Bank, keys.keys() - {None}):
            found[bank.kind] += keys[bank.pk]
        return found

    def sort(self, options):
        places = {value: place for place, value in enumerate(BankKind.values)}
        return sorted(options, key=lambda option: places[option.value])


class YearFacet(Facet):
    UNKNOWN = "none"

    def known(self, values):
        return {v for v in values if v == self.UNKNOWN or (v.isascii() and v.isdigit() and 1 <= int(v[:5]) <= 9999)}

    def labels(self, values):
        return {value: "未注明" if value == self.UNKNOWN else f"{value} 年" for value in dict.fromkeys(values)}

    def keys(self, values):
        return {None if value == self.UNKNOWN else int(value) for value in values}

    def by_value(self, keys):
        return Counter({self.UNKNOWN if year is None else str(year): count for year, count in keys.items()})

    def sort(self, options):
        return sorted(options, key=lambda option: option.value.zfill(4), reverse=True)


class QueryFilter(django_filters.Filter):
    field_class = QueryField


class CaseFilter(django_filters.FilterSet):
    """Declares and cleans every parameter of the case list, and narrows the results of its query by them."""

    q = QueryFilter(label="检索")
    category = RelatedFacet(
        "category_id",
        label="章节",
        related=Category,
        columns=("code", "name"),
        address="code",
        order=("position", "name"),
    )
    bank = NamedFacet("bank_id", label="银行", related=Bank, columns=("code", "name"), address="code")
    kind = KindFacet("bank_id", label="银行类别")
    product = NamedFacet("products", label="产品", related=Product, columns=("slug", "name"), address="slug")
    year = YearFacet("year", label="年份")
    source = RelatedFacet(
        "source_id", label="来源", related=Source, columns=("name", "title"), address="pk", order=("name",)
    )

    class Meta:
        model = SearchEntry
        fields = []

    def __init__(self, data, of: ColumnFilter | None = None):
        """`of`: what the list is of, such as the cases of a bank; by default it is of all public ones."""
        super().__init__(data, SearchEntry.objects.none())
        self.of = of

    def filter_queryset(self, queryset: Results) -> Results:
        """Narrows results, the one selection behind list, count and facets: a second way by SQL could only disagree."""
        results = queryset.within(self.of) if self.of else queryset
        chosen = {name: self.filters[name].column_filter(values) for name, values in self.chosen.items() if values}
        return results.narrowed(chosen)

    @cached_property
    def plan(self) -> QueryPlan:
        return plan_query(self.query, correcting=self.data.get(AS_TYPED) != "1")

    @cached_property
    def results(self) -> Results:
        """The list: what matches the query, narrowed by what was chosen."""
        return self.filter_queryset(self.plan.results)

    @property
    def chosen(self) -> dict[str, list[str]]:
        """The chosen values of every facet, unknown ones left out."""
        return {name: self.values.get(name) or [] for name in self.facet_names}

    @property
    def facet_names(self) -> list[str]:
        return [name for name, filter_ in self.filters.items() if isinstance(filter_, Facet)]

    @cached_property
    def values(self) -> dict:
        return self.form.cleaned_data if self.form.is_valid() or self.form.cleaned_data else {}

    @property
    def query(self) -> str:
        return self.values.get("q") or ""

    @property
    def count(self) -> int:
        return self.results.total

    def facet_options(self, without: Collection[str] = ()) -> dict[str, list[Option]]:
        options, counts, chosen = {}, {}, self.chosen
        for name in self.facet_names:
            if name in without:
                continue
            facet = self.filters[name]
            # Two facets of one column, of which nothing is chosen, count the same.
            counting = facet.field_name, name if chosen[name] else ""
            if counting not in counts:
                counts[counting] = self.results.counts(facet.field_name, without=name)
            options[name] = facet.options(counts[counting], chosen[name])
        return options
