from catalog.search.normalise import fold
from catalog.search.segment import Segmenter, bigrams


class TestWords:
    def test_search_mode_has_the_words_inside_a_word(self):
        assert Segmenter().words("知识产权质押") == ["知识", "产权", "知识产权", "质押"]

    def test_a_name_is_a_word_in_any_spelling(self):
        assert "园区e贷" not in Segmenter().cut("推出园区e贷产品")
        assert "园区e贷" in Segmenter(["園區 Ｅ 貸"]).cut("推出园区e贷产品")

    def test_names_of_one_segmenter_are_unknown_to_another(self):
        Segmenter(["复工贷"])
        assert "复工贷" not in Segmenter().cut("复工贷")

    def test_words_inside_a_long_name_stay(self):
        assert Segmenter(["中国农业发展银行"]).words("中国农业发展银行") == [
            "中国",
            "农业",
            "发展",
            "银行",
            "中国农业发展银行",
        ]

    def test_the_dictionary_is_in_folded_spelling(self):
        assert Segmenter().cut(fold("顯著 T恤")) == [fold("显著"), "t恤"]

    def test_marks_and_blanks_are_no_words(self):
        assert Segmenter().words("银行。 (a b)") == ["银行", "a", "b"]

    def test_endless_runs_of_letters_are_no_words(self):
        assert Segmenter().words("x" * 3_000) == []


class TestBigrams:
    def test_are_all_pairs_but_over_blanks_and_lines(self):
        assert bigrams("银行a b\n贷款") == ["银行", "行a", "贷款"]

    def test_a_single_character_has_none(self):
        assert bigrams("银") == bigrams("") == []
