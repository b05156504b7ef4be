"""Two cases made one by an editor: nothing unseen is lost, the other's address leads on, no import undoes it."""

from datetime import date

import pytest
from django.urls import reverse

from catalog.merging import MergeProblem, merge_cases
from catalog.models import Case, Doubt, Product
from catalog.search import find_differences, search_cases
from tests.admin.forms import Form
from tests.factories import make_bank, make_case, make_category, make_source

pytestmark = pytest.mark.django_db

PAGE = "admin:catalog_case_merge"


@pytest.fixture
def bank():
    return make_bank("工商银行")


@pytest.fixture
def pair(bank):
    """One that has little, and one that has all."""
    stays = make_case("复工贷助企业", "短的正文。", bank=bank, products=("复工贷",))
    source = make_source(["一行"], kind="rows", name="rows.jsonl")
    goes = make_case(
        "复工贷助力企业",
        "长的正文，有茶叶。",
        bank=bank,
        products=("复工贷", "园区贷"),
        summary="简介。",
        authors=["张三"],
        category=make_category("聚力抗疫"),
        category_confidence=0.5,
        published_on=date(2020, 3, 1),
        source=source,
        ref="rows.jsonl#1",
    )
    return stays, goes


@pytest.fixture
def merged(admin_client):
    """merged(stays, goes, body="goes"): by the list's action and its page, the other choices as they stand there."""

    def merge(stays, goes, **choices):
        listing = reverse("admin:catalog_case_changelist")
        chosen = admin_client.post(listing, {"action": "merge", "_selected_action": [goes.pk, stays.pk]})
        page = f"{chosen.url}&stays={stays.pk}"
        form = Form(admin_client.get(page).content.decode(), "merge-cases").values
        form |= {f"of_{name}": [side] for name, side in choices.items()}
        response = admin_client.post(reverse(PAGE), form, follow=True)
        assert response.status_code == 200
        return response

    yield merge
    assert not find_differences()


def test_what_is_empty_is_filled_and_what_differs_stays(merged, pair):
    stays, goes = pair
    response = merged(stays, goes)
    assert "复工贷助力企业 已并入这个案例" in response.content.decode()
    case = Case.objects.get()
    assert (case.pk, case.title, case.body) == (stays.pk, "复工贷助企业", "短的正文。")
    assert (case.summary, case.authors, case.published_on) == ("简介。", ["张三"], date(2020, 3, 1))
    assert (case.category.name, case.category_confidence) == ("聚力抗疫", 0.5)
    assert {product.name for product in case.products.all()} == {"复工贷", "园区贷"}


def test_an_editor_chooses_per_field_and_finds_it_at_once(merged, pair):
    stays, goes = pair
    merged(stays, goes, body="goes", title="stays")
    case = Case.objects.get()
    assert (case.title, case.body) == ("复工贷助企业", "长的正文，有茶叶。")
    assert [row.pk for row in search_cases(Case.objects.all(), "茶叶")] == [stays.pk]


def test_both_texts_are_on_the_page_side_by_side(admin_client, pair):
    stays, goes = pair
    html = admin_client.get(reverse(PAGE), {"row": [stays.pk, goes.pk]}).content.decode()
    for text in ("短的正文。", "长的正文，有茶叶。", "简介。", "2020-03-01", "园区贷"):
        assert text in html
    swapped = admin_client.get(reverse(PAGE), {"row": [stays.pk, goes.pk], "stays": goes.pk})
    assert swapped.context["stays"] == goes
    assert [pair.name for pair, _ in swapped.context["pairs"]] == ["title", "body"]


def test_its_address_leads_on_in_pages_and_api_also_when_it_is_merged_again(merged, pair, bank, client):
    stays, goes = pair
    last = make_case("第三个", bank=bank)
    merged(stays, goes)
    merged(last, stays)
    for former in (stays, goes):
        response = client.get(former.get_absolute_url() + "?q=茶")
        assert response.status_code == 301
        assert client.get(response.url).context["case"] == last
        for key in (former.slug, former.pk):
            response = client.get(f"/api/cases/{key}/")
            assert response.status_code == 301
            assert client.get(response.url).json()["id"] == last.pk
    last.status = "draft"
    last.save()
    assert client.get(goes.get_absolute_url()).status_code == 404
    assert client.get(f"/api/cases/{goes.slug}/").status_code == 404


def test_no_case_takes_the_former_address(merged, pair):
    stays, goes = pair
    merged(stays, goes)
    assert make_case(goes.title).slug not in {goes.slug, stays.slug}


def test_no_import_brings_it_back_or_fills_its_address(files, merged):
    row = {"bank": "工商银行", "products": ["复工贷"]}
    files.bring(row | {"title": "同一个"}, row | {"title": "同一个", "summary": "简介"})
    stays, goes = Case.objects.order_by("pk")
    merged(stays, goes)
    files.bring(row | {"title": "同一个"}, row | {"title": "同一个", "summary": "新简介"}, row | {"title": "同一个"})
    assert Case.objects.count() == 2
    assert goes.slug not in set(Case.objects.values_list("slug", flat=True))
    assert Case.objects.get(pk=stays.pk).summary == "简介"
    files.bring(row | {"title": "同一个"}, row, row | {"title": "同一个"}, name="again.jsonl")
    assert goes.slug not in set(Case.objects.values_list("slug", flat=True))


def test_open_doubts_about_what_is_taken_stay_open(merged, pair):
    stays, goes = pair
    for field in ("summary", "title"):
        Doubt.objects.create(source=goes.source, case=goes, field=field, reason=field, confidence=0.5)
    merged(stays, goes)
    assert [(doubt.case, doubt.field) for doubt in Doubt.objects.all()] == [(stays, "summary")]


def test_a_product_of_another_bank_becomes_its_namesake_or_is_told(merged, pair, admin_client):
    stays, goes = pair
    other = make_bank("农业银行")
    Case.objects.filter(pk=goes.pk).update(bank=other)
    twin = Product.objects.create(bank=other, name="复 工贷")
    alone = Product.objects.create(bank=other, name="农贷通")
    goes.products.set([twin, alone])
    html = admin_client.get(reverse(PAGE), {"row": [stays.pk, goes.pk]}).content.decode()
    assert "不归过去" in html
    assert "农业银行的农贷通" in html
    merged(stays, goes)
    assert {product.bank for product in Case.objects.get().products.all()} == {stays.bank}


def test_what_was_changed_meanwhile_is_shown_first(admin_client, pair):
    stays, goes = pair
    form = {"row": [stays.pk, goes.pk], "stays": stays.pk, "seen": "earlier"}
    response = admin_client.post(reverse(PAGE), form)
    assert "又改过" in response.content.decode()
    assert Case.objects.count() == 2
    old = Case.objects.get(pk=goes.pk)
    goes.save()
    with pytest.raises(MergeProblem, match="刚刚被改过"):
        merge_cases(stays, old, set())


@pytest.mark.parametrize("number", [1, 3])
def test_it_takes_exactly_two(admin_client, pair, bank, number):
    make_case("第三个", bank=bank)
    keys = list(Case.objects.values_list("pk", flat=True))[:number]
    listing = reverse("admin:catalog_case_changelist")
    response = admin_client.post(listing, {"action": "merge", "_selected_action": keys}, follow=True)
    assert "请选择两个再合并" in response.content.decode()


def test_the_hits_of_a_search_can_be_merged(admin_client, pair):
    listing = reverse("admin:catalog_case_changelist") + "?q=复工贷"
    keys = [case.pk for case in pair]
    response = admin_client.post(listing, {"action": "merge", "_selected_action": keys})
    assert response.status_code == 302
    assert "merge/?row=" in response.url


def test_only_with_both_rights(client, django_user_model, pair):
    client.force_login(django_user_model.objects.create_user("reader", is_staff=True))
    assert client.get(reverse(PAGE), {"row": [case.pk for case in pair]}).status_code == 403
