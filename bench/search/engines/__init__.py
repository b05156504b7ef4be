"""The search and its peers. Each is built once from a corpus, opened for a run, and answers two questions of a query:

`top`    how many cases, and the keys of the best 20
`page`   that, with what a list shows of the 20 (title, snippet), and the counts of all facets
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from bench.search.corpus import Document, Material, documents
from bench.search.queries import Query
from bench.search.words import Cutter

BATCH = 1_000
FACETS = ("category", "bank", "kind", "year", "source")  # and products, of which a case has any number
FILTERS = ("bank", "category", "year")  # of a query, by columns of the same name
SOURCE = "rows.jsonl"


@dataclass(frozen=True)
class Corpus:
    """So many cases, the folder in which the peers keep what they build of them, and the cutter of their words."""

    material: Material
    cases: int
    folder: Path
    cutter: Cutter

    def batches(self) -> Iterator[list[tuple[Document, str]]]:
        """Documents with their words."""
        for start in range(1, self.cases + 1, BATCH):
            stop = min(start + BATCH, self.cases + 1)
            yield [(case, self.cutter.document_words(case)) for case in documents(self.material, start, stop)]


@dataclass
class Built:
    """Seconds by step, cutting into words not included but where `cuts`; bytes by part; what to know of them."""

    seconds: dict[str, float]
    bytes: dict[str, int]
    cuts: bool = False
    remarks: list[str] = field(default_factory=list)


class BrokenOff(Exception):
    """The engine gave a query up, having reached a limit of time of its own."""


# How many cases were found, where the engine counts.
Question = Callable[[Query], int | None]


class Engine(Protocol):
    """`name` is that of a column. A run uses `questions` inside `opened`."""

    name: str

    def build(self, corpus: Corpus) -> Built: ...

    def opened(self, corpus: Corpus) -> AbstractContextManager[dict[str, Question]]: ...


def year_of(document: Document) -> int | None:
    return document.published_on.year if document.published_on else None


def folder_size(paths: Iterable[Path]) -> int:
    return sum(path.stat().st_size for path in paths if path.is_file())
