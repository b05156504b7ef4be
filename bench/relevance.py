"""Relevance beside another engine: BM25 of tantivy over jieba's words and pairs of characters, same documents, same
queries, one run.

    python -m bench.relevance topics [FILE ...]               judged queries over the catalogue: NDCG@10
    python -m bench.relevance titles CORPUS [--sample N]      title → body over a corpus: MRR@10

FILE as `judgements` has it, by default every file of bench/judged. CORPUS is not a part of the project: JSON Lines of
{"title", "text"}, also gzipped (.gz).

The other engine gets folded texts (`normalise.fold`), cut by jieba's search mode with its own dictionary, and the pairs
of neighbouring characters, each in a field of its own; of a small grid of boosts and of "all words" and "any word" it
is given what is best for it on these very queries. Ours is asked as a page asks it, with nothing tuned here.

In `titles` a database of its own beside the catalogue's holds the corpus with serial numbers for titles, so that a
title is not in the text that is searched. It is kept for the next run; --drop removes it at the end.
"""

import argparse
import gzip
import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise, product
from pathlib import Path
from statistics import mean

from bench.catalogue import keys_shown, open_catalogue, public_cases
from bench.judge import JUDGED, judge
from bench.judgements import DEPTH, load

DATABASE = "relevance_titles"
# The fields of a document, and how much a hit in each may count beside one in the body.
BOOSTS = {"title": (1.0, 2.0, 4.0), "names": (1.0, 2.0), "summary": (1.0, 2.0), "body": (1.0,)}
PAIRS = (0.0, 0.3, 1.0)  # beside a word

Texts = dict[str, str]
Search = Callable[[str], list[int]]  # a query -> keys of cases, best first


# --- The other engine -------------------------------------------------------------------------------------------------


class Tantivy:
    """`documents`: (key, folded texts by field)."""

    def __init__(self, documents: Iterable[tuple[int, Texts]], fields: Iterable[str]):
        import tantivy

        self.module, self.fields = tantivy, list(fields)
        builder = tantivy.SchemaBuilder().add_integer_field("key", stored=True)
        for field in self.fields:
            for kind in ("words", "pairs"):
                builder.add_text_field(f"{field}_{kind}", tokenizer_name="whitespace", index_option="freq")
        self.schema = builder.build()
        self.index = tantivy.Index(self.schema)
        writer = self.index.writer(heap_size=200_000_000, num_threads=1)
        for key, texts in documents:
            document = tantivy.Document(key=key)
            for field, text in texts.items():
                document.add_text(f"{field}_words", " ".join(words(text)))
                document.add_text(f"{field}_pairs", " ".join(pairs(text)))
            writer.add_document(document)
        writer.commit()
        self.index.reload()
        self.searcher = self.index.searcher()

    def search(self, query: str, boosts: dict[str, float], pair: float, every: bool) -> list[int]:
        """The first keys; where all words find nothing, any word does."""
        wanted, unwanted = [], []
        for part in query.split():
            # It has no query language; exclusions are given to it, quotation marks are nothing to BM25.
            (unwanted if part.startswith("-") and len(part) > 1 else wanted).append(part.strip('-"“”「」'))
        texts = " ".join(wanted), " ".join(unwanted)
        keys = self._search(*texts, boosts, pair, every)
        return keys if keys or not every else self._search(*texts, boosts, pair, False)

    def _search(self, wanted: str, unwanted: str, boosts: dict[str, float], pair: float, every: bool) -> list[int]:
        occur, query = self.module.Occur, self.module.Query
        text = folded(wanted)
        of_word = [self._anywhere("words", word, boosts, 1.0) for word in dict.fromkeys(words(text))]
        parts = [(occur.Must if every else occur.Should, clause) for clause in of_word]
        if pair:
            parts += [(occur.Should, self._anywhere("pairs", two, boosts, pair)) for two in dict.fromkeys(pairs(text))]
        parts += [(occur.MustNot, self._anywhere("words", word, boosts, 1.0)) for word in words(folded(unwanted))]
        hits = self.searcher.search(query.boolean_query(parts), DEPTH).hits if parts else []
        return [self.searcher.doc(address)["key"][0] for _, address in hits]

    def _anywhere(self, kind: str, token: str, boosts: dict[str, float], factor: float):
        query = self.module.Query
        return query.boolean_query(
            [
                (
                    self.module.Occur.Should,
                    query.boost_query(query.term_query(self.schema, f"{field}_{kind}", token), boosts[field] * factor),
                )
                for field in self.fields
            ]
        )


def words(text: str) -> list[str]:
    import jieba

    return [word for word in jieba.lcut_for_search(text) if any(map(str.isalnum, word))]


def pairs(text: str) -> list[str]:
    return [a + b for a, b in pairwise(text) if a.isalnum() and b.isalnum()]


def folded(text: str) -> str:
    from catalog.text.normalise import fold

    return fold(text)


def best_of(engine: Tantivy, grid: Iterable[tuple], measure: Callable[[Search], float]) -> tuple[float, str]:
    """(figure, what gave it) of the boosts that are best for the engine."""
    best = (-1.0, "")
    for boosts, pair, every in grid:
        value = measure(lambda query, how=(boosts, pair, every): engine.search(query, *how))
        chosen = ", ".join(f"{field} {boost:g}" for field, boost in boosts.items())
        best = max(best, (value, f"{chosen}, pairs {pair:g}, {'all words' if every else 'any word'}"))
    return best


# --- Judged queries ---------------------------------------------------------------------------------------------------


def compare_topics(paths: list[Path]) -> None:
    from catalog.models import Case

    judged = [query for path in paths for query in load(path)]
    listed = public_cases()

    def documents() -> Iterator[tuple[int, Texts]]:
        cases = Case.objects.public().select_related("bank").prefetch_related("products").order_by("pk")
        for case in cases.iterator(chunk_size=500):
            names = [case.bank.name if case.bank else "", case.branch, *(row.name for row in case.products.all())]
            texts = {"title": case.full_title, "names": " ".join(names), "summary": case.summary, "body": case.body}
            yield case.pk, {field: folded(text) for field, text in texts.items()}

    def mean_ndcg(search: Search) -> float:
        answers = (judge(query, lambda text: [listed[key] for key in search(text)]) for query in judged)
        return mean(answer.ndcg for answer in answers)

    grid = [
        (dict(zip(BOOSTS, boosts, strict=True)), pair, every)
        for boosts, pair, every in product(product(*BOOSTS.values()), PAIRS, (True, False))
    ]
    theirs, how = best_of(Tantivy(documents(), BOOSTS), grid, mean_ndcg)
    print(f"{len(listed)} cases, {len(judged)} queries, NDCG@10")
    print(f"ours     {mean_ndcg(ours):.4f}")
    print(f"tantivy  {theirs:.4f}   ({how})")


def ours(query: str) -> list[int]:
    return keys_shown(query, DEPTH)


# --- Title → body -----------------------------------------------------------------------------------------------------


def compare_titles(corpus: Path, sample: int, drop: bool) -> None:
    import django.db

    documents = list(_lines(corpus))
    shared = Counter(title for title, _ in documents)
    alone = [number for number, (title, _) in enumerate(documents) if shared[title] == 1]
    asked = random.Random(1).sample(alone, min(sample, len(alone)))
    with _database(django.db.connection, drop):
        keys = _imported(documents)
        engine = Tantivy(((key, {"body": folded(documents[number][1])}) for number, key in keys.items()), ["body"])

        def reciprocal(search: Search) -> float:
            ranks = (_rank(search(documents[number][0]), keys[number]) for number in asked if number in keys)
            return mean(1 / rank if rank else 0.0 for rank in ranks)

        grid = [({"body": 1.0}, pair, every) for pair, every in product((0.0, 0.3, 0.6, 1.0), (True, False))]
        theirs, how = best_of(engine, grid, reciprocal)
        started = time.perf_counter()
        mine = reciprocal(ours)
        each = (time.perf_counter() - started) / len(asked)
    print(f"{len(keys)} documents, {len(asked)} titles that only one has, MRR@10")
    print(f"ours     {mine:.4f}   ({1000 * each:.0f} ms a page)")
    print(f"tantivy  {theirs:.4f}   ({how})")


def _rank(keys: list[int], key: int) -> int | None:
    return keys.index(key) + 1 if key in keys else None


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            yield row["title"], row["text"]


class _database:
    """In the block the connection is to a database of the bench's own, on the same server."""

    def __init__(self, connection, drop: bool):
        self.connection, self.drop = connection, drop

    def __enter__(self) -> None:
        self.home = self.connection.settings_dict["NAME"]
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if not cursor.fetchone():
                cursor.execute(f"CREATE DATABASE {DATABASE}")
        self._connect(DATABASE)
        from django.core.management import call_command

        call_command("migrate", verbosity=0)

    def __exit__(self, *error) -> None:
        self._connect(self.home)
        if self.drop:
            with self.connection.cursor() as cursor:
                cursor.execute(f"DROP DATABASE {DATABASE}")

    def _connect(self, name: str) -> None:
        self.connection.close()
        self.connection.settings_dict["NAME"] = name


def _imported(documents: list[tuple[str, str]]) -> dict[int, int]:
    """The key of the case of each document, by its number."""
    from django.core.management import call_command

    from catalog.models import Case
    from catalog.search.index import version

    if not Case.objects.exists():
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "bodies.jsonl"
            with path.open("w", encoding="utf-8") as file:
                for number, (_, text) in enumerate(documents):
                    row = {"id": str(number), "title": _serial(number), "text": text}
                    file.write(json.dumps(row, ensure_ascii=False) + "\n")
            call_command("import_cases", str(path), verbosity=0)
    elif not version.is_current():
        call_command("rebuild_index", verbosity=0)
    numbers = {_serial(number): number for number in range(len(documents))}
    return {numbers[title]: key for key, title in Case.objects.values_list("pk", "title")}


def _serial(number: int) -> str:
    """In letters that no query has."""
    return "".join("αβγδεζηθικ"[int(digit)] for digit in str(number))


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m bench.relevance", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    topics = commands.add_parser("topics")
    topics.add_argument("files", nargs="*", type=Path, default=sorted(JUDGED.glob("*.json")), metavar="FILE")
    titles = commands.add_parser("titles")
    titles.add_argument("corpus", type=Path)
    titles.add_argument("--sample", type=int, default=2_000)
    titles.add_argument("--drop", action="store_true")
    options = parser.parse_args()
    needed = options.files if options.command == "topics" else [options.corpus]
    if lacking := [path for path in needed if not path.exists()]:
        sys.exit(f"没有这个文件，跳过：{'、'.join(map(str, lacking))}")
    try:
        import tantivy  # noqa: F401
    except ImportError:
        sys.exit("要比较的引擎 tantivy 没有安装：请运行 scripts/setup bench，再试一次。")

    import jieba

    open_catalogue()
    jieba.setLogLevel("ERROR")
    if options.command == "topics":
        compare_topics(options.files)
    else:
        compare_titles(options.corpus, options.sample, options.drop)


if __name__ == "__main__":
    main()
