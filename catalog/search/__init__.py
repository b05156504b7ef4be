"""Search over the cases. What stands here is all that pages, API, admin and importer know of it; docs/search.md tells
how it works. The rooms, each using only those before it:

    deadlines     one limit of time for all that is asked in a block
    names         what the catalogue calls things now: banks, products, synonyms
    index         what follows from a case, and the one writer of it
    snapshot      the index at a moment, in memory
    match         which cases, how many, by facet
    query         what was typed, what it means, what comes first
    maintenance   the index kept in step with the cases, checked, rebuilt, read ahead

Nothing below imports from here.
"""

from catalog.search.deadlines import SearchTimeout
from catalog.search.index.document import text_of
from catalog.search.index.writer import (
    Batch,
    bulk,
    copy_columns,
    deferred_indexing,
    make_batch,
    settle,
    settle_columns,
    settle_own,
)
from catalog.search.index.writer import replace as reindex
from catalog.search.maintenance.consistency import Differences, find_differences
from catalog.search.maintenance.consistency import repair as repair_index
from catalog.search.maintenance.rebuild import index_is_current, rebuild_index
from catalog.search.maintenance.refresh import catch_up, catch_up_wanted, refresh_index
from catalog.search.maintenance.warm import read_ahead
from catalog.search.match.duplicates import candidates
from catalog.search.match.reader import public_cases, search_deadline
from catalog.search.match.results import Results
from catalog.search.match.sql import ColumnFilter, HasKey, Order
from catalog.search.names.versions import names_version
from catalog.search.query.current_vocabulary import refresh_phrases
from catalog.search.query.highlight import Marker, mark, snippet, weigh
from catalog.search.query.plan import Chip, QueryPlan, Step, plan_query
from catalog.search.query.ranking import rank
from catalog.search.query.search import search_cases
from catalog.search.query.similar import similar_cases
from catalog.search.query.suggest import Suggestion, suggest
from catalog.search.query.syntax import LONGEST_QUERY

__all__ = [
    "LONGEST_QUERY",
    "Batch",
    "Chip",
    "ColumnFilter",
    "Differences",
    "HasKey",
    "Marker",
    "Order",
    "QueryPlan",
    "Results",
    "SearchTimeout",
    "Step",
    "Suggestion",
    "bulk",
    "candidates",
    "catch_up",
    "catch_up_wanted",
    "copy_columns",
    "deferred_indexing",
    "find_differences",
    "index_is_current",
    "make_batch",
    "mark",
    "names_version",
    "plan_query",
    "public_cases",
    "rank",
    "read_ahead",
    "rebuild_index",
    "refresh_index",
    "refresh_phrases",
    "reindex",
    "repair_index",
    "search_cases",
    "search_deadline",
    "settle",
    "settle_columns",
    "settle_own",
    "similar_cases",
    "snippet",
    "suggest",
    "text_of",
    "weigh",
]
