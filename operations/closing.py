"""What requests meet while the site is closed or only read: see `config.mode`."""

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse

from config.mode import Mode, State, current_state
from operations.errors import refusal

CLOSED = "网站正在维护，请稍后再来。"
READ_ONLY = "网站现在只供阅读：登录、保存和其他改动都没有接受。请稍后再试。"
_READING = {"GET", "HEAD"}


class MaintenanceMiddleware:
    """Closed: nobody gets further. Only read: whatever writes is refused, first by its method, then by the database."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        state = current_state()
        if state.mode == Mode.CLOSED:
            return _refused(request, state, "网站维护中", CLOSED)
        if state.mode == Mode.READ_ONLY:
            request.only_reads = True
            return self._reading(request, state)
        return self.get_response(request)

    def _reading(self, request: HttpRequest, state: State) -> HttpResponse:
        if request.method not in _READING:
            return _refused(request, state, "网站只读", READ_ONLY)
        # A transaction rather than a setting of the connection: nothing of it can outlast the request.
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            return self.get_response(request)


class SessionsLeftAloneMiddleware:
    """While the site is only read, no session is written: one that is prolonged or ends breaks no page."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if getattr(request, "only_reads", False):
            request.session.save = lambda must_create=False: None
            request.session.delete = lambda session_key=None: None
        return self.get_response(request)


def _refused(request: HttpRequest, state: State, heading: str, text: str) -> HttpResponse:
    request.refused_on_purpose = True
    return refusal(request, heading, state.message or text, seconds=60 * state.minutes)
