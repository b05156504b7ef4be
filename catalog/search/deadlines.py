"""No search may keep the database or the process busy for long, whatever was typed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic
from typing import Any, TypeVar

from django.db import connection, transaction
from django.db.utils import OperationalError
from psycopg.errors import QueryCanceled

from config.database.connections import GRACE, patience

SECONDS = 5.0
# The database's own limit is set anew only when so many seconds less are left: most searches are over by then, and pay
# nothing for it.
_STEP = 0.1
# What the planner is told for a search, on whatever server. A condition that nearly every case fulfils is still best
# answered by the index: reading all rows, the database would make the lexemes of each again. And pages of the index are
# as near as any others: all of it is read time and again. `jit` is here too, as a pooler between us and the server may
# have refused what we ask of a connection.
_PLANNER = {"enable_seqscan": "off", "random_page_cost": "1.1", "jit": "off"}

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
        with patience(connection.connection, self.timeout + GRACE):
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
    # Of a transaction around this block the settings outlive it, and are set back.
    apart = not connection.in_atomic_block
    try:
        with transaction.atomic(), connection.execute_wrapper(deadline.watch):
            before = {} if apart else _current(["statement_timeout", *_PLANNER])
            # All of a search sees the cases of one moment: counts and list agree, whoever writes meanwhile.
            moment = ["SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"] if apart else []
            _set(*moment, *map(_set_local, _PLANNER, _PLANNER.values()), _timeout(seconds))
            yield
            if before:
                _set(*map(_set_local, before, before.values()))
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


def _current(names: list[str]) -> dict[str, str]:
    """The settings of these names as they are now."""
    (values,) = _ask("SELECT " + ", ".join(f"current_setting('{name}')" for name in names))
    return dict(zip(names, values, strict=True))


def _set(*settings: str) -> None:
    """In one message to the database."""
    _ask("; ".join(settings))


def _ask(statement: str) -> list[tuple]:
    """The rows of its answer. Beside Django's own cursors, so that it is not watched itself."""
    connection.ensure_connection()
    with (
        connection.wrap_database_errors,
        patience(connection.connection, SECONDS + GRACE),
        connection.connection.cursor() as cursor,
    ):
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def _timeout(seconds: float) -> str:
    """At least a millisecond: 0 would be no limit at all."""
    return _set_local("statement_timeout", str(max(1, round(seconds * 1000))))


def _set_local(name: str, value: str) -> str:
    return f"SET LOCAL {name} = '{value}'"
