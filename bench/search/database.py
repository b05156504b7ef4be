"""The bench's databases, one per number of cases, on a server of their own in var/bench/postgres."""

import os
import subprocess
import sys
import time

import psycopg
from django.conf import settings
from psycopg import sql

from config.friendly import PROJECT
from embedded_postgres import DATABASE, ROLE, ensure_embedded_server

SETTINGS = "bench.search.settings"


def connect(name: str = DATABASE) -> psycopg.Connection:
    """Starts the server when it does not run."""
    address = ensure_embedded_server(settings.DATABASES["default"]["EMBEDDED_ROOT"])
    return psycopg.connect(host=address["HOST"], port=address["PORT"], user=ROLE, dbname=name, autocommit=True)


def create(name: str) -> None:
    """An empty database, whatever was there before."""
    with connect() as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def manage(database: str, *arguments: str) -> float:
    """Runs a command of the site on a database of the bench, as an operator would; seconds."""
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=PROJECT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": SETTINGS, "BENCH_DATABASE": database},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return time.perf_counter() - start


def sizes(connection: psycopg.Connection, tables: list[str]) -> dict[str, int]:
    """Bytes by part: `table`, `table (out of line)` and each index by its name."""
    sizes = {}
    for table in tables:
        row = connection.execute(
            "SELECT pg_relation_size(oid), pg_table_size(oid) - pg_relation_size(oid) FROM pg_class "
            "WHERE oid = to_regclass(%s)",
            [table],
        ).fetchone()
        sizes[table], sizes[f"{table} (out of line)"] = row
        indexes = connection.execute(
            "SELECT indexrelid::regclass::text, pg_relation_size(indexrelid) FROM pg_index "
            "WHERE indrelid = to_regclass(%s)",
            [table],
        )
        sizes |= dict(indexes.fetchall())
    return sizes
