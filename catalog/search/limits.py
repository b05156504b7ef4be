"""No search may keep the database busy for long, whatever was typed."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from django.db.utils import OperationalError
from psycopg.errors import QueryCanceled

SECONDS = 5


class SearchTooLong(Exception):
    """The search was broken off after `SECONDS`."""


# A condition that nearly every case fulfils is still best answered by the index: reading all rows, the database would
# make the lexemes of each again.
_SETTINGS = {"statement_timeout": str(SECONDS * 1000), "enable_seqscan": "off"}
_USUAL = {"statement_timeout": "0", "enable_seqscan": "on"}


@contextmanager
def limited() -> Iterator[None]:
    """Breaks off a statement in the block that runs longer; raises `SearchTooLong`."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            _set(cursor, _SETTINGS)
            yield
            _set(cursor, _USUAL)
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise SearchTooLong from error
        raise


def _set(cursor, settings: dict[str, str]) -> None:
    """Until the end of the transaction."""
    values = [item for pair in settings.items() for item in pair]
    cursor.execute(f"SELECT {', '.join(['set_config(%s, %s, true)'] * len(settings))}", values)
