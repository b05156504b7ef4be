"""How a process that computes for an import begins. Imports no models: Django is not set up before this has run."""

import signal

import django


def begin() -> None:
    # An interruption is the main process's to deal with.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    django.setup()
