from datetime import date

import pytest

from catalog.importing.rows.columns import fields_of
from catalog.importing.rows.values import (
    count_of,
    day_of,
    flag_of,
    is_nothing,
    line_of,
    list_of,
    paragraphs,
    places_of,
    share_of,
    text_of,
)
from catalog.text import markdown


@pytest.mark.parametrize(
    "text",
    [
        *("2020-03-01", "2020-3-1", "2020/3/1", "2020.03.01", "20200301", "２０２０年３月１日", "2020 年 3 月 1 日"),
        *("2020-03-01 09:00", "2020-03-01T09:00:00", "2020/3/1 9:00:00", "2020-02-29T23:00:00Z"),
        *("43891", "43891.0", "2020年3月1号", "二〇二〇年三月一日", "二零二零年三月一日", "2020年3月1日 星期日"),
        *("2020/3/1（周日）上午9:30", "民国一〇九年三月一日", "中華民國109年3月1日", "2020年3月1日9时30分"),
        *("March 1, 2020", "1 Mar. 2020", "2020/3/1 9:00 AM"),
    ],
)
def test_a_day_in_any_usual_spelling(text):
    assert day_of(text) == date(2020, 3, 1)


@pytest.mark.parametrize(
    "text", ["2020", "2020年", "2020-03", "2020年3月", "二〇二〇年", "2020年三月", "2020年3月上旬"]
)
def test_a_year_or_month_is_no_day(text):
    assert day_of(text) is None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("25/3/2020", date(2020, 3, 25)),
        ("3/25/2020", date(2020, 3, 25)),
        ("1/1/2020", date(2020, 1, 1)),
        ("二〇一九年十二月三十一日", date(2019, 12, 31)),
        ("二零二一年十月廿五日", date(2021, 10, 25)),
        ("民国元年元月十日", date(1912, 1, 10)),
    ],
)
def test_a_day_that_can_be_read_in_one_way_only(text, day):
    assert day_of(text) == day


@pytest.mark.parametrize("text", ["—", "--", "/", "无", "暂无", "不详", "N/A", "null", "未知", "#N/A", " － "])
def test_what_says_that_there_is_nothing(text):
    assert is_nothing(text)


@pytest.mark.parametrize("text", ["", "无锡农商行", "一", "0", "否", "-1", "A/B", "空港支行", "无抵押贷款"])
def test_what_says_something_or_is_empty(text):
    assert not is_nothing(text)


@pytest.mark.parametrize(
    "text",
    [
        "3/1/2020",
        "2020-03-01 随便",
        "12345",
        "99999",
        "二〇二〇年十三月一日",
        "昨天",
        "2020-02-30",
        "2020-13-01",
        "20201301",
        "1583020800000",
        "03/01/2020",
    ],
)
def test_what_is_no_date_is_refused(text):
    with pytest.raises(ValueError, match="认不出"):
        day_of(text)


@pytest.mark.parametrize("given", ["甲; 乙；丙、甲、", ["甲", " 乙 ", "丙", "", None, "甲"], "甲\n乙\r\n丙"])
def test_a_list_has_each_item_once(given):
    assert list_of(given) == ["甲", "乙", "丙"]


def test_a_text_is_a_string_or_a_number():
    assert (text_of(7), text_of(None), text_of(" 甲\r\n乙\f ")) == ("7", "", "甲\n乙")
    assert line_of("甲\n  乙\t丙") == "甲 乙 丙"
    for value in (True, ["甲"], {}):
        with pytest.raises(ValueError, match="应是文字"):
            text_of(value)


@pytest.mark.parametrize("line", ["# 不是标题", "C:\\*.*", "\\#", "| 不是 | 表 |", "*不是强调*", "<b>", "1. 不是列表"])
def test_a_line_of_plain_text_reads_as_it_is(line):
    assert markdown.plain_text(paragraphs(f"{line}\n\n{line}")) == f"{line}\n{line}"


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("Title", "title"),
        ("標題", "title"),
        (" published_on ", "published_on"),
        ("发布 日期", "published_on"),
        ("foo", None),
    ],
)
def test_a_heading_in_any_spelling(heading, field):
    assert fields_of((heading,)).get(heading) == field


def test_a_heading_beside_another_of_its_meaning_has_its_own():
    assert fields_of(("chapter", "source")) == {"chapter": "category", "source": "publisher"}
    assert fields_of(("Category", "chapter", "source", "publisher")) == {
        "Category": "category",
        "chapter": "chapter",
        "source": "origin",
        "publisher": "publisher",
    }


def test_a_blank_inside_a_line_stays_as_it_is_written():
    assert line_of("某行推出　贷款  平台 \n 助力") == "某行推出　贷款  平台 助力"


@pytest.mark.parametrize(
    ("value_of", "value", "wanted"),
    [
        *((count_of, value, wanted) for value, wanted in ((7, 7), ("07", 7), ("", None), (None, None))),
        *((count_of, value, ValueError) for value in ("一", "-1", 1.5, 2**31, True)),
        *((share_of, value, wanted) for value, wanted in ((0.5, 0.5), ("1", 1.0), ("", None), (2, ValueError))),
        *((flag_of, value, wanted) for value, wanted in ((True, True), ("否", False), (None, False))),
        (flag_of, "?", ValueError),
        *(
            (places_of, value, ValueError)
            for value in ("{", [1], [{"key": ""}], [{"key": "", "lines": [1], "page": 1}])
        ),
        (places_of, '[{"key": "a", "lines": [[1, 2]], "page": null}]', [{"key": "a", "lines": [[1, 2]], "page": None}]),
        (places_of, "", []),
    ],
)
def test_numbers_flags_and_places(value_of, value, wanted):
    if wanted is ValueError:
        with pytest.raises(ValueError, match=r"应是|格式"):
            value_of(value)
    else:
        assert value_of(value) == wanted
