"""What becomes of errors that no view can do anything about: pages that are not there now, but may be soon (503)."""

import logging

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from catalog.search import SearchTimeout
from config.database.outages import Outage, outage

logger = logging.getLogger(__name__)


class UnavailableMiddleware:
    """A page whose numbers could not be counted in time says so, and so does one whose database is away or busy."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return unavailable(request, exception)


def unavailable(request: HttpRequest, error: BaseException | None) -> HttpResponse | None:
    """The answer to a request that ended in this error; None where the error is a fault of the program."""
    if isinstance(error, SearchTimeout):
        return _too_long(request)
    state = outage(error)
    if state is None:
        return None
    logger.warning("%s：%s", state.heading, str(error).partition("\n")[0])
    return _no_database(request, state)


def _too_long(request: HttpRequest) -> HttpResponse:
    if for_program(request):
        return _refused("检索用时太长，已经中止，请换更具体的词", 60)
    return _later(render(request, "503.html", status=503), 60)


def _no_database(request: HttpRequest, state: Outage) -> HttpResponse:
    if for_program(request):
        return _refused(f"{state.heading}：{state.text}", state.retry_after)
    # Without the request: whatever stands in it may have to be asked of the database.
    told = {"heading": state.heading, "text": state.text, "request_id": getattr(request, "id", "")}
    page = render_to_string("503_database.html", told)
    return _later(HttpResponse(page, status=503), state.retry_after)


def _refused(detail: str, seconds: int) -> HttpResponse:
    return _later(JsonResponse({"detail": detail}, status=503, json_dumps_params={"ensure_ascii": False}), seconds)


def _later(response: HttpResponse, seconds: int) -> HttpResponse:
    response["Retry-After"] = str(seconds)
    response["Cache-Control"] = "no-store"
    return response


def for_program(request: HttpRequest) -> bool:
    """Whether a program asks, which can do nothing with a page."""
    return request.path_info.startswith("/api/")
