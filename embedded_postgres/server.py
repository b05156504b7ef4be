"""The embedded server's process: launch it with its settings, stop it, remember why it failed."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from embedded_postgres.account import open_private
from embedded_postgres.disk import MB, free_bytes
from embedded_postgres.programs import clean_environment
from embedded_postgres.sockets import PORT, remove_former_folder

if TYPE_CHECKING:
    import psutil

START_PATIENCE = 600  # seconds; a start after a crash replays the log first
STOP_PATIENCE = 30  # seconds
LAST_PATIENCE = 10  # seconds: what is asked to end without tidying up


@dataclass(frozen=True)
class Server:
    process: "psutil.Process"
    former_folder: str = ""  # of its socket, where a former version of this code has started it

    def is_alive(self) -> bool:
        import psutil

        with suppress(psutil.Error):
            return self.process.is_running() and self.process.status() != psutil.STATUS_ZOMBIE
        return False

    def stop(self) -> None:
        """End it: its users are cut off, what they had committed is kept. Harmless when it has ended."""
        import psutil

        family = [self.process]
        with suppress(psutil.Error):
            family += self.process.children(recursive=True)
        for request in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):  # fast, immediate, and the end
            with suppress(psutil.Error):
                self.process.send_signal(request)
                _wake(family)
                self.process.wait(STOP_PATIENCE if request == signal.SIGINT else LAST_PATIENCE)
            if not self.is_alive():
                break
        _end(family[1:])
        remove_former_folder(self.former_folder)


def launch(program: Path, data: Path, socket_folder: str, log: IO[bytes], is_ready: Callable[[int], bool]):
    """Start the server of the cluster in `data`; returns it when it takes connections, None when it has failed.

    `socket_folder` is seen from `data`.
    """
    import psutil

    end_orphans(data)
    process = subprocess.Popen(
        [program, "-D", ".", "-k", socket_folder, *_settings(data)],
        cwd=data,
        env=clean_environment(),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,  # Ctrl-C in the terminal is not meant for it
    )
    deadline = time.monotonic() + START_PATIENCE
    while not is_ready(process.pid):
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            return None
        time.sleep(0.02)
    return Server(psutil.Process(process.pid))


def works_in(process: "psutil.Process", data: Path) -> bool:
    """Whether it is a PostgreSQL of the cluster in `data`.

    A process number alone proves nothing, it may have been given out again since. The folder that it works in does:
    no other program of that name has any business there.
    """
    import psutil

    with suppress(psutil.Error, OSError):
        return process.name() == "postgres" and os.path.samefile(process.cwd(), data)
    return False


def end_orphans(data: Path) -> None:
    """What a server that was killed left at work: as long as any of it lives, the cluster starts no other."""
    _end(process for process in _processes() if works_in(process, data))


class Failures:
    """A file that says why the server does not run and when it is tried again, so that not everyone tries at once.

    It is written over in place and at one length: that works on a full disk too.
    """

    LONGEST_WAIT = 30  # seconds
    _LENGTH = 4096  # bytes

    def __init__(self, path: Path):
        self.path = path

    @classmethod
    def wait_after(cls, times: int) -> float:
        """Seconds until the next try: none after the first failure, then 1, 2, 4 … 30."""
        return min(cls.LONGEST_WAIT, 2.0 ** min(times - 2, 10)) if times > 1 else 0

    def note(self, line: str, times: int) -> None:
        """`times`: how often it has failed without having run for a while in between."""
        with suppress(OSError):  # no room even for this: then everyone tries, as when nothing is noted
            self._write({"line": line[:500], "times": times, "until": time.time() + self.wait_after(times)})

    def clear(self) -> None:
        """Also makes the file, while there is room for it."""
        if self._read() or not self.path.exists():
            self._write({})

    def times(self) -> int:
        return self._read().get("times", 0)

    def current(self) -> str | None:
        """The line to show as long as no new try is due."""
        entry = self._read()
        wait = entry.get("until", 0) - time.time()
        # A clock that was set back must not keep the server away.
        return entry["line"] if 0 < wait <= self.LONGEST_WAIT else None

    def _write(self, entry: dict) -> None:
        descriptor = open_private(self.path, os.O_WRONLY)
        try:
            os.pwrite(descriptor, json.dumps(entry).encode().ljust(self._LENGTH), 0)
        finally:
            os.close(descriptor)

    def _read(self) -> dict:
        try:
            return json.loads(self.path.read_text() or "{}")
        except (FileNotFoundError, ValueError):  # ValueError: it was cut short by a crash
            return {}


def _processes() -> Iterator["psutil.Process"]:
    import psutil

    return psutil.process_iter()


def _wake(family: list["psutil.Process"]) -> None:
    """What was frozen (SIGSTOP) hears no other request."""
    import psutil

    for process in family:
        with suppress(psutil.Error):
            process.send_signal(signal.SIGCONT)


def _end(processes) -> None:
    import psutil

    ended = []
    for process in processes:
        with suppress(psutil.Error):
            process.kill()
            ended.append(process)
    psutil.wait_procs(ended, LAST_PATIENCE)


def _settings(data: Path) -> list[str]:
    """Modest ones, given anew at every start so that they follow the machine and the code."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // MB
    room = free_bytes(data) // MB
    settings = {
        "listen_addresses": "",
        "port": PORT,
        "unix_socket_permissions": "0700",
        # Four for each process that serves, one process a core, and as many again for commands and background work.
        # An unused one costs a few kilobytes.
        "max_connections": max(100, 8 * (os.cpu_count() or 1)),
        # An eighth of the memory: the indexes of ten thousand cases; the system caches the rest.
        "shared_buffers": f"{min(512, max(64, memory // 8))}MB",
        # An estimate only, for the planner: what the system keeps of the files.
        "effective_cache_size": f"{max(256, memory // 2)}MB",
        # A sort or hash of a search over a hundred thousand cases stays in memory; a dozen at once take less than 1 GB.
        "work_mem": "32MB",
        "maintenance_work_mem": f"{min(256, max(64, memory // 16))}MB",
        # For parallel queries. Not in /dev/shm, which is small in containers, and which systemd clears when the user
        # who started the server logs out.
        "dynamic_shared_memory_type": "mmap",
        "min_dynamic_shared_memory": "32MB",
        # No disk heads to move, and what is read often is in memory.
        "random_page_cost": 1.1,
        "jit": "off",  # it compiles longer than the searches take
        "timezone": "UTC",
        "log_timezone": "UTC",
        # The write-ahead log takes no more than a tenth of the free disk during imports; replaying 1 GB takes seconds.
        "max_wal_size": f"{min(1024, max(128, room // 10))}MB",
        # Nothing is replicated: a shorter write-ahead log.
        "wal_level": "minimal",
        "max_wal_senders": 0,
        "log_checkpoints": "off",
        # What readers typed and editors wrote stands in statements and in the details of errors: not for the log.
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
    }
    return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
