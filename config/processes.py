"""Processes that compute beside the one that writes.

Each is started anew and never forked: a copy of this process would share its connection to the database, and not every
system forks. This module imports no models, since Django is not set up in the new process before `_begin` has run.

None outlives the process that started it, however that ends: a process that was killed cannot tell its children, so
each of them watches for its end.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.connection import wait

import django
from django.db import connection

from embedded_postgres.errors import SetupError

# Where this process is killed, what Python has keep the books of the pool tidies up, and needs not say so in English.
_QUIET = "ignore::UserWarning:multiprocessing.resource_tracker"


@contextmanager
def process_pool(processes: int) -> Iterator[ProcessPoolExecutor]:
    """Its processes use the database that this one uses. What they have not begun when the block ends is not done, and
    where it ends with an error they end at once.

    `SetupError` in place of the error of a pool of which the system has killed a process.
    """
    os.environ.setdefault("PYTHONWARNINGS", _QUIET)
    pool = ProcessPoolExecutor(
        processes, multiprocessing.get_context("spawn"), _begin, (connection.settings_dict["NAME"],)
    )
    others = set(multiprocessing.active_children())
    try:
        yield pool
    except BaseException as error:
        for process in set(multiprocessing.active_children()) - others:
            process.kill()
        if isinstance(error, BrokenProcessPool):
            raise SetupError("一个处理进程被系统终止了（多半是内存不足），这次的工作没有做完，请重试") from error
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _begin(database: str) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # An interruption is the main process's to deal with.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    django.setup()
    connection.settings_dict["NAME"] = database


def _end_with_parent() -> None:
    """The parent holds one end of a pipe, which the system closes when it ends."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
