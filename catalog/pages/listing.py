"""The case list as a page shows it: filters, order, pages and counts from one queryset."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from django.core.paginator import Page, Paginator
from django.db import models
from django.http import QueryDict

from catalog.models import Case, Category
from catalog.pages.counts import in_use
from catalog.pages.filters import AS_TYPED, CaseFilter, Option
from catalog.pages.remarks import chip_label, remarks
from catalog.search import ColumnFilter, Order, QueryPlan, SearchTimeout, rank, search_deadline

PAGE_SIZE = 20
FEW = 10  # where fewer cases than this match, those that match in part follow
AT_ONCE = 8  # options of a facet that are in view; the others are a click away


class Sort(models.TextChoices):
    RELEVANCE = "relevance", "相关度"
    CHAPTER = "chapter", "章节次序"
    NEWEST = "newest", "发布日期"
    BANK = "bank", "银行"
    UPDATED = "updated", "最近更新"

    @classmethod
    def parse(cls, value: str | None, *, searching: bool) -> "Sort":
        """The order asked for, or the one that fits; relevance is none without a query."""
        default = cls.RELEVANCE if searching else cls.CHAPTER
        chosen = cls(value) if value in cls.values else default
        return default if chosen == cls.RELEVANCE else chosen

    @property
    def order(self) -> Order:
        return {
            Sort.RELEVANCE: (),
            Sort.CHAPTER: ("category__position", "place"),
            Sort.NEWEST: ("-published_on",),
            Sort.BANK: ("bank__position",),
            Sort.UPDATED: ("-updated_at",),
        }[self]


@dataclass(frozen=True)
class Chosen:
    """An active filter and the address of the list without it."""

    name: str
    label: str
    value_label: str
    without: str


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


class Cases:
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
class Results:
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

    `of`: the cases it is of, such as those of a bank; `settled` names the facets in which these are all alike, and
    which so offer no choice.
    """

    def __init__(
        self,
        params: QueryDict,
        of: ColumnFilter | None = None,
        settled: Collection[str] = (),
        page_size: int = PAGE_SIZE,
    ):
        self.params, self.settled, self.page_size = params, settled, page_size
        self.filters = CaseFilter(params, of)

    @property
    def query(self) -> str:
        return self.filters.query

    @cached_property
    def results(self) -> Results:
        """All that is asked of the database, under one limit of time."""
        try:
            with search_deadline():
                page = Paginator(Cases(self.filters, self.sort), self.page_size).get_page(self.params.get("page"))
                return Results(self.filters.plan, page, self._panels(), self._partly(page))
        except SearchTimeout:
            return Results(QueryPlan(self.query), Paginator([], self.page_size).get_page(1), [], [], timed_out=True)

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

    @cached_property
    def sort(self) -> Sort:
        return Sort.parse(self.params.get("sort"), searching=bool(self.query))

    @property
    def sort_asked(self) -> str:
        """The order if it is not the one that comes by itself."""
        return self.sort if self.sort != Sort.parse(None, searching=bool(self.query)) else ""

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
    def chosen(self) -> list[Chosen]:
        found = []
        for chip in self.plan.chips:
            found.append(Chosen("q", chip_label(chip), chip.label, self._address_with_query(chip.without)))
        for name, values in self.filters.chosen.items():
            facet = self.filters.filters[name]
            labels = facet.labels(values) if values else {}
            found += [
                Chosen(name, facet.label, labels[v], self.address_without(name, v)) for v in values if v in labels
            ]
        return found

    @cached_property
    def chapters(self) -> list[Category]:
        """Where to look on; counted only where a page asks for them, as one does on which nothing was found."""
        return in_use(Category.objects.all())

    @property
    def remarks(self) -> list[str]:
        return remarks(self.plan)

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
        params[AS_TYPED] = "1"
        return f"?{params.urlencode()}"

    @property
    def address_apart(self) -> str:
        """The same search with no blank taken for one of typography; nothing where none was."""
        return self._address_with_query(self.plan.apart) if self.plan.joined else ""

    def address_without(self, name: str, value: str | None) -> str:
        """The query string without one value of a parameter, and from the first page."""
        params = self.params.copy()
        params.pop("page", None)
        if left := [item for item in params.getlist(name) if item != value]:
            params.setlist(name, left)
        else:
            params.pop(name, None)
        return f"?{params.urlencode()}" if params else "."

    def _address_with_query(self, query: str) -> str:
        params = self.params.copy()
        params.pop("page", None)
        params.pop("q", None)
        params.pop(AS_TYPED, None)
        if query:
            params["q"] = query
        return f"?{params.urlencode()}" if params else "."

    def _panels(self) -> list[FacetPanel]:
        options = self.filters.facet_options(without=self.settled)
        return [FacetPanel(name, self.filters.filters[name].label, found) for name, found in options.items() if found]

    def _partly(self, page: Page) -> list[Case]:
        if not self.query or page.paginator.count >= FEW or self.sort != Sort.RELEVANCE:
            return []
        relaxed = self.filters.plan.relaxed()
        if relaxed is None:
            return []
        shown = {case.pk for case in page}
        results = self.filters.filter_queryset(relaxed.results)
        keys = [key for key, _ in rank(relaxed, results, 0, self.page_size + len(shown))]
        return public_cases_in_order([key for key in keys if key not in shown][: self.page_size - len(shown)])
