"""The WSGI entry point of production servers."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()


def _use_pool() -> None:
    """Who loads this module serves pages."""
    from django.db import connections

    from config.postgres import serve_pages

    connections.close_all()  # what is open is not of the pool
    serve_pages(connections.settings["default"])


_use_pool()
