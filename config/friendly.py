"""Known troubles of the set-up, each told in one Chinese line instead of a traceback.

Nothing outside the standard library is needed to import it: it has to work when Django itself is missing.
"""

import os
import sys
from contextlib import suppress
from pathlib import Path

from embedded_postgres.errors import SetupError, explain_os_error

__all__ = ["PROJECT", "SetupError", "explain", "explain_os_error"]

PROJECT = Path(__file__).resolve().parent.parent


def explain(error: BaseException) -> str | None:
    """The line to show for `error`, or None when it is no trouble of the set-up but a bug."""
    if isinstance(error, SetupError):
        return str(error)
    if isinstance(error, ModuleNotFoundError):
        return explain_missing_module(error)
    if isinstance(error, OSError):
        return explain_os_error(error)
    return explain_django_error(error)


def explain_missing_module(error: ModuleNotFoundError) -> str | None:
    """A package that is not installed; a missing module of the project's own is a bug."""
    package = (error.name or "").partition(".")[0]
    if not package or (PROJECT / package).exists():
        return None
    return f"缺少模块 {package}：请运行 make setup"


def explain_django_error(error: BaseException) -> str | None:
    if "django.core.exceptions" not in sys.modules:
        return None
    from django.core.exceptions import ImproperlyConfigured
    from django.db.utils import DatabaseError

    if isinstance(error, ImproperlyConfigured):
        # Django says "Error loading psycopg …" in the place of the missing module's name.
        if isinstance(error.__context__, ModuleNotFoundError):
            return explain_missing_module(error.__context__)
        return f"配置有误：{error}"
    if isinstance(error, DatabaseError):
        return explain_database_error(error)
    return None


def explain_missing_column(error: Exception) -> str | None:
    """A table or column that is not there, or one that may not be left empty: another version's tables, or a bug."""
    from django.db import DatabaseError, connection

    from config.schema import explain_other_tables

    if getattr(error.__cause__, "sqlstate", None) not in ("42P01", "42703", "23502"):
        return None
    connection.close()  # the error may have left a transaction that takes no more statements
    with suppress(DatabaseError):  # then `error` is the one to tell
        return explain_other_tables()
    return None


def explain_database_error(error: Exception) -> str | None:
    """A server that is away, refuses us or is full; an error in a query is a bug."""
    state = getattr(error.__cause__, "sqlstate", None)
    detail = str(error).strip().splitlines()[0] if str(error).strip() else ""
    if state == "53100" or "No space left on device" in str(error):
        return "数据库所在磁盘已满：请腾出空间后重试"
    # libpq gives no state when the connection itself failed; class 28 is a refused login.
    if type(error).__name__ == "OperationalError" and (state is None or state[:2] in ("08", "28", "3D", "57")):
        if os.environ.get("DATABASE_URL"):
            return f"连不上数据库（请检查 DATABASE_URL 与数据库服务）：{detail}"
        if "No space left on device" in _end_of_server_log():  # the server gave up, and us with it
            return "磁盘已满，内置数据库停了：请腾出空间后重试"
        return f"内置数据库的连接断了（日志 var/postgres/server.log）：{detail}"
    return explain_missing_column(error)


def _end_of_server_log(characters: int = 4000) -> str:
    try:
        return (PROJECT / "var" / "postgres" / "server.log").read_text("utf-8", "replace")[-characters:]
    except OSError:
        return ""
