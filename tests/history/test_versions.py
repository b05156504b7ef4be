"""What a row was at each moment, what is different, and the way back."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils.html import strip_tags

from catalog.history import Kind, changes_of, recording, state_at, state_before, text_difference, versions
from catalog.models import Bank, Case, CaseEvent, Product
from catalog.search import find_differences
from tests.factories import make_bank, make_case

pytestmark = pytest.mark.django_db


@pytest.fixture
def bank():
    return make_bank("海洋银行")


@pytest.fixture
def case(bank):
    """Three versions, each of a context of its own."""
    with recording(Kind.IMPORT):
        case = make_case("第一题", "第一稿。", bank=bank, products=("渔船贷",))
    with recording(Kind.FORM, username="liming", reason="改题"):
        Case.objects.filter(pk=case.pk).update(title="第二题")
    with recording(Kind.BULK):
        Case.objects.filter(pk=case.pk).update(body="第二稿。", status="draft")
        case.products.clear()
    case.refresh_from_db()
    return case


def history(case) -> str:
    return reverse("admin:catalog_case_history", args=[case.pk])


def test_each_version_is_what_the_row_was(case):
    known = versions(Case, case.pk)
    assert [version.kind for version in known] == ["批量", "表单", "导入"]
    states = [state_at(Case, case.pk, version.position) for version in known]
    assert [(state["title"], state["body"], len(state["products"])) for state in states] == [
        ("第二题", "第二稿。", 0),
        ("第二题", "第一稿。", 1),
        ("第一题", "第一稿。", 1),
    ]


def test_a_deleted_row_has_its_versions_still(case):
    key = case.pk
    case.delete()
    known = versions(Case, key)
    assert state_at(Case, key) is None
    assert state_at(Case, key, known[1].position)["body"] == "第二稿。"
    assert known[0].deed == "删除"


def test_a_row_from_before_the_history_has_its_first_state(case):
    CaseEvent.objects.filter(pgh_label="insert").delete()
    *_, oldest = versions(Case, case.pk)
    assert oldest.at is None
    assert state_at(Case, case.pk, oldest.position)["title"] == "第一题"


def test_what_a_context_did_and_what_was_before_it(case):
    gone = make_case("将删")
    with recording(Kind.IMPORT) as context:
        made = make_case("新的")
        make_case("来了又走").delete()
        Case.objects.filter(pk=case.pk).update(body="第三稿。")
        key = gone.pk
        gone.delete()
    changes = changes_of(context)
    assert (changes.created, changes.changed, changes.deleted) == ({made.pk}, {case.pk}, {key})
    assert state_before(case.pk, context)["body"] == "第二稿。"
    assert state_before(made.pk, context) is None
    assert state_before(key, context)["title"] == "将删"


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("首批企业拿到贷款。", "首批企业已经拿到贷款。", "首批企业<ins>已经</ins>拿到贷款。"),
        ("工商银行", "农业银行", "<del>工商</del><ins>农业</ins>银行"),
        ("", "新的", "<ins>新的</ins>"),
        ("<b>旧</b>", "", "<del>&lt;b&gt;旧&lt;/b&gt;</del>"),
    ],
)
def test_differences_are_told_by_character(before, after, shown):
    assert text_difference(before, after) == shown


class TestThePage:
    def test_it_shows_who_when_why_and_what(self, admin_client, case):
        page = admin_client.get(history(case)).content.decode()
        for text in ("liming", "改题", "批量", "<del>第一稿</del>", "标题", "<del>渔船贷</del>", "状态"):
            assert text in page or text.replace("<del>第一稿</del>", "第<del>一</del>") in page

    def test_any_two_are_compared(self, admin_client, case):
        newest, _, oldest = versions(Case, case.pk)
        page = admin_client.get(history(case), {"old": oldest.position, "new": newest.position})
        assert [difference.name for difference in page.context["compared"]] == ["title", "status", "body", "products"]

    @pytest.mark.parametrize("strange", ["x", "-1", "9" * 30, "²"])
    def test_strange_positions_are_no_error(self, admin_client, case, strange):
        assert admin_client.get(history(case), {"old": strange, "new": "1"}).status_code == 200

    @pytest.mark.parametrize("key", ["999999", "abc", "²"])
    def test_what_never_was_has_no_history(self, admin_client, key):
        assert admin_client.get(f"/admin/catalog/case/{key}/history/").status_code == 404

    def test_going_back_is_a_new_version_with_its_products(self, admin_client, case):
        *_, oldest = versions(Case, case.pk)
        admin_client.post(history(case), {"position": oldest.position, "history_reason": "改错了"})
        case.refresh_from_db()
        assert (case.title, case.body, case.status) == ("第一题", "第一稿。", "public")
        assert [product.name for product in case.products.all()] == ["渔船贷"]
        newest = versions(Case, case.pk)[0]
        assert (newest.kind, newest.why, newest.who) == ("回到旧版", "改错了", "admin")
        assert len(versions(Case, case.pk)) == 4
        assert not find_differences()

    def test_names_that_are_gone_are_said(self, admin_client, case, bank):
        *_, oldest = versions(Case, case.pk)
        Case.objects.update(bank=None)
        Product.objects.all().delete()
        bank.delete()
        page = admin_client.post(history(case), {"position": oldest.position}, follow=True)
        said = strip_tags(page.content.decode())
        assert "银行“海洋银行（已删除）”已不存在" in said
        assert "产品“渔船贷（已删除）”已不存在" in said
        case.refresh_from_db()
        assert (case.title, case.bank) == ("第一题", None)

    def test_a_bank_goes_back_with_its_other_names(self, admin_client, bank):
        with recording(Kind.FORM):
            bank.aliases.create(name="海行")
        kept = versions(Bank, bank.pk)[0]
        with recording(Kind.FORM):
            Bank.objects.update(name="远洋银行")
            bank.aliases.filter(name="海行").update(name="远行")
        address = reverse("admin:catalog_bank_history", args=[bank.pk])
        admin_client.post(address, {"position": kept.position})
        bank.refresh_from_db()
        assert bank.name == "海洋银行"
        assert [alias.name for alias in bank.aliases.all()] == ["海行"]

    def test_who_may_only_look_does_not_go_back(self, client, case):
        user = get_user_model().objects.create_user("reader", password="春眠不觉晓-Spring7", is_staff=True)
        client.force_login(user)
        assert client.get(history(case)).status_code == 403
        user.user_permissions.add(Permission.objects.get(codename="view_case"))
        assert "回到这一版" not in client.get(history(case)).content.decode()
        assert client.post(history(case), {"position": 1}).status_code == 403
