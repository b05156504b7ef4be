"""Who may import, and who may change what readers see; asked of every page, and once more by the job."""

import pytest
from django.contrib.auth import get_user_model

from catalog.models import Case
from intake.models import ImportBatch
from tests.intake.conftest import accept, address, file, rows, upload, work

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

State = ImportBatch.State
CASE = {"id": "1", "title": "众志成城", "text": "第一段。"}
PAGES = ("change", "progress")
ACTIONS = ("ticks", "accept", "cancel", "again")


@pytest.fixture
def batch(client, editor):
    return upload(client, file("案例.jsonl", rows(CASE)))


@pytest.mark.parametrize("rights", [(), ("publish_case",)])
def test_without_the_right_to_import_there_is_nothing(client, batch, make_editor, rights):
    client.force_login(make_editor(*rights, name="hanmei"))
    addresses = [address("changelist"), address("add"), *(address(page, batch.pk) for page in PAGES)]
    addresses.append(address("item", batch.pk, batch.items.get().pk))
    assert {client.get(each).status_code for each in addresses} == {403}
    posted = [address("add"), *(address(action, batch.pk) for action in ACTIONS)]
    assert {client.post(each, {"shown": [batch.items.get().pk]}).status_code for each in posted} == {403}
    batch.refresh_from_db()
    assert (batch.state, batch.items.filter(chosen=True).count()) == (State.WAITING, 1)


def test_who_is_not_logged_in_is_asked_to(client, batch):
    client.logout()
    for each in (address("changelist"), address("change", batch.pk), address("add")):
        assert "/login/" in client.get(each)["Location"]
    assert client.post(address("accept", batch.pk))["Location"].startswith("/admin/login/")


@pytest.mark.parametrize("action", ACTIONS)
def test_a_look_changes_nothing(client, batch, action):
    assert client.get(address(action, batch.pk)).status_code == 405


def test_who_may_not_publish_brings_in_drafts(client, batch, make_editor):
    client.force_login(make_editor("import_cases", name="hanmei"))
    assert "直接公开" not in client.get(address("change", batch.pk)).content.decode()
    assert client.post(address("accept", batch.pk), {"status": "public"}).status_code == 403
    assert accept(client, batch, "draft").state == State.DONE
    assert Case.objects.get().status == "draft"


def test_who_may_not_publish_changes_no_public_case_but_drafts(client, editor, make_editor):
    other = CASE | {"id": "2", "title": "守望相助"}
    accept(client, upload(client, file("案例.jsonl", rows(CASE, other))), "public")
    Case.objects.filter(title="守望相助").update(status="draft")
    client.force_login(make_editor("import_cases", name="hanmei"))
    batch = upload(client, file("案例.jsonl", rows(*(row | {"text": "新文。"} for row in (CASE, other)))))
    assert "要有公开的权限" in client.get(address("change", batch.pk)).content.decode()
    assert accept(client, batch).state == State.DONE
    assert dict(Case.objects.values_list("title", "body")) == {"众志成城": "第一段。", "守望相助": "新文。"}


@pytest.mark.parametrize("lost", ["right", "account"])
def test_a_right_that_was_lost_before_the_job_began_is_gone(client, editor, lost):
    client.post(address("add"), {"files": [file("案例.jsonl", rows(CASE))]})
    if lost == "right":
        editor.user_permissions.clear()
    else:
        get_user_model().objects.update(is_active=False)
    work()
    batch = ImportBatch.objects.get()
    assert batch.state == State.FAILED
    assert "权限" in batch.message
    assert not batch.items.exists()
