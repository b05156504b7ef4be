"""The filters of the case list: one FilterSet behind the pages (and whatever else lists cases).

Values of one facet are alternatives (OR), facets narrow each other (AND). Unknown values are ignored, never an error.
A facet counts what the list would show without the facet's own choice, so the other values stay in view. All counts
come from the very selection that the list is made of: they can't disagree with it.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

import django_filters
from django import forms
from django.db.models import QuerySet

from catalog.models import Bank, BankKind, Category, Product, SearchEntry, Source
from catalog.search.matching import HasKey
from catalog.search.selection import OF, Choice, Selection
from catalog.search.understanding import Understanding, understand
from catalog.typed import TypedField

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

    def filter(self, entries: QuerySet, values: list[str]) -> QuerySet:
        if not values:
            return entries
        return self.choice(values).filter(entries)

    def choice(self, values: list[str]) -> Choice:
        return Choice(self.field_name, frozenset(self.keys(values)))

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

    `rows` have what their label and their address need: there are a hundred on a page.
    """

    def __init__(self, field_name, *, label, rows, address, order=()):
        super().__init__(field_name, label=label)
        self.rows, self.address, self.order = rows, address, order

    def known(self, values):
        return set(map(str, self._find(values).values_list(self.address, flat=True)))

    def labels(self, values):
        rows = self._find(values).order_by(*self.order) if self.order else self._find(values)
        return {str(getattr(row, self.address)): str(row) for row in rows}

    def keys(self, values):
        return set(self._find(values).values_list("pk", flat=True)) if values else set()

    def options(self, keys, chosen):
        # One query for values, labels and order; of very many rows only those that may be shown.
        likely = [key for key, _ in keys.most_common(FACET_LIMIT + 1) if key is not None]
        rows = self.rows().filter(pk__in={*likely, *self.keys(chosen)}).order_by(*(self.order or ["pk"]))
        options = []
        for row in rows:
            value = str(getattr(row, self.address))
            options.append(Option(value, str(row), keys.get(row.pk, 0), value in chosen))
        return self._first(options)

    def sort(self, options):
        return options if self.order else super().sort(options)

    def _find(self, values):
        return self.rows().filter(**{f"{self.address}__in": [v for v in values if self._fits(v)]})

    def _fits(self, value: str) -> bool:
        return self.address != "pk" or (value.isascii() and value.isdigit() and len(value) < 19)


class KindFacet(Facet):
    def known(self, values):
        return set(BankKind.values)

    def labels(self, values):
        return {value: label for value, label in BankKind.choices if value in values}

    def keys(self, values):
        return set(Bank.objects.filter(kind__in=values).values_list("pk", flat=True))

    def by_value(self, keys):
        found = Counter()
        for pk, kind in Bank.objects.order_by().values_list("pk", "kind"):
            found[kind] += keys[pk]
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
    field_class = TypedField


class CaseFilter(django_filters.FilterSet):
    """Filters search entries, of which each is a case."""

    q = QueryFilter(method="search", label="检索")
    category = RelatedFacet(
        "category_id",
        label="章节",
        rows=Category.objects.only("code", "name").all,
        address="code",
        order=("position", "name"),
    )
    bank = RelatedFacet("bank_id", label="银行", rows=Bank.objects.only("code", "name").all, address="code")
    kind = KindFacet("bank_id", label="银行类别")
    product = RelatedFacet("products", label="产品", rows=Product.objects.only("slug", "name").all, address="slug")
    year = YearFacet("year", label="年份")
    source = RelatedFacet(
        "source_id", label="来源", rows=Source.objects.only("name", "title").all, address="pk", order=("name",)
    )

    class Meta:
        model = SearchEntry
        fields = []

    def __init__(self, data, of: Choice | None = None):
        """`of`: the cases that the list is of, such as those of a bank; by default all public ones."""
        entries = SearchEntry.objects.public()
        super().__init__(data, of.filter(entries) if of else entries)
        self.of = of

    def search(self, entries, name, value):
        return entries.filter(HasKey(self.understanding.selection.every_key()))

    @cached_property
    def understanding(self) -> Understanding:
        return understand(self.query, repairs=self.data.get(AS_TYPED) != "1")

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
        return self.selection.total

    def facet_options(self, without: Collection[str] = ()) -> dict[str, list[Option]]:
        found = {}
        for name in self.facet_names:
            if name in without:
                continue
            facet = self.filters[name]
            found[name] = facet.options(self.selection.counts(facet.field_name, without=name), self.chosen[name])
        return found

    @cached_property
    def selection(self) -> Selection:
        """The list: what matches the query, narrowed by what was chosen."""
        return self.selected(self.understanding)

    def selected(self, understanding: Understanding) -> Selection:
        chosen = {name: self.filters[name].choice(values) for name, values in self.chosen.items() if values}
        return understanding.selection.narrowed({OF: self.of, **chosen} if self.of else chosen)
