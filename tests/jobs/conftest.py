import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from django.db import connection

from config.friendly import PROJECT

WORK = """
import sys, django
django.setup()
from django.db import connection
connection.settings_dict["NAME"] = sys.argv[1]
from django.conf import settings
settings.MAINTENANCE_FILE = sys.argv[2]
from manage import main
sys.argv[:] = ["manage.py", "work", *sys.argv[3:]]
main()
"""


@pytest.fixture
def folder():
    """One that root's worker may read, too: it is another account's by then (pytest's own may not be entered)."""
    with tempfile.TemporaryDirectory(prefix="jobs-test-") as path:
        Path(path).chmod(0o755)
        yield Path(path)


@pytest.fixture
def worker(settings, folder):
    """worker("--once") starts a worker of its own process on the database of the tests, as the supervisor does."""
    settings.MAINTENANCE_FILE = folder / "maintenance.json"
    started = []

    def start(*options: str) -> subprocess.Popen:
        name = connection.settings_dict["NAME"]
        process = subprocess.Popen(
            [sys.executable, "-c", WORK, name, str(settings.MAINTENANCE_FILE), *options],
            cwd=PROJECT,
            env={
                "DJANGO_SETTINGS_MODULE": "config.settings",
                "PATH": "/usr/bin:/bin",
                "DATABASE_URL": os.environ.get("DATABASE_URL", ""),
            },
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def wait_until(condition, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)
