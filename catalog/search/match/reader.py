"""The cases as one search sees them: what a snapshot has of them, and what only the tables have."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property, reduce

import numpy as np
from django.db import connection

from catalog.models import SearchEntry, WrittenEntry
from catalog.models.search import SEPARATOR
from catalog.search import deadlines
from catalog.search.index import writer
from catalog.search.index.impacts import FULL
from catalog.search.index.lexemes import beginning
from catalog.search.match.expressions import AtLeast, Either, Every, Expression, Has, leaves, tsquery
from catalog.search.match.results import Results, SnapshotPart, TablePart
from catalog.search.match.sql import ColumnFilter, Condition, HasKey, Match
from catalog.search.snapshot import bitmaps, store
from catalog.search.snapshot.bitmaps import Bitmap, Places
from catalog.search.snapshot.store import EMPTY, Postings, Snapshot

# Where more was written since than this and this share of the snapshot, the tables are asked for everything.
MOST_WRITTEN, MOST_WRITTEN_SHARE = 1_000, 0.1
# Cases written unknown to the writer that a reader waits for; more are `check_index`'s to settle.
MOST_SETTLED = 200

# Whether any case is marked as changed, and the newest snapshot.
_STATE = """
    SELECT EXISTS (SELECT FROM catalog_changedcase), version, made_at
    FROM (VALUES (1)) AS always LEFT JOIN (
        SELECT version, made_at FROM catalog_snapshot ORDER BY version DESC LIMIT 1
    ) AS newest ON true
"""
# Whether there is anything to settle, and this transaction may and can: not on a standby, not as a user who only reads,
# and not where it sees one moment, in which a mark that another has removed since is still there.
_MAY_SETTLE = """
    SELECT EXISTS (SELECT FROM catalog_changedcase)
       AND current_setting('transaction_read_only') = 'off'
       AND current_setting('transaction_isolation') = 'read committed'
       AND has_table_privilege('catalog_searchentry', 'DELETE')
"""
# By number of what is asked for: the cases, and the impact in each; 0 for the beginning of lexemes, which is none.
_RARE = """
    SELECT asked.number, matches.case_id, matches.impact
    FROM unnest(%s::text[], %s::text[]) WITH ORDINALITY AS asked (query, lexeme, number), LATERAL (
        SELECT case_id,
               coalesce(get_byte(impacts, array_position(string_to_array(lexemes, %s), asked.lexeme) - 1), 0) AS impact
        FROM catalog_searchentry JOIN catalog_searchtext USING (case_id)
        WHERE catalog_lexemes(lexemes) @@ asked.query::tsquery
    ) AS matches
"""


@contextmanager
def search_deadline(seconds: float = deadlines.SECONDS) -> Iterator[None]:
    """One limit of time for all searches in the block, which see the cases of one moment; raises `SearchTimeout`.

    Cases that were written unknown to the writer are indexed first. Inside of another such block it is a part of it.
    """
    if not deadlines.in_deadline():
        _settle()
    with deadlines.deadline(seconds):
        yield


def open_reader() -> "IndexReader":
    """The cases as they are in this transaction, those that were written unknown to the writer indexed first."""
    with connection.cursor() as cursor:
        cursor.execute(_STATE)
        marked, *newest = cursor.fetchone()
    # A block that sees one moment has settled before.
    if marked and not deadlines.in_deadline():
        _settle()
    if newest[0] is None:
        return IndexReader()
    snapshot = store.get(*newest)
    most = max(MOST_WRITTEN, int(MOST_WRITTEN_SHARE * snapshot.size))
    # Of very many only that they are too many is of interest.
    written = tuple(WrittenEntry.objects.order_by().values_list("case_id", flat=True).distinct()[: most + 1])
    return IndexReader(snapshot, written) if len(written) <= most else IndexReader()


def public_cases() -> Results:
    """All of them, to be counted."""
    return open_reader().select(Condition())


def _settle() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_MAY_SETTLE)
        (may_settle,) = cursor.fetchone()
    if may_settle:
        writer.settle(MOST_SETTLED)


class IndexReader:
    """One a search: what it has looked up it knows.

    `written`: the cases written since the snapshot was made, which only the tables know; None if they know all.
    Places are those of the snapshot. What the reader tells of a place whose case was written since may be wrong.
    """

    def __init__(self, snapshot: Snapshot = EMPTY, written: tuple[int, ...] | None = None):
        self.snapshot, self.written = snapshot, written
        self._known: dict[Has, Postings] = {}

    def select(self, condition: Condition, *, drafts: bool = False) -> Results:
        """The public cases that fulfil it, or with `drafts` these too."""
        entries = SearchEntry.objects.all() if drafts else SearchEntry.objects.public()
        if self.written:
            entries = entries.filter(HasKey(self.written))
        table_part = None if self.written == () else TablePart(condition.narrow(entries))
        if not self.snapshot.size:
            return Results(SnapshotPart(self, bitmaps.none(0)), table_part)
        places = bitmaps.all_of(self.snapshot.size) if drafts else self.snapshot.public
        return Results(SnapshotPart(self, places & self._places(condition) & ~self._written_places), table_part)

    def probable(self, expression: Expression) -> list[int]:
        """Cases of the snapshot whose lexemes answer the expression, drafts too, without those written since."""
        places = self.places(expression) & ~self._written_places
        return self.snapshot.keys[bitmaps.places(places, self.snapshot.size)].tolist()

    def places(self, expression: Expression) -> Bitmap:
        self._look_up(leaves(expression))
        return self._answer(expression)

    def knows(self, has: Has) -> bool:
        """Whether the snapshot has a list of it."""
        if has not in self._known and (lists := self.snapshot.posting_lists([_name(has)])):
            self._known[has] = lists[_name(has)]
        return has in self._known

    def learn(self, has: Has, keys: Iterable[int]) -> None:
        """Which cases have what it does not know; the next search may know it still."""
        self._known[has] = self.snapshot.learn(_name(has), keys)

    def scores(self, lexemes: Mapping[str, float], places: Places) -> np.ndarray:
        """What each of these places scores for lexemes of such worth (floats): the same sum as `impacts.score`."""
        self._look_up(map(Has, lexemes))
        scores = np.zeros(len(places))
        for lexeme, worth in lexemes.items():
            deadlines.check()
            scores += worth / FULL * self._known[Has(lexeme)].impacts_in(places, self.snapshot.size)
        return scores

    def _places(self, condition: Condition) -> Bitmap:
        size = self.snapshot.size
        places = bitmaps.all_of(size)
        for match in condition.wanted:
            places = places & self._places_of_match(match)
        for match in condition.excluded:
            places = places & ~self._places_of_match(match)
        for column_filter in condition.filters:
            places = places & self.fulfilling(column_filter)
        return places

    def fulfilling(self, column_filter: ColumnFilter) -> Bitmap:
        """The places that fulfil a filter."""
        if not self.snapshot.size:
            return bitmaps.none(0)
        facet = self.snapshot.facets[column_filter.column]
        places = bitmaps.of_flags(facet.where(column_filter.holds, self.snapshot.size))
        return bitmaps.all_of(self.snapshot.size) & ~places if column_filter.excluded else places

    def _places_of_match(self, match: Match) -> Bitmap:
        places = self.places(match.lexemes) if match.lexemes else bitmaps.none(self.snapshot.size)
        return places | self._places_of(match.keys) if match.keys else places

    @cached_property
    def _written_places(self) -> Bitmap:
        return self._places_of(self.written or ())

    def _places_of(self, keys: Iterable[int]) -> Bitmap:
        return bitmaps.of_places(self.snapshot.places_of(keys), self.snapshot.size)

    def _answer(self, expression: Expression) -> Bitmap:
        match expression:
            case Has():
                return self._known[expression].places
            case Every(parts):
                return reduce(np.bitwise_and, map(self._answer, parts))
            case Either(parts):
                return reduce(np.bitwise_or, map(self._answer, parts))
            case AtLeast(count, parts):
                size = self.snapshot.size
                counts = sum(bitmaps.flags(self._answer(part), size).astype(np.uint8) for part in parts)
                return bitmaps.of_flags(np.asarray(counts >= count))

    def _look_up(self, leaves: Iterable[Has]) -> None:
        missing = [has for has in dict.fromkeys(leaves) if has not in self._known]
        lists = self.snapshot.posting_lists(map(_name, missing))
        rare = [has for has in missing if _name(has) not in lists]
        self._known |= {has: lists[name] for has in missing if (name := _name(has)) in lists}
        self._known |= dict(zip(rare, self._from_index(rare), strict=True))

    def _from_index(self, rare: list[Has]) -> list[Postings]:
        """Lexemes that have no list: few cases have them, and the database's index knows which."""
        if not rare:
            return []
        postings: list[list[tuple[int, int]]] = [[] for _ in rare]
        with connection.cursor() as cursor:
            cursor.execute(_RARE, [list(map(tsquery, rare)), [has.lexeme for has in rare], SEPARATOR])
            for number, key, impact in cursor.fetchall():
                postings[number - 1].append((key, impact))
        return [self._postings(sorted(rows)) for rows in postings]

    def _postings(self, rows: list[tuple[int, int]]) -> Postings:
        """`rows`: cases and impacts; some may be newer than the snapshot."""
        deadlines.check()
        keys = [key for key, _ in rows]
        inside = self.snapshot.has(keys)
        impacts = bytes(impact for (_, impact), is_inside in zip(rows, inside, strict=True) if is_inside)
        flags = np.zeros(self.snapshot.size, bool)
        flags[self.snapshot.places_of(keys)] = True
        return Postings.of(flags, impacts)


def _name(has: Has) -> str:
    return beginning(has.lexeme) if has.beginning else has.lexeme
