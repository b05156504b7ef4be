"""The site as its workers run it."""

import os
from collections.abc import Callable

import django


def load() -> Callable:
    """The WSGI application, with what its first searches need read already."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from catalog.search import index_is_current, read_ahead

    # First this, by a connection that is closed again: those of the application belong to workers, which fork later.
    read_ahead()
    index_is_current()  # reads what /readyz would otherwise read in each worker
    from config.wsgi import application

    return application
