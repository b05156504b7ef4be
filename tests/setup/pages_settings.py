"""The site's settings for pages served in a test.

EMBEDDED_ROOT   the folder of the embedded server
"""

import os
from pathlib import Path

from config.settings import *  # noqa: F403
from config.settings import DATABASES, STORAGES

# Static files are not what is asked for: they need not be collected.
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
STATIC_ROOT = None
if root := os.environ.get("EMBEDDED_ROOT"):
    DATABASES["default"]["EMBEDDED_ROOT"] = Path(root)
