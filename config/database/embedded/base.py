from concurrent.futures import Future
from pathlib import Path
from threading import Lock, Thread

from config.database.base import Patient
from embedded_postgres import SetupError, base, ensure_embedded_server
from embedded_postgres.cluster import Cluster

# Seconds that a process which serves pages waits for the server's start: after a crash it may take minutes.
START = 3.0


class DatabaseWrapper(Patient, base.DatabaseWrapper):
    def ensure_server(self) -> None:
        root = self.settings_dict["EMBEDDED_ROOT"]
        if self.settings_dict.get("PATIENCE") is None or _is_ready(root):
            super().ensure_server()
        else:
            self.settings_dict.update(_start.result(root))


def _is_ready(root: Path) -> bool:
    try:
        return Cluster(root).is_ready()
    except OSError:
        return False  # and the start will tell why


class _Start:
    """The start of a server in a thread of its own, for all who want it at the time."""

    def __init__(self):
        self._lock = Lock()
        self._running: Future | None = None

    def result(self, root: Path) -> dict[str, str]:
        """Where to connect; `SetupError` when it cannot be started, or not so soon."""
        with self._lock:
            if self._running is None:
                self._running = Future()
                Thread(target=self._run, args=(root, self._running), name="embedded-start", daemon=True).start()
            running = self._running
        try:
            return running.result(START)
        except TimeoutError:
            raise SetupError("内置数据库正在启动，请稍后再试") from None

    def _run(self, root: Path, running: Future) -> None:
        try:
            running.set_result(ensure_embedded_server(root))
        except BaseException as error:
            running.set_exception(error)
        finally:
            with self._lock:
                self._running = None


_start = _Start()
