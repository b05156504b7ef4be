"""Advisory file locks (flock). The kernel drops them when the process ends, kill -9 included.

No library does this: fasteners' lock is gone once its process opens the file again (lockf), portalocker's
once a parent releases what its forks still use, filelock shares a lock by SQLite only.
"""

import fcntl
import os
from pathlib import Path

from embedded_postgres.account import open_private


class FileLock:
    """One lock file. Children made by fork share what it holds; programs that are run do not."""

    def __init__(self, path: Path):
        self.path = path
        self._descriptor: int | None = None

    def share(self) -> bool:
        """Hold it together with others; False when someone holds it alone."""
        return self._take(fcntl.LOCK_SH)

    def seize(self) -> bool:
        """Hold it alone; False when anyone else holds it."""
        return self._take(fcntl.LOCK_EX)

    def is_seized(self) -> bool:
        """Whether another process holds it alone."""
        probe = FileLock(self.path)
        free = probe.share()
        probe.release()
        return not free

    def is_lost(self) -> bool:
        """Whether the file held is no longer the one at `path`: someone has removed it."""
        try:
            return self._descriptor is None or not os.path.samestat(os.fstat(self._descriptor), self.path.stat())
        except FileNotFoundError:
            return True

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _take(self, kind: int) -> bool:
        if self._descriptor is None:
            self._descriptor = open_private(self.path, os.O_RDWR)
        try:
            fcntl.flock(self._descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
