"""The site's addresses, and some that break on purpose."""

from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

from config import urls

handler400, handler403 = urls.handler400, urls.handler403
handler404, handler500 = urls.handler404, urls.handler500


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError(f"nothing fits {request.GET.get('q')} of {request.COOKIES} and {request.POST}")


def bad_sql(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::int", [request.GET["q"]])
    return HttpResponse()


def raising(exception: Exception):
    def view(request: HttpRequest) -> HttpResponse:
        raise exception

    return view


KINDS = {
    "bad": BadRequest("x"),
    "suspicious": SuspiciousOperation("x"),
    "large": RequestDataTooBig("x"),
    "denied": PermissionDenied(),
    "broken": RuntimeError("x"),
}

urlpatterns = [
    path("broken/", broken),
    path("sql/", bad_sql),
    *(path(f"{room}fault/{name}/", raising(fault)) for room in ("", "api/") for name, fault in KINDS.items()),
    *urls.urlpatterns,
]
