"""Which names, and which thesaurus, a transaction sees: by the lines that triggers write (`NameChange`).

Equal versions mean equal names. A line is written by every statement that changes them, in its transaction: it is seen
where the change is seen, and gone when that is rolled back. Lines commit in any order, so it is not the last one that
counts but which there are; one that took older ones away stands for them.
"""

from django.db import connection

from catalog.models import NameChange
from catalog.search.deadlines import once


def version(what: NameChange.What) -> str:
    """Another string after every change. One short query, and one in all of a deadline block."""
    return once(_versions).get(what.value, "")


def _versions() -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT what, string_agg(id::text, ' ' ORDER BY id) FROM catalog_namechange GROUP BY what")
        return dict(cursor.fetchall())


def names_version() -> str:
    """Of the names of banks and products."""
    return version(NameChange.What.NAMES)
