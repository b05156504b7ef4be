"""Which PostgreSQL the app uses: the one of DATABASE_URL, else the embedded one."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from embedded_postgres import DATABASE, ROLE

EXAMPLE = "应形如 postgres://用户:密码@主机:5432/库名（用户名和密码里的特殊字符须百分号编码）"


def database_config(base_dir: Path, environ: Mapping[str, str]) -> dict:
    """DATABASES["default"] for Django.

    Naming the embedded server does not start it: its backend does so on the first connection,
    so that commands that need no database do not wait for one.
    """
    # Connections outlive a request; a health check replaces one that the server has dropped.
    lasting = {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
    if url := environ.get("DATABASE_URL", "").strip():
        parts = parse_url(url)
        return {**parts, **lasting, "TEST": {"NAME": _test_name(parts["NAME"], base_dir)}}
    return {
        "ENGINE": "embedded_postgres",
        "NAME": DATABASE,
        "USER": ROLE,
        "EMBEDDED_ROOT": Path(base_dir) / "var" / "postgres",
        **lasting,
    }


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
        "ENGINE": "django.db.backends.postgresql",
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
