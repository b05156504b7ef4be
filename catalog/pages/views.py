"""The pages: parse, ask, render."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_safe

from catalog.models import Bank, BankKind, Case, Category, Product, Source
from catalog.pages.case_page import CasePage
from catalog.pages.counts import PublicCounts, in_use
from catalog.pages.forms import clean_query
from catalog.pages.listing import Listing
from catalog.pages.provenance import SourcePlace
from catalog.pages.script_preference import SCRIPT_COOKIE, ScriptPreference
from catalog.pages.suggestions import suggestion_groups
from catalog.search import ColumnFilter, SearchTimeout, search_deadline, similar_cases, suggest

YEAR = 365 * 24 * 3600
MOMENT = 1.0  # seconds that a reader may be kept waiting for what a page can do without


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    counts = PublicCounts(Category, Bank, Product)
    context = {
        "categories": counts.in_use(Category.objects.all()),
        "banks": counts.in_use(Bank.objects.in_trade_order()),
        "case_count": counts.total,
        "source_count": Source.objects.count(),
        "product_count": counts.rows_in_use(Product),
    }
    return render(request, "catalog/home.html", context)


@require_safe
def case_list(request: HttpRequest) -> HttpResponse:
    return _listing(request, "catalog/case_list.html")


@require_safe
def case(request: HttpRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(
        Case.objects.public().select_related("bank", "category", "source").defer("source__lines"), slug=slug
    )
    before, after = found.neighbours()
    query = clean_query(request.GET.get("q"))
    shown = CasePage.of(found, query)
    context = {
        "case": found,
        "shown": shown,
        "headings": [passage for passage in shown.passages if passage.level],
        "products": found.products.select_related("bank"),
        "similar": _similar(found),
        "before": before,
        "after": after,
        "query": query,
    }
    return render(request, "catalog/case.html", context)


@require_safe
def banks(request: HttpRequest) -> HttpResponse:
    found = in_use(Bank.objects.in_trade_order())
    groups = [(kind.label, [bank for bank in found if bank.kind == kind]) for kind in BankKind]
    return render(request, "catalog/banks.html", {"groups": [group for group in groups if group[1]]})


@require_safe
def bank(request: HttpRequest, code: str) -> HttpResponse:
    found = get_object_or_404(Bank.objects.prefetch_related("aliases"), code=code)
    told = {found.name, found.full_name, found.english_name, found.abbreviation}
    extra = {
        "bank": found,
        "other_names": [name for name in found.all_names() if name not in told],
        "products": in_use(found.products.all()),
    }
    of = ColumnFilter("bank_id", frozenset({found.pk}))
    return _listing(request, "catalog/bank.html", of, extra, ["bank", "kind"])


@require_safe
def categories(request: HttpRequest) -> HttpResponse:
    return render(request, "catalog/categories.html", {"categories": in_use(Category.objects.all())})


@require_safe
def category(request: HttpRequest, code: str) -> HttpResponse:
    found = get_object_or_404(Category, code=code)
    of = ColumnFilter("category_id", frozenset({found.pk}))
    return _listing(request, "catalog/category.html", of, {"category": found}, ["category"])


@require_safe
def products(request: HttpRequest) -> HttpResponse:
    counts = PublicCounts(Product)
    found = counts.narrowed(Product.objects.select_related("bank").order_by("bank__position", "bank", "name"))
    page = Paginator(found, 400).get_page(request.GET.get("page"))
    page.object_list = counts.put_on(page.object_list)
    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
    return render(request, "catalog/products.html", {"page": page, "page_numbers": numbers})


@require_safe
def product(request: HttpRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(Product.objects.select_related("bank").prefetch_related("aliases"), slug=slug)
    of = ColumnFilter("products", frozenset({found.pk}))
    return _listing(request, "catalog/product.html", of, {"product": found}, ["bank", "kind", "product"])


@require_safe
def sources(request: HttpRequest) -> HttpResponse:
    rows = PublicCounts(Source).put_on(Source.objects.defer("lines", "imported"))
    return render(request, "catalog/sources.html", {"sources": rows})


@require_safe
def source(request: HttpRequest, pk: int) -> HttpResponse:
    """A document's own lines around a place, as they were read."""
    found = get_object_or_404(Source, pk=pk)
    place = SourcePlace.parse(request.GET.get("lines"), len(found.lines), request.GET.get("from"))
    context = {"source": found, "place": place, "rows": place.rows(found.lines)}
    return render(request, "catalog/source.html", context)


@require_safe
def suggestions(request: HttpRequest) -> HttpResponse:
    """Options for a search box, by the beginning of a query."""
    try:
        with search_deadline(MOMENT):
            groups = suggestion_groups(suggest(clean_query(request.GET.get("q"))))
    except SearchTimeout:
        groups = []
    response = render(request, "catalog/partials/suggestions.html", {"groups": groups})
    patch_cache_control(response, private=True, max_age=60)
    patch_vary_headers(response, ["Cookie"])
    return response


@require_safe
def choose_script(request: HttpRequest) -> HttpResponse:
    """Remembers in which script a reader wants to read, and goes back to where they were."""
    target = request.GET.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = "/"
    response = HttpResponseRedirect(target)
    script = ScriptPreference.parse(request.GET.get("to"))
    response.set_cookie(SCRIPT_COOKIE, script, max_age=YEAR, samesite="Lax", httponly=True, secure=request.is_secure())
    return response


def _similar(case: Case) -> list[Case]:
    """None, rather than no page, where they take too long to find."""
    try:
        with search_deadline(MOMENT):
            return similar_cases(case)
    except SearchTimeout:
        return []


def _listing(request, template, of=None, extra=None, fixed_facets=()) -> HttpResponse:
    """A list page; htmx asks for its results alone, at the same address."""
    listing = Listing(request.GET, of, fixed_facets)
    if request.htmx and not request.htmx.boosted and not request.htmx.history_restore_request:
        template = "catalog/partials/results.html"
    context = {"listing": listing, "query": listing.query, **(extra or {})}
    response = render(request, template, context)
    # The same address answers with two bodies: a cache must not mix them up.
    patch_vary_headers(response, ["HX-Request", "Cookie"])
    return response
