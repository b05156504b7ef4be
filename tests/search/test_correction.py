import random
import time

import pytest

from catalog.search.query.correction import Correction, correct, lookalikes, shown
from catalog.search.query.vocabulary import Vocabulary, phrases
from catalog.text import pinyin
from catalog.text.normalise import fold

TERMS = {
    **dict.fromkeys(
        [
            "普惠",
            "金融",
            "知识",
            "产权",
            "质押",
            "贷款",
            "企业",
            "银行",
            "小微",
            "产业",
            "扶贫",
            "供应链",
            "区块链",
            "只是",
            "融资",
        ],
        40,
    ),
    **dict.fromkeys(
        ["普惠金融", "知识产权", "知识产权质押", "供应链金融", "小微企业", "产业扶贫", "绿色信贷", "工商银行"], 20
    ),
    **dict.fromkeys(
        ["复工贷", "园区e贷", "延期还本付息", "无还本续贷", "慈善信托", "消费者权益", "反欺诈", "软件着作权", "光伏"], 5
    ),
    **{"abn": 3, "5g": 9, "icbc": 5},
}


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return Vocabulary(TERMS.items(), pairs=["是产", "权质"])


@pytest.fixture
def corrected(vocabulary):
    def query(text: str, **options) -> str:
        correction = correct(text, vocabulary, **options)
        return correction.query if correction else text

    return query


class TestSlips:
    @pytest.mark.parametrize(
        ("typed", "meant"),
        [
            ("普会金融", "普惠金融"),
            ("普惠今融", "普惠金融"),
            ("只是产权质押", "知识产权质押"),
            ("供应连金融", "供应链金融"),
            ("产业扶贪", "产业扶贫"),
            ("区块练", "区块链"),
            ("园区e待", "园区e贷"),
        ],
        ids=str,
    )
    def test_of_sound_and_shape(self, corrected, typed, meant):
        assert corrected(typed) == meant

    @pytest.mark.parametrize(
        ("typed", "meant"),
        [
            ("知识产质押", "知识产权质押"),
            ("知识产权权质押", "知识产权质押"),
            ("普惠融金", "普惠金融"),
            ("绿色口贷", "绿色信贷"),
        ],
        ids=str,
    )
    def test_a_character_missing_too_many_misplaced_or_wrong(self, corrected, typed, meant):
        assert corrected(typed) == meant

    @pytest.mark.parametrize(
        ("typed", "meant"),
        [
            ("fugongdai", "复工贷"),
            ("FuGongDai", "复工贷"),
            ("fu gong dai", "复工贷"),
            ("phjr", "普惠金融"),
            ("小微qiye", "小微企业"),
            ("小微qy", "小微企业"),
            ("gongsangyinhang", "工商银行"),
            ("xiaoweiqiyerongzi", "小微企业融资"),
        ],
        ids=str,
    )
    def test_typed_in_letters(self, corrected, typed, meant):
        assert corrected(typed) == meant

    def test_only_the_slip_is_replaced_and_the_rest_stays_as_typed(self, vocabulary):
        assert correct("ICBC  普會金融 光伏", vocabulary) == Correction(
            "ICBC  普惠金融 光伏", (("普會金融", "普惠金融"),)
        )

    def test_a_correction_is_spelled_as_people_write(self, corrected):
        assert corrected("软件住作权") == "软件著作权"
        assert shown("着力") == "着力"
        assert shown(fold("全覆盖与恢复")) == "全覆盖与恢复"


class TestNoSlips:
    @pytest.mark.parametrize("term", TERMS, ids=str)
    def test_what_the_catalogue_holds(self, vocabulary, term):
        assert correct(term, vocabulary) is None
        assert correct(term.upper(), vocabulary) is None

    @pytest.mark.parametrize(
        "query", ["", " ", "，。", "2020年", "7.9亿", "\x00", "🙂", "A" * 500, "普" * 500, "'", "x", "(|&!"]
    )
    def test_what_has_no_words(self, vocabulary, query):
        assert correct(query, vocabulary) is None

    @pytest.mark.parametrize("query", ['"普会金融"', "“普会金融”", "贷款 -普会金融", "产品:普会金融", "产品：普会金融"])
    def test_exact_phrases_exclusions_and_fields(self, vocabulary, query):
        assert correct(query, vocabulary) is None

    def test_words_of_the_language_that_the_catalogue_lacks(self, vocabulary):
        assert correct("扶贪", vocabulary).query == "扶贫"
        assert correct("扶贪", vocabulary, is_word={"扶贪"}.__contains__) is None

    def test_abbreviations_in_capitals_are_no_initials(self, corrected):
        assert corrected("PHJR") == "PHJR"

    def test_what_the_texts_hold_beyond_the_terms(self):
        vocabulary = Vocabulary(TERMS.items(), pairs=["普会", "会金"], holds=lambda run: run == "普会金融")
        assert correct("普会金融", vocabulary) is None


class TestBounds:
    def test_any_string_is_answered(self, vocabulary):
        chance = random.Random(4)
        pool = "普会金融贷款abZ19 \"'-:：|()\x00\n，。🙂éü"
        for _ in range(500):
            query = "".join(chance.choice(pool) for _ in range(chance.randint(0, 60)))
            correction = correct(query, vocabulary)
            assert correction is None or (correction.query != query and correction.replacements)

    def test_is_fast_with_many_terms(self):
        chance = random.Random(4)
        characters = [c for c, like in lookalikes().items() if len(like) > 6 and pinyin.is_read(c)][:300]
        made = {"".join(chance.choices(characters, k=chance.randint(2, 6))): 2 for _ in range(30_000)}
        vocabulary = Vocabulary([*made.items(), *TERMS.items()])
        correct("普会金融", vocabulary)
        started = time.perf_counter()
        for _ in range(20):
            assert correct("普会金融", vocabulary).query == "普惠金融"
        assert (time.perf_counter() - started) / 20 < 0.05

    def test_the_same_query_has_one_answer(self):
        terms = list(TERMS.items())
        answers = set()
        for seed in range(5):
            random.Random(seed).shuffle(terms)
            answers.add(correct("普会金融 kong 供应连金融 xiaoweiqiyerongzi", Vocabulary(terms)).query)
        assert len(answers) == 1


def test_phrases_are_runs_of_words_without_joints():
    counts = phrases(["发展普惠金融，服务小微企业的普惠金融"], lambda line: [*_cut(line)], least=1)
    assert counts["普惠金融"] == 1
    assert counts["小微企业"] == 1
    assert not any("的" in phrase for phrase in counts)
    assert not any("，" in phrase for phrase in counts)


def _cut(line: str):
    known = ["发展", "普惠", "金融", "服务", "小微", "企业"]
    while line:
        word = next((word for word in known if line.startswith(word)), line[0])
        yield word
        line = line[len(word) :]
