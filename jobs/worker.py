"""Takes jobs from the queue and does them, one at a time.

Whoever works holds a lock of its connection to the database, and there is one such lock: so a job that is marked as
running while nobody else holds the lock has lost its worker, however that ended. The lock goes with the process, with
its connection and with the server. No heartbeat is written and no time is guessed; who comes next knows at once.
"""

import logging
import time
import uuid
from datetime import timedelta
from functools import reduce
from operator import or_

from django.core.signals import Signal
from django.db import Error, connection, transaction
from django.db.models import Q
from django.utils import timezone
from django_tasks_db.management.commands import db_worker
from django_tasks_db.models import DBTaskResult

from config.mode import Mode, current_state
from embedded_postgres.errors import SetupError
from jobs.standing import LOCK

log = logging.getLogger(__name__)

PAUSE = 1.0  # seconds between two looks at a queue that was empty
AFTER_ERROR = 3.0  # seconds, where the database is away
ATTEMPTS = 3  # that lost their worker or their database; then the job is given up
KEPT = timedelta(days=30)  # what is known of jobs that are done

# Exceptions of a job that are the database's state, by the beginnings of their names: it is to be tried again.
_DATABASE = ("django.db.utils.", "psycopg", "embedded_postgres.errors.")
_LOST = reduce(
    or_, (Q(status="FAILED", exception_class_path__startswith=name) for name in _DATABASE), Q(status="RUNNING")
)

# Sent with `path` (of the function) and `arguments` for each job that is given up.
given_up = Signal()


class Abandoned(Exception):
    """A job has lost its worker or its database too often."""


class Worker:
    """`turn` takes the next job. In a site that is closed or only read nothing is taken."""

    def __init__(self):
        self.id = uuid.uuid4().hex
        self._held = None  # the driver's connection that holds the lock
        self._runner = db_worker.Worker(
            queue_names=["*"],
            excluded_queue_names=[],
            interval=PAUSE,
            batch=True,
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=self.id,
        )
        # The lock is the connection's: it stays open, whatever requests do with theirs.
        connection.settings_dict["CONN_MAX_AGE"] = None

    def safe_turn(self) -> float:
        """Seconds to wait before the next one. Whatever the database does, the worker goes on."""
        try:
            return 0.0 if self.turn() else PAUSE
        except (Error, SetupError) as error:
            log.warning("后台进程连不上数据库：%s", error)
            connection.close()
            return AFTER_ERROR

    def turn(self) -> bool:
        """Whether there was something to do."""
        if current_state().mode != Mode.OPEN or not self._has_lock():
            return False
        job = self._take()
        if job is None:
            return False
        self._runner.run_task(job)
        if job.exception_class_path.startswith(_DATABASE):
            # As if the worker had ended: who next takes the lock sees to the job.
            self._held = None
            connection.close()
        return True

    def wait(self, seconds: float) -> None:
        time.sleep(seconds)

    def _has_lock(self) -> bool:
        if self._held is not None and connection.connection is self._held:
            return True
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
            if not cursor.fetchone()[0]:
                return False
        self._held = connection.connection
        self._recover()
        return True

    def _take(self) -> DBTaskResult | None:
        ready = DBTaskResult.objects.ready()
        if not ready.exists():
            return None
        with transaction.atomic():
            job = ready.get_locked()
            if job is not None:
                job.claim(self.id)
        return job

    def _recover(self) -> None:
        """Jobs whose worker or database was lost are tried again, or given up; old ones are forgotten."""
        for job in DBTaskResult.objects.filter(_LOST):
            if len(job.worker_ids) < ATTEMPTS:
                log.warning("后台工作中途断了，重新开始：%s %s", job.task_path, job.args_kwargs["args"])
                DBTaskResult.objects.filter(pk=job.pk).update(status="READY")
                continue
            log.error("后台工作断了 %s 次，不再试：%s %s", ATTEMPTS, job.task_path, job.args_kwargs["args"])
            with transaction.atomic():
                job.set_failed(Abandoned())
                given_up.send(Worker, path=job.task_path, arguments=job.args_kwargs["args"])
        DBTaskResult.objects.finished().filter(finished_at__lt=timezone.now() - KEPT).delete()
