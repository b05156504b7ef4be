"""Whatever stands in an address: an answer, and none of an error of ours."""

from contextlib import suppress

import pytest
from django.urls import Resolver404, resolve

from bench.fuzz import PLACES, questions, requests
from catalog.models import Case
from catalog.pages.forms import clean_query
from catalog.search import LONGEST_QUERY
from tests.factories import make_bank, make_case

pytestmark = pytest.mark.django_db

PAGES, API = ("/cases/", "/cases/{slug}/", "/banks/icbc/", "/suggestions/"), "/api/cases/"


@pytest.fixture
def case() -> Case:
    icbc = make_bank("工商银行", code="icbc")
    make_case("招商银行的贷款", "小微企业融资，支持复工复产。", bank=icbc, products=("园区e贷",))
    return make_case("深圳工行", "普惠金融，知识产权质押贷款。\n\n绿色，风电。", bank=icbc, published_on="2020-01-01")


@pytest.mark.slow
def test_two_hundred_of_a_kind_are_all_answered(client, case):
    for asked in questions(seed=1, count=200):
        address = f"{asked.address.replace('{slug}', case.slug)}?{asked.query}"
        status = client.get(address).status_code
        assert status in {200, 400, 404} if asked.address == API else status == 200, address[:500]


def test_the_same_seed_asks_the_same():
    assert list(requests(5, 50)) == list(requests(5, 50)) != list(requests(6, 50))


def test_every_page_is_asked_for():
    asked = set()
    for place in PLACES:
        with suppress(Resolver404):
            asked.add(resolve(place.replace("{slug}", "x")).url_name)
    names = {"home", "cases", "case", "banks", "bank", "categories", "category", "products", "product", "sources"}
    assert names | {"source", "suggestions", "script-preference", "api-cases", "api-case"} <= asked


class TestCharactersNobodyTypes:
    @pytest.mark.parametrize(
        ("given", "read"),
        [
            ("\0复工", "复工"),
            ("复\0工", "复工"),
            ("\x1b复工\x7f", "复工"),
            (" 复工\t贷款\n", "复工 贷款"),
            ("复\ud800工", "复工"),
            ("\0", ""),
            (None, ""),
            ("复工😀", "复工😀"),
            ("贷" * 5000, "贷" * LONGEST_QUERY),
        ],
    )
    def test_are_dropped_and_the_rest_is_read(self, given, read):
        assert clean_query(given) == read

    def test_in_a_list_in_a_case_by_a_program_and_for_suggestions(self, client, case):
        assert "1</b> 个案例" in client.get("/cases/?q=%00知识产权").content.decode().replace("\n", "")
        assert client.get("/api/cases/?q=知识%00产权").json()["count"] == 1
        assert "data-hit" in client.get(f"{case.get_absolute_url()}?q=%00知识产权").content.decode()
        assert "工商银行" in client.get("/suggestions/?q=%00gsyh").content.decode()
