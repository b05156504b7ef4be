"""How much each lexeme says about a case, as the index keeps it: a byte a lexeme, in the order of the lexemes.

Search engines call such small whole numbers impacts (Anh, de Kretser and Moffat, "Vector-space ranking with effective
early termination", SIGIR 2001). Rounded so, no two cases change places that a reader would tell apart.
"""

from bisect import bisect_left
from collections.abc import Collection, Mapping

from django.db.models import QuerySet

from catalog.models.search import SEPARATOR
from catalog.search.deadlines import check

FULL = 255  # the impact of weight 1
Ranked = list[tuple[int, float]]  # (case, score), best first, of equal ones the smaller key


def impacts(lexemes: Collection[str], weights: Mapping[str, float]) -> bytes:
    """Zero is that of a lexeme without a weight, and of no other."""
    return bytes(max(1, round(FULL * weights[lexeme])) if lexeme in weights else 0 for lexeme in lexemes)


def best(entries: QuerySet, lexemes: Mapping[str, float], number: int | None = None) -> Ranked:
    """The entries that score highest for lexemes of such worth. Each is looked at: they should be few."""
    worth = {lexeme: value / FULL for lexeme, value in lexemes.items()}
    rows = entries.order_by().values_list("pk", "lexemes", "content__impacts")
    found = [(key, _score(held.split(SEPARATOR), told, worth)) for key, held, told in rows.iterator()]
    return in_order(found)[:number]


def in_order(found: Ranked) -> Ranked:
    return sorted(found, key=lambda row: (-row[1], row[0]))


def _score(held: list[str], told: bytes, worth: Mapping[str, float]) -> float:
    """`held` is in order."""
    check()
    score = 0.0
    for lexeme, value in worth.items():
        place = bisect_left(held, lexeme)
        if place < len(held) and held[place] == lexeme:
            score += value * told[place]
    return score
