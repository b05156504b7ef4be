"""The catalogue as JSON: what a program asks, and the answers."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import BankKind, Case
from catalog.pages.listing import Listing
from catalog.search import search_deadline
from tests.factories import make_bank, make_case, make_category, make_source, place

pytestmark = pytest.mark.django_db


@pytest.fixture
def catalogue():
    icbc, citic = make_bank("工商银行", code="icbc"), make_bank("中信银行", code="citic", kind=BankKind.JOINT_STOCK)
    chapter = make_category("普惠金融", code="inclusive", position=1)
    source = make_source(["一", "二"], name="book.txt")
    common = {"category": chapter, "source": source}
    make_case("渔民贷款", "支持渔民出海。", bank=icbc, products=("渔民贷",), published_on="2020-03-01", **common)
    make_case("茶农贷款", "支持茶农 <b>采茶</b>。", subtitle="春天", bank=citic, published_on="2021-03-01", **common)
    make_case("无主", "没有银行的贷款。")
    make_case("草稿贷款", "还没有公开。", status=Case.Status.DRAFT)


@pytest.fixture
def ask(client, catalogue):
    def get(**params):
        reply = client.get("/api/cases/", params)
        assert reply.status_code == 200, reply.content.decode()
        return reply.json()

    return get


def titles(reply: dict) -> list[str]:
    return [row["title"] for row in reply["results"]]


class TestList:
    def test_public_cases_with_what_a_list_shows(self, ask):
        reply = ask(q="渔民")
        (row,) = reply["results"]
        case = Case.objects.get(title="渔民贷款")
        assert (reply["count"], reply["next"], reply["previous"]) == (1, None, None)
        assert row == {
            "id": case.pk,
            "title": "渔民贷款",
            "source": "book.txt",
            "bank": {"code": "icbc", "name": "工商银行"},
            "branch": "",
            "category": {"code": "inclusive", "name": "普惠金融"},
            "products": [{"slug": case.products.get().slug, "name": "渔民贷", "kind": "undecided"}],
            "published_on": "2020-03-01",
            "script": "hans",
            "url": f"http://testserver{case.get_absolute_url()}",
            "partial": False,
            "snippet": "支持渔民出海。",
            "snippet_html": "支持<mark>渔民</mark>出海。",
        }

    def test_a_snippet_is_plain_text_and_safe_html(self, ask):
        (row,) = ask(q="采茶")["results"]
        assert row["title"] == "茶农贷款——春天"
        assert row["snippet"] == "支持茶农 <b>采茶</b>。"
        assert row["snippet_html"] == "支持茶农 &lt;b&gt;<mark>采茶</mark>&lt;/b&gt;。"

    def test_what_a_case_has_not_is_null(self, ask):
        row, *_ = ask(q="没有银行的贷款")["results"]
        assert (row["bank"], row["category"], row["source"], row["published_on"]) == (None, None, None, None)

    @pytest.mark.parametrize(
        ("params", "wanted"),
        [
            ({"bank": "icbc"}, ["渔民贷款"]),
            ({"bank": ["icbc", "citic"]}, ["渔民贷款", "茶农贷款——春天"]),
            ({"kind": "joint-stock"}, ["茶农贷款——春天"]),
            ({"year": "2020"}, ["渔民贷款"]),
            ({"category": "inclusive", "year": "2021"}, ["茶农贷款——春天"]),
            ({"ordering": "newest"}, ["茶农贷款——春天", "渔民贷款", "无主"]),
            ({"bank": "", "ordering": "", "page": "", "page_size": ""}, ["渔民贷款", "茶农贷款——春天", "无主"]),
        ],
    )
    def test_filters_and_order_are_the_pages(self, ask, params, wanted):
        assert titles(ask(**params)) == wanted

    def test_a_query_is_corrected_unless_it_is_meant_as_typed(self, ask):
        assert titles(ask(q="渔民代款"))[0] == "渔民贷款"
        assert ask(q="渔民代款")["remarks"] != ask(q="渔民代款", typed="1")["remarks"]

    def test_pages_of_the_size_asked_for_lead_to_each_other(self, client, ask):
        first = ask(page_size=2)
        assert (first["count"], len(first["results"]), first["previous"]) == (3, 2, None)
        second = client.get(first["next"]).json()
        assert titles(first) + titles(second) == ["渔民贷款", "茶农贷款——春天", "无主"]
        assert second["next"] is None
        assert titles(client.get(second["previous"]).json()) == titles(first)

    @pytest.mark.parametrize("params", [{}, {"q": "贷款"}, {"bank": "icbc"}, {"q": "贷款", "year": "2021"}])
    def test_facets_have_the_pages_numbers(self, rf, ask, params):
        panels = Listing(rf.get("/cases/", params).GET).facets
        wanted = {panel.name: [(o.value, o.label, o.count, o.chosen) for o in panel.options] for panel in panels}
        facets = {
            facet["name"]: [tuple(option.values()) for option in facet["options"]] for facet in ask(**params)["facets"]
        }
        assert facets == wanted

    def test_the_number_of_queries_does_not_grow_with_the_page(self, ask, django_assert_num_queries):
        bank = make_bank("招商银行")
        for n in range(30):
            make_case(f"案例{n}", "贷款", bank=bank, products=(f"产品{n}",))
        ask(q="贷款")
        with CaptureQueriesContext(connection) as few:
            ask(q="贷款", page_size=1)
        with django_assert_num_queries(len(few)):
            ask(q="贷款", page_size=33)


class TestBadParameters:
    """Refused in Chinese; never an error of ours."""

    @pytest.mark.parametrize(
        ("params", "status"),
        [
            ({"page_size": "0"}, 400),
            ({"page_size": "101"}, 400),
            ({"page_size": "-1"}, 400),
            ({"page_size": "²"}, 400),
            ({"page_size": "9" * 5000}, 400),
            ({"page": "abc"}, 400),
            ({"page": "0"}, 400),
            ({"page": "2"}, 404),
            ({"page": "99999999999999999999"}, 400),
            ({"ordering": "-id; DROP TABLE"}, 400),
            ({"bank": "火星银行"}, 400),
            ({"year": "二〇二〇"}, 400),
            ({"kind": "\0"}, 400),
            ({"source": "1' OR '1'='1"}, 400),
            ({"product": "x" * 10_000}, 400),
        ],
    )
    def test_are_refused_with_a_reason(self, client, catalogue, params, status):
        reply = client.get("/api/cases/", params)
        assert reply.status_code == status
        assert any("\u4e00" <= char <= "\u9fff" for char in reply.content.decode())

    def test_every_one_is_named_with_its_reason(self, client, catalogue):
        address = "/api/cases/?bank=icbc&bank=x&ordering=x&page=0&page_size=x&typed=yes&year=2020"
        reply = client.get(address).json()
        assert set(reply) == {"detail", "bank", "ordering", "page", "page_size", "typed"}
        assert all(reason in reply["detail"] for reason in reply.values())
        assert reply["bank"] == "没有这个银行：x"
        assert "newest" in reply["ordering"]

    @pytest.mark.parametrize(
        "query", ["\0", "'\"\\", "(((", "& | ! <->", "%", "😀", "贷" * 20_000, " ", "\ud7ff\ufffe"]
    )
    def test_any_query_is_one(self, ask, query):
        ask(q=query)

    def test_unknown_parameters_mean_nothing(self, ask):
        assert ask(format="xml", foo="bar")["count"] == 3

    def test_there_is_only_reading(self, client, catalogue):
        for method in (client.post, client.put, client.delete, client.patch):
            assert method("/api/cases/").status_code == 405


class TestErrors:
    """Each is JSON with a `detail` in Chinese."""

    @pytest.mark.parametrize("address", ["/api/", "/api/nothing/", "/api/cases/a/b/", "/api/cases/%00/"])
    def test_an_unknown_address(self, client, address):
        reply = client.get(address)
        assert (reply.status_code, reply.json()) == (404, {"detail": "没有这个地址"})

    @pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE"])
    def test_a_method_that_writes(self, client, method):
        reply = client.generic(method, "/api/cases/")
        assert reply.status_code == 405
        assert reply["Allow"] == "GET, HEAD, OPTIONS"
        assert method in reply.json()["detail"]

    def test_a_host_that_is_not_ours(self, client):
        reply = client.get("/api/cases/", headers={"Host": "evil.example"})
        assert (reply.status_code, reply.json()) == (400, {"detail": "请求不完整或格式不对"})

    def test_a_search_that_takes_too_long(self, client, catalogue):
        with search_deadline(1e-9):
            reply = client.get("/api/cases/?q=贷款")
        assert (reply.status_code, reply["Retry-After"]) == (503, "60")
        assert "用时太长" in reply.json()["detail"]


class TestOtherMethodsOfReading:
    def test_the_head_alone(self, client, catalogue):
        reply = client.head("/api/cases/?q=贷款")
        assert (reply.status_code, reply.content) == (200, b"")

    def test_what_there_is_to_ask(self, client):
        reply = client.options("/api/cases/")
        assert (reply.status_code, reply["Allow"], reply.content) == (204, "GET, HEAD, OPTIONS", b"")


class TestOneCase:
    def test_is_found_whole_by_its_address_and_by_its_number(self, client, catalogue):
        case = make_case(
            "引导", "## 标题\n\n第一段。", source=make_source(["标题", "第一段。"], name="a.txt"), summary="简介"
        )
        case.provenance = [place("第一段。", 2, 2, page=7)]
        case.save()
        by_number = client.get(f"/api/cases/{case.pk}/").json()
        assert client.get(f"/api/cases/{case.slug}/").json() == by_number
        assert (by_number["body"], by_number["summary"]) == ("## 标题\n\n第一段。", "简介")
        assert by_number["source"]["name"] == "a.txt"
        assert by_number["provenance"] == [
            {"text": "标题", "level": 2, "lines": [], "page": None},
            {"text": "第一段。", "level": 0, "lines": [[2, 2]], "page": 7},
        ]

    def test_an_address_that_looks_like_a_number_goes_before_the_number(self, client, catalogue):
        first = Case.objects.get(title="无主")
        case = make_case(str(first.pk), "以数字为题")
        assert client.get(f"/api/cases/{case.slug}/").json()["id"] == case.pk

    @pytest.mark.parametrize("key", ["没有", "0", "9" * 30, "草稿贷款"])
    def test_what_there_is_not_or_is_not_public_is_not_found(self, client, catalogue, key):
        reply = client.get(f"/api/cases/{key}/")
        assert reply.status_code == 404
        assert reply.json() == {"detail": "未找到。"}


class TestPartsOfACase:
    @pytest.fixture
    def case(self, db):
        return make_case("长篇", "\n\n".join(f"## 第{n}章\n\n" + "这一段没有什么可说。" * 300 for n in range(40)))

    def test_a_long_case_is_told_whole_or_by_part(self, client, case):
        address = f"/api/cases/{case.pk}/"
        whole = client.get(address).json()
        assert whole["body"] == case.body
        parts = [client.get(f"{address}?part={n + 1}").json() for n in range(whole["parts"])]
        assert len(parts) > 2
        assert "\n\n".join(part["body"] for part in parts) == case.body
        assert [row for part in parts for row in part["provenance"]] == whole["provenance"]

    @pytest.mark.parametrize("part", ["0", "-1", "99", "x", "1" * 5_000])
    def test_a_part_that_is_not_there(self, client, case, part):
        assert client.get(f"/api/cases/{case.pk}/?part={part}").status_code == 404
