"""The site's settings, with a database server and databases of the bench's own: the catalogue's are never touched.

BENCH_DATABASE   the database's name
"""

import os

from config.postgres import database_config
from config.settings import *  # noqa: F403
from config.settings import BASE_DIR, STORAGES, VAR_DIR
from embedded_postgres import DATABASE

BENCH_DIR = VAR_DIR / "bench"
DATABASES = {
    "default": database_config(BASE_DIR, {})
    | {"NAME": os.environ.get("BENCH_DATABASE", DATABASE), "EMBEDDED_ROOT": BENCH_DIR / "postgres"}
}
DEBUG = False
# Static files are not what is measured: they need not be collected.
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
