import pytest

from catalog.text.numerals import figure, find


@pytest.mark.parametrize(
    ("text", "spellings"),
    [
        ("一百亿担保", ["100亿"]),
        ("两天就批", ["2天"]),
        ("授信四十多万家", ["40多万", "40余万", "40万"]),
        ("六十余年", ["60多年", "60余年", "60年"]),
        ("八成以上", ["80%"]),
        ("低于百分之三点五", ["3.5%"]),
        ("七十二小时", ["72小时"]),
        ("二〇二〇年", ["2020年"]),
        ("一千二百户", ["1200户"]),
    ],
    ids=str,
)
def test_numbers_in_words_have_their_figures(text, spellings):
    assert [other for _, _, others in find(text) for other in others] == spellings


@pytest.mark.parametrize(
    "text", ["百行进万企", "三农", "一般", "十分重要", "第一个", "成立", "三成立", "万家灯火", "", "2020年"]
)
def test_words_with_numerals_in_them_have_none(text):
    assert find(text) == []


def test_a_place_is_that_of_the_number():
    assert find("近六十万户和两天") == [(1, 4, ["60万"]), (6, 8, ["2天"])]


@pytest.mark.parametrize(
    ("words", "value"), [("一千二百", 1200), ("十二", 12), ("二〇二〇", 2020), ("百", 100), ("人", None)]
)
def test_figure(words, value):
    assert figure(words) == value
