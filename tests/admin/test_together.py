"""Who else has a form open, as the server tells it."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog.models import CaseEvent, OpenPage
from tests.admin.forms import form_of
from tests.factories import make_case
from tests.roles import role

pytestmark = pytest.mark.django_db


@pytest.fixture
def case():
    return make_case("园区贷", "正文。")


def person(name: str, group: str = "审核") -> Client:
    user = get_user_model().objects.create_user(name, is_staff=True)
    user.groups.add(role(group))
    client = Client()
    client.force_login(user)
    return client


def ask(client, case, **fields) -> str:
    response = client.post(reverse("admin:catalog_case_open", args=[case.pk]), fields)
    assert response.status_code == 200
    return response.content.decode()


def test_two_see_each_other_and_nobody_oneself(case):
    first, second = person("wangmin"), person("liqiang")
    assert ask(first, case).strip() == ""
    assert "wangmin" in ask(second, case)
    assert "liqiang" in ask(first, case)


def test_who_left_or_was_not_heard_of_is_no_longer_there(case):
    first, second = person("wangmin"), person("liqiang")
    ask(first, case), ask(second, case)
    ask(first, case, left="1")
    assert "wangmin" not in ask(second, case)
    ask(first, case)
    OpenPage.objects.filter(user__username="wangmin").update(seen_at=timezone.now() - timedelta(seconds=61))
    assert "wangmin" not in ask(second, case)
    assert OpenPage.objects.count() == 1


def test_who_has_saved_since_is_told(case):
    first, second = person("wangmin"), person("liqiang")
    opened = timezone.now().isoformat()
    address = reverse("admin:catalog_case_change", args=[case.pk])
    second.post(address, form_of(second, address, "case_form", summary="简介。") | {"_save": "1"})
    assert "liqiang</strong> 保存过" in ask(first, case, since=opened)
    assert "保存过" not in ask(second, case, since=opened)
    assert "保存过" not in ask(first, case, since=timezone.now().isoformat())
    for nonsense in ("昨天", "2026-13-45", "2026-01-01"):
        assert "保存过" not in ask(first, case, since=nonsense)


def test_asking_is_no_edit_and_needs_the_right_to_look(case):
    events, before = CaseEvent.objects.count(), case.updated_at
    ask(person("wangmin", "编辑"), case)
    case.refresh_from_db()
    assert (CaseEvent.objects.count(), case.updated_at) == (events, before)
    stranger = get_user_model().objects.create_user("zhao", is_staff=True)
    client = Client()
    client.force_login(stranger)
    address = reverse("admin:catalog_case_open", args=[case.pk])
    assert client.post(address).status_code == 403
    assert client.get(address).status_code in (403, 405)


def test_an_open_page_alone_keeps_nobody_logged_in(case):
    client = person("wangmin")
    session = client.session
    session["used_at"] = 0
    session.save()
    ask(client, case)
    assert client.session["used_at"] == 0
    client.get(reverse("admin:catalog_case_change", args=[case.pk]))
    assert client.session["used_at"] > 0


def test_only_what_is_stored_is_called_so(case):
    client = person("wangmin")
    address = reverse("admin:catalog_case_change", args=[case.pk])
    fields = form_of(client, address, "case_form", title="") | {"kept_as": "draft-1", "_save": "1"}
    assert "saved" not in client.post(address, fields).cookies
    assert client.post(address, fields | {"title": "甲"}).cookies["saved"].value == "draft-1"
    gone = client.post(reverse("admin:catalog_case_change", args=[case.pk + 1]), fields)
    assert "saved" not in gone.cookies
