"""The embedded server's process: launch it with its settings, stop it."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from embedded_postgres.account import Account, hand_over

if TYPE_CHECKING:
    import psutil

PORT = "5432"  # only a part of the socket's name
SOCKET_FOLDER = "anliku-pg-"
START_PATIENCE = 120  # seconds; a start after a crash replays the log first
STOP_PATIENCE = 30  # seconds


@dataclass(frozen=True)
class Server:
    process: "psutil.Process"
    socket_folder: str

    def is_alive(self) -> bool:
        import psutil

        with suppress(psutil.Error):
            return self.process.is_running() and self.process.status() != psutil.STATUS_ZOMBIE
        return False

    def stop(self) -> None:
        """End it: its users are cut off, what they had committed is kept. Harmless when it has ended."""
        import psutil

        for request in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):  # fast, immediate, and the end
            with suppress(psutil.Error):
                self.process.send_signal(request)
                self.process.wait(STOP_PATIENCE)
            if not self.is_alive():
                break
        remove_socket_folder(self.socket_folder)


def launch(program: Path, data: Path, log: IO[bytes], owner: Account, is_ready: Callable[[int], bool]) -> Server | None:
    """Start the server of the cluster in `data`; returns when it takes connections, None when it has failed."""
    import psutil

    socket_folder = _make_socket_folder()
    hand_over(owner, socket_folder)
    process = subprocess.Popen(
        [program, "-D", ".", "-k", socket_folder, *_settings()],
        cwd=data,
        env=clean_environment(),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,  # Ctrl-C in the terminal is not meant for it
        **owner.popen_options(),
    )
    deadline = time.monotonic() + START_PATIENCE
    while not is_ready(process.pid):
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            remove_socket_folder(socket_folder)
            return None
        time.sleep(0.02)
    return Server(psutil.Process(process.pid), str(socket_folder))


def remove_socket_folder(path: str | Path) -> None:
    if Path(path).name.startswith(SOCKET_FOLDER):
        shutil.rmtree(path, ignore_errors=True)


def clean_environment() -> dict[str, str]:
    """No PGDATA, PGPORT, LANG … of the caller, which would change the server's mind."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}


def _make_socket_folder() -> Path:
    """A random folder that only the server's account can enter.

    A socket, not a port: no other account can reach it, so no password is needed. In the system's
    temporary folder, as a socket's path may have 107 bytes at most and the checkout's may be longer.
    Made by mkdtemp, so nobody can have put one of that name there before. New at every start, so
    nothing refers to it when the checkout has been moved.
    """
    temporary = tempfile.gettempdir()
    parent = temporary if len(os.fsencode(temporary)) <= 70 else "/tmp"
    return Path(tempfile.mkdtemp(prefix=SOCKET_FOLDER, dir=parent))


def _settings() -> list[str]:
    """Modest ones, given anew at every start so that they follow the machine and the code."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20  # MB
    settings = {
        "listen_addresses": "",
        "port": PORT,
        "unix_socket_permissions": "0700",
        "max_connections": 50,
        "shared_buffers": f"{min(512, max(64, memory // 8))}MB",
        "effective_cache_size": f"{max(256, memory // 2)}MB",
        "work_mem": "32MB",
        "maintenance_work_mem": f"{min(256, max(64, memory // 16))}MB",
        "random_page_cost": 1.1,
        "jit": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_checkpoints": "off",
        # Nothing is replicated: a shorter write-ahead log.
        "wal_level": "minimal",
        "max_wal_senders": 0,
    }
    return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
