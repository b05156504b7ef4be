"""How far a job is, told to whoever looks, while the job's own transaction is not to be seen from outside."""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from django.db import Error, connection

from catalog.importing.database.run import Progress
from intake.models import ImportBatch

log = logging.getLogger(__name__)

SECONDS = 1.0  # between two words


class Cancelled(Exception):
    """Somebody wants the job to stop."""


class Beat(Progress):
    """As a context: writes every second into the batch, by a connection of its own, where the job is. In the block the
    job's next step raises `Cancelled` once that is asked for.
    """

    def __init__(self, batch: ImportBatch):
        self.batch = batch
        self.step, self.done, self.total = "", 0, 0
        self._cancelled, self._ended = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> "Beat":
        self._thread.start()
        return self

    def __exit__(self, *error) -> None:
        self.stop()

    def stop(self) -> None:
        """From here on the batch is the job's alone to write."""
        self._ended.set()
        self._thread.join()

    def each(self, items: Iterable, label: str) -> Iterator:
        items = list(items)
        self._begin(label, len(items))
        for item in items:
            yield item
            self._advance(1)

    @contextmanager
    def bytes(self, total: int, label: str) -> Iterator[Callable[[int], object]]:
        self._begin(label, total)
        yield self._advance

    def _begin(self, step: str, total: int) -> None:
        self.step, self.done, self.total = step[:200], 0, total
        self._advance(0)

    def _advance(self, number: int) -> None:
        self.done += number
        if self._cancelled.is_set():
            raise Cancelled

    def _run(self) -> None:
        batches = ImportBatch.objects.filter(pk=self.batch.pk)
        try:
            while not self._ended.wait(SECONDS):
                batches.update(step=self.step, done=self.done, total=self.total)
                if batches.filter(cancel_asked=True).exists():
                    self._cancelled.set()
        except Error as error:  # the job itself will meet it
            log.warning("导入的进度写不下来：%s", error)
        finally:
            connection.close()
