"""The search itself: filled by the site's commands as an operator would, asked over HTTP and through its own code."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from bench.search import database
from bench.search.corpus import write_rows
from bench.search.engines import SOURCE, BrokenOff, Built, Corpus, Question
from bench.search.engines.client import Client, server
from bench.search.queries import PAGE, Query

name = "案例库"
TABLES = [
    "catalog_searchentry",
    "catalog_searchtext",
    "catalog_lexemecount",
    "catalog_postinglist",
    "catalog_snapshotcolumn",
    "catalog_snapshot",
]


def database_name(corpus: Corpus) -> str:
    return f"bench_{corpus.cases}"


def build(corpus: Corpus) -> Built:
    rows = corpus.folder / SOURCE
    if not rows.exists():
        write_rows(corpus.material, corpus.cases, rows)
    used = database_name(corpus)
    database.create(used)
    database.manage(used, "migrate", "--verbosity=0")
    database.manage(used, "import_thesaurus")
    seconds = {"导入": database.manage(used, "import_cases", str(rows))}
    with database.connect(used) as connection:
        connection.execute("VACUUM ANALYZE")
        sizes = database.sizes(connection, TABLES)
    return Built(seconds, sizes, cuts=True)


@contextmanager
def opened(corpus: Corpus) -> Iterator[dict[str, Question]]:
    """In this process, Django has to be set up on the same database."""
    environment = {**os.environ, "WEB_CONCURRENCY": "1"}  # one client needs no second worker, which would be cold
    command = [sys.executable, "-W", "ignore", "-m", "bench.search.site"]
    with server(command, env=environment, stdout=subprocess.PIPE) as site:
        client = Client(int(site.stdout.readline()))

        def page(query: Query) -> None:
            body = client.get("/cases/", _parameters(query))
            if "这次检索用时过长" in body:
                raise BrokenOff

        yield {"top": _top, "page": page}


def _parameters(query: Query) -> list[tuple[str, object]]:
    page = [("page", query.page)] if query.page > 1 else []
    return [("q", query.typed), *query.facets, *page, *([("sort", "newest")] if query.newest else [])]


def _top(query: Query) -> int:
    from django.http import QueryDict

    from catalog.pages.listing import Listing
    from catalog.search import SearchTimeout, rank, search_deadline

    parameters = QueryDict(mutable=True)
    for name, value in _parameters(query):
        parameters.appendlist(name, str(value))
    listing = Listing(parameters)
    start, stop = query.skipped, query.skipped + PAGE
    try:
        with search_deadline():
            results = listing.filters.results
            if listing.filters.plan.ranks and not query.newest:
                rank(listing.filters.plan, results, start, stop)
            else:
                results.page(listing.sort.order, start, stop)
            return results.total
    except SearchTimeout as error:
        raise BrokenOff from error
