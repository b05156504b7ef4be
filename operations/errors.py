"""What a request is answered that went wrong: a plain page, or JSON to a program. Neither needs the database."""

from collections.abc import Iterable

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.template import loader
from django.views import defaults

API = "/api/"
_DETAILS = {
    400: "请求不完整或格式不对",
    403: "没有权限",
    404: "没有这个地址",
    405: "这个地址不接受这种请求方式",
    413: "请求太大",
    500: "服务出错，错误已经记下",
    503: "暂时不能提供服务，请稍后再试",
}


def for_program(request: HttpRequest) -> bool:
    """Whether a program asks, which can do nothing with a page."""
    return request.path.startswith(API)


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
    return json_error(request, 500) if for_program(request) else plain_page(request, 500)


def method_not_allowed(request: HttpRequest, methods: Iterable[str]) -> HttpResponse:
    if for_program(request):
        response = json_error(request, 405)
        response["Allow"] = ", ".join(methods)
        return response
    return HttpResponseNotAllowed(methods, plain_text(request, 405))


def plain_page(request: HttpRequest, status: int, **context) -> HttpResponse:
    return HttpResponse(plain_text(request, status, **context), status=status)


def plain_text(request: HttpRequest, status: int, **context) -> str:
    """The page of a status. Without context processors, which may ask for what has just failed."""
    return loader.get_template(f"{status}.html").render({"request_id": getattr(request, "id", ""), **context})
