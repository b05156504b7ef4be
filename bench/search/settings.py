"""The site's settings, with a database server and databases of the bench's own: the catalogue's are never touched.

BENCH_DATABASE   the database's name
"""

import os

from config.settings import *  # noqa: F403
from config.settings import STORAGES, VAR_DIR
from embedded_postgres import DATABASE, ROLE

BENCH_DIR = VAR_DIR / "bench"
DATABASES = {
    "default": {
        "ENGINE": "embedded_postgres",
        "NAME": os.environ.get("BENCH_DATABASE", DATABASE),
        "USER": ROLE,
        "EMBEDDED_ROOT": BENCH_DIR / "postgres",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
}
DEBUG = False
# Static files are not what is measured: they need not be collected.
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
