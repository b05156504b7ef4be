"""What the pages answer: counts, links, and that no parameter can break them."""

import re

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.template.loader import get_template
from django.urls import reverse

from catalog.models import Case
from catalog.pages import views
from tests.factories import make_bank, make_case, make_category, make_source, place

pytestmark = pytest.mark.django_db


@pytest.fixture
def banks():
    return make_bank("工商银行", code="icbc", position=1), make_bank("建设银行", code="ccb", position=2)


@pytest.fixture
def chapters():
    return make_category("助力复工", code="resume", position=1), make_category("服务小微", code="small", position=2)


@pytest.fixture
def cases(banks, chapters):
    """Three of the first bank and two of the second, three and two in the chapters, and a draft."""
    for number, (bank, chapter) in enumerate([(0, 0), (0, 0), (0, 1), (1, 1), (1, 0)]):
        make_case(f"案例{number}", "支持企业复工。", bank=banks[bank], category=chapters[chapter])
    make_case("草稿", "支持企业复工。", bank=banks[0], category=chapters[0], status=Case.Status.DRAFT)


def text_of(response) -> str:
    return response.content.decode()


def facet_count(response, facet: str, value: str) -> int:
    pattern = rf'id="facet-{facet}-{value}".*?class="count">\s*(\d+)'
    return int(re.search(pattern, text_of(response), re.DOTALL)[1])


class TestCounts:
    @pytest.mark.parametrize(("facet", "value"), [("bank", "icbc"), ("bank", "ccb"), ("category", "resume")])
    @pytest.mark.parametrize("others", ["", "&q=复工", "&category=small&category=resume"])
    def test_a_facet_promises_what_the_list_then_has(self, client, cases, facet, value, others):
        promised = facet_count(client.get(f"/cases/?{others}"), facet, value)
        others = "" if f"&{facet}=" in others else others
        response = client.get(f"/cases/?{facet}={value}{others}")
        assert response.context["listing"].count == promised
        assert text_of(response).count('class="case-row"') == promised > 0

    def test_home_and_the_lists_of_banks_and_chapters_count_public_cases_alone(self, client, cases):
        home = client.get("/").context
        assert home["case_count"] == 5
        assert {bank.code: bank.public_cases for bank in home["banks"]} == {"icbc": 3, "ccb": 2}
        assert {row.code: row.public_cases for row in home["categories"]} == {"resume": 3, "small": 2}
        for address in ("/banks/icbc/", "/chapters/resume/"):
            assert client.get(address).context["listing"].count == 3

    def test_a_source_counts_what_its_list_then_has(self, client):
        book, empty = make_source(["一"], name="一.txt"), make_source(["二"], name="二.txt")
        make_case("甲", source=book)
        make_case("乙", source=book)
        make_case("丙", source=book, status=Case.Status.DRAFT)
        rows = client.get("/sources/").context["sources"]
        assert {row.pk: row.public_cases for row in rows} == {book.pk: 2, empty.pk: 0}
        assert client.get(f"/cases/?source={book.pk}").context["listing"].count == 2

    def test_a_page_of_a_bank_or_chapter_does_not_ask_for_it(self, client, cases):
        assert "facet-bank-" not in text_of(client.get("/banks/icbc/"))
        assert "facet-category-" not in text_of(client.get("/chapters/resume/"))
        assert "facet-bank-" in text_of(client.get("/chapters/resume/"))

    def test_the_last_condition_taken_away_leaves_a_clean_address(self, client, cases):
        chips = client.get("/cases/?bank=icbc&page=1").context["listing"].active_filters
        assert [chip.without for chip in chips] == ["."]


class TestParts:
    def test_htmx_gets_the_results_alone_at_the_same_address(self, client, cases):
        whole, part = client.get("/cases/?bank=icbc"), client.get("/cases/?bank=icbc", headers={"HX-Request": "true"})
        assert "<html" in text_of(whole)
        assert "<html" not in text_of(part)
        assert text_of(part).count('class="case-row"') == text_of(whole).count('class="case-row"') == 3
        assert "HX-Request" in whole["Vary"]
        assert "找到 3 个案例" in text_of(part)

    @pytest.mark.parametrize("header", ["HX-Boosted", "HX-History-Restore-Request"])
    def test_a_page_that_comes_back_is_whole(self, client, cases, header):
        headers = {"HX-Request": "true", header: "true"}
        assert "<html" in text_of(client.get("/cases/?bank=icbc", headers=headers))


class TestQueries:
    def test_a_list_costs_as_many_queries_for_twenty_cases_as_for_five(self, client, cases, banks, chapters):
        from django.test.utils import CaptureQueriesContext

        def cost():
            with CaptureQueriesContext(connection) as queries:
                assert client.get("/cases/?q=复工&bank=icbc").status_code == 200
            return len(queries)

        cost()  # the names that the search knows are read once
        before = cost()
        for number in range(20):
            make_case(f"又一案例{number}", "支持企业复工。", bank=banks[0], category=chapters[1])
        assert cost() == before <= 18

    def test_a_case_costs_few(self, client, cases, django_assert_max_num_queries):
        case = Case.objects.public().first()
        # Six for the case; the others, with their savepoint, for those like it.
        with django_assert_max_num_queries(13):
            client.get(case.get_absolute_url())


class TestBadParameters:
    @pytest.mark.parametrize(
        "query",
        [
            "page=abc", "page=-1", "page=99999999999999999999", "bank=nonsense", "kind=x", "product=%00", "sort=x",
            "sort=%00", "q=%00", "q=%00复工", "bank=%00", "year=99999999999", "year=0000199999999", "year=-1", "year=²",
            "year=0", "source=99999999999999999999", "source=x", "category=%ff%fe", "q=%ed%a0%80", "q=" + "复" * 3000,
            "q=%26%7C%21%3A*", "q=%27%22%5C", "q=%3Cscript%3E", "&&&=&=", "q=1&q=2&sort=bank&sort=x",
        ],
    )  # fmt: skip
    @pytest.mark.parametrize("address", ["/cases/", "/banks/icbc/", "/chapters/resume/"])
    def test_a_list_ignores_what_makes_no_sense(self, client, cases, address, query):
        for headers in ({}, {"HX-Request": "true"}):
            assert client.get(f"{address}?{query}", headers=headers).status_code == 200

    def test_what_makes_sense_beside_it_counts(self, client, cases):
        listing = client.get("/cases/?bank=nonsense&bank=icbc&sort=x&page=x&typed=x").context["listing"]
        assert listing.filters.chosen["bank"] == ["icbc"]
        assert (listing.count, listing.sort, listing.page.number) == (3, "chapter", 1)

    def test_a_page_asks_for_no_other_size(self, client, cases):
        assert len(client.get("/cases/?page_size=1").context["listing"].page) == 5

    @pytest.mark.parametrize(
        "address",
        [
            "/cases/nonsense/", "/cases/%00/", "/banks/nonsense/", "/chapters/nonsense/", "/products/%00/",
            "/sources/99999999999999999999/", "/sources/x/", "/banks/%00/", "/nonsense/", "/cases/%ff/",
        ],
    )  # fmt: skip
    def test_an_address_of_nothing_is_not_found(self, client, address):
        response = client.get(address)
        assert response.status_code == 404
        assert "没有这个页面" in text_of(response)

    @pytest.mark.parametrize(
        "query", ["lines=", "lines=x", "lines=0", "lines=9-1", "lines=%00", "lines=1-999999999", "from=²", "from=-5"]
    )
    def test_a_source_ignores_lines_it_has_not(self, client, query):
        source = make_source(["一", "二", "三"])
        assert client.get(f"{source.get_absolute_url()}?{query}").status_code == 200

    def test_an_empty_source_is_a_page(self, client):
        assert client.get(make_source([]).get_absolute_url()).status_code == 200

    @pytest.mark.parametrize("target", ["https://example.org/", "//example.org", "javascript:alert(1)", "%00"])
    def test_the_script_switch_leads_nowhere_else(self, client, target):
        assert client.get(f"/script/?to=hant&next={target}").headers["Location"] == "/"

    def test_a_script_is_remembered_and_another_value_means_the_original(self, client, cases):
        assert "支持企业" in text_of(client.get("/cases/"))
        client.get("/script/?to=hant&next=/cases/")
        assert "支持企業" in text_of(client.get("/cases/"))
        client.get("/script/?to=x&next=/cases/")
        assert "支持企业" in text_of(client.get("/cases/"))

    def test_a_draft_is_not_found(self, client, cases):
        assert client.get(Case.objects.get(title="草稿").get_absolute_url()).status_code == 404

    def test_markup_in_a_text_stays_text(self, client, banks):
        case = make_case("<script>alert(1)</script>", "<img src=x onerror=alert(1)>", bank=banks[0])
        for address in ("/cases/?q=<script>", f"{case.get_absolute_url()}?q=<img"):
            page = text_of(client.get(address))
            assert "<script>alert" not in page
            assert "<img src=x" not in page


class TestCasePage:
    def test_it_shows_all_there_is_and_where_it_stood(self, client, banks, chapters):
        book = make_source(["一", "二", "正文在此。"], title="案例集")
        case = make_case(
            "标题",
            "## 一、背景\n\n正文在此。\n\n## 二、成效\n\n后来改写的段落。",
            subtitle="副标题",
            summary="简介",
            captions=["照片的说明"],
            authors=["张三", "李四"],
            bank=banks[0],
            branch="深圳市分行",
            category=chapters[0],
            source=book,
            first_line=1,
            last_line=3,
            provenance=[place("正文在此。", 2, 3, page=7)],
            products=("复工贷",),
        )
        page = text_of(client.get(case.get_absolute_url()))
        for text in ("标题", "副标题", "简介", "照片的说明", "张三、李四", "深圳市分行", "复工贷", "《案例集》"):
            assert text in page
        assert f'href="{book.get_absolute_url()}?lines=2-3#L2"' in page
        assert "出处：第 7 页，第 2–3 行" in page
        assert page.count("出处：") == 2  # of one paragraph, as its title and its name; the rewritten one has no place
        assert re.findall(r'<a href="#(p\d+)">', page) == ["p1", "p3"]

    def test_guesses_are_said_to_be_guesses(self, client, banks, chapters):
        case = make_case("标题", bank=banks[0], category=chapters[0], title_inferred=True, category_confidence=0.83)
        page = text_of(client.get(case.get_absolute_url()))
        assert "代拟标题" in page
        assert "推断，把握 83%" in page

    def test_what_is_certain_is_not_flagged(self, client, cases):
        assert 'class="flag"' not in text_of(client.get(Case.objects.public().first().get_absolute_url()))

    def test_it_leads_on_in_its_chapter(self, client, cases, chapters):
        first, second, third = Case.objects.public().filter(category=chapters[0])
        page = text_of(client.get(second.get_absolute_url()))
        assert f'rel="prev" href="{first.get_absolute_url()}"' in re.sub(r"\s+", " ", page)
        assert f'rel="next" href="{third.get_absolute_url()}"' in re.sub(r"\s+", " ", page)

    def test_it_leads_on_to_similar_cases(self, client, banks, chapters):
        for number, text in enumerate(["渔民出海捕鱼，渔船贷款", "渔船更新，渔民贷款", *["企业"] * 6]):
            make_case(f"案例{number}", text, bank=banks[0], category=chapters[1])
        page = text_of(client.get(Case.objects.get(title="案例0").get_absolute_url()))
        similar = page[page.index('class="similar"') : page.index('class="neighbours"')]
        assert re.findall(r"案例\d", similar) == ["案例1"]
        assert "工商银行" in similar
        assert "服务小微" in similar

    def test_where_none_is_similar_nothing_is_said(self, client, cases):
        assert "相近的案例" not in text_of(client.get(make_case("独一无二").get_absolute_url()))

    def test_similar_cases_that_take_too_long_are_left_out(self, client, cases, monkeypatch):
        def endless(case):
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(9)")

        monkeypatch.setattr(views, "MOMENT", 0.1)
        monkeypatch.setattr(views, "similar_cases", endless)
        response = client.get(Case.objects.public().first().get_absolute_url())
        assert response.status_code == 200
        assert "相近的案例" not in text_of(response)

    def test_a_case_of_which_little_is_known_is_a_page(self, client):
        case = make_case("只有标题")
        assert client.get(case.get_absolute_url()).status_code == 200
        assert "只有标题" in text_of(client.get("/cases/"))

    def test_only_an_editor_is_led_to_the_editing(self, client, cases):
        case = Case.objects.public().first()
        edit = reverse("admin:catalog_case_change", args=[case.pk])
        assert edit not in text_of(client.get(case.get_absolute_url()))
        editor = User.objects.create_user("editor", is_staff=True)
        editor.user_permissions.add(Permission.objects.get(codename="change_case"))
        client.force_login(editor)
        assert edit in text_of(client.get(case.get_absolute_url()))


class TestNothingFound:
    def test_it_offers_a_way_on(self, client, cases):
        page = text_of(client.get("/cases/?q=zzqq xxyy&bank=icbc"))
        assert "没有找到案例" in page
        assert 'href="?q=zzqq+xxyy"' in page
        assert 'href="/cases/?q=zzqq"' in page
        assert 'href="/chapters/resume/"' in page

    def test_an_empty_catalogue_has_pages_too(self, client):
        for address in ("/", "/cases/", "/banks/", "/chapters/", "/products/", "/sources/"):
            assert client.get(address).status_code == 200


class TestErrors:
    @pytest.mark.parametrize(
        ("template", "says"),
        [("500.html", "服务暂时出错"), ("400.html", "请求无法识别"), ("403_csrf.html", "表单已失效")],
    )
    def test_they_need_no_context(self, template, says):
        assert says in get_template(template).render()

    def test_no_inline_script_or_style_stands_in_the_way_of_a_strict_policy(self, client, cases):
        for address in ("/", "/cases/?q=复工", Case.objects.public().first().get_absolute_url()):
            page = text_of(client.get(address))
            assert not re.search(r"<script(?![^>]*\bsrc=)", page)
            assert not re.search(r"<style|\sstyle=|\son[a-z]+=", page)
