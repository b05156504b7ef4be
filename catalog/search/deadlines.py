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
# The database is told again what time is left only when it is so much less than it was told: most searches are over by
# then, and pay nothing for it.
_STEP = 0.1

Answer = TypeVar("Answer")


class SearchTimeout(Exception):
    """The search was broken off: its time was over."""


class _Deadline:
    def __init__(self, seconds: float):
        self.ends = monotonic() + seconds
        self.stopped: float | None = None
        self.told = seconds
        self.asked: dict[Callable, Any] = {}

    @property
    def left(self) -> float:
        return self.ends - (monotonic() if self.stopped is None else self.stopped)

    def watch(self, execute, sql, params, many, context):
        """Wraps every statement of the connection: each has what time is left."""
        check()
        if self.left < self.told - _STEP:
            self.told = self.left
            _tell(_timeout(self.told))
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
            _tell(*moment, "SET LOCAL enable_seqscan = off", _timeout(seconds))
            yield
            if not apart:
                # What was told ends with the transaction, and that one goes on.
                _tell("SET LOCAL enable_seqscan = on", "SET LOCAL statement_timeout = 0")
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
    """What `ask` answers; in a deadline block, which sees one moment and writes nothing, it is asked the first time."""
    deadline = _deadline.get()
    if deadline is None:
        return ask()
    if ask not in deadline.asked:
        deadline.asked[ask] = ask()
    return deadline.asked[ask]


@contextmanager
def paused() -> Iterator[None]:
    """What is made once for all searches to come does not count against the one that happens to be first."""
    deadline = _deadline.get()
    if deadline is None or deadline.stopped is not None:
        yield
        return
    deadline.stopped = monotonic()
    try:
        yield
    finally:
        deadline.ends += monotonic() - deadline.stopped
        deadline.stopped = None


def _tell(*settings: str) -> None:
    """In one message to the database, and beside Django's own cursors, so that it is not watched itself."""
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.cursor() as cursor:
        cursor.execute("; ".join(settings))


def _timeout(seconds: float) -> str:
    """At least a millisecond: 0 would be no limit at all."""
    return f"SET LOCAL statement_timeout = {max(1, round(seconds * 1000))}"
