"""How long an answer may be kept: as long as it is asked first whether it still holds.

So an edit is seen at once, and a page that has not changed is not sent again: Django's ConditionalGetMiddleware gives
each its ETag.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


class RevalidationMiddleware:
    """Says so of every answer that does not say otherwise itself; one that depends on a cookie is the reader's own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not response.has_header("Cache-Control"):
            personal = "cookie" in response.get("Vary", "").lower() or response.cookies
            response["Cache-Control"] = "private, no-cache" if personal else "no-cache"
        return response
