from catalog.text.normalise import fold
from catalog.text.segment import Segmenter, is_long_word, is_word, latin_words, long_words, pairs, plain


class TestCuttingAQuery:
    def test_a_name_is_a_word_in_any_spelling(self):
        assert "园区e贷" not in Segmenter().cut("推出园区e贷产品")
        assert "园区e贷" in Segmenter(["園區 Ｅ 貸"]).cut("推出园区e贷产品")

    def test_names_of_one_segmenter_are_unknown_to_another(self):
        Segmenter(["鱼塘贷"])
        assert "鱼塘贷" not in Segmenter().cut("鱼塘贷")

    def test_the_trades_words_are_words(self):
        assert Segmenter().cut("小微企业无还本续贷") == ["小微企业", "无还本续贷"]
        assert "小微企业" not in plain().cut("小微企业")

    def test_a_word_has_the_shorter_words_inside_it(self):
        assert Segmenter().parts("知识产权") == ["知识", "产权", "知识产权"]

    def test_the_dictionary_is_in_folded_spelling(self):
        assert Segmenter().cut(fold("顯著 T恤")) == [fold("显著"), "t恤"]

    def test_marks_and_blanks_are_no_words(self):
        assert [piece for piece in Segmenter().cut("银行。 (a b)") if is_word(piece)] == ["银行", "a", "b"]

    def test_endless_runs_of_letters_are_no_words(self):
        assert not is_word("x" * 3_000)


class TestWordsOfAText:
    def test_every_long_word_counts_inside_and_across_others(self):
        assert long_words("反知识产权质证") == ["知识产权"]
        assert {"小微企业", "企业家", "中国工商银行", "工商银行"} <= set(long_words("小微企业家中国工商银行"))

    def test_are_just_those_of_which_it_can_be_asked(self):
        text = fold("疫情防控期间，中国工商银行知识产权质押贷款 2020 年增加，小微企业受益。")
        runs = {text[i:j] for i in range(len(text)) for j in range(i + 3, len(text) + 1)}
        assert set(long_words(text)) == {run for run in runs if is_long_word(run)}

    def test_years_are_words(self):
        assert {"2020", "2020年"} <= set(long_words("于2020年底"))

    def test_latin_words_are_whole(self):
        assert latin_words("webank与abc及5g") == ["webank", "abc"]


class TestPairs:
    def test_are_all_neighbours_and_the_last_character(self):
        assert pairs("银行a b") == ["银行", "行a", "a ", " b", "b"]

    def test_of_one_character_is_that(self):
        assert pairs("银") == ["银"]
        assert pairs("") == []
