"""A PostgreSQL of one's own and a site on it, both real: what a test may stop, freeze and restart."""

import concurrent.futures
import contextlib
import http.client
import json
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import psycopg

from config.friendly import PROJECT
from embedded_postgres.account import hand_over, server_account
from embedded_postgres.cluster import find_programs
from embedded_postgres.server import clean_environment

OWNER, READER, DATABASE = "owner", "anliku", "anliku"
SETTINGS = {"DJANGO_SETTINGS_MODULE": "tests.setup.pages_settings"}


def programs() -> Path:
    """Debian's PostgreSQL, which is older than the embedded one, where it is installed."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    return debian[0].parent if debian else find_programs()


class OwnServer:
    """A cluster in `folder`, reached by a socket there. `OWNER` may do anything, `READER` owns the database `DATABASE`
    and is an ordinary role.
    """

    def __init__(self, folder: Path):
        self.folder, self.data = folder, folder / "data"
        self.account = server_account(folder, self.data)
        hand_over(self.account, folder)
        self.process: psutil.Process | None = None

    def make(self) -> None:
        self._run("initdb", "-D", self.data, "-U", OWNER, "--auth=trust", "-E", "UTF8", "--locale=C", "--no-sync")
        with (self.data / "postgresql.conf").open("a") as settings:
            settings.write(f"listen_addresses = ''\nunix_socket_directories = '{self.folder}'\nfsync = off\n")

    def start(self, **settings) -> None:
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        self._run("pg_ctl", "-D", self.data, "-w", "-l", self.folder / "log", "-o", options, "start")
        self.process = psutil.Process(int((self.data / "postmaster.pid").read_text().split()[0]))

    def stop(self) -> None:
        self._run("pg_ctl", "-D", self.data, "-w", "-m", "fast", "stop")

    @contextmanager
    def frozen(self):
        """As when its machine hangs: connections stay open, and nothing is answered."""
        family = [self.process, *self.process.children(recursive=True)]
        for process in family:
            process.suspend()
        try:
            yield
        finally:
            for process in family:
                process.resume()

    def url(self, role: str = READER) -> str:
        return f"postgres://{role}@/{DATABASE}?host={self.folder}"

    def ask(self, statement: str, database: str = DATABASE) -> list[tuple]:
        with psycopg.connect(host=str(self.folder), user=OWNER, dbname=database, autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def connections(self) -> list[tuple]:
        """(number, state) of those of the site."""
        return self.ask(f"SELECT pid, state FROM pg_stat_activity WHERE usename = '{READER}'")

    def has_waiting(self) -> bool:
        """Whether the site waits for a lock."""
        waiting = f"FROM pg_stat_activity WHERE usename = '{READER}' AND wait_event_type = 'Lock'"
        return self.ask(f"SELECT count(*) > 0 {waiting}") == [(True,)]

    def cut_off(self) -> None:
        """Ends the connections of the site, as a restart does."""
        self.ask(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{READER}'")

    def _run(self, program: str, *arguments) -> None:
        subprocess.run(
            [programs() / program, *map(str, arguments)],
            cwd=self.folder,
            env=clean_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
            timeout=60,
            **self.account.popen_options(),
        )


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


class Site:
    """The pages under gunicorn: `workers` processes of four threads on a free port."""

    def __init__(self, environment: dict[str, str], workers: int = 2):
        self.port = _free_port()
        self.log = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed with the site
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn", "config.wsgi", "--preload", "-k", "gthread", "--threads", "4"),
                *("-w", str(workers), "-b", f"127.0.0.1:{self.port}", "--keep-alive", "0", "--graceful-timeout", "2"),
                *("--no-control-socket",),
            ],
            cwd=PROJECT,
            env=environment | SETTINGS,
            stdout=subprocess.DEVNULL,
            stderr=self.log,
        )
        self._wait_for_port()

    def _wait_for_port(self, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.process.poll() is None:
            with contextlib.suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", self.port)):
                return
            time.sleep(0.05)
        raise AssertionError(self.said())

    def said(self) -> str:
        self.log.seek(0)
        return self.log.read()

    def get(self, path: str, timeout: float = 90) -> "Answer":
        return self.request("GET", path, timeout=timeout)

    def request(self, method: str, path: str, body=None, headers=None, timeout: float = 90) -> "Answer":
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        started = time.monotonic()
        try:
            connection.request(method, path, body, headers or {})
            reply = connection.getresponse()
            return Answer(reply.status, reply.headers, reply.read().decode(), time.monotonic() - started)
        finally:
            connection.close()

    def get_at_once(self, paths: list[str], threads: int = 16) -> list["Answer"]:
        with concurrent.futures.ThreadPoolExecutor(threads) as pool:
            return list(pool.map(self.get, paths))

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            for process in psutil.Process(self.process.pid).children(recursive=True):
                with suppress(psutil.NoSuchProcess):
                    process.kill()
            self.process.kill()
            self.process.wait()


class Answer:
    def __init__(self, status: int, headers, text: str, seconds: float):
        self.status, self.headers, self.text, self.seconds = status, headers, text, seconds

    def json(self) -> dict:
        return json.loads(self.text)

    def __repr__(self) -> str:
        return f"<{self.status} after {self.seconds:.1f} s>"


def run(environment: dict[str, str], *arguments: str) -> str:
    """What Python says with these arguments, in the project and with the settings of the pages."""
    result = subprocess.run(
        [sys.executable, *arguments],
        cwd=PROJECT,
        env=environment | SETTINGS,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout + result.stderr
