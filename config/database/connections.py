"""A connection that does not wait for ever, and the pool of them in a process that serves pages."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.errors import _WaitTimeout
from psycopg_pool import ConnectionPool, PoolTimeout

# Seconds that the server's own limits have to act before ours does.
GRACE = 3.0
# Seconds that a connection of the pool has to show that it still works; between two looks whether the server has
# refused a new one; and for a new one where the one before it could not be made.
_CHECK, _LOOK, _AGAIN = 2.0, 0.1, 0.3


class Connection(psycopg.Connection):
    """Gives the server up when an answer takes longer than `patience` seconds; None: waits for ever.

    The server's `statement_timeout` is of no use when that server is frozen, and TCP's time-outs act neither on sockets
    of the file system nor while the system of a frozen server goes on acknowledging.
    """

    patience: float | None = None
    # The last failure to connect of this process, and when; None since it has succeeded.
    failure: tuple[float, psycopg.Error] | None = None
    # Whether a pooler between us and the server has refused the parameter `options`.
    options_refused = False

    @classmethod
    def connect(cls, conninfo: str = "", **parameters: Any) -> Connection:
        """PgBouncer refuses `options` unless it is told to let them pass: then each search still sets what it needs."""
        if Connection.options_refused:
            parameters.pop("options", None)
        try:
            connection = super().connect(conninfo, **parameters)
        except psycopg.Error as error:
            if "options" in parameters and "unsupported startup parameter" in str(error):
                Connection.options_refused = True
                return cls.connect(conninfo, **parameters)
            Connection.failure = time.monotonic(), _again(error)
            raise
        Connection.failure = None
        return connection

    def wait(self, gen, *arguments, timeout=None, **options):
        if timeout is not None or self.patience is None:
            return super().wait(gen, *arguments, timeout=timeout, **options)
        patience = self.patience
        try:
            return super().wait(gen, *arguments, timeout=patience, **options)
        except _WaitTimeout:
            # What comes later would be taken for the answer to the next question.
            self.pgconn.finish()
            raise psycopg.OperationalError(f"the server has not answered for {patience:g} seconds") from None


@contextmanager
def patience(connection: Any, seconds: float) -> Iterator[None]:
    """In the block the server of this connection of psycopg's has so long for an answer."""
    before = connection.patience
    connection.patience = seconds
    try:
        yield
    finally:
        connection.patience = before


class Pool(ConnectionPool):
    """The connections of one process. `parameters` tells where to connect, each time anew."""

    def __init__(self, parameters: Callable[[], dict], **options: Any):
        super().__init__(
            kwargs=parameters,
            connection_class=Connection,
            check=_check,
            open=False,
            min_size=0,  # a site that nobody reads needs none
            max_idle=60,
            reconnect_timeout=0,  # whoever asks next tries again: no attempt is left that waits for minutes
            num_workers=2,
            **options,
        )
        self._lent: set[psycopg.Connection] = set()

    def take(self) -> psycopg.Connection:
        """A connection that works, within the pool's `timeout`.

        Where the server refuses, its reason is raised at once, unless other pages have connections: then one of these
        will do, once it is given back. Where the last attempt failed, the next one is not waited for as long: a server
        that hangs would hold every thread until its time is over.
        """
        self.open()
        failed_before = Connection.failure is not None
        started = time.monotonic()
        looks_alone = 0
        while True:
            waited = time.monotonic() - started
            left = self.timeout - waited
            try:
                connection = self.getconn(timeout=min(_LOOK, left))
            except PoolTimeout:
                failure = Connection.failure
                refused = failure and (failure[0] >= started or (failed_before and waited >= _AGAIN))
                # Twice, as one may be on its way from a page to another.
                looks_alone = 0 if self._lent else looks_alone + 1
                if failure and refused and (left <= 0 or looks_alone > 1):
                    raise _again(failure[1]) from None
                if left <= 0:
                    raise PoolTimeout(f"no connection was free for {self.timeout:g} seconds") from None
            else:
                self._lent.add(connection)
                return connection

    def putconn(self, connection: psycopg.Connection) -> None:
        self._lent.discard(connection)
        super().putconn(connection)


def leave_pool() -> None:
    """The calling thread connects for itself from now on, where this process has a pool."""
    from django.db import connection

    connection.pooled = False


def close_before_fork(pools: dict[str, ConnectionPool]) -> None:
    """A fork would have the sockets of these pools, but not their threads: parent and child open theirs anew."""

    def close() -> None:
        while pools:
            pools.popitem()[1].close()

    os.register_at_fork(before=close)


def _again(error: psycopg.Error) -> psycopg.Error:
    """The same without its history, which would keep alive whatever the threads that raised it were doing."""
    return type(error)(str(error))


def _check(connection: psycopg.Connection) -> None:
    with patience(connection, _CHECK):
        ConnectionPool.check_connection(connection)
