"""Document frequencies: in how many entries a lexeme stands. See `LexemeCount`."""

from collections import Counter
from collections.abc import Iterable

from django.db import connection, transaction

from catalog.models.search import SEPARATOR
from config.database.copying import copy_rows

ENTRIES = ""  # the lexeme that counts the entries themselves


def add(changes: Counter[str]) -> None:
    """Adds one line a lexeme whose number has changed."""
    rows = [(lexeme, change) for lexeme, change in changes.items() if change]
    if rows:
        copy_rows("catalog_lexemecount", "lexeme, entries", rows)


def of_lexemes(lexemes: Iterable[str]) -> tuple[int, dict[str, int]]:
    """(number of entries, frequency of each lexeme that stands anywhere)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT lexeme, sum(entries) FROM catalog_lexemecount WHERE lexeme = ANY(%s) GROUP BY lexeme",
            [[ENTRIES, *lexemes]],
        )
        counts = {lexeme: int(count) for lexeme, count in cursor.fetchall() if count > 0}
    return counts.pop(ENTRIES, 0), counts


def compact() -> None:
    """One line a lexeme, none for those that stand nowhere any more. For a table that nobody else writes to now."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE balance ON COMMIT DROP AS "
            "SELECT lexeme, sum(entries) AS entries FROM catalog_lexemecount GROUP BY lexeme HAVING sum(entries) > 0"
        )
        cursor.execute("TRUNCATE catalog_lexemecount")
        cursor.execute("INSERT INTO catalog_lexemecount (lexeme, entries) SELECT lexeme, entries FROM balance")
        cursor.execute("DROP TABLE balance")


def recount() -> None:
    """Counts anew, from the entries as they are; nobody else may write meanwhile."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE catalog_searchentry, catalog_lexemecount IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute("TRUNCATE catalog_lexemecount")
        cursor.execute(
            "INSERT INTO catalog_lexemecount (lexeme, entries) "
            "SELECT lexeme, count(*) FROM catalog_searchentry, string_to_table(lexemes, %s) AS lexeme GROUP BY lexeme "
            "UNION ALL SELECT %s, count(*) FROM catalog_searchentry",
            [SEPARATOR, ENTRIES],
        )
