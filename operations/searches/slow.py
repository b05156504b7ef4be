"""A slow search leaves a line in the log: its shape, and the plan of its slowest statement."""

import logging
import re
from contextvars import ContextVar
from time import monotonic

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse

from catalog.search import SearchTimeout, search_deadline
from operations.searches.answered import AnsweredSearch

log = logging.getLogger(__name__)

TO_EXPLAIN = 1.0  # seconds a plan may take
BETWEEN_PLANS = 10.0  # seconds: where all searches are slow, a plan of each would make them slower
# A string of SQL, its inner quotes doubled: all that a plan quotes of a query or a text.
_LITERAL = re.compile(r"'(?:[^']|'')*'?")


class SlowestStatement:
    """Wraps the statements of a request and remembers the one that took longest."""

    def __init__(self):
        self.seconds, self.sql, self.params = 0.0, "", None

    def __call__(self, execute, sql, params, many, context):
        began = monotonic()
        try:
            return execute(sql, params, many, context)
        finally:
            seconds = monotonic() - began
            if seconds > self.seconds:
                self.seconds, self.sql, self.params = seconds, sql, params


_slowest: ContextVar[SlowestStatement | None] = ContextVar("slowest", default=None)


class StatementsMiddleware:
    """Has the statements of a request timed."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        slowest = SlowestStatement()
        token = _slowest.set(slowest)
        try:
            with connection.execute_wrapper(slowest):
                return self.get_response(request)
        finally:
            _slowest.reset(token)


def report(search: AnsweredSearch) -> None:
    """Logs the search where it took longer than SLOW_SEARCH_MS."""
    milliseconds = round(1000 * search.seconds)
    if milliseconds < settings.SLOW_SEARCH_MS:
        return
    slowest = _slowest.get() or SlowestStatement()
    fields = search.shape | {"ms": milliseconds, "statement_ms": round(1000 * slowest.seconds)}
    shape = " ".join(f"{name}={value}" for name, value in fields.items())
    # Where the work was the process's own, the plan of a quick statement would mislead.
    plan = explain(slowest) if 3 * slowest.seconds > search.seconds and _plan_is_due() else ""
    log.warning("检索用了 %s 毫秒：%s", milliseconds, shape, extra={"fields": fields, "details": plan})


_explained_at = float("-inf")


def _plan_is_due() -> bool:
    global _explained_at
    now = monotonic()
    if now - _explained_at < BETWEEN_PLANS:
        return False
    _explained_at = now
    return True


def explain(statement: SlowestStatement) -> str:
    """The statement and its plan as the search has it made, with every value taken out; empty where there is none."""
    sql, params = statement.sql, statement.params
    if not isinstance(sql, str) or sql.split(maxsplit=1)[0].upper() not in ("SELECT", "WITH"):
        return ""
    try:
        with search_deadline(TO_EXPLAIN), connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {sql}", params)
            lines = [line for (line,) in cursor.fetchall()]
    except (DatabaseError, SearchTimeout) as error:
        lines = [f"（没有计划：{type(error).__name__}）"]
    return _LITERAL.sub("'?'", "\n".join([" ".join(sql.split()), *lines]))
