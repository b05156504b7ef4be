"""No worker keeps more memory than it may: one that does is replaced."""

import signal
import time
from contextlib import suppress

import psutil

PATIENCE = 20  # seconds to finish what it is answering


class MemoryLimit:
    """`most`: MB of resident memory of one worker, or of a process with all that it has started."""

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

    def look_at_all_of(self, program: int) -> None:
        """At a process with its descendants together; it alone is asked to end, and these end with it."""
        with suppress(psutil.Error):
            leader = psutil.Process(program)
            sizes = [process.memory_info().rss for process in (leader, *leader.children(recursive=True))]
            if sum(sizes) > self.most * 1_000_000:
                leader.kill()

    def _look_at(self, worker: psutil.Process) -> None:
        if worker.memory_info().rss <= self.most * 1_000_000:
            return
        asked = self._asked.setdefault(worker, time.monotonic())
        worker.send_signal(signal.SIGKILL if time.monotonic() - asked > PATIENCE else signal.SIGTERM)
