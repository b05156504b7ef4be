"""No worker keeps more memory than it may: one that does is replaced."""

import signal
import time
from contextlib import suppress

import psutil

PATIENCE = 20  # seconds to finish what it is answering


class MemoryLimit:
    """`most`: MB of resident memory of one worker."""

    def __init__(self, most: int):
        self.most = most
        self._asked: dict[psutil.Process, float] = {}

    def look(self, master: int) -> None:
        """At each worker of the process `master`, which starts another one when one ends."""
        with suppress(psutil.Error):
            for worker in psutil.Process(master).children():
                with suppress(psutil.Error):
                    self._look_at(worker)
        self._asked = {worker: asked for worker, asked in self._asked.items() if worker.is_running()}

    def _look_at(self, worker: psutil.Process) -> None:
        if worker.memory_info().rss <= self.most * 1_000_000:
            return
        asked = self._asked.setdefault(worker, time.monotonic())
        worker.send_signal(signal.SIGKILL if time.monotonic() - asked > PATIENCE else signal.SIGTERM)
