"""Document frequencies: in how many entries a lexeme stands. Kept as a ledger (see `LexemeCount`)."""

from collections import Counter
from collections.abc import Iterable

from django.db import connection, transaction

from catalog.models.search import SEPARATOR

ENTRIES = ""  # the lexeme that counts the entries themselves


def note(changes: Counter[str]) -> None:
    """Adds one line a lexeme whose number has changed."""
    changes = {lexeme: change for lexeme, change in changes.items() if change}
    if changes:
        with (
            connection.cursor() as cursor,
            cursor.copy("COPY catalog_lexemecount (lexeme, entries) FROM STDIN") as copy,
        ):
            for row in changes.items():
                copy.write_row(row)


def standing(cases: list[int]) -> Counter[str]:
    """What the entries of these cases count for now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT lexeme, count(*) FROM catalog_searchentry, string_to_table(lexemes, %s) AS lexeme "
            "WHERE case_id = ANY(%s) AND right(lexeme, 1) <> chr(1) GROUP BY lexeme",
            [SEPARATOR, cases],
        )
        found = Counter(dict(cursor.fetchall()))
        cursor.execute("SELECT count(*) FROM catalog_searchentry WHERE case_id = ANY(%s)", [cases])
        found[ENTRIES] = cursor.fetchone()[0]
    return found


def frequencies(lexemes: Iterable[str]) -> tuple[int, dict[str, int], dict[str, float]]:
    """(number of entries, frequency of each lexeme that stands anywhere, threshold of each that has champions)."""
    asked = [ENTRIES, *lexemes]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count.lexeme, sum(count.entries), max(champion.threshold) FROM catalog_lexemecount AS count "
            "LEFT JOIN catalog_champion AS champion USING (lexeme) "
            "WHERE count.lexeme = ANY(%s) GROUP BY count.lexeme",
            [asked],
        )
        rows = cursor.fetchall()
    counts = {lexeme: int(count) for lexeme, count, _ in rows if count > 0}
    thresholds = {lexeme: threshold for lexeme, _, threshold in rows if threshold is not None}
    return counts.pop(ENTRIES, 0), counts, thresholds


def balance() -> None:
    """One line a lexeme, none for those that stand nowhere any more. For a ledger to which nobody else writes now."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE balance ON COMMIT DROP AS "
            "SELECT lexeme, sum(entries) AS entries FROM catalog_lexemecount GROUP BY lexeme HAVING sum(entries) > 0"
        )
        cursor.execute("TRUNCATE catalog_lexemecount")
        cursor.execute("INSERT INTO catalog_lexemecount (lexeme, entries) SELECT lexeme, entries FROM balance")
        cursor.execute("DROP TABLE balance")
