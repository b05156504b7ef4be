"""Which PostgreSQL the app uses: the one of DATABASE_URL, else the embedded one; and what every connection needs."""

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

from embedded_postgres import DATABASE, ROLE

EXAMPLE = "应形如 postgres://用户:密码@主机:5432/库名（用户名和密码里的特殊字符须百分号编码）"

# Of any connection, and of libpq; an address with others of these prevails.
_CONNECTION = {
    "application_name": "anliku",
    "connect_timeout": "3",  # seconds
    # A server whose machine has vanished is noticed within a minute.
    "keepalives": "1",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",  # milliseconds
}
# Of the session, whatever the server's own configuration says.
_SESSION = {
    # The planner compiles a search that is over in ten milliseconds: of four to nine pages a second, one is left.
    "jit": "off",
    "timezone": "UTC",
}
# Where pages are served, nobody waits for ever: seconds.
STATEMENT, LOCK, IDLE_IN_TRANSACTION = 15, 8, 30
# How long a page waits while the others of its process have all connections.
POOL_TIMEOUT = 10.0
# Connections of a process with four threads: while one page is in the database, another is in Python.
POOL_SIZE = 3


def database_config(base_dir: Path, environ: Mapping[str, str]) -> dict:
    """DATABASES["default"] for Django.

    Naming the embedded server does not start it: its backend does so on the first connection,
    so that commands that need no database do not wait for one.

    A command, an import or a test has one connection as long as it lives, and no limit of time; a process that serves
    pages calls `serve_pages`.
    """
    common = {
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
        "POOL_SIZE": _pool_size(environ),
        "NEEDED": _needed_connections(environ),
    }
    if url := environ.get("DATABASE_URL", "").strip():
        parts = parse_url(url)
        parts["OPTIONS"] = _CONNECTION | parts["OPTIONS"]
        config = {**parts, **common, "TEST": {"NAME": _test_name(parts["NAME"], base_dir)}}
    else:
        config = {
            "ENGINE": "config.database.embedded",
            "NAME": DATABASE,
            "USER": ROLE,
            "EMBEDDED_ROOT": Path(base_dir) / "var" / "postgres",
            "OPTIONS": dict(_CONNECTION),
            **common,
        }
    _set_first(config["OPTIONS"], _SESSION)
    return config


def serve_pages(config: dict) -> None:
    """Changes the settings of a database for a process that serves pages: a small pool instead of a connection for
    each thread, and an end to all waiting.
    """
    from config.database.connections import GRACE

    limits = {
        "statement_timeout": f"{STATEMENT}s",
        "lock_timeout": f"{LOCK}s",
        "idle_in_transaction_session_timeout": f"{IDLE_IN_TRANSACTION}s",
    }
    _set_first(config["OPTIONS"], limits)
    config["OPTIONS"]["pool"] = {"max_size": config["POOL_SIZE"], "timeout": POOL_TIMEOUT}
    config["PATIENCE"] = STATEMENT + GRACE


def _needed_connections(environ: Mapping[str, str]) -> int:
    """How many connections the site may open at once: those of its workers and of the lane for long questions, each
    with one for the thread that builds the vocabulary; two of the process in the background; and three for a command,
    an import with a process of its own, and whoever looks at the server.
    """
    workers = int(environ.get("WEB_CONCURRENCY") or max(2, os.cpu_count() or 1))
    return (workers + 1) * (_pool_size(environ) + 1) + 5


def _pool_size(environ: Mapping[str, str]) -> int:
    from django.core.exceptions import ImproperlyConfigured

    size = environ.get("DATABASE_POOL", "").strip() or str(POOL_SIZE)
    if not (size.isascii() and size.isdecimal() and 0 < int(size) < 1000):
        raise ImproperlyConfigured(f"DATABASE_POOL 应是 1–999 的数字：{size}")
    return int(size)


def _set_first(options: dict, settings: Mapping[str, str]) -> None:
    """As the server's command line has them (`-c name=value`), before those that stand there: the last one counts."""
    ours = " ".join(f"-c {name}={value}" for name, value in settings.items())
    options["options"] = f"{ours} {options.get('options', '')}".strip()


def parse_url(url: str) -> dict:
    """The Django settings of a postgres:// or postgresql:// address.

    libpq's own parser reads it, so whatever psql takes is taken: percent-encoding, several hosts,
    sockets (`postgres:///name?host=/run/postgresql`), options (`?sslmode=require`).
    The messages never repeat the address: it holds a password.
    """
    from django.core.exceptions import ImproperlyConfigured
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    scheme = url.partition("://")[0]
    if scheme not in ("postgres", "postgresql"):
        raise ImproperlyConfigured(f"DATABASE_URL 只支持 PostgreSQL，{EXAMPLE}")
    try:
        parts = conninfo_to_dict(url)
    except ProgrammingError:
        raise ImproperlyConfigured(f"DATABASE_URL 无法解析，{EXAMPLE}") from None
    ports = str(parts.get("port", ""))
    if any(port and not (port.isdecimal() and 0 < int(port) < 65536) for port in ports.split(",")):
        raise ImproperlyConfigured(f"DATABASE_URL 的端口不是 1–65535 的数字，{EXAMPLE}")
    if not parts.get("dbname"):
        raise ImproperlyConfigured(f"DATABASE_URL 缺少库名，{EXAMPLE}")
    return {
        "ENGINE": "config.database",
        "NAME": parts.pop("dbname"),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": parts.pop("port", ""),
        "OPTIONS": parts,
    }


def _test_name(name: str, base_dir: Path) -> str:
    """A test database of this checkout's own: several checkouts may share one server.

    At most 55 bytes: PostgreSQL cuts names at 63, and each process of a run in parallel adds its own end (`_gw0`).
    """
    checkout = hashlib.sha256(str(Path(base_dir).resolve()).encode()).hexdigest()[:8]
    return f"test_{checkout}_{name}".encode()[:55].decode(errors="ignore")
