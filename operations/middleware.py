"""What every request goes through before and after all else of the site."""

import re
import uuid

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

from config.logging import current_request
from operations.errors import method_not_allowed

ID = re.compile(r"[0-9A-Za-z-]{8,64}")
# What the pages take; the API, which has no forms, answers for itself.
METHODS = ["GET", "HEAD", "POST"]


class RequestIdMiddleware:
    """Gives a request an `id`: that of the front, which always sets one, else a new one. The answer carries it, and so
    does whatever is logged meanwhile.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request.id = given if ID.fullmatch(given) else uuid.uuid4().hex
        token = current_request.set(request)
        try:
            response = self.get_response(request)
        finally:
            current_request.reset(token)
        response["X-Request-ID"] = request.id
        return response


class MethodMiddleware:
    """Refuses methods that no page takes before a form's token is asked for, and gives every 405 a page."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in METHODS and not request.path.startswith("/api/"):
            return method_not_allowed(request, METHODS)
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and not response.content:
            return method_not_allowed(request, response["Allow"].split(", "))
        return response
