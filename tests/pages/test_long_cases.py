"""A long case is read in parts, and a query finds its way through them."""

import pytest
from django.db import connection

from catalog.text import limits, markdown
from catalog.text.parts import LONGEST, heading_of, parts_of
from tests.factories import make_case, make_source, place

FILLING = "这一段说的是普通的事情，没有什么可找。" * 12


def chapters(number: int, **said) -> str:
    """A body of chapters of some 5,000 characters; `said`: what chapter c7 ends with."""
    parts = []
    for n in range(1, number + 1):
        paragraphs = [f"{FILLING}第{n}章第{m}段。" for m in range(20)]
        parts += [f"## 第{n}章 标题", *paragraphs, said.get(f"c{n}", "本章完。")]
    return "\n\n".join(parts)


class TestCutting:
    def test_a_body_of_usual_length_is_one_part_as_it_is(self):
        body = chapters(5)
        assert parts_of(body) == [body]
        assert parts_of("") == [""]

    def test_a_long_body_is_cut_before_headings_and_nothing_is_lost(self):
        body = chapters(30)
        parts = parts_of(body)
        assert all(part.startswith("## ") for part in parts)
        assert all(len(part) <= LONGEST * 1.1 for part in parts)
        assert markdown.plain_text("\n\n".join(parts)) == markdown.plain_text(body)
        assert heading_of(parts[0]) == "第1章 标题"

    @pytest.mark.parametrize(
        "body",
        [
            "# 一\n" * 50_000,
            "# 一\n\n" * 50_000,
            "字" * 200_000,
            "一句话。" * 50_000,
            "行\n" * 100_000,
            "| 甲 | 乙 |\n| --- | --- |\n" + "| 1 | 2 |\n" * 20_000,
            "|甲" * 100 + "|\n" + "|---" * 100 + "|\n" + "|\n" * 19_000,
            "-" * 400_000 + "x\n" + "-" * 400_000 + "x",
            "#" * 400_000,
            "\\" * 400_000,
        ],
        ids=["headings", "loose headings", "no break", "sentences", "lines", "table", "cells", "rules", "#", "\\"],
    )
    def test_no_part_is_large_whatever_the_body_is(self, body):
        parts = parts_of(body)
        assert len(parts) > 1
        assert max(map(len, parts)) <= LONGEST * 1.1
        blocks = markdown.blocks(parts[len(parts) // 2])
        assert sum(len(block.html) for block in blocks) < 300_000

    def test_each_piece_of_a_long_table_has_its_head(self):
        body = "| 产品 | 金额 |\n| --- | --- |\n" + "\n".join(f"| 产品{n} | {n} |" for n in range(5_000))
        for part in parts_of(body):
            assert "产品" in markdown.blocks(part)[0].html
            assert markdown.blocks(part)[0].html.startswith("<table>")


@pytest.mark.django_db
class TestPage:
    @pytest.fixture
    def case(self):
        body = chapters(30, c8="这里说到海鸥贷。", c25="这里又说海鸥贷，还有信天翁计划。")
        return make_case("长篇案例", body, summary="这是简介。", captions=["这是图注。"])

    def test_one_part_is_shown_with_the_way_to_the_others(self, client, case):
        response = client.get(f"{case.get_absolute_url()}?part=2")
        page = response.context["case_page"]
        text = response.content.decode()
        assert len(text) < 250_000
        assert f"第 2 部分，共 {page.total} 部分" in text
        assert 'rel="prev" href="?part=1"' in text
        assert 'rel="next" href="?part=3"' in text
        assert [part.title for part in page.parts][:2] == ["第1章 标题", heading_of(parts_of(case.body)[1])]

    def test_all_parts_together_are_the_case(self, client, case):
        total = len(parts_of(case.body))
        texts, places = [], []
        for number in range(1, total + 1):
            page = client.get(f"{case.get_absolute_url()}?part={number}").context["case_page"]
            texts += [passage.text for passage in page.passages]
            places.append((bool(page.summary), bool(page.captions)))
        assert texts == [block.text for block in markdown.blocks(case.body)]
        assert places == [(True, False), *[(False, False)] * (total - 2), (False, True)]

    @pytest.mark.parametrize(("part", "shown"), [("0", "last"), ("999999", "last"), ("x", 1), ("", 1), ("-1", "last")])
    def test_a_part_that_is_not_there_is_the_nearest_or_the_first(self, client, case, part, shown):
        page = client.get(f"{case.get_absolute_url()}?part={part}").context["case_page"]
        assert page.number == (page.total if shown == "last" else shown)

    def test_a_query_opens_the_part_in_which_it_stands(self, client, case):
        page = client.get(f"{case.get_absolute_url()}?q=信天翁计划").context["case_page"]
        assert page.hits == 1
        assert "信天翁计划" in "".join(passage.text for passage in page.passages)
        assert page.number > 1

    def test_from_part_to_part_there_is_a_way_to_the_next_hit(self, client, case):
        first = client.get(f"{case.get_absolute_url()}?q=海鸥贷&part=1")
        page = first.context["case_page"]
        assert (page.hits, page.part_of_last_hit) == (0, None)
        number = page.part_of_next_hit.number
        assert f"?q=%E6%B5%B7%E9%B8%A5%E8%B4%B7&amp;part={number}#hit-1" in first.content.decode()
        second = client.get(f"{case.get_absolute_url()}?q=海鸥贷&part={number}").context["case_page"]
        assert (second.hits, second.part_of_last_hit) == (1, None)
        third = client.get(f"{case.get_absolute_url()}?q=海鸥贷&part={second.part_of_next_hit.number}")
        assert third.context["case_page"].part_of_last_hit.number == number
        assert third.context["case_page"].part_of_next_hit is None

    def test_words_that_stand_in_several_parts_keep_their_places(self, client):
        body = chapters(30)
        lines = [place("本章完。", n, n) for n in range(1, 31)]
        case = make_case("有出处", body, provenance=lines, source=make_source(["行"] * 30))
        found = []
        for number in range(1, len(parts_of(body)) + 1):
            page = client.get(f"{case.get_absolute_url()}?part={number}").context["case_page"]
            found += [passage.first_line for passage in page.passages if passage.text == "本章完。"]
        assert found == list(range(1, 31))

    def test_a_snippet_shows_the_passage_of_a_later_part(self, client, case):
        text = client.get("/cases/?q=信天翁计划").content.decode()
        assert "<mark>信天翁计划</mark>" in text

    def test_a_case_from_before_the_limits_has_small_pages(self, client):
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE catalog_case DROP CONSTRAINT case_body_length")
        case = make_case("从前的案例", "正文")
        with connection.cursor() as cursor:
            cursor.execute("UPDATE catalog_case SET body = repeat(E'# 一\\n', 200000) WHERE id = %s", [case.pk])
        for part in ("1", "500", "999999"):
            response = client.get(f"{case.get_absolute_url()}?part={part}")
            assert response.status_code == 200
            assert len(response.content) < 300_000


@pytest.mark.django_db
class TestLimits:
    @pytest.mark.parametrize(
        ("field", "value", "told"),
        [
            ("body", "字" * (limits.BODY + 1), "正文超过 500000 字"),
            ("body", "行\n\n" * (limits.BODY_LINES + 1), "正文超过 20000 行"),
            ("summary", "字" * (limits.SUMMARY + 1), "案例简介超过 20000 字"),
            ("captions", "\n".join(["图"] * (limits.CAPTIONS + 1)), "图片说明超过 1000 项"),
        ],
        ids=["body", "lines", "summary", "captions"],
    )
    def test_the_form_of_an_editor_says_what_is_too_long(self, admin_client, field, value, told):
        given = {"title": "案例", "status": "public", "script": "hans", "products": [], field: value}
        inline = {"doubts-TOTAL_FORMS": 0, "doubts-INITIAL_FORMS": 0}
        response = admin_client.post("/admin/catalog/case/add/", given | inline)
        assert response.status_code == 200
        assert told in response.content.decode()
