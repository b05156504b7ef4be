"""Rows deleted from the lists, few or many: shown before, all or none, and nothing else."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.urls import reverse

from catalog.models import Case, Doubt, Source
from catalog.search import find_differences
from tests.factories import make_bank, make_case, make_source

pytestmark = pytest.mark.django_db

CASES = "/admin/catalog/case/"
FIELDS = ("action", "confirmed", "digest", "count", "select_across", "_selected_action")


@pytest.fixture
def source():
    return make_source(["一", "二"])


@pytest.fixture
def cases(source):
    """70 drafts with a doubt each, more than a page of the list, and one public case."""
    bank = make_bank("农业银行")
    rows = [Case(title=f"草稿{n}", slug=f"草稿{n}", ref=f"{n}", source=source, status="draft") for n in range(70)]
    Case.objects.bulk_create(rows)
    Doubt.objects.bulk_create(
        [Doubt(source=source, case=row, field="body", reason="接缝", confidence=1) for row in rows]
    )
    make_case("公开的", bank=bank, products=("惠农贷",))
    return rows


def ask(client, rows, address=CASES, *, everything=False):
    """The page that asks whether these are meant."""
    chosen = {"action": "delete_selected", "select_across": "1" if everything else "0"}
    return client.post(address, chosen | {"_selected_action": [row.pk for row in rows]})


def confirm(client, page, address=CASES):
    html = page.content.decode()
    sent = {name: [] for name in FIELDS}
    for field in html.split('<input type="hidden"')[1:]:
        name, value = (field.partition(f'{part}="')[2].partition('"')[0] for part in ("name", "value"))
        if name in sent:
            sent[name].append(value)
    assert sum(map(len, sent.values())) < 100
    return client.post(address, sent, follow=True)


def test_all_of_a_filtered_list_are_deleted_and_no_other(admin_client, source, cases):
    drafts = f"{CASES}?status__exact=draft"
    page = ask(admin_client, cases[:1], drafts, everything=True)
    html = page.content.decode()
    for told in ("删除 70 个案例", "状态：草稿", "存疑 70 条", "还有 50 个"):
        assert told in html
    assert "已删除 70 个案例" in confirm(admin_client, page, drafts).content.decode()
    assert [case.title for case in Case.objects.all()] == ["公开的"]
    assert not Doubt.objects.exists()
    assert len(Source.objects.get(pk=source.pk).removed) == 70  # a new edition does not bring them back
    assert not find_differences()
    assert LogEntry.objects.count() == 1


def test_of_a_page_those_that_were_chosen(admin_client, cases):
    confirm(admin_client, ask(admin_client, cases[:3]))
    assert Case.objects.count() == 68


@pytest.mark.parametrize("change", ["another draft", "one published", "one for another"])
def test_nothing_is_deleted_where_the_list_has_changed_meanwhile(admin_client, cases, change):
    drafts = f"{CASES}?status__exact=draft"
    page = ask(admin_client, cases[:1], drafts, everything=True)
    if change != "one published":
        make_case("又一个草稿", status="draft")
    if change != "another draft":
        Case.objects.filter(pk=cases[5].pk).update(status="public")
    before = Case.objects.count()
    assert "什么也没有删除" in confirm(admin_client, page, drafts).content.decode()
    assert Case.objects.count() == before


def test_what_is_still_in_use_is_not_deleted(admin_client, cases):
    banks = "/admin/catalog/bank/"
    page = ask(admin_client, [Case.objects.get(title="公开的").bank], banks)
    assert "案例 1 条" in page.content.decode()
    assert "确定删除" not in page.content.decode()


def test_who_may_delete_cases_need_not_be_allowed_what_goes_along(client, cases, django_user_model):
    user = django_user_model.objects.create_user("王芳", password="x", is_staff=True)
    rights = ["view_case", "change_case", "delete_case", "publish_case"]
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client.force_login(user)
    address = reverse("admin:catalog_case_delete", args=[cases[0].pk])
    assert client.post(address, {"post": "yes"}).status_code == 302
    confirm(client, ask(client, cases[1:3]))
    assert Case.objects.count() == 68


def test_who_may_not_delete_is_not_let(client, cases, django_user_model):
    user = django_user_model.objects.create_user("张伟", password="x", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["view_case", "change_case"]))
    client.force_login(user)
    forged = {"action": "delete_selected", "confirmed": "1", "_selected_action": [cases[0].pk]}
    client.post(CASES, forged)
    assert Case.objects.count() == 71
