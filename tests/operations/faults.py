"""The site's addresses, and some that break on purpose."""

import psycopg
from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

from catalog.models import Case
from catalog.text.normalise import fold
from config import urls

handler400, handler403 = urls.handler400, urls.handler403
handler404, handler500 = urls.handler404, urls.handler500


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError(f"nothing fits {request.GET.get('q')} of {request.COOKIES} and {request.POST}")


def cutting(request: HttpRequest) -> HttpResponse:
    raise ValueError(f"cannot read {fold(request.GET['q'])[:4]}…")


def bad_sql(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::int", [request.GET["q"]])
    return HttpResponse()


def writing(request: HttpRequest) -> HttpResponse:
    Case.objects.update(title="改了")
    return HttpResponse()


def ending(request: HttpRequest) -> HttpResponse:
    request.session.flush()
    return HttpResponse()


def away(request: HttpRequest) -> HttpResponse:
    """As Django tells of a server that is not there: libpq gives no code."""
    try:
        psycopg.connect("host=/nonexistent")
    except psycopg.OperationalError as error:
        raise OperationalError(*error.args) from error


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
    path("cutting/", cutting),
    path("writing/", writing),
    path("ending/", ending),
    path("away/", away),
    path("api/away/", away),
    *(path(f"{room}fault/{name}/", raising(fault)) for room in ("", "api/") for name, fault in KINDS.items()),
    *urls.urlpatterns,
]
