"""A case that is not public is shown nowhere, also where the index takes it for public."""

from contextlib import contextmanager

import pytest

from catalog.models import Case, SearchEntry
from catalog.search import search_deadline, settle
from catalog.search.snapshot import build
from tests.traces import COUNTED, Scene, make_scene, text_of_page

pytestmark = pytest.mark.django_db


@contextmanager
def false_entry(case: Case):
    """The entry says that it is public."""
    Case.objects.filter(pk=case.pk).update(status=Case.Status.DRAFT)
    settle()
    SearchEntry.objects.filter(case=case).update(public=True)
    yield


@contextmanager
def false_snapshot(case: Case):
    """The entry says so, and a snapshot that was made of it."""
    with false_entry(case):
        build.build_snapshot()
        yield


@contextmanager
def unsettled_entry(case: Case):
    """Searches see the entries of one moment, since when the case was withdrawn."""
    with search_deadline(60):
        Case.objects.filter(pk=case.pk).update(status=Case.Status.DRAFT)
        yield


@pytest.fixture
def scene(monkeypatch) -> Scene:
    monkeypatch.setattr(build, "LEAST", 3)
    return make_scene()


@pytest.mark.parametrize("lying_index", [false_entry, false_snapshot, unsettled_entry])
def test_no_page_no_answer_and_no_suggestion_shows_its_title(client, scene, lying_index):
    with lying_index(scene.case):
        assert client.get("/cases/?q=休渔期").context["listing"].count == 2  # the index does lie
        assert scene.places_showing(client) <= COUNTED
        for address in scene.addresses.values():
            assert "休渔期补贴" not in text_of_page(client, address)


def test_not_even_an_editor_is_shown_its_page(admin_client, client, scene):
    with false_entry(scene.case):
        address = scene.case.get_absolute_url()
        assert admin_client.get(address).status_code == client.get(address).status_code == 404
