"""Jobs for the tests to break."""

import os
import signal
import time

from django.db import connection
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
