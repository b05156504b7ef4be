import pytest


@pytest.fixture(autouse=True)
def static_files_as_they_lie(settings):
    """Tests read static files from their folders; a manifest belongs to a collected site."""
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    settings.STATIC_ROOT = None
