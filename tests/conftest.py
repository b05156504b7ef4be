import logging

import pytest

from config.logging import SiteLog


@pytest.fixture(autouse=True, scope="session")
def log_of_the_tests(tmp_path_factory):
    """What breaks on purpose is not to be found in the log of the checkout's own site."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, SiteLog):
            handler.baseFilename = str(tmp_path_factory.mktemp("log") / "site.log")


@pytest.fixture(autouse=True)
def static_files_as_they_lie(settings):
    """Tests read static files from their folders; a manifest belongs to a collected site."""
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    settings.STATIC_ROOT = None


@pytest.fixture(autouse=True)
def searches_are_not_counted(settings):
    """Now and then the counts of searches are written, after whichever request comes then."""
    settings.SEARCH_STATISTICS = False


@pytest.fixture(autouse=True)
def no_vocabulary_in_the_making():
    """A thread that still reads the tables would be in the way of the next test, which empties them."""
    yield
    from catalog.search.query import current_vocabulary

    current_vocabulary.wait()
