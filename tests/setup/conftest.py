"""The set-up is tested on the real thing: real processes, a real server, folders of their own."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import psycopg
import pytest

from config.friendly import PROJECT
from embedded_postgres.cluster import DATABASE, ROLE, Cluster

# Uses the server until its input ends, and asks for it again at every line of that.
USER = """
import json, pathlib, sys
from embedded_postgres import SetupError, ensure_embedded_server, release_embedded_server
root = pathlib.Path(sys.argv[1])
try:
    print(json.dumps(ensure_embedded_server(root)), flush=True)
except SetupError as error:
    sys.exit(str(error))
for line in sys.stdin:
    try:
        answer = release_embedded_server(root) if line == "release\\n" else ensure_embedded_server(root)
    except SetupError as error:
        answer = str(error)
    print(json.dumps(answer), flush=True)
"""


class User:
    """A process that uses the embedded server in `root`; `prefix` and `options` run it as someone else."""

    def __init__(self, root, prefix=(), python=sys.executable, **options):
        self.process = subprocess.Popen(
            [*prefix, python, "-c", USER, str(root)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **{"cwd": PROJECT, **options},
        )

    def address(self):
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read()
        return json.loads(line)

    def again(self):
        """Its address, or the line that says why there is none."""
        return self._ask("again")

    def release(self):
        """Whether the server has stopped."""
        return self._ask("release")

    def _ask(self, what):
        self.process.stdin.write(f"{what}\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def refusal(self):
        return self.process.communicate(timeout=60)[1]

    def leave(self):
        self.process.communicate(timeout=60)

    def kill(self):
        self.process.kill()
        self.process.communicate()


def ask(address, query):
    with psycopg.connect(host=address["HOST"], port=address["PORT"], user=ROLE, dbname=DATABASE) as connection:
        cursor = connection.execute(query)
        return cursor.fetchone() if cursor.description else None


def server_of(root) -> psutil.Process | None:
    server = Cluster(root).find()
    return server and server.process


def keeper_of(root) -> psutil.Process:
    (keeper,) = (
        process
        for process in psutil.process_iter(["cmdline"])
        if (process.info["cmdline"] or [])[-2:] == ["embedded_postgres.keeper", str(root)]
    )
    return keeper


def wait_until(condition, seconds=15):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def quick_place() -> str | None:
    """Memory where there is plenty of it: a new cluster writes some 40 MB and waits for the disk."""
    memory = "/dev/shm"
    return memory if Path(memory).is_dir() and shutil.disk_usage(memory).free > 2e9 else None


@pytest.fixture
def folder():
    """A new folder that other accounts may pass through (pytest's own may not be entered)."""
    path = Path(tempfile.mkdtemp(prefix="setup-test-", dir=quick_place()))
    path.chmod(0o755)
    yield path
    for lock in path.rglob("keeper.lock"):
        Cluster(lock.parent).stop()
    shutil.rmtree(path)


@pytest.fixture
def root(folder):
    """Where a server's folder goes; nothing is there yet."""
    return folder / "postgres"


@pytest.fixture(scope="session")
def cluster():
    """A cluster made once, to copy: making one takes a second."""
    with tempfile.TemporaryDirectory(prefix="setup-test-", dir=quick_place()) as folder:
        path = Path(folder) / "postgres"
        maker = User(path)
        maker.address()
        server = server_of(path)
        maker.leave()
        wait_until(lambda: not server.is_running())
        yield path


@pytest.fixture
def made_root(root, cluster):
    """A server's folder with a cluster in it. A copy made by root belongs to root, which is a case of its own."""
    shutil.copytree(cluster, root)
    return root


@pytest.fixture
def user():
    """Starts users; whoever still lives after the test is killed."""
    users = []

    def start(root, **options):
        users.append(User(root, **options))
        return users[-1]

    yield start
    for started in users:
        started.kill()


def copy_project(copy):
    """Without documents, so that it starts at once, and without what is not in git."""
    left_out = shutil.ignore_patterns(".git", ".venv", "var", "static-built", "__pycache__", ".*_cache", "tests")
    shutil.copytree(PROJECT, copy, ignore=left_out)
    for document in (copy / "seeds").glob("*.txt"):
        document.unlink()
    return copy


@pytest.fixture
def checkout(folder):
    return copy_project(folder / "案例 库")


@pytest.fixture
def environment():
    return own_environment()


def own_environment() -> dict[str, str]:
    """The caller's, without what would change the project's settings."""
    ours = {"DATABASE_URL", "SECRET_KEY", "DEBUG", "HOST", "PORT", "ALLOWED_HOSTS", "MAKEFLAGS", "MAKELEVEL", "MFLAGS"}
    return {name: value for name, value in os.environ.items() if name not in ours}
