"""What comes first, on catalogues small enough to see why.

Of equal cases the one with the smaller key comes first. So in every test the case that should win is made last: where
nothing tells it from the others it would lose.
"""

from urllib.parse import urlencode

import pytest
from django.http import QueryDict

from catalog.models import Case, SynonymGroup
from catalog.pages.listing import Listing
from catalog.search.query.plan import Step, plan_query
from catalog.search.query.search import search_cases
from tests.factories import make_bank, make_case

pytestmark = pytest.mark.django_db

SENTENCE = "天气晴朗，大家在院子里种花。"  # has no word that a test asks for


def order(query: str) -> list[str]:
    """The titles of the cases that the query finds, best first."""
    return [case.title for case in search_cases(Case.objects.all(), query)]


def padded(text: str, length: int) -> str:
    """The text at the beginning of a body of so many characters."""
    return (text + SENTENCE * (length // len(SENTENCE) + 1))[:length]


def make_others(number: int) -> None:
    """Cases that nothing in a test finds, so that a word of one case is rare."""
    for _ in range(number):
        make_case("无关", SENTENCE)


class TestTogether:
    GAP = SENTENCE * 10

    def test_words_in_one_sentence_beat_words_far_apart(self):
        make_case("散", f"渔民很多。{self.GAP}贷款不难。{self.GAP}光伏在屋顶。")
        make_case("近", f"渔民很多，贷款不难，光伏在屋顶。{self.GAP}{self.GAP}")
        assert plan_query("渔民 贷款 光伏").step == Step.TYPED
        assert order("渔民 贷款 光伏") == ["近", "散"]

    def test_so_too_where_not_all_words_are_there(self):
        make_others(6)
        make_case("散", f"渔民很多。{self.GAP}贷款不难。")
        make_case("近", f"渔民很多，贷款不难。{self.GAP}")
        assert plan_query("渔民 贷款 火星").step == Step.MOST
        assert order("渔民 贷款 火星") == ["近", "散"]

    def test_what_stands_as_it_was_typed_beats_the_same_words_in_another_order(self):
        make_others(6)
        make_case("倒", "出海捕捞渔民，人民出工")
        make_case("原", "渔民出海捕捞，工人上工")
        assert order("渔民出海捕捞 火星 飞船") == ["原", "倒"]


class TestOwners:
    @pytest.fixture(autouse=True)
    def icbc(self):
        self.bank = make_bank("工商银行")
        self.bank.aliases.create(name="工行")
        make_others(6)

    def test_a_bank_s_own_case_comes_before_one_that_mentions_it(self):
        make_case("提及", padded("与工行合作，向工行学习。", 800), bank=make_bank("建设银行"))
        make_case("自己", padded("", 800), bank=self.bank)
        assert order("工行") == ["自己", "提及"]

    def test_a_product_s_own_case_comes_before_one_that_mentions_it(self):
        make_case("学习园区e贷", "园区e贷做得好，园区e贷做得快", bank=make_bank("建设银行"))
        make_case("自己", SENTENCE, bank=self.bank, products=("园区e贷",))
        assert order("园区e贷") == ["自己", "学习园区e贷"]


class TestSynonyms:
    @pytest.fixture(autouse=True)
    def words(self):
        SynonymGroup.objects.create(words="职工 员工", weight=0.7)
        make_others(6)

    def test_a_synonym_finds_a_case(self):
        make_case("近义", "员工很满意")
        assert order("职工") == ["近义"]

    def test_it_ranks_below_the_word_itself(self):
        make_case("近义", "员工很满意")
        make_case("原词", "职工很满意")
        assert order("职工 火星") == ["原词", "近义"]

    def test_of_two_the_closer_one_ranks_first(self):
        SynonymGroup.objects.create(words="职工", targets="雇工", weight=0.3)
        make_case("远", "雇工很满意")
        make_case("近", "员工很满意")
        assert order("职工") == ["近", "远"]

    def test_a_page_shows_its_cases_after_those_that_have_the_word(self):
        make_case("近义", "员工很满意")
        make_case("原词", "职工很满意")
        listing = Listing(QueryDict(urlencode({"q": "职工"})))
        assert [case.title for case in listing.page] == ["原词"]
        assert [case.title for case in listing.partly] == ["近义"]

    def test_a_figure_in_words_finds_the_figure(self):
        make_case("数字", "发放了100亿元")
        assert order("一百亿元") == ["数字"]


class TestRarity:
    def test_a_rare_word_outweighs_a_common_one(self):
        for number in range(8):
            make_case(f"常见{number}", "企业")
        make_case("企业企业企业", "企业")
        make_case("少见", "渔民")
        assert order("企业 | 渔民")[0] == "少见"

    def test_a_word_that_most_of_the_best_answers_share_counts_for_less(self):
        """Both words are rare in the catalogue; the first is in all answers but one, and twice as strong there."""
        make_others(40)
        for number in range(19):
            make_case(f"其一{number}", padded("光伏", 800))
        make_case("光伏光伏", padded("光伏光伏光伏", 800))
        make_case("另一", padded("渔民", 4_000))
        assert plan_query("光伏 渔民").step == Step.ANY
        assert order("光伏 渔民")[:2] == ["另一", "光伏光伏"]


class TestFields:
    def test_a_field_that_says_what_a_case_is_about_counts_for_more(self):
        other = padded("", 800)
        make_case("图", other, captions=["渔民"])
        make_case("文", padded("渔民", 800))
        make_case("小标题", f"## 渔民\n\n{other}")
        make_case("简介", other, summary="渔民")
        make_case("渔民", other)
        assert order("渔民") == ["渔民", "简介", "小标题", "文", "图"]

    def test_a_branch_counts_as_a_name(self):
        make_case("文", padded("深圳分行", 800))
        make_case("名", padded("", 800), branch="深圳分行")
        assert order("深圳分行") == ["名", "文"]

    def test_a_short_body_does_not_outweigh_a_title(self):
        make_case("无关", "供应链")
        make_case("供应链", "无关")
        assert order("供应链") == ["供应链", "无关"]

    def test_a_word_says_less_about_a_long_case(self):
        make_case("长", padded("渔民", 3_000))
        make_case("短", padded("渔民", 300))
        assert order("渔民") == ["短", "长"]

    def test_a_word_repeated_does_not_outweigh_two_words(self):
        make_others(6)
        make_case("重复", padded("渔民" * 20, 300))
        make_case("两词", padded(f"渔民{SENTENCE * 10}光伏", 300))
        assert order("渔民 | 光伏") == ["两词", "重复"]


class TestWords:
    def test_pairs_across_words_rank_below_a_word(self):
        make_others(6)
        make_case("字组", "渔民，人民贷记，存款光大，起伏电波")
        make_case("词", "渔民，农户贷款，存钱宽大，起落风波")
        assert order("渔民贷款光伏电站 火星") == ["词", "字组"]

    def test_a_word_ranks_above_the_parts_of_another(self):
        make_others(6)
        make_case("部分", "人工种植，智能灌溉")
        make_case("整词", "渔民种植，海水灌溉")
        assert order("人工智能 渔民") == ["整词", "部分"]

    def test_a_whole_latin_word_ranks_above_one_that_holds_it(self):
        make_case("含", "webank webank")
        make_case("整", "the bank, abank")
        assert order("bank") == ["整", "含"]


class TestSentences:
    def test_the_case_with_most_of_the_telling_words_comes_first(self):
        make_others(10)
        make_case("一", "渔民，渔民，渔民")
        make_case("二", "渔民，贷款")
        make_case("三", "渔民，贷款，出海")
        assert order("渔民怎么贷款出海捕捞") == ["三", "二", "一"]


class TestEqualCases:
    def test_come_in_the_order_of_their_keys(self):
        for title in "甲乙丙丁":
            make_case(title, "渔民")
        assert order("渔民") == ["甲", "乙", "丙", "丁"]

    def test_so_no_page_shows_one_again(self):
        for title in "甲乙丙丁":
            make_case(title, "渔民")
        pages = [Listing(QueryDict(urlencode({"q": "渔民", "page": page})), page_size=2).page for page in (1, 2)]
        assert [[case.title for case in page] for page in pages] == [["甲", "乙"], ["丙", "丁"]]
