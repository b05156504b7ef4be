import gc

import pytest
from django.db import OperationalError, connections

from catalog.search.maintenance import warm
from catalog.search.query import current_vocabulary
from catalog.text import pinyin, segment

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def closed(monkeypatch) -> list[str]:
    """What was closed: the tests' own connection is to stay open."""
    calls = []
    monkeypatch.setattr(connections, "close_all", lambda: calls.append("all"))
    yield calls
    gc.unfreeze()


@pytest.mark.slow
def test_the_first_search_has_nothing_more_to_read(make_case, find, monkeypatch):
    make_case("案例", "普惠金融")
    for cached in (segment._dictionary, segment._long_words, segment.plain, pinyin.readings):
        cached.cache_clear()
    warm.read_ahead()
    read = [segment._dictionary.cache_info().misses, pinyin.readings.cache_info().misses]
    monkeypatch.setattr(current_vocabulary, "Vocabulary", None)
    assert find("普会金融") == ["案例"]
    assert read == [segment._dictionary.cache_info().misses, pinyin.readings.cache_info().misses]


def test_no_connection_is_left_for_the_workers_to_share(closed):
    warm.read_ahead()
    assert closed == ["all"]


def test_a_database_that_is_away_is_told_and_keeps_no_server_from_starting(monkeypatch, closed, caplog):
    def away():
        raise OperationalError("away")

    monkeypatch.setattr(current_vocabulary, "current", away)
    warm.read_ahead()
    assert "away" in caplog.text
    assert closed == ["all"]
