"""The search entries of many cases at once. All that this package knows of how the search is written stands here.

Making an entry is what an import computes most, and needs nothing of the database: other processes do that, while this
one writes, in its transaction. The cases come with their bank, chapter and products; the names of these are looked at
once more at the end (see `Names.renamed`).
"""

import os
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import lru_cache
from multiprocessing import get_context

from catalog.importing.drafts import ImportProblem
from catalog.importing.rows.copying import copy_in
from catalog.importing.rows.processes import begin
from catalog.models import Case, SearchEntry
from catalog.search.index import entry
from catalog.search.lexicon import Lexicon, current

# Below this many bytes of file other processes take longer to start than they save.
WORTH_A_PROCESS = 2_000_000
_WAITING = 2  # batches a process may be ahead


class Indexer:
    """Takes batches of cases; what it has taken is in the database when the block ends without an error."""

    def __init__(self, size: int, processes: int | None = None):
        """`size`: bytes of the file. `processes`: as many as the machine has, unless the file is small."""
        wanted = processes if processes is not None else (os.cpu_count() or 1) if size >= WORTH_A_PROCESS else 0
        # Started anew: a copy of this process would end its connection to the database with itself.
        self._pool = ProcessPoolExecutor(wanted, get_context("spawn"), begin) if wanted > 1 else None
        self._most = wanted * _WAITING
        self._pending: deque[tuple[Future, list[int]]] = deque()

    def __enter__(self) -> "Indexer":
        return self

    def __exit__(self, kind, *error) -> None:
        try:
            if kind is None:
                self._write_pending(0)
        finally:
            if self._pool:
                self._pool.shutdown(cancel_futures=True)

    def add(self, cases: Sequence[Case], replacing: list[int]) -> None:
        """`replacing`: the keys of those that may have an entry."""
        if not cases:
            return
        if self._pool:
            self._pending.append((self._pool.submit(_entries, cases, *_vocabulary()), replacing))
            self._write_pending(self._most)
        else:
            _write(_entries(cases, *_vocabulary()), replacing)

    def _write_pending(self, most: int) -> None:
        while len(self._pending) > most or (self._pending and self._pending[0][0].done()):
            future, replacing = self._pending.popleft()
            try:
                entries = future.result()
            except BrokenProcessPool as error:
                raise ImportProblem("一个处理进程意外终止了（可能内存不足）。") from error
            _write(entries, replacing)


# From here on: the search's entries as they are today.


def _vocabulary() -> tuple:
    """What entries depend on besides their cases, in a form that travels between processes."""
    lexicon = current()
    return lexicon.version, tuple((owner, tuple(names)) for owner, names in lexicon.owners.items())


@lru_cache(maxsize=1)
def _lexicon(version: tuple, owners: tuple) -> Lexicon:
    return Lexicon(version, {owner: list(names) for owner, names in owners})


def _entries(cases: Sequence[Case], version: tuple, owners: tuple) -> list[SearchEntry]:
    lexicon = _lexicon(version, owners)
    made = (entry(case, lexicon) for case in cases)
    # Without the case, which would travel back with it.
    return [SearchEntry(case_id=one.case_id, vector=one.vector, text=one.text) for one in made]


def _write(entries: list[SearchEntry], replacing: list[int]) -> None:
    SearchEntry.objects.filter(pk__in=replacing).delete()
    copy_in(entries)
