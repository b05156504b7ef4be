"""The pages: parse, ask, render."""

from collections.abc import Container

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_safe

from catalog.models import Bank, BankKind, Case, Category, FormerAddress, Product, Source
from catalog.pages.case_page import CasePage
from catalog.pages.counts import PublicCounts, in_use
from catalog.pages.filters import with_moved
from catalog.pages.forms import clean_query
from catalog.pages.listing import Listing
from catalog.pages.provenance import SourcePlace, withheld_lines
from catalog.pages.script_preference import ScriptPreference
from catalog.pages.suggestions import suggestion_groups
from catalog.search import ColumnFilter, SearchTimeout, search_deadline, similar_cases, suggest

PRODUCTS_ON_A_PAGE = 400
MOMENT = 1.0  # seconds that a reader may be kept waiting for what a page can do without


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    counts = PublicCounts(Category, Bank, Product, Source)
    context = {
        "categories": counts.in_use(Category.objects.all()),
        "banks": counts.in_use(Bank.objects.in_trade_order()),
        "case_count": counts.total,
        "source_count": counts.rows_in_use(Source),
        "product_count": counts.rows_in_use(Product),
    }
    return render(request, "catalog/home.html", context)


@require_safe
def case_list(request: HttpRequest) -> HttpResponse:
    return _listing(request, "catalog/case_list.html")


@require_safe
def case(request: HttpRequest, slug: str) -> HttpResponse:
    case = Case.objects.public().for_page().filter(slug=slug).first()
    if case is None:
        return _moved(request, Case, slug)
    return case_page(request, case)


def case_page(request: HttpRequest, case: Case, *, is_preview: bool = False) -> HttpResponse:
    """`is_preview`: for editors, of a case that may not be public."""
    before, after = case.neighbours()
    query = clean_query(request.GET.get("q"))
    texts = CasePage.of(case, query, request.GET.get("part"))
    context = {
        "case": case,
        "case_page": texts,
        "headings": [passage for passage in texts.passages if passage.level],
        "is_preview": is_preview,
        "products": case.products.select_related("bank"),
        "similar": _similar(case),
        "before": before,
        "after": after,
        "query": query,
    }
    return render(request, "catalog/case.html", context)


@require_safe
def banks(request: HttpRequest) -> HttpResponse:
    rows = in_use(Bank.objects.in_trade_order())
    groups = [(kind.label, [bank for bank in rows if bank.kind == kind]) for kind in BankKind]
    return render(request, "catalog/banks.html", {"groups": [group for group in groups if group[1]]})


@require_safe
def bank(request: HttpRequest, code: str) -> HttpResponse:
    bank = Bank.objects.prefetch_related("aliases").filter(code=code).first()
    if bank is None:
        return _moved(request, Bank, code)
    # These have places of their own on the page.
    placed = {bank.name, bank.full_name, bank.english_name, bank.abbreviation}
    extra = {
        "bank": bank,
        "other_names": [name for name in bank.all_names() if name not in placed],
        "products": in_use(bank.products.all()),
    }
    of = ColumnFilter("bank_id", frozenset({bank.pk}))
    return _listing(request, "catalog/bank.html", of, extra, ["bank", "kind"])


@require_safe
def categories(request: HttpRequest) -> HttpResponse:
    return render(request, "catalog/categories.html", {"categories": in_use(Category.objects.all())})


@require_safe
def category(request: HttpRequest, code: str) -> HttpResponse:
    category = Category.objects.filter(code=code).first()
    if category is None:
        return _moved(request, Category, code)
    of = ColumnFilter("category_id", frozenset({category.pk}))
    return _listing(request, "catalog/category.html", of, {"category": category}, ["category"])


@require_safe
def products(request: HttpRequest) -> HttpResponse:
    counts = PublicCounts(Product)
    rows = counts.narrowed(Product.objects.select_related("bank").order_by("bank__position", "bank", "name"))
    page = Paginator(rows, PRODUCTS_ON_A_PAGE).get_page(request.GET.get("page"))
    page.object_list = counts.put_on(page.object_list)
    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
    return render(request, "catalog/products.html", {"page": page, "page_numbers": numbers})


@require_safe
def product(request: HttpRequest, slug: str) -> HttpResponse:
    product = Product.objects.select_related("bank").prefetch_related("aliases").filter(slug=slug).first()
    if product is None:
        return _moved(request, Product, slug)
    of = ColumnFilter("products", frozenset({product.pk}))
    return _listing(request, "catalog/product.html", of, {"product": product}, ["bank", "kind", "product"])


@require_safe
def sources(request: HttpRequest) -> HttpResponse:
    rows = PublicCounts(Source).put_on(Source.objects.public().defer("lines", "imported", "withheld"))
    return render(request, "catalog/sources.html", {"sources": rows})


@require_safe
def source(request: HttpRequest, pk: int) -> HttpResponse:
    """A document's own lines around a place, as they were read; see `withheld_lines` for those that are left out."""
    source = get_object_or_404(Source.objects.public(), pk=pk)
    return source_page(request, source, withheld_lines(source))


def source_page(
    request: HttpRequest, source: Source, withheld: Container[int] = (), *, for_editors: bool = False
) -> HttpResponse:
    place = SourcePlace.parse(request.GET.get("lines"), len(source.lines), request.GET.get("from"))
    rows = place.rows(source.lines, withheld)
    return render(
        request, "catalog/source.html", {"source": source, "place": place, "rows": rows, "for_editors": for_editors}
    )


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
def choose_script_preference(request: HttpRequest) -> HttpResponse:
    """Remembers in which script a reader wants to read, and goes back to where they were."""
    target = request.GET.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = "/"
    response = HttpResponseRedirect(target)
    ScriptPreference.parse(request.GET.get("to")).remember(request, response)
    return response


def _moved(request: HttpRequest, model, address: str) -> HttpResponse:
    """To the row that had this address once, or that another with this address was merged into; else 404."""
    row = FormerAddress.objects.row(kind=model._meta.model_name, address=address)
    if row is None or (isinstance(row, Case) and row.status != Case.Status.PUBLIC):
        raise Http404
    query = request.META.get("QUERY_STRING", "")
    return HttpResponsePermanentRedirect(f"{row.get_absolute_url()}{'?' if query else ''}{query}")


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
    if moved := listing.filters.moved:
        return HttpResponsePermanentRedirect(f"{request.path}?{with_moved(request.GET, moved)}")
    if request.htmx and not request.htmx.boosted and not request.htmx.history_restore_request:
        template = "catalog/partials/results.html"
    context = {"listing": listing, "query": listing.query, **(extra or {})}
    response = render(request, template, context)
    # The same address answers with two bodies: a cache must not mix them up.
    patch_vary_headers(response, ["HX-Request", "Cookie"])
    return response
