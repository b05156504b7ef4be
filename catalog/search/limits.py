"""No search may keep the database busy for long, whatever was typed."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from django.db.utils import OperationalError
from psycopg.errors import QueryCanceled

SECONDS = 5


class SearchTooLong(Exception):
    """The search was broken off after `SECONDS`."""


@contextmanager
def limited() -> Iterator[None]:
    """Breaks off a statement in the block that runs longer; raises `SearchTooLong`."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(SECONDS * 1000)])
            yield
            cursor.execute("SELECT set_config('statement_timeout', '0', true)")
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise SearchTooLong from error
        raise
