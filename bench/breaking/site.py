"""A copy of the project in a scratch folder, started as an operator starts it."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import psutil

from config.friendly import PROJECT
from embedded_postgres.cluster import Cluster

DISK = "700m"  # of the scratch disk: the seeds' database takes some 150 MB, and its log may grow
LEFT_OUT = (".git", ".venv", "var", "static-built", "__pycache__", ".*_cache", "tests", "node_modules")
OURS = {"DATABASE_URL", "SECRET_KEY", "DEBUG", "HOST", "PORT", "ALLOWED_HOSTS", "MAKEFLAGS", "MAKELEVEL", "MFLAGS"}


class Site:
    """`folder` holds the copy; `own_disk`: its data lie on a disk of their own, which may be filled."""

    def __init__(self, folder: Path, own_disk: bool):
        self.folder, self.own_disk = folder, own_disk
        self.process: subprocess.Popen | None = None
        self.log = folder / "serve.log"
        self.port = _free_port()

    @property
    def root(self) -> Path:
        return self.folder / "var" / "postgres"

    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in OURS}
        return {**kept, "PYTHONUNBUFFERED": "1"}

    def manage(self, *arguments: str, **options) -> subprocess.Popen:
        """A command of the copy, as a process of its own."""
        return subprocess.Popen(
            [sys.executable, "manage.py", *arguments],
            cwd=self.folder,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            **{"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, **options},
        )

    def start(self, seconds: float = 180) -> None:
        """Returns when it is ready."""
        with open(self.log, "ab") as log:
            self.process = self.manage("serve", "--bind", f"127.0.0.1:{self.port}", stdout=log, stderr=log)
        if wait(self.is_well, seconds) is None:
            raise RuntimeError(f"the site does not start: {self.log.read_text('utf-8', 'replace')[-2000:]}")

    def stop(self, seconds: float = 30) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(seconds)

    def get(self, address: str, patience: float = 20) -> tuple[int, dict[str, str], bytes]:
        """Status, headers with small names, body; raises OSError or HTTPException where there is no whole answer."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=patience)
        try:
            connection.request("GET", address)
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def is_well(self) -> bool:
        """It says that it is ready, and a search is answered."""
        with suppress(OSError, HTTPException):
            return all(self.get(address, 5)[0] == 200 for address in ("/readyz", "/cases/?q=%E8%B4%B7%E6%AC%BE"))
        return False

    # --- its processes

    def processes(self) -> list[psutil.Process]:
        """All that work in the folder or name it, but not this process."""
        own = os.getpid()
        return [process for process in psutil.process_iter() if process.pid != own and self._is_ours(process)]

    def _is_ours(self, process: psutil.Process) -> bool:
        with suppress(psutil.Error):
            if process.status() == psutil.STATUS_ZOMBIE:
                return False
            places = [process.cwd(), *process.cmdline()]
            return any(str(self.folder) in place for place in places)
        return False

    def children(self) -> list[psutil.Process]:
        """Those that the supervisor keeps alive."""
        with suppress(psutil.Error):
            return psutil.Process(self.process.pid).children()
        return []

    def front(self) -> list[psutil.Process]:
        return [process for process in self.children() if name_of(process) == "nginx"]

    def masters(self) -> list[psutil.Process]:
        """Of the workers: the web's and the lane's."""
        return [process for process in self.children() if "serving.workers" in command_of(process)]

    def background(self) -> list[psutil.Process]:
        return [process for process in self.children() if "manage.py work" in command_of(process)]

    def workers(self) -> list[psutil.Process]:
        return [worker for master in self.masters() for worker in children_of(master)]

    def postmaster(self) -> list[psutil.Process]:
        server = Cluster(self.root).find()
        return [server.process] if server else []

    def backends(self) -> list[psutil.Process]:
        """The connections of the site's role."""
        return [
            process
            for server in self.postmaster()
            for process in children_of(server)
            if command_of(process).startswith("postgres: anliku")
        ]

    def keeper(self) -> list[psutil.Process]:
        return [
            process
            for process in psutil.process_iter()
            if "embedded_postgres.keeper" in command_of(process) and str(self.root) in command_of(process)
        ]


@contextmanager
def scratch_site() -> Iterator[Site]:
    """Not started yet. When the block ends, nothing of it is left."""
    folder = Path(tempfile.mkdtemp(prefix="anliku-break-"))
    folder.chmod(0o755)  # as root the workers run as another account
    copy = folder / "site"
    shutil.copytree(PROJECT, copy, ignore=shutil.ignore_patterns(*LEFT_OUT))
    (copy / "var").mkdir()
    own_disk = mount(copy / "var")
    site = Site(copy, own_disk)
    try:
        yield site
    finally:
        with suppress(subprocess.TimeoutExpired):
            site.stop()
        for process in site.processes():
            with suppress(psutil.Error):
                process.kill()
        if own_disk:
            wait(lambda: subprocess.run(["umount", copy / "var"], capture_output=True).returncode == 0, 20)
        shutil.rmtree(folder, ignore_errors=True)


def mount(folder: Path) -> bool:
    """A small disk in memory there; False where that is not allowed."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK},mode=755", "tmpfs", str(folder)]
    with suppress(FileNotFoundError):
        return subprocess.run(command, capture_output=True).returncode == 0
    return False


def wait(condition: Callable[[], bool], seconds: float) -> float | None:
    """How long it took to come true; None where it did not in time."""
    start = time.monotonic()
    while not condition():
        if time.monotonic() - start > seconds:
            return None
        time.sleep(0.1)
    return time.monotonic() - start


def name_of(process: psutil.Process) -> str:
    with suppress(psutil.Error):
        return process.name()
    return ""


def command_of(process: psutil.Process) -> str:
    with suppress(psutil.Error):
        return " ".join(process.cmdline())
    return ""


def children_of(process: psutil.Process) -> list[psutil.Process]:
    with suppress(psutil.Error):
        return process.children()
    return []


def _free_port() -> int:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]
