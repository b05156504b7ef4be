import pytest


@pytest.fixture(autouse=True)
def static_files_as_they_lie(settings):
    """Tests read static files from their folders; a manifest belongs to a collected site."""
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    settings.STATIC_ROOT = None


@pytest.fixture(autouse=True)
def no_vocabulary_in_the_making():
    """A thread that still reads the tables would be in the way of the next test, which empties them."""
    yield
    from catalog.search.query import current_vocabulary

    current_vocabulary.wait()
