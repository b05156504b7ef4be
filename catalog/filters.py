"""The filters of the case list: one FilterSet behind the pages (and whatever else lists cases).

Values of one facet are alternatives (OR), facets narrow each other (AND). Unknown values are ignored, never an error.
A facet's counts come from the very queryset that the list shows, less the facet's own choice, so that they can't
disagree with the list and the other values stay in view.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import django_filters
from django import forms
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import ExtractYear

from catalog.models import Bank, BankKind, Case, Category, Product, Source

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
    """A filter by any of several values, which can list its values with their counts."""

    field_class = ManyValues

    def __init__(self, field_name, *, label):
        super().__init__(field_name, label=label, known=self.known)

    def known(self, values: list[str]) -> set[str]:
        raise NotImplementedError

    def labels(self, values: list[str]) -> dict[str, str]:
        raise NotImplementedError

    def filter(self, cases: QuerySet, values: list[str]) -> QuerySet:
        return cases.filter(**{f"{self.field_name}__in": values}) if values else cases

    def counts(self, cases: QuerySet) -> dict[str, int]:
        rows = cases.order_by().values_list(self.field_name).annotate(count=Count("pk"))
        return {str(value): count for value, count in rows if value is not None}

    def sort(self, options: list[Option]) -> list[Option]:
        return sorted(options, key=lambda option: (-option.count, option.label))

    def options(self, cases: QuerySet, chosen: list[str]) -> list[Option]:
        """`cases`: filtered by all the other filters. Values without a case are left out unless chosen."""
        counts = self.counts(cases)
        labels = self.labels([*counts, *chosen])
        options = [
            Option(value, label, counts.get(value, 0), value in chosen)
            for value, label in labels.items()
            if counts.get(value) or value in chosen
        ]
        ranked = sorted(options, key=lambda option: (not option.chosen, -option.count))[:FACET_LIMIT]
        return self.sort(ranked)


class RelatedFacet(Facet):
    """By a related row's address field; `order` is the trade's order of the related rows, else by count."""

    def __init__(self, field_name, *, label, rows, address, order=()):
        super().__init__(field_name, label=label)
        self.rows, self.address, self.order = rows, address, order

    def known(self, values):
        return set(map(str, self._find(values).values_list(self.address, flat=True)))

    def labels(self, values):
        rows = self._find(values).order_by(*self.order) if self.order else self._find(values)
        return {str(getattr(row, self.address)): str(row) for row in rows}

    def sort(self, options):
        if not self.order:
            return super().sort(options)
        places = {value: place for place, value in enumerate(self.labels([option.value for option in options]))}
        return sorted(options, key=lambda option: places[option.value])

    def _find(self, values):
        return self.rows().filter(**{f"{self.address}__in": [v for v in values if self._fits(v)]})

    def _fits(self, value: str) -> bool:
        return self.address != "pk" or (value.isascii() and value.isdigit() and len(value) < 19)


class ProductFacet(RelatedFacet):
    """Through a subquery, so that a case with two of the chosen products is still one row."""

    def filter(self, cases, values):
        if not values:
            return cases
        links = Case.products.through.objects.filter(product__slug__in=values)
        return cases.filter(pk__in=links.values("case_id"))


class KindFacet(Facet):
    def known(self, values):
        return set(BankKind.values)

    def labels(self, values):
        return {value: label for value, label in BankKind.choices if value in values}

    def sort(self, options):
        places = {value: place for place, value in enumerate(BankKind.values)}
        return sorted(options, key=lambda option: places[option.value])


class YearFacet(Facet):
    UNKNOWN = "none"

    def known(self, values):
        return {v for v in values if v == self.UNKNOWN or self._is_year(v)}

    def labels(self, values):
        return {value: "未注明" if value == self.UNKNOWN else f"{value} 年" for value in dict.fromkeys(values)}

    def filter(self, cases, values):
        if not values:
            return cases
        # Ranges of dates, not EXTRACT, so that the index on the date serves.
        wanted = Q()
        for value in values:
            if value == self.UNKNOWN:
                wanted |= Q(published_on__isnull=True)
            else:
                wanted |= Q(published_on__year=int(value))
        return cases.filter(wanted)

    def counts(self, cases):
        rows = cases.order_by().values_list(ExtractYear("published_on")).annotate(count=Count("pk"))
        return {self.UNKNOWN if year is None else str(year): count for year, count in rows}

    def sort(self, options):
        return sorted(options, key=lambda option: option.value.zfill(4), reverse=True)

    @staticmethod
    def _is_year(value: str) -> bool:
        return value.isascii() and value.isdigit() and len(value) <= 4 and int(value) > 0


class CaseFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(method="search", label="检索", strip=True)
    category = RelatedFacet(
        "category__code", label="章节", rows=Category.objects.all, address="code", order=("position", "name")
    )
    bank = RelatedFacet("bank__code", label="银行", rows=Bank.objects.all, address="code")
    kind = KindFacet("bank__kind", label="银行类别")
    product = ProductFacet("products__slug", label="产品", rows=Product.objects.all, address="slug")
    year = YearFacet("published_on", label="年份")
    source = RelatedFacet("source", label="来源", rows=Source.objects.defer("lines").all, address="pk", order=("name",))

    class Meta:
        model = Case
        fields = []

    def search(self, cases, name, value):
        return cases.search(value)

    @property
    def chosen(self) -> dict[str, list[str]]:
        """The chosen values of every facet, unknown ones left out."""
        return {name: self.values.get(name) or [] for name in self.facet_names}

    @property
    def facet_names(self) -> list[str]:
        return [name for name, filter_ in self.filters.items() if isinstance(filter_, Facet)]

    @property
    def values(self) -> dict:
        return self.form.cleaned_data if self.form.is_valid() or self.form.cleaned_data else {}

    @property
    def query(self) -> str:
        return self.values.get("q") or ""

    def cases_without(self, facet: str) -> QuerySet:
        """The list as it would be without this facet's choice."""
        cases = self.queryset.all()
        for name, value in self.values.items():
            if name != facet:
                cases = self.filters[name].filter(cases, value)
        return cases

    def facet_options(self, without: Collection[str] = ()) -> dict[str, list[Option]]:
        return {
            name: self.filters[name].options(self.cases_without(name), self.chosen[name])
            for name in self.facet_names
            if name not in without
        }
