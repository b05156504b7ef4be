"""The admin's first page says what waits, and leads to it."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.urls import reverse

from catalog.models import Case, Doubt
from intake.models import ImportBatch
from tests.factories import make_case, make_source

pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting():
    source = make_source([])
    one, other = (make_case(title=title, source=source) for title in ("渔港的冷库", "一座冷库"))
    make_case(title="草稿", status=Case.Status.DRAFT)
    Doubt.objects.create(source=source, case=other, field="source", reason="可能重复", confidence=0.1, other=one)
    Doubt.objects.create(source=source, case=one, field="bank", reason="没有银行", confidence=0.1)
    ImportBatch.objects.create(state=ImportBatch.State.WAITING)
    return one, other


def works(client) -> dict[str, tuple[int, str]]:
    response = client.get(reverse("admin:index"))
    return {work["label"]: (work["number"], work["address"]) for work in response.context["works"]}


def test_each_kind_is_counted_and_its_list_holds_as_many(admin_client, waiting):
    found = works(admin_client)
    assert {label: number for label, (number, _) in found.items()} == {
        "待确认的导入": 1,
        "可能重复的案例": 1,
        "冲突": 0,
        "存疑": 1,
        "待审核的修改": 0,
        "草稿": 1,
    }
    for label in ("可能重复的案例", "存疑", "草稿"):
        assert admin_client.get(found[label][1]).context["cl"].result_count == 1


def test_only_what_the_editor_may_look_at_is_shown(client, waiting):
    user = get_user_model().objects.create_user("liming", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_doubt"))
    client.force_login(user)
    assert list(works(client)) == ["可能重复的案例", "存疑"]


def test_a_likely_duplicate_leads_to_both_side_by_side(admin_client, waiting):
    one, other = waiting
    doubt = Doubt.objects.get(other=one)
    page = admin_client.get(reverse("admin:catalog_doubt_change", args=[doubt.pk])).content.decode()
    address = f"{reverse('admin:catalog_case_merge')}?row={other.pk}&amp;row={one.pk}&amp;stays={one.pk}"
    assert address in page
    side_by_side = admin_client.get(address.replace("&amp;", "&")).content.decode()
    assert "一座冷库" in side_by_side
