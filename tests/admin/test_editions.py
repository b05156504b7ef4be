"""A draft edition beside what readers see: kept, merged, looked at, published or given up; nothing of it is lost."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.urls import reverse

from catalog.history import erase_cases
from catalog.models import Case, Edition
from catalog.search import find_differences
from tests.admin.forms import form_of
from tests.factories import make_bank, make_case, make_category
from tests.roles import role

pytestmark = pytest.mark.django_db

BODY = "第一段讲背景。\n\n第二段讲做法。\n\n第三段讲成效。"


@pytest.fixture
def case():
    bank = make_bank("工商银行", code="icbc")
    return make_case(
        "园区贷服务小微", BODY, bank=bank, category=make_category("服务小微", code="small"), products=("园区贷",)
    )


@pytest.fixture
def editor(client):
    return _logged_in(client, "wangmin", "编辑")


@pytest.fixture
def reviewer(client):
    from django.test import Client

    other = Client()
    _logged_in(other, "liqiang", "审核")
    return other


def _logged_in(client, name: str, group: str):
    user = get_user_model().objects.create_user(name, is_staff=True)
    user.groups.add(role(group))
    client.force_login(user)
    return user


def page(case, beside: bool = False) -> str:
    return reverse("admin:catalog_case_change", args=[case.pk]) + ("?edition=1" if beside else "")


def save(client, case, button: str = "_save", beside: bool = False, **changes):
    address = page(case, beside)
    response = client.post(address, form_of(client, address, "case_form", **changes) | {button: "1"}, follow=True)
    assert response.status_code == 200
    return response


def decide(client, edition, what: str):
    return client.post(reverse("admin:catalog_edition_change", args=[edition.pk]), {what: "1"}, follow=True)


def body(*paragraphs: str) -> str:
    return "\r\n\r\n".join(paragraphs)


CHANGED = body("第一段讲背景。", "第二段讲新的做法。", "第三段讲成效。")


def test_what_an_editor_saves_of_a_public_case_readers_do_not_see(client, editor, case):
    told = save(client, case, body=CHANGED, title="园区贷再服务小微").content.decode()
    assert "草稿版已保存" in told
    case.refresh_from_db()
    assert (case.title, case.body, case.status) == ("园区贷服务小微", BODY, "public")
    edition = Edition.objects.open().get()
    assert edition.made_by == editor
    # It is what the editor goes on with.
    form = form_of(client, page(case), "case_form")
    assert (form["title"], form["body"]) == (["园区贷再服务小微"], [CHANGED])
    assert "status" not in form


def test_a_reviewer_sees_what_would_change_and_publishes_it(client, editor, reviewer, case):
    save(client, case, body=CHANGED, products=[])
    edition = Edition.objects.open().get()
    shown = reviewer.get(reverse("admin:catalog_edition_change", args=[edition.pk])).content.decode()
    assert "<ins>新的</ins>" in shown
    assert "<del>园区贷" in shown
    assert "已公开" in decide(reviewer, edition, "publish").content.decode()
    case.refresh_from_db()
    assert "新的做法" in case.body
    assert not case.products.exists()
    assert case.status == "public"
    edition.refresh_from_db()
    assert (edition.state, edition.closed_by.username) == ("published", "liqiang")
    assert not Edition.objects.open().exists()
    assert not find_differences()


def test_an_editor_can_not_publish_by_any_button(client, editor, case):
    save(client, case, "_publish_edition", body=CHANGED)
    edition = Edition.objects.open().get()
    assert decide(client, edition, "publish").status_code == 403
    case.refresh_from_db()
    assert case.body == BODY


def test_a_status_that_is_sent_anyway_changes_nothing(client, editor, case):
    save(client, case, status="draft")
    case.refresh_from_db()
    assert case.status == "public"
    draft = make_case("草稿", "正文。", status=Case.Status.DRAFT)
    save(client, draft, status="public")
    draft.refresh_from_db()
    assert draft.status == "draft"


def test_a_new_case_of_an_editor_is_a_draft(client, editor):
    address = reverse("admin:catalog_case_add")
    fields = form_of(client, address, "case_form", title="新案例", status="public")
    client.post(address, fields | {"_save": "1"})
    assert Case.objects.get(title="新案例").status == "draft"


def test_what_an_import_changed_meanwhile_stays_with_the_draft(client, editor, reviewer, case):
    save(client, case, body=CHANGED)
    Case.objects.filter(pk=case.pk).update(body=BODY.replace("成效", "新的成效"), branch="深圳分行")
    decide(reviewer, Edition.objects.open().get(), "publish")
    case.refresh_from_db()
    assert "新的做法" in case.body
    assert "新的成效" in case.body
    assert case.branch == "深圳分行"


def test_where_both_changed_the_same_an_editor_looks_first(client, editor, reviewer, case):
    save(client, case, body=CHANGED)
    theirs = BODY.replace("做法", "别的做法")
    Case.objects.filter(pk=case.pk).update(body=theirs)
    told = decide(reviewer, Edition.objects.open().get(), "publish").content.decode()
    assert "没有公开" in told
    assert "第二段讲别的做法" in told
    case.refresh_from_db()
    assert case.body == theirs
    # Seen, the second time the draft's words are those that stay.
    decide(reviewer, Edition.objects.open().get(), "publish")
    case.refresh_from_db()
    assert "新的做法" in case.body


def test_two_editors_of_one_draft_do_not_overwrite_each_other(client, editor, reviewer, case):
    save(client, case, body=CHANGED)
    early = form_of(reviewer, page(case, beside=True), "case_form", title="别的标题")
    save(client, case, summary="简介。")
    reviewer.post(page(case, beside=True), early | {"_save": "1"})
    values = Edition.objects.open().get().values
    assert (values["title"], values["summary"]) == (["别的标题"], ["简介。"])


def test_a_reviewer_may_keep_a_draft_and_still_edit_what_is_public(reviewer, case):
    save(reviewer, case, "_as_edition", body=CHANGED)
    save(reviewer, case, branch="深圳分行")
    case.refresh_from_db()
    assert case.body == BODY
    assert case.branch == "深圳分行"
    save(reviewer, case, "_publish_edition", beside=True)
    case.refresh_from_db()
    assert "新的做法" in case.body
    assert case.branch == "深圳分行"


def test_a_draft_given_up_can_be_taken_up_again(client, editor, reviewer, case):
    save(client, case, body=CHANGED)
    edition = Edition.objects.open().get()
    decide(reviewer, edition, "discard")
    assert not Edition.objects.open().exists()
    decide(reviewer, edition, "reopen")
    assert Edition.objects.open().get().values == edition.values


def test_every_save_of_a_draft_is_kept(client, editor, case):
    for words in ("甲", "乙", "丙"):
        save(client, case, summary=words)
    kept = Edition.objects.filter(case_id=case.pk).values_list("state", "values")
    assert [(state, values["summary"]) for state, values in kept] == [
        ("open", ["丙"]),
        ("replaced", ["乙"]),
        ("replaced", ["甲"]),
    ]


def test_a_draft_survives_its_case_s_stay_in_the_bin_and_not_its_erasure(client, editor, reviewer, case):
    save(client, case, body=CHANGED)
    key = case.pk
    reviewer.post(reverse("admin:catalog_case_delete", args=[key]), {"post": "yes"})
    assert not Case.objects.exists()
    assert not Edition.objects.open().exists()
    assert reviewer.get(reverse("admin:catalog_edition_changelist")).status_code == 200
    reviewer.post(reverse("admin:catalog_case_bin"), {"case": [key]})
    assert Edition.objects.open().get().values["body"] == [CHANGED.replace("\r\n", "\n")]
    erase_cases({key})
    assert not Edition.objects.exists()


def test_a_case_with_an_open_draft_is_not_merged_away(client, editor, reviewer, case):
    save(client, case, body=CHANGED)
    other = make_case("园区贷服务小微", BODY)
    address = f"{reverse('admin:catalog_case_merge')}?row={case.pk}&row={other.pk}"
    assert "没有公开的草稿版" in reviewer.get(address, follow=True).content.decode()


def test_an_old_version_is_not_made_public_by_an_editor(client, editor, reviewer, case):
    save(reviewer, case, summary="新的简介。")
    address = reverse("admin:catalog_case_history", args=[case.pk])
    assert "回到这一版" not in client.get(address).content.decode()
    assert client.post(address, {"position": "0"}).status_code == 403


def test_the_groups_are_there_after_the_migrations():
    assert set(Group.objects.values_list("name", flat=True)) >= {"编辑", "审核", "管理员"}
