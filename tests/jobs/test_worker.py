"""The worker that dies, and what becomes of its job."""

import pytest
from django.core.management import call_command
from django.db import connection
from django_tasks_db.models import DBTaskResult

from catalog.models import SynonymGroup
from config.mode import Mode, State, change_state
from jobs import standing
from jobs.worker import ATTEMPTS, Worker, given_up
from tests.jobs import work
from tests.jobs.conftest import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def notes() -> list[str]:
    return [group.words for group in SynonymGroup.objects.order_by("pk")]


def job() -> DBTaskResult:
    return DBTaskResult.objects.get()


def test_jobs_are_done_in_the_order_in_which_they_were_asked_for(worker):
    for text in ("甲", "乙", "丙"):
        work.write.enqueue(text)
    assert worker("--once").wait(60) == 0
    assert notes() == ["甲", "乙", "丙"]


def test_a_killed_workers_job_is_done_by_the_next(worker):
    work.linger.enqueue("甲", 0.5)
    first = worker()
    wait_until(lambda: notes() == ["甲开始"])
    first.kill()
    first.wait()
    assert job().status == "RUNNING"
    assert worker("--once").wait(60) == 0
    assert notes() == ["甲开始", "甲开始", "甲结束"]


def test_a_job_that_kills_its_workers_is_given_up_and_its_owner_told(worker):
    told = []
    given_up.connect(lambda **sent: told.append((sent["path"], sent["arguments"])), weak=False, dispatch_uid="test")
    work.die.enqueue()
    for _ in range(ATTEMPTS):
        assert worker("--once").wait(60) == -9
    Worker()._has_lock()  # the next one that comes
    given_up.disconnect(dispatch_uid="test")
    connection.close()
    assert job().status == "FAILED"
    assert told == [("tests.jobs.work.die", [])]


def test_a_job_that_fails_keeps_no_other_from_being_done(worker):
    work.fail.enqueue()
    work.write.enqueue("乙")
    assert worker("--once").wait(60) == 0
    assert notes() == ["乙"]


def test_one_works_and_the_other_stands_by(worker):
    work.linger.enqueue("甲", 2)
    work.linger.enqueue("乙", 0)
    worker()
    wait_until(lambda: notes() == ["甲开始"])
    worker()
    wait_until(lambda: len(notes()) == 4)
    assert notes() == ["甲开始", "甲结束", "乙开始", "乙结束"]


def test_a_worker_that_loses_the_database_goes_on(worker):
    work.lose_the_database.enqueue()
    process = worker()
    wait_until(lambda: len(DBTaskResult.objects.get().worker_ids) == ATTEMPTS and job().status == "FAILED", 60)
    work.write.enqueue("甲")
    wait_until(lambda: notes() == ["甲"])
    assert process.poll() is None


def test_a_job_that_lost_the_database_is_done_though_the_database_was_back_at_once(worker):
    work.stumble.enqueue(ATTEMPTS - 1)
    assert worker("--once").wait(60) == 0
    assert notes() == ["一次"] * ATTEMPTS + ["做完"]
    assert job().status == "SUCCESSFUL"


def test_a_job_that_always_loses_the_database_is_given_up(worker):
    work.stumble.enqueue(ATTEMPTS)
    assert worker("--once").wait(60) == 0
    assert notes() == ["一次"] * ATTEMPTS
    assert job().status == "FAILED"


@pytest.mark.parametrize("mode", [Mode.CLOSED, Mode.READ_ONLY])
def test_in_a_site_that_is_closed_or_only_read_it_waits(worker, mode):
    change_state(State(mode))
    work.write.enqueue("甲")
    assert worker("--once").wait(60) == 0
    assert notes() == []
    change_state(State(Mode.OPEN))
    assert worker("--once").wait(60) == 0
    assert notes() == ["甲"]


def test_what_is_wrong_is_told(worker, capsys):
    call_command("check", databases=["default"])
    assert "后台进程" not in capsys.readouterr().err
    work.write.enqueue("甲")
    assert "没有运行" in standing.trouble()
    call_command("check", databases=["default"])
    assert "后台进程没有运行" in capsys.readouterr().err
    process = worker()
    wait_until(lambda: standing.has_worker() and notes() == ["甲"])
    assert standing.trouble() is None
    process.kill()
    process.wait()
    wait_until(lambda: not standing.has_worker())
