"""A real site of nginx and gunicorn, without Django and without a database, so that it starts at once."""

import http.client
import json
import os
import signal
import ssl
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

from config.friendly import PROJECT


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def told(self) -> dict:
        """What the application has seen of the request."""
        return json.loads(self.body)


class RunningSite:
    def __init__(self, folder: Path, *, nohup: bool = False, **environment: str):
        self.folder = folder
        # Not what whoever runs the tests has: children inherit it.
        on_hangup = signal.SIG_IGN if nohup else signal.SIG_DFL
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.serving.run_site", str(folder)],
            cwd=PROJECT,
            env=os.environ | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=lambda: signal.signal(signal.SIGHUP, on_hangup),
        )
        self.address = self.process.stdout.readline().strip()
        assert self.address, self.process.communicate()[1]
        parts = urlsplit(self.address)
        self.host, self.port = parts.hostname, parts.port

    def ask(self, address: str = "/", method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
        """`headers` by their names in lower case, with _ for -."""
        if self.address.startswith("https"):
            connection = http.client.HTTPSConnection(
                self.host, self.port, timeout=20, context=ssl._create_unverified_context()
            )
        else:
            connection = http.client.HTTPConnection(self.host, self.port, timeout=20)
        try:
            names = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, address, body, names)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def send_raw(self, request: bytes) -> bytes:
        import socket

        with socket.create_connection((self.host, self.port), timeout=20) as connection:
            connection.sendall(request)
            with connection.makefile("rb") as answer:
                return answer.read()

    def is_well(self) -> bool:
        try:
            return self.ask().status == 200
        except (OSError, http.client.HTTPException):
            return False

    # --- Its processes ----------------------------------------------------------------------------------------------

    def children(self, *words: str) -> list[psutil.Process]:
        """The supervisor's own, whose command line has all the words."""
        found = []
        for child in psutil.Process(self.process.pid).children():
            with suppress(psutil.Error):
                if all(word in " ".join(child.cmdline()) for word in words):
                    found.append(child)
        return found

    def child(self, *words: str) -> psutil.Process:
        """The only one with these words; waited for, as one that is just started has no command line of its own yet."""
        wait_until(lambda: self.children(*words))
        (found,) = self.children(*words)
        return found

    def front(self) -> psutil.Process:
        return self.child("nginx")

    def pool(self, workers: int = 2) -> psutil.Process:
        """The master of the workers, or with 1 that of the lane."""
        return self.child("serving.workers", f"--workers {workers} ")

    def all_processes(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def stop(self, request: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(request)
        self.process.communicate(timeout=30)
        return self.process.returncode

    def end(self) -> None:
        if self.process.poll() is None:
            self.stop()
        for stream in (self.process.stdout, self.process.stderr):
            stream.close()


def wait_until(condition, seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def gone(processes: list[psutil.Process]) -> bool:
    return not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in processes)


def pytest_collection_modifyitems(items):
    """A test that starts a site of its own takes more than a second."""
    for item in items:
        if "start" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)


@pytest.fixture
def folder():
    """Short, and of ours alone."""
    with tempfile.TemporaryDirectory(prefix="serving-测 试-") as path:
        static = Path(path) / "static"
        static.mkdir()
        (static / "page.css").write_text("body { color: black }\n" * 200)
        (static / "page.0123456789ab.css").write_text("body { color: black }")
        yield Path(path)


@pytest.fixture
def start(folder):
    """Starts sites in the folder; whatever still runs after the test is stopped."""
    sites = []

    def start_one(*, nohup: bool = False, **environment: str) -> RunningSite:
        sites.append(RunningSite(folder, nohup=nohup, **environment))
        return sites[-1]

    yield start_one
    for site in sites:
        site.end()


@pytest.fixture(scope="module")
def site():
    """One for all tests of a module that leave it as it is."""
    with tempfile.TemporaryDirectory(prefix="serving-test-") as path:
        static = Path(path) / "static"
        static.mkdir()
        (static / "page.css").write_text("body { color: black }\n" * 200)
        (static / "page.0123456789ab.css").write_text("body { color: black }")
        running = RunningSite(Path(path), SECURITY_CONTACT="mailto:sicherheit@example.org")
        yield running
        running.end()
