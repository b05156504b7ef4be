"""Two people at one form, and what a browser makes of a text: nobody's work is lost, and looking changes nothing."""

import pytest
from django.contrib.admin.models import LogEntry
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from catalog.importing.merge import merge
from catalog.models import Bank, BankKind, Case, Category, Product, SynonymGroup
from tests.admin.forms import Form, form_of

pytestmark = pytest.mark.django_db

BODY = "## 背景\n\n第一段。\n\n第二段。"


@pytest.fixture
def bank():
    return Bank.objects.create(code="abc", name="农业银行", kind=BankKind.STATE)


@pytest.fixture
def case(bank):
    return Case.objects.create(title="众志成城", bank=bank, summary="一句。\n又一句。", body=BODY)


@pytest.fixture
def address(case):
    return reverse("admin:catalog_case_change", args=[case.pk])


@pytest.fixture
def opened(admin_client, address):
    """The form as it is sent when the page was opened now."""

    def open_form(**changes):
        return form_of(admin_client, address, "case_form", **changes)

    return open_form


@pytest.fixture
def colleague(django_user_model):
    user = django_user_model.objects.create_superuser("wangfang", password="a good long secret")
    client = Client()
    client.force_login(user)
    return client


def errors(response) -> dict:
    return response.context["adminform"].form.errors


class TestSavingNothing:
    def test_a_case_that_was_only_looked_at_and_saved_still_counts_as_unedited(
        self, admin_client, case, address, opened
    ):
        before = Case.objects.values("summary", "body").get(pk=case.pk)
        assert admin_client.post(address, opened()).status_code == 302
        after = Case.objects.values("summary", "body").get(pk=case.pk)
        assert after == before
        fresh = {"body": "文档的新正文。", "summary": "文档的新简介。"}
        assert merge(fresh, last=before, current=after).values == fresh

    def test_the_page_says_that_nothing_was_changed(self, admin_client, case, address, opened):
        admin_client.post(address, opened())
        assert LogEntry.objects.get(object_id=case.pk).get_change_message() == "没有字段被修改。"

    @pytest.mark.parametrize(
        "make",
        [
            lambda: SynonymGroup.objects.create(words="贷款\n融资", targets="授信\n信贷"),
            lambda: Category.objects.create(code="kangyi", name="聚力抗疫", slogans="同舟\n共济"),
        ],
    )
    def test_other_rows_keep_their_line_ends_too(self, admin_client, make):
        row = make()
        name = row._meta.model_name
        before = type(row).objects.values().get(pk=row.pk)
        page = reverse(f"admin:catalog_{name}_change", args=[row.pk])
        assert admin_client.post(page, form_of(admin_client, page, f"{name}_form")).status_code == 302
        assert type(row).objects.values().get(pk=row.pk) == before

    @pytest.mark.parametrize("write", ["一\r\n二", "一\r二"])
    def test_no_way_of_writing_brings_other_line_ends_in(self, case, write):
        with pytest.raises(IntegrityError, match="case_line_ends"), transaction.atomic():
            Case.objects.filter(pk=case.pk).update(body=write)


class TestTwoAtOneCase:
    def test_what_they_change_in_different_fields_is_all_kept_and_said(
        self, admin_client, colleague, case, address, opened
    ):
        mine = opened(branch="深圳市分行")
        colleague.post(address, opened(title="新的标题", status="draft"))
        response = admin_client.post(address, mine, follow=True)
        case.refresh_from_db()
        assert (case.title, case.status, case.branch) == ("新的标题", "draft", "深圳市分行")
        told = [str(message) for message in response.context["messages"]]
        assert any(all(word in text for word in ("wangfang", "“标题”", "“状态”")) for text in told)

    def test_a_field_that_both_change_is_refused_once_with_the_others_value_beside_it(
        self, admin_client, colleague, case, address, opened
    ):
        mine = opened(body="我改的正文。", branch="深圳市分行")
        colleague.post(address, opened(body="王芳改的正文。", title="新的标题"))
        response = admin_client.post(address, mine)
        case.refresh_from_db()
        assert case.body == "王芳改的正文。"
        assert list(errors(response)) == ["body"]
        assert "wangfang" in str(errors(response)["body"])
        assert "王芳改的正文。" in str(errors(response)["body"])
        page = response.content.decode()
        assert "我改的正文。" in page
        assert "深圳市分行" in page
        again = form_of_response(response)
        assert admin_client.post(address, again).status_code == 302
        case.refresh_from_db()
        assert (case.body, case.title, case.branch) == ("我改的正文。", "新的标题", "深圳市分行")

    def test_different_paragraphs_of_one_text_are_merged_and_said(self, admin_client, colleague, case, address, opened):
        mine = opened(body=BODY.replace("第一段", "我改的第一段"))
        colleague.post(address, opened(body=BODY.replace("第二段", "王芳改的第二段") + "\n\n第三段。"))
        response = admin_client.post(address, mine, follow=True)
        case.refresh_from_db()
        assert case.body == "## 背景\n\n我改的第一段。\n\n王芳改的第二段。\n\n第三段。"
        assert any("“正文”" in str(message) for message in response.context["messages"])

    def test_only_the_paragraph_that_both_change_is_refused_and_the_second_save_loses_nothing_else(
        self, admin_client, colleague, case, address, opened
    ):
        mine = opened(body=BODY.replace("第一段", "我改的第一段"))
        colleague.post(address, opened(body="## 背景\n\n王芳改的第一段。\n\n王芳改的第二段。"))
        response = admin_client.post(address, mine)
        told = str(errors(response)["body"])
        assert "王芳改的第一段。" in told
        assert "第二段" not in told
        assert admin_client.post(address, form_of_response(response)).status_code == 302
        case.refresh_from_db()
        assert case.body == "## 背景\n\n我改的第一段。\n\n王芳改的第二段。"

    def test_a_paragraph_that_the_other_deleted_is_named(self, admin_client, colleague, case, address, opened):
        mine = opened(body=BODY.replace("第一段", "我改的第一段"))
        colleague.post(address, opened(body="## 背景\n\n第二段。"))
        assert "（删去了）第一段。" in str(errors(admin_client.post(address, mine))["body"])

    def test_a_third_change_between_the_refusal_and_the_second_save_is_refused_again(
        self, admin_client, colleague, case, address, opened
    ):
        mine = opened(body="我改的正文。")
        colleague.post(address, opened(body="王芳改的正文。"))
        again = form_of_response(admin_client.post(address, mine))
        colleague.post(address, opened(body="王芳又改了。"))
        response = admin_client.post(address, again)
        assert "王芳又改了。" in str(errors(response)["body"])

    def test_the_same_change_by_both_is_no_conflict(self, admin_client, colleague, case, address, opened):
        mine = opened(title="新的标题")
        colleague.post(address, opened(title="新的标题"))
        assert admin_client.post(address, mine).status_code == 302

    def test_relations_ticks_and_dates_are_merged_as_texts_are(
        self, admin_client, colleague, bank, case, address, opened
    ):
        products = [Product.objects.create(name=f"产品{n}", bank=bank) for n in range(3)]
        case.products.set(products[:1])
        mine = opened(published_on="2024-03-01")
        colleague.post(
            address, opened(products=[str(products[2].pk), str(products[1].pk)], title_inferred="on", bank="")
        )
        assert admin_client.post(address, mine).status_code == 302
        case.refresh_from_db()
        assert set(case.products.all()) == set(products[1:])
        assert (case.title_inferred, case.bank, str(case.published_on)) == (True, None, "2024-03-01")

    def test_products_that_both_changed_are_named(self, admin_client, colleague, bank, case, address, opened):
        products = [Product.objects.create(name=f"园区贷{n}", bank=bank) for n in range(2)]
        mine = opened(products=[str(products[0].pk)])
        colleague.post(address, opened(products=[str(products[1].pk)]))
        told = str(errors(admin_client.post(address, mine))["products"])
        assert "园区贷1" in told

    def test_a_change_from_elsewhere_counts_as_well(self, admin_client, case, address, opened):
        mine = opened(body="我改的正文。")
        Case.objects.filter(pk=case.pk).update(body="导入的正文。")
        response = admin_client.post(address, mine)
        assert "导入" in str(errors(response)["body"])
        assert "导入的正文。" in str(errors(response)["body"])

    @pytest.mark.parametrize(
        "kept",
        [
            "",
            "{",
            "[]",
            '{"at": 1, "values": []}',
            '{"at": "x", "values": {"title": 1}}',
            '{"at": "2026-01-01", "values": {"body": 1}}',
        ],
    )
    def test_a_form_that_carries_nothing_sensible_is_an_error_of_nobody(self, admin_client, address, opened, kept):
        assert admin_client.post(address, opened(title="新的标题", opened_with=kept)).status_code in (200, 302)

    def test_a_bank_is_merged_like_a_case(self, admin_client, colleague, bank):
        page = reverse("admin:catalog_bank_change", args=[bank.pk])
        mine = form_of(admin_client, page, "bank_form", short_name="农行")
        colleague.post(page, form_of(colleague, page, "bank_form", full_name="中国农业银行"))
        assert admin_client.post(page, mine).status_code == 302
        bank.refresh_from_db()
        assert (bank.short_name, bank.full_name) == ("农行", "中国农业银行")


def form_of_response(response) -> dict[str, list[str]]:
    return Form(response.content.decode(), "case_form").values
