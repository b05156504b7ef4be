"""What was deleted comes back as it was; what is erased is nowhere."""

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import connection
from django.urls import reverse
from django.utils.html import strip_tags
from pghistory.models import Context

from catalog.history import deleted_cases, restore
from catalog.importing.database import run
from catalog.models import Case, CaseEvent, CaseProductEvent, Doubt, Product, Source, SourceEvent
from catalog.search import find_differences
from tests.factories import make_bank, make_case, make_source, place
from tests.traces import TITLE, make_scene, text_of_page

pytestmark = pytest.mark.django_db

BIN = "admin:catalog_case_bin"
LINES = ["目录", "复工贷助企业复产", "复工的正文。", "园区贷进工业园", "园区的正文。"]


@pytest.fixture
def source():
    return make_source(LINES)


@pytest.fixture
def case(source):
    provenance = [place("复工的正文。", 3, 3)]
    return make_case(
        "复工贷助企业复产",
        "复工的正文。",
        bank=make_bank("海洋银行"),
        products=("渔船贷",),
        source=source,
        ref="book#1",
        number=1,
        first_line=2,
        last_line=3,
        provenance=provenance,
        captions=["复工图片的说明"],
    )


def kept(case: Case) -> dict:
    values = Case.objects.filter(pk=case.pk).values().get()
    return {name: value for name, value in values.items() if name != "updated_at"}


def by_form(case, client):
    client.post(reverse("admin:catalog_case_delete", args=[case.pk]), {"post": "yes"})


def by_action(case, client):
    address, data = (
        reverse("admin:catalog_case_changelist"),
        {"action": "delete_selected", "_selected_action": [case.pk]},
    )
    asked = client.post(address, data).context
    client.post(address, data | {"confirmed": "1", "digest": asked["meant"].digest})


def by_sql(case, client):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM catalog_case_products WHERE case_id = %s", [case.pk])
        cursor.execute("DELETE FROM catalog_case WHERE id = %s", [case.pk])


@pytest.mark.parametrize("delete", [by_form, by_action, by_sql])
def test_a_case_comes_back_as_it_was(admin_client, client, case, source, delete):
    before, shown = kept(case), text_of_page(client, source.get_absolute_url())
    delete(case, admin_client)
    assert not Case.objects.exists()
    assert client.get(source.get_absolute_url()).status_code == 404
    page = admin_client.get(reverse(BIN))
    assert case.title in page.content.decode()
    admin_client.post(reverse(BIN), {"case": [case.pk]})
    assert kept(case) == before
    assert [product.name for product in case.products.all()] == ["渔船贷"]
    source.refresh_from_db()
    assert (source.removed, source.withheld) == ([], [])
    assert text_of_page(client, source.get_absolute_url()) == shown
    assert client.get(case.get_absolute_url()).status_code == 200
    assert not find_differences()
    assert not deleted_cases().exists()


def test_an_import_updates_what_came_back(tmp_path):
    path = tmp_path / "案例.jsonl"
    path.write_text('{"id": "1", "title": "甲案例", "text": "甲的正文。"}\n', encoding="utf-8")
    run.import_documents([path], settings.SEEDS_DIR)
    case = Case.objects.get()
    Case.objects.all().delete()
    restore([case.pk])
    path.write_text('{"id": "1", "title": "甲案例", "text": "甲的新正文。"}\n', encoding="utf-8")
    run.import_documents([path], settings.SEEDS_DIR)
    assert Case.objects.get().body == "甲的新正文。"
    assert not Doubt.objects.exists()


def test_what_cannot_come_back_as_it_was_is_said(admin_client, case, source):
    Case.objects.all().delete()
    Product.objects.all().delete()
    make_case(case.title, source=source, number=1)
    admin_client.post(reverse(BIN), {"case": [case.pk]})
    back = Case.objects.get(pk=case.pk)
    said = strip_tags(admin_client.get(reverse(BIN)).content.decode())
    assert back.slug != case.slug
    assert back.number is None
    for words in ("序号 1 现在是同一来源另一个案例的", "产品“渔船贷（已删除）”已不存在", "新地址"):
        assert words in said


def test_one_that_came_anew_is_not_doubled(admin_client, case):
    Case.objects.all().delete()
    make_case("另一个", ref="book#1")
    admin_client.post(reverse(BIN), {"case": [case.pk, "x", "9" * 30]})
    assert not Case.objects.filter(pk=case.pk).exists()


def test_the_bin_is_searched_by_title(admin_client, case):
    make_case("园区贷").delete()
    case.delete()
    page = admin_client.get(reverse(BIN), {"q": "复工"})
    assert [event.title for event in page.context["page"]] == [case.title]


def test_rights_to_the_bin(client, case):
    Case.objects.all().delete()
    user = get_user_model().objects.create_user("reader", password="春眠不觉晓-Spring7", is_staff=True)
    client.force_login(user)
    assert client.get(reverse(BIN)).status_code == 403
    user.user_permissions.add(Permission.objects.get(codename="view_case"))
    assert "恢复所选" not in client.get(reverse(BIN)).content.decode()
    assert client.post(reverse(BIN), {"case": [case.pk]}).status_code == 403
    user.user_permissions.add(Permission.objects.get(codename="add_case"))
    assert client.post(reverse(BIN), {"case": [case.pk]}).status_code == 403
    user.user_permissions.add(Permission.objects.get(codename="publish_case"))
    assert client.post(reverse(BIN), {"case": [case.pk]}).status_code == 302
    assert client.get(reverse("admin:catalog_case_erase", args=[case.pk])).status_code == 403


def everything() -> str:
    """All text of the tables that could hold something of a case."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT quote_ident(relname) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace "
            "AND relname LIKE ANY (ARRAY['catalog\\_%', 'pghistory\\_%', 'django\\_admin\\_log'])"
        )
        texts = []
        for (table,) in cursor.fetchall():
            cursor.execute(f"SELECT string_agg(t::text, ' ') FROM {table} AS t")
            texts.append(cursor.fetchone()[0] or "")
    return " ".join(texts)


@pytest.mark.parametrize("deleted_before", [False, True])
def test_what_is_erased_is_nowhere(admin_client, case, source, deleted_before):
    other = make_case("园区贷进工业园", source=source, provenance=[place("园区的正文。", 5, 5)])
    Case.objects.filter(pk=case.pk).update(body="复工的第二稿。")
    Doubt.objects.create(source=source, case=case, field="body", reason="复工的接缝", confidence=0.4)
    if deleted_before:
        Case.objects.filter(pk=case.pk).delete()
    address = reverse("admin:catalog_case_erase", args=[case.pk])
    assert admin_client.post(address, {"typed": "复工"}).status_code == 200
    assert "复工的第二稿" in everything()
    admin_client.post(address, {"typed": case.full_title})
    left = everything()
    for words in ("复工贷助企业复产", "复工的正文", "复工的第二稿", "复工的接缝", "复工图片的说明"):
        assert words not in left
    source.refresh_from_db()
    assert source.lines == ["目录", "", "", "园区贷进工业园", "园区的正文。"]
    assert source.removed == ["book#1"]
    assert not CaseEvent.objects.filter(pgh_obj_id=case.pk).exists()
    assert not CaseProductEvent.objects.filter(case_id=case.pk).exists()
    assert not find_differences()
    assert Case.objects.get() == other


def test_a_reason_of_a_context_that_lives_on_is_forgotten(admin_client, case):
    data = {"action": "withdraw", "_selected_action": [case.pk, make_case("另一个").pk]}
    admin_client.post(reverse("admin:catalog_case_changelist"), data)
    context = CaseEvent.objects.filter(pgh_label="update").first().pgh_context
    context.metadata["reason"] = "复工贷有误"
    context.save()
    admin_client.post(reverse("admin:catalog_case_erase", args=[case.pk]), {"typed": case.full_title})
    assert "reason" not in Context.objects.get(pk=context.pk).metadata


def test_a_source_is_erased_with_all_that_came_of_it(admin_client, case, source):
    make_case("园区贷进工业园", source=source, ref="book#2").delete()
    admin_client.post(reverse("admin:catalog_source_erase", args=[source.pk]), {"typed": source.name})
    assert not Source.objects.exists()
    assert not Case.objects.exists()
    assert not CaseEvent.objects.exists()
    assert not SourceEvent.objects.exists()
    for words in ("复工贷助企业复产", "复工的正文", "园区贷进工业园"):
        assert words not in everything()


def test_nothing_recorded_is_public(client, admin_client):
    scene = make_scene()
    Case.objects.filter(pk=scene.case.pk).update(title="改过的题", body="改过的正文")
    Case.objects.filter(pk=scene.case.pk).update(status="draft")
    addresses = [*scene.addresses.values(), "/sources/", "/"]
    for address in addresses:
        page = text_of_page(client, address)
        assert TITLE not in page or f"q={TITLE[:4]}" in address
        assert "改过的题" not in page
    for name in ("history", "erase"):
        assert client.get(reverse(f"admin:catalog_case_{name}", args=[scene.case.pk])).status_code == 302
    assert client.get(reverse(BIN)).status_code == 302
