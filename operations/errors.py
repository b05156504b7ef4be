"""What a request is answered that went wrong: a plain page, or JSON to a program. Neither needs the database."""

import sys
from collections.abc import Iterable

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.template import loader
from django.views import defaults

from catalog.pages.middleware import for_program, unavailable

_DETAILS = {
    400: "请求不完整或格式不对",
    403: "没有权限",
    404: "没有这个地址",
    405: "这个地址不接受这种请求方式",
    413: "请求太大",
    500: "服务出错，错误已经记下",
    503: "暂时不能提供服务，请稍后再试",
}


def json_error(request: HttpRequest, status: int, detail: str = "") -> JsonResponse:
    """`{"detail": …}`, with the id of the request where the fault is ours and may have to be looked up."""
    body = {"detail": detail or _DETAILS[status]}
    if status == 500:
        body["request_id"] = getattr(request, "id", "")
    return JsonResponse(body, status=status, json_dumps_params={"ensure_ascii": False})


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    status = 413 if isinstance(exception, RequestDataTooBig) else 400
    if for_program(request):
        return json_error(request, status)
    return plain_page(request, status)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return json_error(request, 403) if for_program(request) else defaults.permission_denied(request, exception)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return json_error(request, 404) if for_program(request) else defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """A database that is away or only read is no error of ours."""
    # Some troubles come from no view, as when a session is saved after it.
    if response := unavailable(request, sys.exc_info()[1]):
        return response
    return json_error(request, 500) if for_program(request) else plain_page(request, 500)


def method_not_allowed(request: HttpRequest, methods: Iterable[str]) -> HttpResponse:
    if for_program(request):
        response = json_error(request, 405)
        response["Allow"] = ", ".join(methods)
        return response
    return HttpResponseNotAllowed(methods, plain_text(request, 405))


def refusal(request: HttpRequest, heading: str, text: str, *, seconds: int = 60) -> HttpResponse:
    """503: not now, but in so many seconds."""
    if for_program(request):
        response = json_error(request, 503, text)
    else:
        response = HttpResponse(_text(request, "plain.html", heading=heading, text=text), status=503)
    response["Retry-After"] = str(seconds)
    response["Cache-Control"] = "no-store"
    return response


def plain_page(request: HttpRequest, status: int) -> HttpResponse:
    return HttpResponse(plain_text(request, status), status=status)


def plain_text(request: HttpRequest, status: int) -> str:
    return _text(request, f"{status}.html")


def _text(request: HttpRequest, template: str, **context) -> str:
    """Without context processors, which may ask for what has just failed."""
    # A refusal on purpose is nothing to look up.
    request_id = "" if getattr(request, "refused_on_purpose", False) else getattr(request, "id", "")
    return loader.get_template(template).render({"request_id": request_id, **context})
