"""Processes that compute beside the one that writes.

Each is started anew and never forked: a copy of this process would share its connection to the database, and not every
system forks. This module imports no models, since Django is not set up in the new process before `_begin` has run.
"""

import signal
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import django
from django.db import connection


def start_pool(processes: int, database: str | None = None) -> ProcessPoolExecutor:
    """Its processes use the database of this name on the server that this one uses, else the same database."""
    database = database or connection.settings_dict["NAME"]
    return ProcessPoolExecutor(processes, get_context("spawn"), _begin, (database,))


def _begin(database: str) -> None:
    # An interruption is the main process's to deal with.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    django.setup()
    connection.settings_dict["NAME"] = database
