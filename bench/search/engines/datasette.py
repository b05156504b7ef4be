"""Datasette's page of a table with full-text search and facets, over HTTP, on the file that `fts5` builds.

It lists the hits by key, not by rank, with the title and a summary and no snippet, so it does less than the others.
"""

import json
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from bench.search.engines import FACETS, FILTERS, Built, Corpus, Question, fts5
from bench.search.engines.client import Client, server
from bench.search.queries import PAGE, Query

name = "Datasette"
_SETTINGS = {
    "suggest_facets": "off",
    "facet_time_limit_ms": 60_000,
    "sql_time_limit_ms": 60_000,
    "truncate_cells_html": 200,
    "default_page_size": PAGE,
}
_COUNT = re.compile(r"([\d,]+) rows?")


def build(corpus: Corpus) -> Built:
    """The file is there already."""
    if not fts5.path(corpus).exists():
        fts5.build(corpus)
    return Built({}, {})


@contextmanager
def opened(corpus: Corpus) -> Iterator[dict[str, Question]]:
    table = {"fts_table": "cases_fts", "fts_pk": "id"}
    metadata = corpus.folder / "metadata.json"
    metadata.write_text(json.dumps({"databases": {"cases": {"tables": {"cases": table}}}}), encoding="utf-8")
    port = _free_port()
    settings = [part for setting in _SETTINGS.items() for part in ("--setting", *map(str, setting))]
    command = [sys.executable, "-m", "datasette", "serve", "-i", fts5.path(corpus), "-m", metadata, "-p", port]
    with server([*command, *settings], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL):
        _wait_for(port)
        client = Client(port)

        def page(query: Query) -> int | None:
            match = _COUNT.search(client.get("/cases/cases", _parameters(query)))
            return int(match[1].replace(",", "")) if match else None

        yield {"page": page}


def _parameters(query: Query) -> list[tuple[str, object]]:
    filters = [(column, value) for column in FILTERS if (value := getattr(query, column))]
    return [
        ("_search", fts5.expression(query)),
        ("_searchmode", "raw"),
        *(("_facet", facet) for facet in FACETS),
        ("_facet_array", "products"),
        *filters,
        *([("_sort_desc", "published_on")] if query.newest else []),
    ]


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.1)
    raise RuntimeError("Datasette does not start")
