"""Doubts one after the other, as a list has them, and what settling one says of its case."""

import pytest
from django.urls import reverse

from catalog.models import Case, Doubt
from tests.factories import make_bank, make_case, make_category, make_source

pytestmark = pytest.mark.django_db

LIST = "/admin/catalog/doubt/"


@pytest.fixture
def case():
    fields = {"bank": make_bank("农业银行"), "category": make_category("助农"), "source": make_source(["一"])}
    return make_case("田间的贷款", category_confidence=0.6, title_inferred=True, **fields)


@pytest.fixture
def doubt(case):
    def make(field: str, of: Case = case, **fields) -> Doubt:
        return case.source.doubts.create(field=field, case=of, reason=field, confidence=0.5, **fields)

    return make


def settle(client, address: str, button: str = "_settle"):
    return client.post(address, {button: "1"}, follow=True)


def listed(client, query: str = "") -> list[int]:
    return [row.pk for row in client.get(LIST + query).context["cl"].result_list]


def test_what_is_settled_comes_last(admin_client, admin_user, doubt):
    first, second, third = (doubt(field) for field in ("body", "summary", "title"))
    Doubt.objects.filter(pk=first.pk).settle(admin_user)
    assert set(listed(admin_client)[:2]) == {second.pk, third.pk}
    assert listed(admin_client)[2] == first.pk


class TestOneAfterTheOther:
    def test_the_next_is_that_of_the_list_it_was_opened_from(self, admin_client, case, doubt):
        other = make_case("厂里的贷款", source=case.source)
        of_bodies = [doubt("body"), doubt("body", other)]
        doubt("summary"), doubt("title", other)
        address = reverse("admin:catalog_doubt_change", args=[of_bodies[0].pk]) + "?_changelist_filters=field%3Dbody"
        following = settle(admin_client, address)
        assert following.context["original"] == of_bodies[1]
        back = settle(admin_client, following.request["PATH_INFO"] + "?" + following.request["QUERY_STRING"])
        assert (back.request["PATH_INFO"], back.request["QUERY_STRING"]) == (LIST, "field=body")

    def test_after_the_last_come_those_that_were_passed_over(self, admin_client, doubt):
        rows = [doubt(field) for field in ("body", "summary", "title")]
        order = listed(admin_client)
        following = settle(admin_client, reverse("admin:catalog_doubt_change", args=[order[-1]]))
        assert following.context["original"].pk == order[0]
        assert "还有 2 条" in following.content.decode()
        assert Doubt.objects.open().count() == len(rows) - 1

    def test_one_that_is_opened_again_still_leads_back_to_its_list(self, admin_client, admin_user, doubt):
        row = doubt("body")
        Doubt.objects.filter(pk=row.pk).settle(admin_user)
        address = reverse("admin:catalog_doubt_change", args=[row.pk]) + "?_changelist_filters=settled%3Dyes"
        page = settle(admin_client, address, "_reopen")
        assert page.context["original"] == row
        assert f'{LIST}?settled=yes"' in page.content.decode()

    def test_a_list_that_can_not_be_told_leads_back_to_the_whole_one(self, admin_client, doubt):
        doubt("summary")
        address = reverse("admin:catalog_doubt_change", args=[doubt("body").pk]) + "?_changelist_filters=nix%3D1"
        assert settle(admin_client, address).status_code == 200
        assert Doubt.objects.open().count() == 1


class TestWhatSettlingSays:
    @pytest.mark.parametrize("how", ["page", "action"])
    @pytest.mark.parametrize(
        ("field", "confirmed"), [("category", (None, True)), ("title", (0.6, False)), ("body", (0.6, True))]
    )
    def test_what_was_inferred_is_confirmed_by_settling_the_doubt_about_it(
        self, admin_client, case, doubt, how, field, confirmed
    ):
        row = doubt(field)
        if how == "page":
            settle(admin_client, reverse("admin:catalog_doubt_change", args=[row.pk]))
        else:
            admin_client.post(LIST, {"action": "settle", "_selected_action": [row.pk]})
        case.refresh_from_db()
        assert (case.category_confidence, case.title_inferred) == confirmed

    def test_not_while_another_doubt_about_it_is_open(self, admin_client, case, doubt):
        first, second = doubt("category"), doubt("category")
        for row, confidence in ((first, 0.6), (second, None)):
            admin_client.post(LIST, {"action": "settle", "_selected_action": [row.pk]})
            case.refresh_from_db()
            assert case.category_confidence == confidence

    def test_not_of_other_cases(self, admin_client, case, doubt):
        other = make_case("厂里的贷款", source=case.source, category=case.category, category_confidence=0.4)
        admin_client.post(LIST, {"action": "settle", "_selected_action": [doubt("category").pk]})
        other.refresh_from_db()
        assert other.category_confidence == 0.4

    def test_a_readers_page_no_longer_says_that_the_chapter_is_inferred(self, admin_client, client, case, doubt):
        assert "推断，把握" in client.get(case.get_absolute_url()).content.decode()
        settle(admin_client, reverse("admin:catalog_doubt_change", args=[doubt("category").pk]))
        assert "推断，把握" not in client.get(case.get_absolute_url()).content.decode()
