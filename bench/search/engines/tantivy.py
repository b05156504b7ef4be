"""tantivy: BM25 over one field of words with positions. Filters are terms, dates a fast field; no text is stored."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import tantivy
from tantivy import Occur, Order
from tantivy import Query as Wanted

from bench.search.engines import FILTERS, Built, Corpus, Question, folder_size, year_of
from bench.search.queries import PAGE, Phrase, Query

name = "tantivy"
MEMORY = 256 * 2**20  # bytes its writer may hold


def path(corpus: Corpus) -> Path:
    return corpus.folder / "tantivy"


def build(corpus: Corpus) -> Built:
    shutil.rmtree(path(corpus), ignore_errors=True)
    path(corpus).mkdir(parents=True)
    index = tantivy.Index(_schema(), path=str(path(corpus)))
    writer = index.writer(heap_size=MEMORY)
    filling = 0.0
    for batch in corpus.batches():
        start = time.perf_counter()
        for document, words in batch:
            row = tantivy.Document()
            row.add_integer("id", document.number)
            row.add_text("words", words)
            row.add_text("bank", document.bank)
            row.add_text("category", document.category)
            row.add_integer("year", year_of(document) or 0)
            row.add_integer("day", document.published_on.toordinal() if document.published_on else 0)
            writer.add_document(row)
        filling += time.perf_counter() - start
    start = time.perf_counter()
    writer.commit()
    writer.wait_merging_threads()
    ending = time.perf_counter() - start
    size = folder_size(path(corpus).rglob("*"))
    return Built({"写入": filling, "提交": ending}, {"索引": size}, remarks=["不含原文"])


@contextmanager
def opened(corpus: Corpus) -> Iterator[dict[str, Question]]:
    index = tantivy.Index.open(str(path(corpus)))
    index.reload()
    schema, searcher = index.schema, index.searcher()

    def top(query: Query) -> int:
        order = {"order_by_field": "day", "order": Order.Desc} if query.newest else {}
        result = searcher.search(_wanted(schema, query), PAGE, count=True, offset=query.skipped, **order)
        for _, address in result.hits:
            searcher.doc(address)["id"]
        return result.count

    yield {"top": top}


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("id", stored=True)
    builder.add_text_field("words", tokenizer_name="whitespace", index_option="position")
    builder.add_text_field("bank", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("category", tokenizer_name="raw", index_option="basic")
    builder.add_integer_field("year", indexed=True)
    builder.add_integer_field("day", fast=True)
    return builder.build()


def _wanted(schema: tantivy.Schema, query: Query) -> Wanted:
    parts = [
        (Occur.Must, Wanted.boolean_query([(Occur.Should, _phrase(schema, phrase)) for phrase in phrases]))
        if len(phrases) > 1
        else (Occur.Must, _phrase(schema, phrases[0]))
        for phrases in query.wanted
    ]
    parts += [(Occur.MustNot, _phrase(schema, phrase)) for phrase in query.never]
    parts += [
        (Occur.Must, Wanted.const_score_query(Wanted.term_query(schema, column, value), 0.0))
        for column in FILTERS
        if (value := getattr(query, column))
    ]
    return Wanted.boolean_query(parts)


def _phrase(schema: tantivy.Schema, phrase: Phrase) -> Wanted:
    return (
        Wanted.phrase_query(schema, "words", list(phrase))
        if len(phrase) > 1
        else Wanted.term_query(schema, "words", phrase[0])
    )
