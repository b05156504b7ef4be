"""The case list as a page shows it: order, pages, counts and remarks, all of one selection of cases."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from time import monotonic

from django.core.paginator import Page, Paginator
from django.dispatch import Signal
from django.http import QueryDict

from catalog.models import Case, Category
from catalog.pages.counts import in_use
from catalog.pages.facets import FacetPanel
from catalog.pages.filters import CaseFilter, Sort
from catalog.pages.remarks import chip_label, remarks
from catalog.search import LONGEST_QUERY, ColumnFilter, QueryPlan, SearchTimeout, rank, search_deadline

# A list was asked for: with its `filters`, `page` (a ListPage) and `sort`, and in how many `seconds`.
search_answered = Signal()

PAGE_SIZE = 20
FEW = 10  # where fewer cases than this match, those that match in part follow


@dataclass(frozen=True)
class ActiveFilter:
    """A condition of the list, and the address of the list without it."""

    label: str
    value_label: str
    without: str


class RankedCases:
    """The cases of a list for a paginator, which asks for their number and for a page of them."""

    def __init__(self, filters: CaseFilter, sort: Sort):
        self.filters, self.sort = filters, sort

    def count(self) -> int:
        return self.filters.count

    def __len__(self) -> int:
        return self.count()

    def __getitem__(self, places: slice) -> list[Case]:
        plan = self.filters.plan
        if self.sort == Sort.RELEVANCE and plan.ranks:
            ranked = rank(plan, self.filters.results, places.start, places.stop)
            return public_cases_in_order([key for key, _ in ranked])
        return public_cases_in_order(self.filters.results.page(self.sort.order, places.start, places.stop))


def public_cases_in_order(keys: list[int]) -> list[Case]:
    """The cases with all that a list row shows. Whatever the index says, one that is not public is not shown."""
    cases = Case.objects.public().for_list().in_bulk(keys)
    return [cases[key] for key in keys if key in cases]


@dataclass(frozen=True)
class ListPage:
    """What a list page shows. `partly`: where few cases match, those that match in part, best first; they are shown
    apart and not counted. `timed_out`: the search was broken off.
    """

    plan: QueryPlan
    page: Page
    facets: list[FacetPanel]
    partly: list[Case]
    timed_out: bool = False


class Listing:
    """A filtered, ordered, paged list of public cases, from the parameters of an address.

    `of`: the cases it is of, such as those of a bank; `fixed_facets` names the facets in which these are all alike, and
    which so offer no choice. `page_size`: unless the parameters have one.
    """

    def __init__(
        self,
        params: QueryDict,
        of: ColumnFilter | None = None,
        fixed_facets: Collection[str] = (),
        page_size: int = PAGE_SIZE,
        filter_class: type[CaseFilter] = CaseFilter,
    ):
        self.params, self.fixed_facets = params, fixed_facets
        self.filters = filter_class(params, of)
        self.page_size = self.filters.values.get("page_size") or page_size

    @property
    def query(self) -> str:
        return self.filters.query

    @property
    def default_sort(self) -> Sort:
        return Sort.RELEVANCE if self.query else Sort.CHAPTER

    @cached_property
    def sort(self) -> Sort:
        """The order asked for, or the one that fits; relevance is none without a query."""
        chosen = self.filters.values["sort"] or self.default_sort
        return self.default_sort if chosen == Sort.RELEVANCE else chosen

    @property
    def page_number(self) -> int:
        """The one asked for; there may be fewer."""
        return self.filters.values["page"] or 1

    @cached_property
    def results(self) -> ListPage:
        """All that is asked of the database, under one limit of time."""
        began = monotonic()
        page = self._ask()
        told = {"filters": self.filters, "page": page, "sort": str(self.sort), "seconds": monotonic() - began}
        search_answered.send_robust(Listing, **told)  # whoever listens breaks no list
        return page

    def _ask(self) -> ListPage:
        try:
            with search_deadline():
                page = Paginator(RankedCases(self.filters, self.sort), self.page_size).get_page(self.page_number)
                return ListPage(self.filters.plan, page, self._panels(), self._partly(page))
        except SearchTimeout:
            return ListPage(QueryPlan(self.query), Paginator([], self.page_size).get_page(1), [], [], timed_out=True)

    @property
    def plan(self) -> QueryPlan:
        return self.results.plan

    @property
    def timed_out(self) -> bool:
        return self.results.timed_out

    @property
    def page(self) -> Page:
        return self.results.page

    @property
    def partly(self) -> list[Case]:
        return self.results.partly

    @property
    def facets(self) -> list[FacetPanel]:
        return self.results.facets

    @property
    def sort_asked(self) -> str:
        """The order if it is not the one that comes by itself."""
        return self.sort if self.sort != self.default_sort else ""

    @property
    def sorts(self) -> list[tuple[str, str]]:
        return [choice for choice in Sort.choices if self.query or choice[0] != Sort.RELEVANCE]

    @property
    def page_numbers(self):
        return self.page.paginator.get_elided_page_range(self.page.number, on_each_side=2, on_ends=1)

    @property
    def count(self) -> int:
        return self.page.paginator.count

    @cached_property
    def active_filters(self) -> list[ActiveFilter]:
        """The parts of the query, and the chosen values of the facets."""
        filters = [
            ActiveFilter(chip_label(chip), chip.label, self._address_with_query(chip.without))
            for chip in self.plan.chips
        ]
        for name, values in self.filters.chosen.items():
            facet = self.filters.facets[name]
            labels = facet.labels(values) if values else {}
            filters += [
                ActiveFilter(facet.label, labels[value], self._address_without(name, value))
                for value in values
                if value in labels
            ]
        return filters

    @cached_property
    def chapters(self) -> list[Category]:
        """Where to look on; counted only where a page asks for them, as one does on which nothing was found."""
        return in_use(Category.objects.all())

    @property
    def remarks(self) -> list[str]:
        return remarks(self.plan, cut=len(self.params.get("q", "")) > LONGEST_QUERY)

    @property
    def terms(self) -> list[str]:
        """The words of a query of several: each may find what all together do not."""
        terms = list(dict.fromkeys(term.label for term in self.plan.terms))
        return terms if len(terms) > 1 else []

    @property
    def address_as_typed(self) -> str:
        """The same search with the query as it was typed, where its slips were put right."""
        params = self.params.copy()
        params.pop("page", None)
        params["typed"] = "1"
        return f"?{params.urlencode()}"

    @property
    def address_apart(self) -> str:
        """The same search with no blank taken for one of typography; nothing where none was."""
        return self._address_with_query(self.plan.apart) if self.plan.joined else ""

    def _address_without(self, name: str, value: str | None) -> str:
        """The query string without one value of a parameter, and from the first page."""
        params = self.params.copy()
        params.pop("page", None)
        if others := [item for item in params.getlist(name) if item != value]:
            params.setlist(name, others)
        else:
            params.pop(name, None)
        return f"?{params.urlencode()}" if params else "."

    def _address_with_query(self, query: str) -> str:
        params = self.params.copy()
        params.pop("page", None)
        params.pop("q", None)
        params.pop("typed", None)
        if query:
            params["q"] = query
        return f"?{params.urlencode()}" if params else "."

    def _panels(self) -> list[FacetPanel]:
        options_by_facet = self.filters.facet_options(without=self.fixed_facets)
        facets = self.filters.facets
        return [FacetPanel(name, facets[name].label, options) for name, options in options_by_facet.items() if options]

    def _partly(self, page: Page) -> list[Case]:
        if not self.query or page.paginator.count >= FEW or self.sort != Sort.RELEVANCE:
            return []
        relaxed = self.filters.plan.relaxed()
        if relaxed is None:
            return []
        listed = {case.pk for case in page}
        results = self.filters.filter_queryset(relaxed.results)
        keys = [key for key, _ in rank(relaxed, results, 0, self.page_size + len(listed))]
        return public_cases_in_order([key for key in keys if key not in listed][: self.page_size - len(listed)])
