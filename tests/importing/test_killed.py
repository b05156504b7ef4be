"""An import that is killed in the middle, or loses one of its processes: nothing is left, and one line says so."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest
from django.db import connection

from catalog.models import Case, Source
from config.friendly import PROJECT

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

# Imports a file by two processes into the database of the tests, as the command line does.
IMPORT = """
import sys, django
django.setup()
from django.db import connection
from catalog.importing.database import indexing
from manage import main
connection.settings_dict["NAME"] = sys.argv[1]
indexing.os.cpu_count = lambda: 2
sys.argv[:] = ["manage.py", "import_cases", "-v0", sys.argv[2]]
main()
"""


@pytest.fixture
def folder():
    """One that root's import may read, too: it is another account's by then (pytest's own may not be entered)."""
    with tempfile.TemporaryDirectory(prefix="import-test-") as path:
        Path(path).chmod(0o755)
        yield Path(path)


@pytest.fixture
def importing(folder):
    """An import whose processes are at work, and these."""
    path = folder / "rows.jsonl"
    rows = ({"title": f"案例{n}", "text": f"第{n}个案例说的是小微企业的贷款。" * 20} for n in range(10_000))
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "-c", IMPORT, connection.settings_dict["NAME"], path],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=PROJECT,
        env={
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "PATH": "/usr/bin:/bin",
            "DATABASE_URL": os.environ.get("DATABASE_URL", ""),
        },
        # Whoever runs the tests in the background has it ignored, which children inherit.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        yield process, _workers_at_work(process)
    finally:
        process.kill()
        process.communicate()


def _workers_at_work(process) -> list[psutil.Process]:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        children = psutil.Process(process.pid).children(recursive=True)
        busy = [child for child in children if "spawn_main" in " ".join(child.cmdline()) and _seconds(child) > 1]
        if len(busy) == 2:
            return busy
        time.sleep(0.1)
    raise AssertionError(process.communicate()[0])


def _seconds(process: psutil.Process) -> float:
    return process.cpu_times().user


def _nothing_came_in() -> bool:
    return not Case.objects.exists() and not Source.objects.exists()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_no_process_is_left_that_holds_the_output(importing, number):
    process, workers = importing
    process.send_signal(number)
    output, _ = process.communicate(timeout=20)  # ends when nobody has the output open any more
    assert output == ""
    assert process.returncode != 0
    psutil.wait_procs(workers, timeout=5)
    assert not [worker for worker in workers if worker.is_running() and worker.status() != psutil.STATUS_ZOMBIE]
    assert _nothing_came_in()


def test_a_process_that_the_system_kills_is_told_in_one_line(importing):
    process, (worker, _) = importing
    worker.kill()
    output, _ = process.communicate(timeout=30)
    assert output.count("\n") == 1
    assert "rows.jsonl" in output
    assert "内存不足" in output
    assert process.returncode == 1
    assert _nothing_came_in()
