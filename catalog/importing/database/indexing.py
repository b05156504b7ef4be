"""The search entries of many cases at once.

Making an entry is what an import computes most, and needs nothing of the database: other processes do that, while this
one writes, in its transaction. The cases come with their bank, chapter and products; the names of these are looked at
once more at the end (see `Names.renamed`).
"""

import os
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack

from catalog.importing.drafts import ImportProblem
from catalog.models import Case
from catalog.search import Batch, bulk, make_batch
from config.processes import start_pool

# Below this many bytes of file other processes take longer to start than they save.
WORTH_A_PROCESS = 2_000_000
_WAITING = 2  # batches a process may be ahead


class Indexer:
    """Takes batches of cases; what it has taken is in the database when the block ends without an error."""

    def __init__(self, size: int, processes: int | None = None):
        """`size`: bytes of the file. `processes`: as many as the machine has, unless the file is small."""
        wanted = processes if processes is not None else (os.cpu_count() or 1) if size >= WORTH_A_PROCESS else 0
        self._pool = start_pool(wanted) if wanted > 1 else None
        self._most = wanted * _WAITING
        self._pending: deque[tuple[Future[Batch], list[int]]] = deque()
        self._stack = ExitStack()

    def __enter__(self) -> "Indexer":
        self._writer = self._stack.enter_context(bulk())
        return self

    def __exit__(self, kind, error, traceback) -> bool | None:
        try:
            if kind is None:
                self._write_pending(0)
        except BaseException as failure:
            self._stack.__exit__(type(failure), failure, failure.__traceback__)
            raise
        finally:
            if self._pool:
                self._pool.shutdown(cancel_futures=True)
        return self._stack.__exit__(kind, error, traceback)

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
            try:
                batch = future.result()
            except BrokenProcessPool as error:
                raise ImportProblem("一个处理进程意外终止了（可能内存不足）。") from error
            self._writer.replace_rows(batch, replacing)
