import random

import pytest
from django.db import connection

from catalog.models import Case
from catalog.pages.remarks import remarks
from catalog.search import search_cases, settle
from catalog.search.query.plan import plan_query

pytestmark = pytest.mark.django_db


class TestNothingToSearchFor:
    @pytest.mark.parametrize("query", ["", " ", "\u3000\n", "\u200b\x00"])
    def test_leaves_the_cases_as_they_are(self, make_case, query):
        make_case("乙")
        make_case("甲")
        cases = search_cases(Case.objects.order_by("title"), query)
        assert [(case.title, case.rank) for case in cases] == [("乙", 0), ("甲", 0)]


class TestRuns:
    @pytest.mark.parametrize(
        ("body", "query"),
        [
            ("待处理的贷款", "处理"),
            ("中国农业发展银行", "农业"),
            ("国际论坛", "際論"),
            ("小微企业融资难", "微企业融"),
            ("推出5G 网络", "5G网络"),
            ("推出5G网络", "5G 网络"),
            ("贷款 7.9 亿元", "7.9亿元"),
            ("贷款7.9亿元", "9亿"),
            ("餘額与余額", "余额"),
            ("綫上服务", "线上"),
            ("写作 webank", "ban"),
            ("甲乙丙", "乙"),
            ("他说：“好”。", "：“好"),
            ("100%_确定", "%_确"),
            (r"a\b'c", r"\b'c"),
        ],
    )
    def test_are_found_wherever_they_stand(self, make_case, find, body, query):
        make_case("有", body)
        make_case("无", "别的内容")
        assert find(query) == ["有"]

    def test_bigrams_in_another_order_are_no_run(self, make_case, find):
        make_case("有", "甲乙丙丁")
        make_case("无", "丙丁，乙丙，甲乙")
        assert find("甲乙丙丁") == ["有"]

    def test_are_found_across_a_line_but_not_across_a_heading(self, make_case, find):
        make_case("有", "本行的供应\n链金融\n\n很好")
        make_case("无", "供应\n\n## 链金融")
        assert find("供应链金") == ["有"]

    def test_fields_are_apart(self, make_case, find):
        make_case("供应", summary="链条")
        assert find("应链") == []

    @pytest.mark.parametrize("query", ["5G网络", "5G 网络", "推出 5G 网络", "额度 7.9 亿元", "7.9亿元"])
    def test_a_blank_between_scripts_is_none_where_the_text_stands_so(self, make_case, find, query):
        make_case("有", "推出5G 网络，额度7.9亿元")
        make_case("无", "网络推出了亿元的5G，涨了7.9%，额度不变")
        assert find(query) == ["有"]

    def test_a_reader_is_told_of_such_a_blank_and_can_ask_for_both_apart(self, make_case, find, client):
        make_case("连", "2020年的贷款2020")
        make_case("分", "贷款在2020年发放")
        plan = plan_query("贷款 2020 -房")
        assert remarks(plan) == ["“贷款 2020”当作连在一起的文字检索"]
        assert plan.apart == '"贷款" "2020" -房'
        assert set(find(plan.apart)) == {"连", "分"}
        page = client.get("/cases/", {"q": "贷款 2020"}).content.decode()
        assert "?q=%22%E8%B4%B7%E6%AC%BE%22+%222020%22" in page
        assert plan_query("贷款 发放").apart == ""

    def test_a_blank_between_scripts_joins_two_words_where_no_text_stands_so(self, make_case, find):
        make_case("有", "推出网络，用的是5G")
        assert find("5G 网络") == ["有"]
        make_case("草稿", "推出5G网络", status="draft")
        assert "有" in find("5G 网络")

    def test_a_blank_between_chinese_words_joins_two(self, make_case, find):
        make_case("近", "小微企业贷款")
        make_case("远", "贷款给小微企业")
        assert find("小微企业 贷款") == ["近", "远"]

    @pytest.mark.slow
    def test_every_run_of_a_text_finds_it(self, make_case):
        text = "中国农业发展银行深圳分行，2020年投放「抗疫」貸款 7.9 亿元，惠及 ABC Tech 等 35 户小微企业。"
        case = make_case("案例", text)
        make_case("另一案例", "投放贷款，惠及小微企业")
        chance = random.Random(4)
        for _ in range(150):
            start = chance.randrange(len(text) - 2)
            run = text[start : start + chance.randint(2, 12)]
            assert case in search_cases(Case.objects.all(), run), run


class TestFields:
    @pytest.mark.parametrize(
        "query", ["标题词", "副题词", "简介词", "正文词", "小标题词", "图注词", "深圳分行", "普惠金融", "张三"]
    )
    def test_all_that_a_page_shows_is_searched(self, make_case, find, chapter, query):
        make_case(
            "标题词",
            "## 小标题词\n\n正文词",
            subtitle="副题词",
            summary="简介词",
            captions=["图注词"],
            branch="深圳分行",
            category=chapter,
            authors=["张三"],
        )
        assert find(query) == ["标题词"]

    def test_a_title_counts_more_than_a_body(self, make_case, find):
        make_case("无关", "知识产权")
        make_case("知识产权", "无关")
        assert find("知识产权") == ["知识产权", "无关"]


class TestTerms:
    def test_all_must_match(self, make_case, find):
        make_case("两者", "供应链与质押")
        make_case("一个", "供应链")
        assert find("质押 供应链") == ["两者"]

    def test_any_will_do_when_no_case_has_all(self, make_case, find):
        make_case("甲", "供应链")
        make_case("乙", "质押")
        assert sorted(find("质押 供应链")) == ["乙", "甲"]

    def test_the_words_of_an_unspaced_term_may_stand_apart(self, make_case, find):
        make_case("有", "质押的知识产权，用于企业融资")
        make_case("无", "企业")
        assert find("知识产权质押融资") == ["有"]

    def test_a_question_is_answered_by_its_telling_words(self, make_case, find):
        make_case("有", "支持渔民出海")
        make_case("无", "怎么办理")
        assert find("怎么帮助渔民？") == ["有"]

    def test_what_is_nowhere_finds_nothing(self, make_case, find):
        make_case("案例", "正文")
        assert find("火星") == find("？！，") == []

    def test_a_character_alone_is_taken_with_its_neighbour(self, make_case, find):
        make_case("有", "小微企业复工贷")
        make_case("无", "复工之后，微小企业的贷款")
        assert find("复工贷") == find("小微") == ["有"]


class TestNames:
    @pytest.mark.parametrize("query", ["工行", "ICBC", "icbc", "ＩＣＢＣ", "中国工商银行", "中國工商銀行", "工商 银行"])
    def test_a_bank_is_found_by_any_of_its_names(self, make_case, find, icbc, query):
        make_case("有", "贷款", bank=icbc)
        make_case("无", "贷款")
        assert find(query) == ["有"]

    def test_a_name_with_blanks_is_one(self, make_case, find, icbc):
        icbc.aliases.create(name="Industrial and Commercial Bank of China")
        make_case("有", "贷款", bank=icbc)
        make_case("无", "Commercial Bank of China, industrial and so on")
        assert find("industrial and commercial bank of china") == ["有"]

    def test_a_name_inside_a_term_counts(self, make_case, find, icbc):
        make_case("有", "贷款", bank=icbc)
        make_case("无", "贷款")
        make_case("也无", bank=icbc)
        assert find("工行贷款") == find("ICBC 贷款") == ["有"]

    def test_a_product_is_found_by_its_aliases(self, make_case, find, icbc):
        case = make_case("有", "贷款", bank=icbc, products=["园区e贷"])
        make_case("无", "贷款", bank=icbc)
        case.products.get().aliases.create(name="园区快贷")
        assert find("園區快貸") == find("园区E贷") == ["有"]


class TestLongCases:
    def test_the_last_sentence_of_200_000_characters_is_found(self, make_case, find):
        chance = random.Random(2)
        words = ["贷款", "企业", "深圳", "服务", "创新", "支持", "的", "，", "。", "绿色", "信用", "Bank "]
        make_case("长", "".join(chance.choices(words, k=110_000)) + "最后渔民出海平安归来。")
        make_case("短", "企业")
        assert find("渔民出海") == find("出海平安归") == ["长"]

    @pytest.mark.slow
    def test_even_where_the_text_has_more_bigrams_than_a_vector_holds(self, make_case, find):
        chance = random.Random(3)
        make_case("长", "".join(chr(chance.randrange(0x4E00, 0x9FA5)) for _ in range(200_000)) + "渔民出海平安归来")
        make_case("短", "出海，渔民")
        assert find("渔民出海平") == find("民出") == ["长"]
        assert find("渔民") == ["短", "长"] or find("渔民") == ["长", "短"]


class TestHostileQueries:
    PIECES = [
        *"'\"\\&|!():*<>-%_{}[]$;,.?？银行贷aZ9 \t\n\x00\x01\x1b\x7f\ud800\udfff\u200b\u202e😀\U0010ffff",
        *["<->", "<2>", ":*", "&&", "||", "!!", "' OR 1=1 --", "'; DROP TABLE catalog_case; --", "to_tsquery('x')"],
        *["bank:1", "text:overfull", "%s", "%(x)s", "{0}", "$1", "\\u0000", "<b>", "é", "e\u0301", "ﷺ", "工行"],
    ]

    @pytest.mark.slow
    def test_none_raises(self, make_case, icbc):
        make_case("银行", "贷款", bank=icbc)
        chance = random.Random(500)
        for _ in range(500):
            query = "".join(chance.choices(self.PIECES, k=chance.randint(1, 30)))
            list(search_cases(Case.objects.all(), query))

    @pytest.mark.parametrize(
        "piece", ["银", "贷款 ", "a", "'", "(", "& ", "甲乙丙丁", "\x00", "e\u0301", "\u0301", "㍿"]
    )
    def test_nor_does_a_long_one(self, make_case, piece):
        make_case("银行", "贷款")
        list(search_cases(Case.objects.all(), piece * (100_000 // len(piece))))

    def test_the_lexemes_of_the_index_are_no_words_of_a_query(self, make_case, find, icbc):
        make_case("银行", "贷款", bank=icbc)
        assert find(f"bank:{icbc.pk}") == find("text:overfull") == []


class TestCost:
    def test_a_search_is_few_queries(self, make_case, django_assert_max_num_queries):
        make_case("银行", "贷款")
        list(search_cases(Case.objects.all(), "贷款"))
        with django_assert_max_num_queries(10):
            list(search_cases(Case.objects.all(), "贷款"))

    def test_the_index_comes_first(self, make_case):
        make_case("渔民", "平安出海")
        Case.objects.bulk_create(Case(title=f"贷款{n}", slug=f"c{n}") for n in range(1_500))
        settle()
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE catalog_case, catalog_searchentry")
        for query in ["渔民", "海", "出海 渔民", "出海 -船"]:
            assert "search_entry_lexemes" in plan_query(query).results.table_part.entries.explain(), query
