"""What one search reads of a snapshot: the places that answer an expression, and about what they score."""

from collections.abc import Iterable, Mapping
from functools import reduce

import numpy as np
from django.db import connection

from catalog.search import bits
from catalog.search.bits import Bits
from catalog.search.expressions import AtLeast, Either, Every, Expression, Has, leaves, tsquery
from catalog.search.lexemes import beginning
from catalog.search.snapshot import Snapshot

# The weight of a lexeme that stands once or twice in a text.
_USUAL = 0.5


class Reader:
    """One a search: what it has looked up it knows."""

    def __init__(self, snapshot: Snapshot):
        self.snapshot = snapshot
        self._known: dict[Has, Bits] = {}

    def places(self, expression: Expression) -> Bits:
        """Of the cases as the snapshot has them; those of a case that was written since may be wrong."""
        self._look_up(leaves(expression))
        return self._answer(expression)

    def scores(self, lexemes: Mapping[str, float]) -> np.ndarray:
        """About what each place scores for lexemes of such worth: what their champion lists say, and for one that is
        too rare to have such a list `_USUAL` of its worth.
        """
        found = np.zeros(self.snapshot.size, np.float32)
        champions = self.snapshot.champions(lexemes)
        for lexeme, (places, weights) in champions.items():
            found[places] += np.float32(lexemes[lexeme]) * weights
        rare = [Has(lexeme) for lexeme in lexemes if lexeme not in champions]
        self._look_up(rare)
        for has in rare:
            found[bits.flags(self._known[has], self.snapshot.size)] += np.float32(_USUAL * lexemes[has.lexeme])
        return found

    def _answer(self, expression: Expression) -> Bits:
        match expression:
            case Has():
                return self._known[expression]
            case Every(parts):
                return reduce(np.bitwise_and, map(self._answer, parts))
            case Either(parts):
                return reduce(np.bitwise_or, map(self._answer, parts))
            case AtLeast(count, parts):
                counts = sum(bits.flags(self._answer(part), self.snapshot.size).astype(np.uint8) for part in parts)
                return bits.of_flags(counts >= count)

    def _look_up(self, asked: Iterable[Has]) -> None:
        missing = [has for has in dict.fromkeys(asked) if has not in self._known]
        lists = self.snapshot.posting_lists(map(_name, missing))
        rare = [has for has in missing if _name(has) not in lists]
        self._known |= {has: lists[name] for has in missing if (name := _name(has)) in lists}
        self._known |= dict(zip(rare, self._from_index(rare), strict=True))

    def _from_index(self, rare: list[Has]) -> list[Bits]:
        """Lexemes that have no list: few cases have them, and the database's index knows which."""
        if not rare:
            return []
        keys: list[list[int]] = [[] for _ in rare]
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT asked.number, found.case_id FROM unnest(%s::text[]) WITH ORDINALITY AS asked (query, number), "
                "LATERAL (SELECT case_id FROM catalog_searchentry "
                "WHERE catalog_lexemes(lexemes) @@ asked.query::tsquery) AS found",
                [list(map(tsquery, rare))],
            )
            for number, key in cursor.fetchall():
                keys[number - 1].append(key)
        return [bits.of_places(self.snapshot.places_of(found), self.snapshot.size) for found in keys]


def _name(has: Has) -> str:
    return beginning(has.lexeme) if has.beginning else has.lexeme
