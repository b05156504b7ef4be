import pytest

from catalog.importing.rows.columns import fields_of
from catalog.importing.rows.values import (
    count_of,
    flag_of,
    line_of,
    list_of,
    paragraphs,
    places_of,
    says_nothing,
    share_of,
    text_of,
)
from catalog.text import markdown


@pytest.mark.parametrize(
    "cell",
    [
        *(
            "",
            " ",
            None,
            [],
            "—",
            "--",
            "－",
            "／",
            "/",
            "……",
            "无",
            "暂无",
            "（无）",
            "無",
            "不详",
            "不詳",
            "未知",
            "待定",
        ),
        *("？", "N/A", "n/a", "NULL", "None", "#N/A", "[]"),
    ],
)
def test_what_says_that_there_is_nothing(cell):
    assert says_nothing(cell)


@pytest.mark.parametrize(
    "cell", ["无锡农商行", "一", "0", 0, False, "否", "-1", "A/B", "空港支行", "无抵押贷款", ["无"], "无。有"]
)
def test_what_says_something(cell):
    assert not says_nothing(cell)


@pytest.mark.parametrize("given", ["甲; 乙；丙、甲、", ["甲", " 乙 ", "丙", "", None, "无", "甲"], "甲\n乙\r\n丙"])
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
