"""Whatever kills the process in the background, and whenever: the catalogue and the batch are as before or as after,
the batch says so, and what was not done is done by the next.
"""

import random
import time

import psutil
import pytest
from django.db import connection

from catalog.models import Case, ChangedCase, SearchEntry, Source
from intake.models import ImportBatch
from jobs import standing
from jobs.worker import ATTEMPTS
from tests.intake.conftest import address, file, rows
from tests.jobs.conftest import folder, wait_until, worker  # noqa: F401

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

State = ImportBatch.State
ROWS = 250


@pytest.fixture
def read_batch(client, editor, worker):  # noqa: F811
    """A batch that waits to be accepted, of two helping processes' size."""
    content = rows(*({"title": f"案例{n}", "text": f"第{n}个案例说的是小微企业的贷款。" * 180} for n in range(ROWS)))
    assert len(content.encode()) > 2_000_000
    client.post(address("add"), {"files": [file("案例.jsonl", content)]})
    assert worker("--once").wait(120) == 0
    batch = ImportBatch.objects.get()
    assert batch.state == State.WAITING
    return batch


def accept(client, batch) -> None:
    client.post(address("accept", batch.pk), {"status": "public"})
    batch.refresh_from_db()
    assert batch.state == State.IMPORTING


def killed_after(worker, seconds: float) -> None:  # noqa: F811
    """A worker that has had so many seconds of its job; nothing of it is left."""
    process = worker()
    wait_until(lambda: ImportBatch.objects.get().attempts > 0 or process.poll() is not None)
    time.sleep(seconds)
    family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
    process.kill()
    process.wait()
    _, left = psutil.wait_procs(family[1:], timeout=10)
    assert not left
    wait_until(lambda: not standing.has_worker())


def is_before() -> bool:
    return not Case.objects.exists() and not Source.objects.exists() and not ChangedCase.objects.exists()


def is_after() -> bool:
    return Case.objects.count() == SearchEntry.objects.count() == ROWS


@pytest.mark.parametrize("seed", range(1))  # bench/breaking kills at many more moments
def test_a_killed_import_is_as_before_or_as_after_and_done_by_the_next(client, read_batch, worker, seed):  # noqa: F811
    accept(client, read_batch)
    killed_after(worker, random.Random(seed).uniform(0, 6))
    state = ImportBatch.objects.get().state
    assert is_after() if state == State.DONE else is_before() and state == State.IMPORTING
    assert worker("--once").wait(120) == 0
    read_batch.refresh_from_db()
    assert read_batch.state == State.DONE, read_batch.message
    assert is_after()


def test_a_killed_reading_is_done_by_the_next(client, editor, worker):  # noqa: F811
    content = rows(*({"title": f"案例{n}", "text": "说的是贷款。" * 300} for n in range(ROWS)))
    client.post(address("add"), {"files": [file("案例.jsonl", content)]})
    killed_after(worker, 0.3)
    assert is_before()
    assert worker("--once").wait(120) == 0
    assert ImportBatch.objects.get().state == State.WAITING
    assert ImportBatch.objects.get().items.count() == ROWS


def test_what_kills_every_worker_fails_and_can_be_tried_again(client, read_batch, worker):  # noqa: F811
    accept(client, read_batch)
    for _ in range(ATTEMPTS):
        ImportBatch.objects.update(attempts=0)
        killed_after(worker, 0.2)
    assert worker("--once").wait(60) == 0
    read_batch.refresh_from_db()
    assert read_batch.state == State.FAILED
    assert "目录保持原样" in client.get(address("change", read_batch.pk)).content.decode()
    assert is_before()
    client.post(address("again", read_batch.pk))
    assert worker("--once").wait(120) == 0
    read_batch.refresh_from_db()
    assert read_batch.state == State.WAITING


def test_an_import_that_loses_the_database_is_done_in_the_end(client, read_batch, worker):  # noqa: F811
    accept(client, read_batch)
    process = worker()
    wait_until(lambda: ImportBatch.objects.get().attempts > 0)
    time.sleep(1)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    wait_until(lambda: ImportBatch.objects.get().state == State.DONE, 120)
    assert is_after()
    assert process.poll() is None


def test_who_cancels_an_import_has_the_catalogue_as_it_was(client, read_batch, worker):  # noqa: F811
    accept(client, read_batch)
    client.post(address("cancel", read_batch.pk))
    assert worker("--once").wait(60) == 0
    read_batch.refresh_from_db()
    assert read_batch.state == State.CANCELLED
    assert is_before()


def test_who_cancels_in_the_middle_is_heard(client, read_batch, worker):  # noqa: F811
    accept(client, read_batch)
    process = worker("--once")
    wait_until(lambda: ImportBatch.objects.get().attempts > 0)
    client.post(address("cancel", read_batch.pk))
    assert process.wait(120) == 0
    read_batch.refresh_from_db()
    assert (is_before() and read_batch.state == State.CANCELLED) or (is_after() and read_batch.state == State.DONE)
