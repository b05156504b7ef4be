"""What becomes of errors that no view can do anything about."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from catalog.search import SearchTimeout


class SearchTimeoutMiddleware:
    """A page whose numbers could not be counted in time says so; the reader may come back."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, SearchTimeout):
            return None
        response = render(request, "503.html", status=503)
        response["Retry-After"] = "60"
        return response
