"""The search entries of many cases at once. All that this package knows of how the search is written stands here.

Making an entry is what an import computes most, and needs nothing of the database: other processes do that, while this
one writes, in its transaction. The cases come with their bank, chapter and products; the names of these are looked at
once more at the end (see `Names.renamed`).
"""

import os
from collections import Counter, deque
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context

from catalog.importing.database.processes import begin
from catalog.importing.drafts import ImportProblem
from catalog.models import Case
from catalog.search.index import frequencies, version
from catalog.search.index.writer import counted, gather, row, settle, write

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
        self._store = _Store()
        self._pending: deque[tuple[Future, list[int]]] = deque()

    def __enter__(self) -> "Indexer":
        return self

    def __exit__(self, kind, *error) -> None:
        try:
            if kind is None:
                self._write_pending(0)
                self._store.flush()
                settle()
        finally:
            if self._pool:
                self._pool.shutdown(cancel_futures=True)

    def add(self, cases: Sequence[Case], replacing: list[int]) -> None:
        """`replacing`: the keys of those that may have an entry."""
        if not cases:
            return
        if self._pool:
            self._pending.append((self._pool.submit(_entries, cases), replacing))
            self._write_pending(self._most)
        else:
            self._store.write(*_entries(cases), replacing)

    def _write_pending(self, most: int) -> None:
        while len(self._pending) > most or (self._pending and self._pending[0][0].done()):
            future, replacing = self._pending.popleft()
            try:
                entries, changes = future.result()
            except BrokenProcessPool as error:
                raise ImportProblem("一个处理进程意外终止了（可能内存不足）。") from error
            self._store.write(entries, changes, replacing)


# From here on: the search's entries as they are today.


def _entries(cases: Sequence[Case]) -> tuple[list[tuple[tuple, tuple]], Counter[str]]:
    """What `index.write` takes, and what the ledger of document frequencies has to note of it."""
    rows = [row(case) for case in cases]
    return [(one.entry, one.text) for one in rows], counted(rows)


class _Store:
    """Writes entries, and the ledger's lines for many batches at once: most of their lexemes are the same."""

    MOST_LEXEMES = 500_000

    def __init__(self):
        version.begin()
        gather()
        self._changes: Counter[str] = Counter()

    def write(self, rows: list[tuple[tuple, tuple]], changes: Counter[str], replacing: list[int]) -> None:
        if replacing:
            changes.subtract(frequencies.of_entries(replacing))
        self._changes.update(changes)
        write(rows, replacing)
        if len(self._changes) > self.MOST_LEXEMES:
            self.flush()

    def flush(self) -> None:
        frequencies.add(self._changes)
        self._changes.clear()
