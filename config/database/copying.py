"""COPY with Django's errors: a cursor's own `copy` raises psycopg's, which nobody who expects a DatabaseError sees."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import psycopg
from django.db import connection


@contextmanager
def copying(table: str, columns: str) -> Iterator[psycopg.Copy]:
    """To write rows to a table: `copy.write_row(…)`; `columns` with commas between, in the rows' order."""
    statement = f"COPY {table} ({columns}) FROM STDIN"
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(statement) as copy:
        yield copy


def copy_rows(table: str, columns: str, rows: Iterable[Sequence]) -> None:
    with copying(table, columns) as copy:
        for row in rows:
            copy.write_row(row)
