"""Cases published and withdrawn by an editor's bulk actions: what visitors meet follows at once."""

import pytest
from django.urls import reverse

from catalog.models import Case
from catalog.search import find_differences
from catalog.search.snapshot import build
from tests.traces import COUNTED, Scene, make_scene

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["tables", "snapshot"])
def scene(request, monkeypatch) -> Scene:
    """Searched in the tables, or in a snapshot that was made while the case was public."""
    scene = make_scene()
    if request.param == "snapshot":
        monkeypatch.setattr(build, "LEAST", 3)
        build.build_snapshot()
    return scene


@pytest.fixture
def act(admin_client, scene):
    """act("withdraw"): the bulk action on the case, and how its row is afterwards."""

    def post(action: str) -> Case:
        address = reverse("admin:catalog_case_changelist")
        response = admin_client.post(address, {"action": action, "_selected_action": [scene.case.pk]}, follow=True)
        assert "1 个案例已改为" in response.content.decode()
        return Case.objects.get(pk=scene.case.pk)

    return post


def test_a_withdrawn_case_is_nowhere_and_a_published_one_everywhere(client, scene, act):
    everywhere = {*scene.addresses, "similar cases", *COUNTED}
    assert scene.places_showing(client) == everywhere

    act("withdraw")
    assert scene.places_showing(client) == set()
    assert client.get(scene.case.get_absolute_url()).status_code == 404
    assert not find_differences()

    act("publish")
    assert scene.places_showing(client) == everywhere
    assert not find_differences()


def test_the_change_has_its_time(scene, act):
    before = scene.case.updated_at
    withdrawn = act("withdraw").updated_at
    assert withdrawn > before
    assert act("publish").updated_at > withdrawn


def test_those_that_are_as_wanted_are_left_alone(admin_client, scene):
    address = reverse("admin:catalog_case_changelist")
    selected = {"action": "publish", "_selected_action": [scene.case.pk, scene.sibling.pk]}
    assert "0 个案例已改为公开" in admin_client.post(address, selected, follow=True).content.decode()
    assert Case.objects.get(pk=scene.case.pk).updated_at == scene.case.updated_at


def test_the_hits_of_a_search_can_be_withdrawn(admin_client, client, scene):
    address = f"{reverse('admin:catalog_case_changelist')}?q=休渔期"
    selected = {"action": "withdraw", "_selected_action": [scene.case.pk, scene.sibling.pk]}
    assert "2 个案例已改为草稿" in admin_client.post(address, selected, follow=True).content.decode()
    assert client.get("/cases/?q=休渔期").context["listing"].count == 0
