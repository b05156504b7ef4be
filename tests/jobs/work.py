"""Jobs for the tests to break."""

import os
import signal
import time

from django.db import OperationalError, connection
from django_tasks import task

from catalog.models import SynonymGroup


def note(text: str) -> None:
    SynonymGroup.objects.create(words=text)


@task()
def write(text: str) -> None:
    note(text)


@task()
def linger(text: str, seconds: float) -> None:
    note(f"{text}开始")
    time.sleep(seconds)
    note(f"{text}结束")


@task()
def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@task()
def fail() -> None:
    raise ValueError("坏了")


@task()
def lose_the_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")


@task()
def stumble(times: int) -> None:
    """The database is away so many times, and there again when that is written down."""
    note("一次")
    if SynonymGroup.objects.filter(words="一次").count() <= times:
        raise OperationalError("server closed the connection unexpectedly")
    note("做完")
