import pytest

from catalog.models import Case
from catalog.pages.remarks import chip_label, remarks
from catalog.search import search_cases
from catalog.search.query.plan import ENOUGH, Step, plan_query

pytestmark = pytest.mark.django_db


def chips(query: str) -> list[tuple[str, str, str]]:
    return [(chip_label(chip), chip.label, chip.without) for chip in plan_query(query).chips]


class TestOperators:
    def test_exclusion(self, make_case, find):
        make_case("有", "扶贫")
        make_case("无", "扶贫用光伏")
        assert find("扶贫 -光伏") == ["有"]
        assert find("-光伏") == ["有"]

    def test_either(self, make_case, find):
        make_case("甲", "光伏发电")
        make_case("乙", "风电设备")
        make_case("丙", "水电")
        assert sorted(find("光伏 | 风电")) == ["乙", "甲"]

    def test_exact_phrase_keeps_to_its_letters(self, make_case, find):
        make_case("有", "延期还本付息")
        make_case("无", "还本付息，可以延期")
        assert find('"延期还本付息"') == ["有"]

    def test_fields(self, make_case, find, icbc, chapter):
        make_case("有", "贷款", bank=icbc, category=chapter, products=["园区e贷"], published_on="2020-03-01")
        make_case("无", "贷款")
        for query in ["银行:工行 贷款", "bank:ICBC", "章节：普惠", "产品:園區E貸", "年份:2020", "年份:2019-2021"]:
            assert find(query) == ["有"], query
        assert find("贷款 -银行:工行") == ["无"]
        assert find("年份:2019") == []

    def test_an_unknown_value_of_a_field_is_text(self, make_case, find):
        make_case("有", "主办银行：火星商行")
        make_case("无", "火星")
        assert find("银行:火星商行") == ["有"]

    def test_a_text_that_begins_like_an_exclusion_is_found(self, make_case, find):
        make_case("有", "低温-20度保存")
        make_case("无", "20度")
        assert find("-20度") == ["有"]


class TestChips:
    def test_each_part_can_be_taken_away(self, make_case, icbc):
        assert chips('贷款 -光伏 "延期 还本" 银行:工行') == [
            ("检索", "贷款", '-光伏 "延期 还本" 银行:工行'),
            ("不含", "光伏", '贷款 "延期 还本" 银行:工行'),
            ("检索", "“延期 还本”", "贷款 -光伏 银行:工行"),
            ("银行", "工行", '贷款 -光伏 "延期 还本"'),
        ]

    def test_nothing_has_none(self):
        assert chips("  ") == []


class TestRelaxation:
    @pytest.mark.parametrize(
        ("query", "step"),
        [
            ("渔民出海", Step.TYPED),
            ("渔民 平安", Step.TYPED),
            ("渔民平安", Step.WORDS),
            ("渔民 平安 火星", Step.MOST),
            ("渔民 平安 火星 出海", Step.ANY),
            ("渔民 火星 飞船", Step.ANY),
        ],
    )
    def test_goes_step_by_step_and_says_so(self, make_case, query, step):
        make_case("有", "渔民出海，都平安")
        make_case("无", "别的")
        plan = plan_query(query, correcting=False)
        assert plan.step == step
        assert plan.results.total == 1
        assert bool(remarks(plan)) == (step != Step.TYPED)

    def test_a_sentence_is_answered_by_any_word_where_few_have_all_those_first(self, make_case, find):
        make_case("一词", "渔民打牌，渔民唱歌")
        make_case("全部", "平安出海，渔民办贷款")
        make_case("别的", "无关")
        plan = plan_query("渔民贷款出海平安", correcting=False)
        assert plan.step == Step.ANY
        assert find("渔民贷款出海平安") == ["全部", "一词"]
        for n in range(ENOUGH):
            make_case(f"都有{n}", "平安出海，渔民办贷款")
        assert plan_query("渔民贷款出海平安", correcting=False).step == Step.WORDS

    def test_what_is_found_as_typed_is_not_relaxed(self, make_case, find):
        make_case("有", "知识产权质押")
        make_case("无", "质押知识产权")
        assert find("知识产权质押") == ["有"]

    def test_does_not_depend_on_filters(self, make_case, icbc):
        make_case("甲", "渔民出海", bank=icbc)
        make_case("乙", "渔民平安")
        assert [case.title for case in search_cases(Case.objects.filter(bank=None), "渔民出海")] == []

    def test_drafts_do_not_decide(self, make_case):
        make_case("草稿", "渔民平安出海", status=Case.Status.DRAFT)
        make_case("公开", "平安的渔民")
        assert plan_query("渔民平安", correcting=False).step == Step.WORDS

    def test_a_slip_is_put_right_and_told(self, make_case):
        for n in range(3):
            make_case(f"案例{n}", "普惠金融服务小微企业")
        plan = plan_query("普会金融")
        assert plan.query == "普惠金融"
        assert plan.correction
        assert "普惠金融" in remarks(plan)[0]
        assert plan_query("普会金融", correcting=False).correction is None


class TestRanking:
    def test_rare_words_tell_more_than_common_ones(self, make_case, find):
        for n in range(8):
            make_case(f"常见{n}", "企业贷款")
        make_case("少见", "渔民的事，其他无关")
        make_case("多次", "企业企业企业企业")
        assert find("企业的渔民怎么办")[0] == "少见"

    def test_a_phrase_beats_scattered_words(self, make_case, find):
        make_case("散", "知识很多。" + "无关" * 60 + "。产权。" + "无关" * 60 + "。质押。")
        make_case("整", "知识产权质押。" + "无关" * 120)
        assert find("知识 产权 质押")[0] == "整"

    def test_a_title_beats_a_body(self, make_case, find):
        make_case("无关", "供应链")
        make_case("供应链", "无关")
        assert find("供应链") == ["供应链", "无关"]

    def test_a_weight_does_not_change_when_cases_are_added(self, make_case):
        case = make_case("甲", "渔民出海")
        before = case.search_entry.content.impacts
        for n in range(5):
            make_case(f"乙{n}", "渔民")
        case.search_entry.content.refresh_from_db()
        assert case.search_entry.content.impacts == before
