"""The search entries of many cases at once.

Making an entry is what an import computes most, and needs nothing of the database: other processes do that, while this
one writes, in its transaction. The cases come with their bank, chapter and products; the names of these are looked at
once more at the end (see `Names.renamed`).
"""

import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future
from contextlib import ExitStack, contextmanager

from catalog.importing.drafts import ImportProblem
from catalog.models import Case
from catalog.search import Batch, bulk, make_batch
from config.processes import process_pool
from embedded_postgres.errors import SetupError

# Below this many bytes of file other processes take longer to start than they save.
WORTH_A_PROCESS = 2_000_000
_WAITING = 2  # batches a process may be ahead


class Indexer:
    """Takes batches of cases; what it has taken is in the database when the block ends without an error."""

    def __init__(self, size: int, processes: int | None = None):
        """`size`: bytes of the file. `processes`: as many as the machine has, unless the file is small."""
        wanted = processes if processes is not None else (os.cpu_count() or 1) if size >= WORTH_A_PROCESS else 0
        self._processes = wanted if wanted > 1 else 0
        self._pool: Executor | None = None
        self._most = wanted * _WAITING
        self._pending: deque[tuple[Future[Batch], list[int]]] = deque()
        self._stack = ExitStack()

    def __enter__(self) -> "Indexer":
        self._writer = self._stack.enter_context(bulk())
        if self._processes:
            self._pool = self._stack.enter_context(_pool(self._processes))
            # The last to be entered is the first to be left: all is written before the pool and the writer end.
            self._stack.push(self._write_rest)
        return self

    def __exit__(self, kind, error, traceback) -> bool | None:
        return self._stack.__exit__(kind, error, traceback)

    def _write_rest(self, kind, error, traceback) -> None:
        if kind is None:
            self._write_pending(0)

    def add(self, cases: Sequence[Case], replacing: list[int]) -> None:
        """`replacing`: the keys of those that may have an entry."""
        if not cases:
            return
        if self._pool:
            self._pending.append((self._pool.submit(make_batch, cases), replacing))
            self._write_pending(self._most)
        else:
            self._writer.replace_rows(make_batch(cases), replacing)

    def _write_pending(self, most: int) -> None:
        while len(self._pending) > most or (self._pending and self._pending[0][0].done()):
            future, replacing = self._pending.popleft()
            self._writer.replace_rows(future.result(), replacing)


class Unindexed(Indexer):
    """Takes cases and makes nothing of them: for an import that is rolled back."""

    def __init__(self):
        super().__init__(0, processes=0)

    def __enter__(self) -> "Unindexed":
        return self

    def add(self, cases: Sequence[Case], replacing: list[int]) -> None:
        pass


@contextmanager
def _pool(processes: int) -> Iterator[Executor]:
    try:
        with process_pool(processes) as pool:
            yield pool
    except SetupError as error:
        raise ImportProblem(f"{error}。") from error
