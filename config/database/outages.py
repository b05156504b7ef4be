"""Which errors are the database's state and no fault of the program, and what readers are told of them."""

from dataclasses import dataclass

import psycopg
from django.db.utils import InterfaceError
from psycopg_pool import PoolTimeout

from embedded_postgres.errors import SetupError


@dataclass(frozen=True)
class Outage:
    """`retry_after`: seconds after which it is worth asking again."""

    heading: str
    text: str
    retry_after: int


AWAY = Outage(
    "数据库暂时连不上",
    "网站还在，只是现在读不到数据。请过一会儿再试；如果一再出现，请告知管理员。",
    10,
)
BUSY = Outage("现在太忙", "数据库忙不过来，这一页没有做成，也没有改动任何数据。请过一会儿再试。", 10)
FULL = Outage("数据库所在磁盘已满", "暂时不能保存，已有的数据没有改动。请告知管理员。", 60)
READ_ONLY = Outage("现在只能读", "数据库处于只读状态：可以查阅，不能保存，也不能登录。请过一会儿再试。", 60)

# By the beginning of SQLSTATE, the longest first (PostgreSQL's documentation, appendix A).
_STATES = {
    "25006": READ_ONLY,
    "25P03": BUSY,  # the transaction was idle for too long
    "53100": FULL,
    "55P03": BUSY,  # another holds the lock
    "57014": BUSY,  # the statement took too long
    "40": BUSY,  # deadlock, or two transactions in each other's way
    "08": AWAY,  # the connection
    "28": AWAY,  # our name or password is not taken
    "3D": AWAY,  # there is no such database: it is being replaced
    "53": BUSY,  # connections, memory
    "57": AWAY,  # shut down, starting, crashed
    "58": AWAY,  # the server's system
}


def outage(error: BaseException | None) -> Outage | None:
    """What the error, or one that it was raised from, says of the database; None where it is something else."""
    while error is not None:
        if isinstance(error, SetupError):
            return AWAY
        if isinstance(error, InterfaceError | psycopg.InterfaceError):
            # Said of a connection that was lost before; of a cursor it would be a fault of ours.
            return AWAY if "connection" in str(error) else None
        if isinstance(error, PoolTimeout):
            return BUSY
        if isinstance(error, psycopg.Error):
            return _by_state(error)
        error = error.__cause__
    return None


def _by_state(error: psycopg.Error) -> Outage | None:
    if error.sqlstate is None:
        # libpq gives no state when there is no connection, or none any more.
        if not isinstance(error, psycopg.OperationalError):
            return None
        return BUSY if "too many clients" in str(error) or "connection slots" in str(error) else AWAY
    states = (state for state in _STATES if error.sqlstate.startswith(state))
    return next(map(_STATES.__getitem__, states), None)
