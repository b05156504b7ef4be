"""How much each lexeme says about a case, as the index keeps it: a byte a lexeme, in the order of the lexemes.

Search engines call such small whole numbers impacts (Anh, de Kretser and Moffat, "Vector-space ranking with effective
early termination", SIGIR 2001). Rounded so, no two cases change places that a reader would tell apart.
"""

from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence

from catalog.search.deadlines import check

FULL = 255  # the impact of weight 1
Ranked = list[tuple[int, float]]  # (case, score), best first, of equal ones the smaller key


def impacts(lexemes: Collection[str], weights: Mapping[str, float]) -> bytes:
    """Zero is that of a lexeme without a weight, and of no other."""
    return bytes(max(1, round(FULL * weights[lexeme])) if lexeme in weights else 0 for lexeme in lexemes)


def best_first(scores: Ranked) -> Ranked:
    return sorted(scores, key=lambda row: (-row[1], row[0]))


def score(held: Sequence[str], impacts: bytes, worth: Mapping[str, float]) -> float:
    """What a case scores that has the lexemes `held`, in order, with these impacts, for lexemes of such worth.

    Raises `SearchTimeout`.
    """
    check()
    total = 0.0
    for lexeme, value in worth.items():
        place = bisect_left(held, lexeme)
        if place < len(held) and held[place] == lexeme:
            total += value / FULL * impacts[place]
    return total
