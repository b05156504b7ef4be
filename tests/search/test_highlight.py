import re

import pytest

from catalog.models import Case
from catalog.search import search_cases
from catalog.search.query.highlight import Marker, mark, snippet
from catalog.text.markdown import render

pytestmark = pytest.mark.django_db


def marked_html(html: str, query: str) -> str:
    """As a page has it, without the numbers of the hits."""
    return re.sub(r' (?:id|data-hit)="[^"]*"(?=[^<]*>)', "", Marker(query).html(html))


class TestMark:
    @pytest.mark.parametrize(
        ("text", "query", "marked"),
        [
            ("推出园区e贷", "園區e貸", "推出<mark>园区e贷</mark>"),
            ("推出園區 Ｅ 貸。", "园区e贷", "推出<mark>園區 Ｅ 貸</mark>。"),
            ("待处理", "处理", "待<mark>处理</mark>"),
            ("甲 & <乙>", "乙", "甲 &amp; &lt;<mark>乙</mark>&gt;"),
            ("A&B", "&", "A<mark>&amp;</mark>B"),
            ("知识产权和质押", "知识产权质押", "<mark>知识产权</mark>和<mark>质押</mark>"),
            ("贷款贷款", "贷款", "<mark>贷款贷款</mark>"),
            ("甲㍿乙", "株式", "甲<mark>㍿</mark>乙"),
            ("没有", "别的", "没有"),
            ("没有", "", "没有"),
            ("", "银行", ""),
        ],
    )
    def test_hits_stand_on_the_original(self, text, query, marked):
        assert mark(text, query) == marked

    def test_other_names_of_a_bank_are_marked(self, icbc):
        search_cases(Case.objects.all(), "工行")
        assert mark("中国工商银行（ICBC），工行", "工行") == (
            "<mark>中国工商银行</mark>（<mark>ICBC</mark>），<mark>工行</mark>"
        )

    def test_asks_the_database_once_at_most(self, django_assert_max_num_queries):
        mark("文字", "贷款")
        with django_assert_max_num_queries(0):
            mark("文字", "融资")

    @pytest.mark.parametrize("query", ["\x00", "\ud800", "(", "[a-", "\\", "a" * 100_000, "<mark>", "*|*"])
    def test_no_query_raises(self, query):
        assert "文字" in mark("文字", query)


class TestMarkHtml:
    def test_marks_text_and_leaves_tags(self):
        assert marked_html('<p class="mark">mark</p>', "mark") == '<p class="mark"><mark>mark</mark></p>'

    def test_a_hit_may_cross_inline_tags_but_no_block(self):
        assert marked_html("<p>融<b>资</b></p>", "融资") == "<p><mark>融</mark><b><mark>资</mark></b></p>"
        assert marked_html("<p>融</p><p>资</p>", "融资") == "<p>融</p><p>资</p>"

    def test_entities_are_characters(self):
        assert marked_html("<p>A&amp;B &lt;script&gt;</p>", "a&b") == "<p><mark>A&amp;B</mark> &lt;script&gt;</p>"
        assert marked_html("<p>amp &amp;</p>", "amp") == "<p><mark>amp</mark> &amp;</p>"

    def test_a_rendered_body(self):
        html = marked_html(render("## 供应链\n\n供应\n链金融\n\n| 甲 |\n| --- |\n| 供應鏈 |"), "供应链")
        assert html.count("<mark>") == 3
        assert "<h2><mark>供应链</mark></h2>" in html
        assert "<mark>供应\n链</mark>金融" in html
        assert "<td><mark>供應鏈</mark></td>" in html

    def test_without_hits_the_html_is_the_same(self):
        html = render("正文 \"引号\" 'x' & <y>")
        assert marked_html(html, "没有") == html


class TestMarker:
    def test_numbers_the_hits_through_the_texts(self):
        marker = Marker("贷款")
        assert marker.text("贷款与贷款") == (
            '<mark id="hit-1" data-hit="1">贷款</mark>与<mark id="hit-2" data-hit="2">贷款</mark>'
        )
        assert marker.text("没有") == "没有"
        assert marker.html("<p>又是贷款</p>") == '<p>又是<mark id="hit-3" data-hit="3">贷款</mark></p>'
        assert marker.count == 3

    def test_a_hit_over_inline_tags_is_one(self):
        marker = Marker("融资")
        assert marker.html("<p>融<b>资</b>，融资</p><p>融资</p>") == (
            '<p><mark id="hit-1" data-hit="1">融</mark><b><mark data-hit="1">资</mark></b>，'
            '<mark id="hit-2" data-hit="2">融资</mark></p><p><mark id="hit-3" data-hit="3">融资</mark></p>'
        )

    @pytest.mark.parametrize("query", ["", "银行:工行", "火星"])
    def test_without_hits_there_is_nothing_to_count(self, query):
        marker = Marker(query)
        assert marker.text("贷款 <b>") == "贷款 &lt;b&gt;"
        assert marker.count == 0


class TestSnippet:
    def test_is_the_passage_with_most_of_the_query(self):
        text = "贷款很多。" + "无关" * 200 + "。知识产权质押贷款在此。" + "其他" * 200
        passage = snippet([text], "知识产权 贷款", length=60)
        assert "<mark>知识产权</mark>" in passage
        assert passage.startswith("…")
        assert passage.endswith("…")
        assert len(passage) < 60 + 2 + 3 * len("<mark></mark>")

    def test_prefers_the_earlier_of_equal_texts(self):
        assert snippet(["简介说贷款", "正文说贷款"], "贷款") == "简介说<mark>贷款</mark>"

    def test_takes_the_text_that_has_the_hit(self):
        assert snippet(["简介", "正文说贷款"], "贷款") == "正文说<mark>贷款</mark>"

    def test_begins_with_the_sentence_of_the_hit(self):
        text = "前" * 100 + "。深圳的融资难。" + "后" * 100
        assert snippet([text], "融资", length=40).startswith("…深圳的<mark>融资</mark>难。后")

    def test_shows_the_beginning_when_nothing_is_hit(self):
        assert snippet(["", " ", "正文" * 50], "火星", length=10) == "正文" * 5 + "…"

    def test_of_nothing_is_empty(self):
        assert snippet([], "贷款") == snippet([""], "贷款") == ""
