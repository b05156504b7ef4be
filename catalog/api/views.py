"""Parse, ask, render: as the pages do, in JSON."""

from django.db.models import Q, prefetch_related_objects
from django.http import Http404, HttpResponse, HttpResponsePermanentRedirect
from django.urls import reverse
from rest_framework.exceptions import APIException, NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param
from rest_framework.views import APIView

from catalog.api.parameters import ApiFilter, for_pages, refuse_problems
from catalog.api.serializers import CaseRowSerializer, CaseSerializer, FacetSerializer
from catalog.models import Case, FormerAddress
from catalog.pages.filters import with_moved
from catalog.pages.listing import Listing
from catalog.text.parts import parts_of


class TooLong(APIException):
    status_code = 503
    default_detail = "检索用时太长，已经中止，请换更具体的词"
    wait = 60  # seconds, for Retry-After


class ReadingView(APIView):
    """Answers to reading; what it may be asked stands in docs/api.md, not in an answer of its own."""

    def options(self, request: Request, *args, **kwargs) -> Response:
        return Response(status=204)


class CaseList(ReadingView):
    """The public cases by the parameters of the case list's address, `ordering` for its `sort`, and `page_size`."""

    def get(self, request: Request) -> Response:
        listing = Listing(for_pages(request.query_params), filter_class=ApiFilter)
        if moved := listing.filters.moved:
            return HttpResponsePermanentRedirect(f"{request.path}?{with_moved(request.query_params, moved)}")
        refuse_problems(listing.filters)
        if listing.timed_out:
            raise TooLong
        page = listing.page
        if page.number != listing.page_number:
            raise NotFound(f"没有这一页，共 {page.paginator.num_pages} 页")
        # Those that match in part only come after those that are counted.
        cases = [*page, *listing.partly]
        prefetch_related_objects(cases, "products")
        partly = {case.pk for case in listing.partly}
        context = {"request": request, "query": listing.plan.query, "partly": partly}
        return Response(
            {
                "count": listing.count,
                "next": self.address(page.next_page_number()) if page.has_next() else None,
                "previous": self.address(page.previous_page_number()) if page.has_previous() else None,
                "ordering": listing.sort.value,
                "remarks": listing.remarks,
                "results": CaseRowSerializer(cases, many=True, context=context).data,
                "facets": FacetSerializer(listing.facets, many=True).data,
            }
        )

    def address(self, page: int) -> str:
        here = self.request.build_absolute_uri()
        return remove_query_param(here, "page") if page == 1 else replace_query_param(here, "page", page)


class CaseDetail(ReadingView):
    """A public case by its address or, where that is no address, by its number; whole, or one `part` of a long one."""

    def get(self, request: Request, key: str) -> Response:
        by_number = Q(pk=int(key)) if key.isascii() and key.isdigit() and len(key) < 19 else Q()
        cases = Case.objects.public().select_related("bank", "category", "source").prefetch_related("products")
        cases = cases.defer("source__lines", "source__withheld", "source__imported", "imported", "base").filter(
            Q(slug=key) | by_number
        )
        case = min(cases, key=lambda case: case.slug != key, default=None)
        if case is None:
            return self.moved(request, key)
        part = request.query_params.get("part")
        total = len(parts_of(case.body)) if part else 0
        if part and not (part.isascii() and part.isdigit() and len(part) < 9 and 1 <= int(part) <= total):
            raise NotFound(f"没有这一部分，共 {total} 部分")
        context = {"request": request, "part": int(part) if part else None}
        return Response(CaseSerializer(case, context=context).data)

    def moved(self, request: Request, key: str) -> HttpResponse:
        """To the case that the one with this address or number was merged into; else 404."""
        by_number = Q(former_key=int(key)) if key.isascii() and key.isdigit() and len(key) < 19 else Q()
        case = FormerAddress.objects.filter(Q(address=key) | by_number).row(kind=FormerAddress.Kind.CASE)
        if case is None or case.status != Case.Status.PUBLIC:
            raise Http404
        query = request.META.get("QUERY_STRING", "")
        address = reverse("api-case", args=[case.slug])
        return HttpResponsePermanentRedirect(f"{address}{'?' if query else ''}{query}")
