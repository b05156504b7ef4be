import random

import pytest

from catalog.text.normalise import _normalise_clusters, fold, fold_in_place, normalise

ALPHABET = (
    "银行案例綫汙羣裏裡臺台著着餘余後后業务務貸贷"
    "abcXYZ019 ０９ＡｂＣ　  \n\t\r\u00a0\u200b\ufeff\u00ad\x00\x1f\ud800"
    "，。、：；！？（）“”「」『』—…·・～％"
    "éÉe\u0301ﬁ㍿㏂ﷺ½ßſİ한국\u1112\u1161\u11ab\u3099か\u0338😀𠮷"
)


def random_texts(count: int, longest: int = 40):
    chance = random.Random(20240607)
    for _ in range(count):
        yield "".join(chance.choices(ALPHABET, k=chance.randint(0, longest)))


class TestSpelling:
    @pytest.mark.parametrize(
        ("spelling", "folded_alike"),
        [
            ("園區Ｅ貸", "园区e贷"),
            ("綫上汙水羣裏", "线上污水群里"),
            ("線上污水群裡", "线上污水群里"),
            ("臺灣", "台湾"),
            ("滙豐啟動麵粉爲衞", "汇丰启动面粉为卫"),
            ("餘額", "余额"),
            ("余額", "余额"),
            ("沿著", "沿着"),
            ("批覆藉助", "批复借助"),
            ("覆蓋", "覆盖"),
            ("甚麼擡高", "甚么抬高"),
            ("「信用」", "“信用”"),
            ("ＩＣＢＣ", "icbc"),
            ("re\u0301sume\u0301", "résumé"),
        ],
    )
    def test_every_spelling_folds_to_one(self, spelling, folded_alike):
        assert fold(spelling) == fold(folded_alike)

    def test_no_phrase_changes_its_words(self):
        assert fold("軟件、軟體、網絡、網路") == "软件、软体、网络、网路"

    def test_everyday_simplified_text_stays(self):
        text = "什么后来于是只有里面面前发展才干征收抬头"
        assert fold(text) == text

    def test_what_cannot_be_seen_is_not_there(self):
        assert fold("银\u200b行\x00案\ufeff例\ud800") == "银行案例"


class TestBlanks:
    @pytest.mark.parametrize(
        ("text", "folded"),
        [
            ("5G 网络", "5g网络"),
            ("7.9 亿元", "7.9亿元"),
            ("金 融\n服　务", "金融服务"),
            ("Bank  of\nChina", "bank of china"),
            (" 前后 ", "前后"),
            ("ABC , DEF", "abc,def"),
            ("\u3000\n ", ""),
        ],
    )
    def test_only_words_of_letters_keep_one(self, text, folded):
        assert fold(text) == folded


class TestOffsetMap:
    def test_a_span_leads_back_to_the_original(self):
        original = "推出「園區 Ｅ 貸」产品"
        normal = normalise(original)
        start = normal.text.index("园区e贷")
        first, end = normal.span(start, start + 4)
        assert original[first:end] == "園區 Ｅ 貸"

    def test_a_character_that_becomes_several_is_one_place(self):
        normal = normalise("甲㍿乙")
        assert normal.text == "甲株式会社乙"
        assert normal.span(2, 3) == (1, 2)
        assert normal.span(0, 6) == (0, 3)

    def test_characters_that_become_one_are_several_places(self):
        normal = normalise("e\u0301a")
        assert (normal.text, normal.span(0, 1)) == ("éa", (0, 2))

    def test_places_are_in_order_and_inside_the_text(self):
        for text in random_texts(2_000):
            normal = normalise(text)
            assert len(normal.text) == len(normal.starts) == len(normal.ends)
            assert normal.starts == sorted(normal.starts)
            assert normal.ends == sorted(normal.ends)
            assert all(0 <= a < b <= len(text) for a, b in zip(normal.starts, normal.ends, strict=True))

    def test_the_original_of_a_span_folds_to_the_span(self):
        chance = random.Random(7)
        for text in random_texts(500):
            normal = normalise(text)
            if not normal.text:
                continue
            start = chance.randrange(len(normal.text))
            end = chance.randrange(start, len(normal.text)) + 1
            first, last = normal.span(start, end)
            assert normal.text[start:end].strip() in fold(text[first:last])

    def test_text_without_clusters_is_folded_as_any_other(self):
        for text in random_texts(2_000):
            assert normalise(text) == _normalise_clusters(text)

    def test_folded_in_place_a_text_keeps_its_places(self):
        assert fold_in_place("園區 Ｅ貸㍿") == ("园区 e贷㍿", False)
        assert fold_in_place("園區 Ｅ貸") == ("园区 e贷", True)
        assert all(len(fold_in_place(text)[0]) == len(text) for text in random_texts(500))


class TestFoldingTwice:
    def test_changes_nothing(self):
        for text in random_texts(2_000):
            assert fold(fold(text)) == fold(text)

    def test_no_character_is_an_exception(self):
        assert [hex(code) for code in range(0x30000) if fold(once := fold(chr(code))) != once] == []
