"""No search may keep the database or the process busy for long, whatever was typed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic
from typing import Any, TypeVar

from django.db import connection, transaction
from django.db.utils import OperationalError
from psycopg.errors import QueryCanceled

SECONDS = 5.0
# The database's own limit is set anew only when so many seconds less are left: most searches are over by then, and pay
# nothing for it.
_STEP = 0.1

Answer = TypeVar("Answer")


class SearchTimeout(Exception):
    """The search was broken off: its time was over."""


class _Deadline:
    def __init__(self, seconds: float):
        self.ends = monotonic() + seconds
        self.paused_at: float | None = None
        self.timeout = seconds
        self.answers: dict[Callable, Any] = {}

    @property
    def left(self) -> float:
        return self.ends - (monotonic() if self.paused_at is None else self.paused_at)

    def watch(self, execute, sql, params, many, context):
        """Wraps every statement of the connection: each has what time is left."""
        check()
        if self.left < self.timeout - _STEP:
            self.timeout = self.left
            _set(_timeout(self.timeout))
        return execute(sql, params, many, context)


_deadline: ContextVar[_Deadline | None] = ContextVar("deadline", default=None)


@contextmanager
def deadline(seconds: float = SECONDS) -> Iterator[None]:
    """Breaks off what is done in the block, all of it together, after so long; raises `SearchTimeout`.

    Inside of another such block, that one's limit holds and nothing else.
    """
    if _deadline.get():
        yield
        return
    deadline = _Deadline(seconds)
    token = _deadline.set(deadline)
    apart = not connection.in_atomic_block
    try:
        with transaction.atomic(), connection.execute_wrapper(deadline.watch):
            # All of a search sees the cases of one moment: counts and list agree, whoever writes meanwhile.
            moment = ["SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"] if apart else []
            # A condition that nearly every case fulfils is still best answered by the index: reading all rows, the
            # database would make the lexemes of each again.
            _set(*moment, "SET LOCAL enable_seqscan = off", _timeout(seconds))
            yield
            if not apart:
                # These settings end with the transaction, and that one goes on.
                _set("SET LOCAL enable_seqscan = on", "SET LOCAL statement_timeout = 0")
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise SearchTimeout from error
        raise
    finally:
        _deadline.reset(token)


def in_deadline() -> bool:
    return _deadline.get() is not None


def check() -> None:
    """For long work in the process: raises `SearchTimeout` where the time of the block around it is over."""
    deadline = _deadline.get()
    if deadline and deadline.left <= 0:
        raise SearchTimeout


def once(ask: Callable[[], Answer]) -> Answer:
    """What `ask` answers; in such a block, which sees one moment and writes nothing, it is asked the first time."""
    deadline = _deadline.get()
    if deadline is None:
        return ask()
    if ask not in deadline.answers:
        deadline.answers[ask] = ask()
    return deadline.answers[ask]


@contextmanager
def paused() -> Iterator[None]:
    """The time in the block does not count: for what is made once for all searches to come."""
    deadline = _deadline.get()
    if deadline is None or deadline.paused_at is not None:
        yield
        return
    deadline.paused_at = monotonic()
    try:
        yield
    finally:
        deadline.ends += monotonic() - deadline.paused_at
        deadline.paused_at = None


def _set(*settings: str) -> None:
    """In one message to the database, and beside Django's own cursors, so that it is not watched itself."""
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.cursor() as cursor:
        cursor.execute("; ".join(settings))


def _timeout(seconds: float) -> str:
    """At least a millisecond: 0 would be no limit at all."""
    return f"SET LOCAL statement_timeout = {max(1, round(seconds * 1000))}"
