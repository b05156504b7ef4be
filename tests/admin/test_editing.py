"""An editor's day: what they change shows at once, everywhere."""

import re

import pytest
from django.urls import reverse

from catalog.models import Bank, BankKind, Case, Category, Doubt, Product, Source
from catalog.search import search_cases
from catalog.text.markdown import piece_key

pytestmark = pytest.mark.django_db


@pytest.fixture
def banks():
    return (
        Bank.objects.create(code="abc", name="农业银行", kind=BankKind.STATE),
        Bank.objects.create(code="icbc", name="工商银行", kind=BankKind.STATE),
    )


@pytest.fixture
def source():
    return Source.objects.create(
        name="book.txt", sha256="a" * 64, kind="casebook", title="案例集", lines=["第一行", "第二行"]
    )


@pytest.fixture
def case(banks, source):
    category = Category.objects.create(code="kangyi", name="聚力抗疫", position=1)
    return Case.objects.create(
        title="众志成城",
        bank=banks[0],
        category=category,
        category_confidence=0.6,
        summary="简介。",
        body="## 一节\n\n正文提到复工贷。",
        source=source,
        number=1,
        first_line=1,
        last_line=2,
    )


@pytest.fixture
def change_page(case):
    return reverse("admin:catalog_case_change", args=[case.pk])


@pytest.fixture
def submit(admin_client, case, change_page):
    """Sends the case's form as it stands with some fields changed."""

    def send(**changes):
        form = admin_client.get(change_page).context["adminform"].form
        data = {}
        for name, field in form.fields.items():
            value = form.initial.get(name, field.initial)
            value = field.prepare_value(value) if hasattr(field, "prepare_value") else value
            if value not in (None, False):
                data[name] = value
        data |= {"doubts-TOTAL_FORMS": 0, "doubts-INITIAL_FORMS": 0, **changes}
        response = admin_client.post(change_page, data)
        assert response.status_code == 302, response.context["adminform"].errors
        case.refresh_from_db()

    return send


class TestEditingACase:
    def test_a_new_title_and_bank_show_on_page_list_counts_and_search_at_once(self, client, case, banks, submit):
        submit(title="全新的题目", bank=banks[1].pk)
        assert "全新的题目" in client.get(case.get_absolute_url()).content.decode()
        listing = client.get(reverse("cases"), {"bank": "icbc"}).context["listing"]
        assert [row.title for row in listing.page] == ["全新的题目"]
        counts = {option.value: option.count for option in listing.filters.facet_options()["bank"]}
        assert counts == {"icbc": 1}
        for query in ("全新的题目", "工商银行"):
            assert [row.pk for row in search_cases(Case.objects.all(), query)] == [case.pk]
        assert not search_cases(Case.objects.all(), "农业银行").exists()

    def test_setting_the_chapter_confirms_it(self, case, submit):
        other = Category.objects.create(code="keji", name="科技金融", position=2)
        submit(category=other.pk)
        assert case.category_confidence is None

    def test_captions_are_written_a_line_each(self, case, submit):
        submit(captions="第一张图\r\n\r\n  第二张图 ")
        assert case.captions == ["第一张图", "第二张图"]

    def test_a_withdrawn_case_leaves_the_site(self, client, case, submit):
        submit(status="draft")
        assert client.get(case.get_absolute_url()).status_code == 404
        assert client.get(reverse("cases")).context["listing"].count == 0

    def test_the_address_of_a_case_survives_a_new_title(self, case, submit):
        before = case.get_absolute_url()
        submit(title="全新的题目")
        assert case.get_absolute_url() == before


class TestTheCasePage:
    def test_the_preview_shows_the_rendered_body_and_never_active_content(self, admin_client):
        html = admin_client.post(
            reverse("admin:catalog_case_preview"), {"body": "## 节\n\n<script>alert(1)</script>"}
        ).content.decode()
        assert "<h2>节</h2>" in html
        assert "<script>" not in html

    def test_the_preview_is_for_editors(self, client):
        assert client.post(reverse("admin:catalog_case_preview"), {"body": "x"}).status_code == 302

    def test_it_leads_to_the_public_page_and_to_the_place_in_the_source(self, admin_client, case, change_page):
        html = admin_client.get(change_page).content.decode()
        assert case.get_absolute_url() in html
        place = f"{reverse('admin:catalog_source_lines', args=[case.source.pk])}?lines=1-2#L1"
        assert place in html
        assert admin_client.get(place).context["place"].ranges == ((1, 2),)


class TestTheLists:
    def test_editors_search_as_readers_do(self, admin_client, case):
        page = admin_client.get(reverse("admin:catalog_case_changelist"), {"q": "復工貸"})
        assert [row.pk for row in page.context["cl"].result_list] == [case.pk]

    @pytest.mark.parametrize("model", ["case", "bank", "product", "category", "source", "doubt"])
    def test_every_list_and_change_page_opens(self, admin_client, case, banks, source, model):
        Product.objects.create(bank=banks[0], name="复工贷")
        Doubt.objects.create(source=source, case=case, field="body", reason="接缝", confidence=0.4, spans=[[1, 2]])
        assert admin_client.get(reverse(f"admin:catalog_{model}_changelist"), {"q": "一"}).status_code == 200
        rows = admin_client.get(reverse(f"admin:catalog_{model}_changelist")).context["cl"].result_list
        page = admin_client.get(reverse(f"admin:catalog_{model}_change", args=[rows[0].pk]))
        assert page.status_code == 200

    @pytest.mark.parametrize("model", ["bank", "category", "product", "source"])
    def test_rows_are_sorted_by_their_public_cases(self, admin_client, case, banks, source, model):
        product = Product.objects.create(bank=banks[0], name="复工贷")
        case.products.add(product)
        Product.objects.create(bank=banks[1], name="园区贷")
        Category.objects.create(code="keji", name="科技金融", position=2)
        Source.objects.create(name="other.txt", sha256="b" * 64, kind="article")
        draft = Case.objects.create(title="草稿", bank=banks[1], status=Case.Status.DRAFT)
        draft.products.add(product)
        column = {"bank": 5, "source": 7}.get(model, 3)
        page = admin_client.get(reverse(f"admin:catalog_{model}_changelist"), {"o": f"-{column}"})
        assert [row.public_cases for row in page.context["cl"].result_list] == [1, 0]

    def test_doubts_are_settled_with_a_name_and_a_time(self, admin_client, admin_user, case, source):
        doubt = Doubt.objects.create(source=source, case=case, field="body", reason="接缝", confidence=0.4)
        address = reverse("admin:catalog_doubt_changelist")
        admin_client.post(address, {"action": "settle", "_selected_action": [doubt.pk]})
        doubt.refresh_from_db()
        assert doubt.settled_by == admin_user
        assert doubt.settled_at

    def test_doubts_are_listed_and_chosen_by_what_editors_call_the_field(self, admin_client, case, source):
        for field, reason in (("body", "接缝"), ("publisher", "媒体")):
            Doubt.objects.create(source=source, case=case, field=field, reason=reason, confidence=0.4)
        address = reverse("admin:catalog_doubt_changelist")
        html = admin_client.get(address).content.decode()
        assert '<td class="field-field_label">正文</td>' in html
        assert '?field=publisher">发布者</a>' in html
        chosen = admin_client.get(address, {"field": "publisher"}).context["cl"].queryset
        assert [doubt.reason for doubt in chosen] == ["媒体"]

    def test_a_doubt_shows_the_source_beside_the_rebuilt_text_with_the_seam_marked(self, admin_client, case, source):
        source.lines = ["首批企业已经拿", "", "别家的话。", "", "到贷款。"]
        source.save()
        case.body = "首批企业已经拿到贷款。"
        case.provenance = [{"key": piece_key(case.body), "lines": [[1, 1], [5, 5]], "page": None}]
        case.save()
        doubt = Doubt.objects.create(
            source=source, case=case, field="body", reason="接缝", confidence=0.4, spans=[[1, 1], [5, 5]]
        )
        address = reverse("admin:catalog_doubt_change", args=[doubt.pk])
        html = admin_client.get(address).content.decode()
        assert '<li value="3">别家的话。</li>' in html
        assert '<li value="5" class="doubtful">到贷款。</li>' in html
        assert re.search(r"首批企业已经拿<mark class=\"seam\"[^>]*>⸽</mark>到贷款。", html)
        admin_client.post(address, {"_settle": "1"})
        assert not Doubt.objects.open().exists()
        admin_client.post(address, {"_reopen": "1"})
        assert Doubt.objects.open().exists()
