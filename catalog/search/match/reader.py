"""What one search reads of a snapshot: the places that answer an expression, and what they score."""

from collections.abc import Iterable, Mapping
from functools import reduce

import numpy as np
from django.db import connection

from catalog.models.search import SEPARATOR
from catalog.search.index.impacts import FULL
from catalog.search.index.lexemes import beginning
from catalog.search.match.expressions import AtLeast, Either, Every, Expression, Has, leaves, tsquery
from catalog.search.snapshot import bitmaps
from catalog.search.snapshot.bitmaps import Bitmap, Places
from catalog.search.snapshot.store import Postings, Snapshot

# By number of what is asked for: the cases, and the impact in each; 0 for the beginning of lexemes, which is none.
_RARE = """
    SELECT asked.number, found.case_id, found.impact
    FROM unnest(%s::text[], %s::text[]) WITH ORDINALITY AS asked (query, lexeme, number), LATERAL (
        SELECT case_id,
               coalesce(get_byte(impacts, array_position(string_to_array(lexemes, %s), asked.lexeme) - 1), 0) AS impact
        FROM catalog_searchentry JOIN catalog_searchtext USING (case_id)
        WHERE catalog_lexemes(lexemes) @@ asked.query::tsquery
    ) AS found
"""


class Reader:
    """One a search: what it has looked up it knows."""

    def __init__(self, snapshot: Snapshot):
        self.snapshot = snapshot
        self._known: dict[Has, Postings] = {}

    def places(self, expression: Expression) -> Bitmap:
        """Of the cases as the snapshot has them; those of a case that was written since may be wrong."""
        self._look_up(leaves(expression))
        return self._answer(expression)

    def knows(self, has: Has) -> bool:
        """Whether the snapshot has a list of it."""
        if has not in self._known and (found := self.snapshot.posting_lists([_name(has)])):
            self._known[has] = found[_name(has)]
        return has in self._known

    def learn(self, has: Has, keys: Iterable[int]) -> None:
        """Which cases have what it does not know; the next search may know it still."""
        self._known[has] = self.snapshot.learn(_name(has), keys)

    def scores(self, lexemes: Mapping[str, float], places: Places) -> np.ndarray:
        """What each of these places scores for lexemes of such worth: the same sum as that of `impacts.best`."""
        self._look_up(map(Has, lexemes))
        found = np.zeros(len(places))
        for lexeme, worth in lexemes.items():
            found += worth / FULL * self._known[Has(lexeme)].impacts_in(places, self.snapshot.size)
        return found

    def _answer(self, expression: Expression) -> Bitmap:
        match expression:
            case Has():
                return self._known[expression].places
            case Every(parts):
                return reduce(np.bitwise_and, map(self._answer, parts))
            case Either(parts):
                return reduce(np.bitwise_or, map(self._answer, parts))
            case AtLeast(count, parts):
                counts = sum(bitmaps.flags(self._answer(part), self.snapshot.size).astype(np.uint8) for part in parts)
                return bitmaps.of_flags(counts >= count)

    def _look_up(self, asked: Iterable[Has]) -> None:
        missing = [has for has in dict.fromkeys(asked) if has not in self._known]
        lists = self.snapshot.posting_lists(map(_name, missing))
        rare = [has for has in missing if _name(has) not in lists]
        self._known |= {has: lists[name] for has in missing if (name := _name(has)) in lists}
        self._known |= dict(zip(rare, self._from_index(rare), strict=True))

    def _from_index(self, rare: list[Has]) -> list[Postings]:
        """Lexemes that have no list: few cases have them, and the database's index knows which."""
        if not rare:
            return []
        found: list[list[tuple[int, int]]] = [[] for _ in rare]
        with connection.cursor() as cursor:
            cursor.execute(_RARE, [list(map(tsquery, rare)), [has.lexeme for has in rare], SEPARATOR])
            for number, key, impact in cursor.fetchall():
                found[number - 1].append((key, impact))
        return [self._postings(sorted(one)) for one in found]

    def _postings(self, found: list[tuple[int, int]]) -> Postings:
        """`found`: cases and impacts; some may be newer than the snapshot."""
        inside = self.snapshot.has([key for key, _ in found])
        impacts = bytes(impact for (_, impact), here in zip(found, inside, strict=True) if here)
        flags = np.zeros(self.snapshot.size, bool)
        flags[self.snapshot.places_of([key for key, _ in found])] = True
        return Postings.of(flags, impacts)


def _name(has: Has) -> str:
    return beginning(has.lexeme) if has.beginning else has.lexeme
