"""The parameters of the case list: one FilterSet behind pages and API.

Unknown values are ignored, never an error; `CaseFilter.problems` names them for whoever wants to tell. All counts come
from the very selection that the list is made of: they can't disagree with it.
"""

from collections.abc import Collection
from functools import cached_property

import django_filters
from django import forms
from django.db import models
from django.http import QueryDict

from catalog.models import Bank, Case, Category, FormerAddress, Product, Source
from catalog.pages.facets import Facet, KindFacet, NamedFacet, Option, RelatedFacet, YearFacet
from catalog.pages.forms import MemberField, NumberField, QueryField, SwitchField
from catalog.search import ColumnFilter, Order, QueryPlan, Results, plan_query

LAST_PAGE = 10**9  # more cases than there will ever be


class Sort(models.TextChoices):
    RELEVANCE = "relevance", "相关度"
    CHAPTER = "chapter", "章节次序"
    NEWEST = "newest", "发布日期"
    BANK = "bank", "银行"
    UPDATED = "updated", "最近更新"

    @property
    def order(self) -> Order:
        return {
            Sort.RELEVANCE: (),
            Sort.CHAPTER: ("category__position", "place"),
            Sort.NEWEST: ("-published_on",),
            Sort.BANK: ("bank__position",),
            Sort.UPDATED: ("-updated_at",),
        }[self]


class Parameter(django_filters.Filter):
    """A parameter that is no facet: what is asked for, and how it is listed. `options`: those of the field."""

    def __init__(self, field_class: type[forms.Field], *, label: str, **options):
        super().__init__(label=label, **options)
        self.field_class = field_class


class CaseFilter(django_filters.FilterSet):
    """Declares and cleans every parameter of the case list, and narrows the results of its query by them."""

    q = Parameter(QueryField, label="检索")
    typed = Parameter(SwitchField, label="按原样检索")  # a query is meant as it was typed, slips and all
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
    sort = Parameter(MemberField, label="次序", choices=Sort)
    page = Parameter(NumberField, label="页", largest=LAST_PAGE)

    def __init__(self, data, of: ColumnFilter | None = None):
        """`of`: what the list is of, such as the cases of a bank; by default it is of all public ones."""
        super().__init__(data, Case.objects.none())
        self.of = of

    def filter_queryset(self, queryset: Results) -> Results:
        """Narrows results, the one selection behind list, count and facets: a second way by SQL could only disagree."""
        results = queryset.within(self.of) if self.of else queryset
        chosen = {name: self.filters[name].column_filter(values) for name, values in self.chosen.items() if values}
        return results.narrowed(chosen)

    @cached_property
    def values(self) -> dict:
        """The cleaned value of every parameter."""
        self.form.full_clean()
        return self.form.cleaned_data

    @cached_property
    def problems(self) -> dict[str, str]:
        """By parameter why the first of its values that means nothing does not."""
        problems = {}
        for name, filter_ in self.filters.items():
            field = filter_.field
            reasons = (field.problem(value) for value in field.values_in(self.data, name))
            if reason := next(filter(None, reasons), ""):
                problems[name] = reason
        return problems

    @property
    def query(self) -> str:
        return self.values["q"]

    @cached_property
    def plan(self) -> QueryPlan:
        return plan_query(self.query, correcting=not self.values["typed"])

    @cached_property
    def results(self) -> Results:
        """The list: what matches the query, narrowed by what was chosen."""
        return self.filter_queryset(self.plan.results)

    @property
    def count(self) -> int:
        return self.results.total

    @property
    def facets(self) -> dict[str, Facet]:
        return {name: filter_ for name, filter_ in self.filters.items() if isinstance(filter_, Facet)}

    @property
    def chosen(self) -> dict[str, list[str]]:
        """The chosen values of every facet, unknown ones left out."""
        return {name: self.values[name] for name in self.facets}

    @cached_property
    def moved(self) -> dict[str, dict[str, str]]:
        """By facet: the values that are former addresses, and the present ones of their rows."""
        moved: dict[str, dict[str, str]] = {}
        for name, chosen in self.chosen.items():
            if name not in FormerAddress.Kind.values:
                continue
            unknown = set(self.filters[name].field.values_in(self.data, name)) - set(chosen)
            if addresses := [value for value in unknown if "\0" not in value]:
                rows = FormerAddress.objects.filter(kind=name, address__in=addresses).select_related(name)
                if rows := {former.address: self.filters[name].value_of(former.row) for former in rows}:
                    moved[name] = rows
        return moved

    def facet_options(self, without: Collection[str] = ()) -> dict[str, list[Option]]:
        """The options of every facet but those named `without`."""
        options, counts, chosen = {}, {}, self.chosen
        for name, facet in self.facets.items():
            if name in without:
                continue
            # Two facets of one column, of which nothing is chosen, count the same.
            counting = facet.field_name, name if chosen[name] else ""
            if counting not in counts:
                counts[counting] = self.results.counts(facet.field_name, without=name)
            options[name] = facet.options(counts[counting], chosen[name])
        return options


def with_moved(params: QueryDict, moved: dict[str, dict[str, str]]) -> str:
    """Parameters, for an address, with the present addresses of rows that stood elsewhere (see `CaseFilter.moved`)."""
    params = params.copy()
    for name, present in moved.items():
        params.setlist(name, list(dict.fromkeys(present.get(value, value) for value in params.getlist(name))))
    return params.urlencode()
