"""A page may be kept, as long as it is asked first whether it still holds."""

import pytest

from tests.factories import make_case

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("address", ["/cases/", "/api/cases/"])
def test_a_page_that_has_not_changed_is_not_sent_again_and_an_edit_is_seen_at_once(client, address):
    case = make_case("普惠金融")
    first = client.get(address)
    assert "no-cache" in first["Cache-Control"]
    assert client.get(address, headers={"if-none-match": first["ETag"]}).status_code == 304
    # nginx weakens the tag of what it has compressed.
    assert client.get(address, headers={"if-none-match": f"W/{first['ETag']}"}).status_code == 304
    case.title = "绿色金融"
    case.save()
    changed = client.get(address, headers={"if-none-match": first["ETag"]})
    assert changed.status_code == 200
    assert "绿色金融" in changed.content.decode()


def test_only_what_does_not_depend_on_a_cookie_may_be_kept_for_others(client):
    assert "private" in client.get("/cases/")["Cache-Control"]
    assert "private" not in client.get("/api/cases/")["Cache-Control"]


def test_what_says_otherwise_itself_is_left_alone(client):
    assert "no-store" in client.get("/admin/login/")["Cache-Control"]
