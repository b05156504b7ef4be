"""SQLite FTS5, its text kept in the index (so that it can make snippets), and a table of what facets count.

It is asked for words. What it would need to find every run of characters is measured beside: an index of the pairs of
characters, a table of its own so that it slows nothing down. Datasette serves the same file.
"""

import json
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from bench.search.engines import FACETS, FILTERS, SOURCE, Built, Corpus, Question, year_of
from bench.search.queries import PAGE, Phrase, Query

name = "FTS5"
CACHE = 512 * 1024  # kilobytes, as much as PostgreSQL's shared buffers
Rows = list[tuple[int, str]]  # the number of a document and its text
_MATCHING = "FROM cases_fts f{join} WHERE cases_fts MATCH :words{filters}"


def path(corpus: Corpus) -> Path:
    return corpus.folder / "cases.db"


def build(corpus: Corpus) -> Built:
    path(corpus).unlink(missing_ok=True)
    with closing(_connect(path(corpus))) as connection:
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("CREATE VIRTUAL TABLE cases_fts USING fts5(words)")
        batches = ([(case.number, words) for case, words in batch] for batch in corpus.batches())
        filling, merging = _fill(connection, "cases_fts", "words", batches)
        index = _used(connection)
        _write_facts(connection, corpus)
        facts = _used(connection) - index
        connection.execute("CREATE VIRTUAL TABLE pairs_fts USING fts5(pairs, content='')")
        pairs_of = corpus.cutter.document_pairs
        batches = ([(case.number, pairs_of(case)) for case, _ in batch] for batch in corpus.batches())
        pairing = sum(_fill(connection, "pairs_fts", "pairs", batches))
        pairs = _used(connection) - index - facts
        texts = connection.execute("SELECT sum(length(CAST(c0 AS BLOB))) FROM cases_fts_content").fetchone()[0]
    return Built(
        {"写入": filling, "合并": merging, "两字组": pairing},
        {"索引": index - texts, "原文": texts, "分面与列表": facts, "两字组索引": pairs},
        remarks=["大小是文件增长的字节数；原文在索引里存一份，做片段用"],
    )


def _write_facts(connection: sqlite3.Connection, corpus: Corpus) -> None:
    columns = ("title", *FACETS, "published_on", "products", "summary")
    types = {"year": "INTEGER"}  # an address gives it as a text
    typed = [f"{column} {types.get(column, 'TEXT')}" for column in columns]
    connection.execute(f"CREATE TABLE cases (id INTEGER PRIMARY KEY, {', '.join(typed)})")
    for batch in corpus.batches():
        rows = [
            (
                *(case.number, case.title, case.category, case.bank, case.kind, year_of(case), SOURCE),
                case.published_on and case.published_on.isoformat(),
                json.dumps(case.products, ensure_ascii=False),
                case.summary,
            )
            for case, _ in batch
        ]
        with connection:
            connection.executemany(f"INSERT INTO cases VALUES ({', '.join('?' * (len(columns) + 1))})", rows)
    connection.execute("ANALYZE")


def _fill(connection: sqlite3.Connection, table: str, column: str, batches: Iterable[Rows]) -> tuple[float, float]:
    """Seconds for writing the rows and for merging them; what it takes to make the rows is not counted."""
    filling = 0.0
    for rows in batches:
        start = time.perf_counter()
        with connection:
            connection.executemany(f"INSERT INTO {table} (rowid, {column}) VALUES (?, ?)", rows)
        filling += time.perf_counter() - start
    start = time.perf_counter()
    with connection:
        connection.execute(f"INSERT INTO {table} ({table}) VALUES ('optimize')")
    return filling, time.perf_counter() - start


@contextmanager
def opened(corpus: Corpus) -> Iterator[dict[str, Question]]:
    with closing(_connect(path(corpus))) as connection:
        yield {"top": lambda query: _top(connection, query), "page": lambda query: _page(connection, query)}


def _top(connection: sqlite3.Connection, query: Query) -> int:
    matching, values = _matching(query)
    connection.execute(f"SELECT f.rowid {matching} {_order(query)}", values).fetchall()
    return connection.execute(f"SELECT count(*) {matching}", values).fetchone()[0]


def _page(connection: sqlite3.Connection, query: Query) -> int:
    matching, values = _matching(query, joined=True)
    connection.execute(
        f"SELECT c.*, snippet(cases_fts, 0, '<mark>', '</mark>', '…', 60) {matching} {_order(query)}", values
    ).fetchall()
    for facet in FACETS:
        connection.execute(f"SELECT {facet}, count(*) {matching} GROUP BY 1", values).fetchall()
    products = matching.replace(" WHERE ", ", json_each(c.products) p WHERE ", 1)
    connection.execute(f"SELECT p.value, count(*) {products} GROUP BY 1 ORDER BY 2 DESC LIMIT 30", values).fetchall()
    return connection.execute(f"SELECT count(*) {matching}", values).fetchone()[0]


def _matching(query: Query, joined: bool = False) -> tuple[str, dict]:
    filters = "".join(f" AND c.{column} = :{column}" for column in FILTERS if getattr(query, column))
    join = " JOIN cases c ON c.id = f.rowid" if joined or filters or query.newest else ""
    values = {"bank": query.bank, "category": query.category, "year": query.year, "skipped": query.skipped}
    return _MATCHING.format(join=join, filters=filters), {"words": expression(query), **values}


def _order(query: Query) -> str:
    return f"ORDER BY {'c.published_on DESC' if query.newest else 'rank'} LIMIT {PAGE} OFFSET :skipped"


def expression(query: Query) -> str:
    """In FTS5's language."""
    wanted = " AND ".join(f"({' OR '.join(map(_quoted, phrases))})" for phrases in query.wanted)
    return " NOT ".join([f"({wanted})", *map(_quoted, query.never)]) if query.never else wanted


def _quoted(phrase: Phrase) -> str:
    return '"{}"'.format(" ".join(phrase).replace('"', '""'))


def _connect(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file)
    connection.execute(f"PRAGMA cache_size = -{CACHE}")
    return connection


def _used(connection: sqlite3.Connection) -> int:
    """Bytes of the file that are in use."""
    pages, free, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
    )
    return (pages - free) * size
