from datetime import date

import pytest

from catalog.importing.rows.dates import day_of


@pytest.mark.parametrize(
    "text",
    [
        *("2020-03-01", "2020-3-1", "2020/3/1", "2020.03.01", "20200301", "２０２０年３月１日", "2020 年 3 月 1 日"),
        *("2020-03-01 09:00", "2020-03-01T09:00:00", "2020/3/1 9:00:00", "2020-02-29T23:00:00Z", "2020-3-1 10:30:00"),
        *("43891", "43891.0", "43891.75", "2020年3月1号", "2020年3月1", "2020年03月01號", "公元2020年3月1日"),
        *("二〇二〇年三月一日", "二零二零年三月一日", "二○二○年三月一号", "二O二O年三月一日", "2020年三月一日"),
        *(
            "贰零贰零年叁月壹日",
            "貳零貳零年參月壹日",
            "民国一〇九年三月一日",
            "民國109年3月1日",
            "中華民國一百零九年三月一日",
        ),
        *(
            "2020/3/1 星期日",
            "2020年3月1日（周日）",
            "2020/3/1（週日）上午9:30",
            "2020年3月1日9时30分",
            "2020年3月1日下午三点",
        ),
        *("20200301.0", "民国109.3.1", "March 1st, 2020", "1st March 2020"),
        *("March 1, 2020", "1 Mar. 2020", "1-Mar-2020", "2020/3/1 9:00 AM", "2020-3-1, Sunday"),
    ],
)
def test_a_day_in_any_usual_spelling(text):
    assert day_of(text) == date(2020, 3, 1)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("45352", date(2024, 3, 1)),
        ("25/3/2020", date(2020, 3, 25)),
        ("3/25/2020", date(2020, 3, 25)),
        ("1/1/2020", date(2020, 1, 1)),
        ("二〇一九年十二月三十一日", date(2019, 12, 31)),
        ("二零二一年十月廿五日 星期一", date(2021, 10, 25)),
        ("民国元年元月十日", date(1912, 1, 10)),
    ],
)
def test_a_day_that_can_be_read_in_one_way_only(text, day):
    assert day_of(text) == day


@pytest.mark.parametrize(
    "text",
    [
        *("2020", "2020年", "2020-03", "2020/3", "2020年3月", "2020年3月份", "二〇二〇年", "2020年三月"),
        *("2020年3月上旬", "2020年三月底", "民国一〇九年三月"),
    ],
)
def test_a_year_or_month_is_no_day(text):
    assert day_of(text) is None


@pytest.mark.parametrize("text", ["3/1/2020", "03/01/2020", "3.1.2020", "1-2-2020 10:00"])
def test_a_day_that_can_be_read_in_two_ways_is_not_chosen(text):
    with pytest.raises(ValueError, match="两种读法"):
        day_of(text)


@pytest.mark.parametrize(
    "text",
    [
        *("昨天", "2020-02-30", "2020-13-01", "20201301", "1583020800000", "二〇二〇年十三月一日", "31/31/2020"),
        *("2020-03-01 随便", "2020-03-01至2020-03-05", "2020年3月1日发布", "2020-3-1 99:99", "2020-03-01 09:00 北京"),
        *("12345", "99999", "60000", "0", "3", "20.3.1", "三月一日", "2020-03-01-05", "March 2020", "2020年第3季度"),
    ],
)
def test_what_is_no_date_is_refused(text):
    with pytest.raises(ValueError, match="认不出"):
        day_of(text)
