"""The plain recipe: words cut by jieba in a tsvector with a GIN index, ranked by ts_rank, marked by ts_headline."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import psycopg
from psycopg import sql

from bench.search import database
from bench.search.engines import FACETS, FILTERS, SOURCE, BrokenOff, Built, Corpus, Question, year_of
from bench.search.queries import PAGE, Phrase, Query

name = "朴素做法"
LONGEST = 120  # seconds that a statement may take
_TABLE = """
    CREATE TABLE plain (
        id integer PRIMARY KEY, title text, category text, bank text, kind text, year smallint, source text,
        published_on date, products text[], words text,
        vector tsvector GENERATED ALWAYS AS (to_tsvector('simple', words)) STORED
    )
"""
_COLUMNS = ("id", "title", *FACETS, "published_on", "products", "words")


def database_name(corpus: Corpus) -> str:
    return f"plain_{corpus.cases}"


def build(corpus: Corpus) -> Built:
    database.create(database_name(corpus))
    with database.connect(database_name(corpus)) as connection:
        connection.execute(_TABLE)
        filling = 0.0
        for batch in corpus.batches():
            start = time.perf_counter()
            with connection.cursor().copy(f"COPY plain ({', '.join(_COLUMNS)}) FROM STDIN") as copy:
                for case, words in batch:
                    facets = (case.category, case.bank, case.kind, year_of(case), SOURCE)
                    copy.write_row((case.number, case.title, *facets, case.published_on, list(case.products), words))
            filling += time.perf_counter() - start
        start = time.perf_counter()
        connection.execute("SET maintenance_work_mem = '256MB'")
        connection.execute("CREATE INDEX plain_vector ON plain USING gin (vector)")
        indexing = time.perf_counter() - start
        connection.execute("VACUUM ANALYZE plain")
        sizes = database.sizes(connection, ["plain"])
    return Built({"写入": filling, "索引": indexing}, sizes)


@contextmanager
def opened(corpus: Corpus) -> Iterator[dict[str, Question]]:
    with database.connect(database_name(corpus)) as connection:
        connection.execute(sql.SQL("SET statement_timeout = {}").format(LONGEST * 1000))
        yield {"top": partial(_limited, _top, connection), "page": partial(_limited, _page, connection)}


def _limited(ask: Callable[[psycopg.Connection, Query], int], connection: psycopg.Connection, query: Query) -> int:
    try:
        return ask(connection, query)
    except psycopg.errors.QueryCanceled as error:
        raise BrokenOff from error


def _top(connection: psycopg.Connection, query: Query) -> int:
    matching, values = _matching(query)
    connection.execute(f"SELECT id {matching} {_order(query)}", values).fetchall()
    return connection.execute(f"SELECT count(*) {matching}", values).fetchone()[0]


def _page(connection: psycopg.Connection, query: Query) -> int:
    matching, values = _matching(query)
    best = f"SELECT id, title, words, asked {matching} {_order(query)}"
    connection.execute(f"SELECT id, title, ts_headline('simple', words, asked) FROM ({best}) best", values).fetchall()
    for facet in FACETS:
        connection.execute(f"SELECT {facet}, count(*) {matching} GROUP BY 1", values).fetchall()
    connection.execute(f"SELECT unnest(products), count(*) {matching} GROUP BY 1 ORDER BY 2 DESC LIMIT 30", values)
    return connection.execute(f"SELECT count(*) {matching}", values).fetchone()[0]


def _matching(query: Query) -> tuple[str, dict]:
    chosen = [column for column in FILTERS if getattr(query, column)]
    filters = "".join(f" AND {column} = %({column})s" for column in chosen)
    values = {"bank": query.bank, "category": query.category, "year": query.year, "skipped": query.skipped}
    matching = f"FROM plain, to_tsquery('simple', %(asked)s) asked WHERE vector @@ asked{filters}"
    return matching, {"asked": expression(query), **values}


def _order(query: Query) -> str:
    order = "published_on DESC NULLS LAST" if query.newest else "ts_rank(vector, asked) DESC"
    return f"ORDER BY {order} LIMIT {PAGE} OFFSET %(skipped)s"


def expression(query: Query) -> str:
    """In the language of `to_tsquery`, which makes a phrase of several words in quotation marks."""
    wanted = [f"({' | '.join(map(_quoted, phrases))})" for phrases in query.wanted]
    return " & ".join([*wanted, *(f"!{_quoted(phrase)}" for phrase in query.never)])


def _quoted(phrase: Phrase) -> str:
    return "'{}'".format(" ".join(phrase).replace("\\", "\\\\").replace("'", "''"))
