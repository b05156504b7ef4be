import logging
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client

from config.logging import FewAlike, SiteLog


class Log:
    """The log of the site during a test."""

    def __init__(self, handler: SiteLog):
        self.handler = handler

    @property
    def path(self) -> Path:
        return Path(self.handler.baseFilename)

    @property
    def text(self) -> str:
        return self.path.read_text("utf-8") if self.path.exists() else ""

    @property
    def records(self) -> list[str]:
        """The first line of each."""
        return [line for line in self.text.splitlines() if not line.startswith("    ")]


@pytest.fixture
def site_log(tmp_path, monkeypatch) -> Log:
    """The log, in a folder of the test's own; it has counted nothing yet."""
    (handler,) = (handler for handler in logging.getLogger().handlers if isinstance(handler, SiteLog))
    (alike,) = (known for known in handler.filters if isinstance(known, FewAlike))
    monkeypatch.setattr(alike, "counts", {})
    monkeypatch.setattr(handler, "baseFilename", str(tmp_path / "log" / "site.log"))
    handler.close()
    yield Log(handler)
    handler.close()


@pytest.fixture
def mode(settings, tmp_path):
    """mode("on", "--message", "…") as an operator sets it; it is a file of the test's own."""
    settings.MAINTENANCE_FILE = tmp_path / "maintenance.json"
    return lambda *arguments: call_command("maintenance", *arguments, stdout=StringIO())


@pytest.fixture
def reader(settings) -> Client:
    """A reader of a site with some addresses that break: see `faults`. Errors are answered, as to any reader."""
    settings.ROOT_URLCONF = "tests.operations.faults"
    return Client(raise_request_exception=False)
