"""The day that a cell means, in the spellings of people and of spreadsheets."""

import re
import unicodedata
from contextlib import suppress
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

HERE = ZoneInfo("Asia/Shanghai")

# What may stand after a day, and nothing else: "2020-03-01至05" is another statement.
_HOUR, _SIXTIETH = r"(?:[01]?\d|2[0-4])", r"[0-5]?\d"
_TIME = (
    rf"(?:(?:凌晨|早上|上午|中午|下午|晚上|[AP]M)?\s*{_HOUR}(?::{_SIXTIETH}){{1,2}}(?:\.\d+)?\s*(?:[AP]M)?"
    rf"|(?:凌晨|早上|上午|中午|下午|晚上)?{_HOUR}[时点](?:整|半|{_SIXTIETH}分)?(?:{_SIXTIETH}秒)?)"
)
_WEEKDAY = (
    r"(?:[(\[]?(?:(?:星期|周|礼拜)[一二三四五六日天]"
    r"|(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?)[)\]]?)"
)
_AFTER = rf"(?:[T\s,]*{_WEEKDAY})?(?:[T\s]*{_TIME})?(?:\s*{_WEEKDAY})?"
_YEAR_FIRST = re.compile(
    r"(?:公元|西元)?\s*(?P<year>\d{4})"
    r"(?:\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})\s*[日号]?"
    r"|(?P<mm>\d{2})(?P<dd>\d{2})(?:\.0+(?!\d))?)" + _AFTER,
    re.IGNORECASE,
)
_YEAR_LAST = re.compile(r"(?P<a>\d{1,2})\s*[-/.]\s*(?P<b>\d{1,2})\s*[-/.]\s*(?P<year>\d{4})" + _AFTER, re.IGNORECASE)
_ENGLISH = ("%B %d %Y", "%b %d %Y", "%d %B %Y", "%d %b %Y")
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b", re.IGNORECASE)
_PART = re.compile(r"\d{4}\s*(?:年|[-/.]\s*\d{1,2}|年\s*\d{1,2}\s*月份?)?(?:\s*[上中下]旬|\s*[初底末])?")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]")
# A spreadsheet's number of a day, with the part of the day that has passed: 32874 is 1990-01-01, 49674 2035-12-31. What
# is further off is more likely a number of something else.
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?")
_SERIALS, _SERIALS_BEGIN = range(32_874, 49_675), date(1899, 12, 30)

_SIMPLIFIED = str.maketrans("號國華週禮點時貳參叄陸", "号国华周礼点时贰叁叁陆")
_DIGITS = {char: str(n) for n, char in enumerate("零一二三四五六七八九")}
_SAME = str.maketrans("〇○◯Oo壹贰叁肆伍陆柒捌玖拾", "零零零零零一二三四五六七八九十")
_NUMERAL = "零一二三四五六七八九十百廿卅"
_CHINESE_YEAR = re.compile(r"[零〇○◯Oo一二三四五六七八九壹贰叁肆伍陆柒捌玖\d]{4}(?=\s*年)")
# 三月, 一日; not the days of the week.
_CHINESE_PART = re.compile(
    rf"(?:[{_NUMERAL}〇○壹贰叁肆伍陆柒捌玖拾]+|元)(?=\s*[年月日号时点分秒])|(?<=月)[{_NUMERAL}]+$"
)
_REPUBLIC = re.compile(r"(?:中华)?民国\s*(\d{1,3})\s*(?:年|[-/.](?=\s*\d))")  # its first year is 1912


def day_of(text: str) -> date | None:
    """A day in any usual spelling, with or without a time and a day of the week; a time with a zone is taken to where
    the readers are. None for a text that names a year or month only, `ValueError` for what can be read in no way or in
    two (3/1/2024).
    """
    text = unicodedata.normalize("NFKC", text).strip()
    if _MOMENT.match(text):
        with suppress(ValueError):
            moment = datetime.fromisoformat(text)
            return (moment.astimezone(HERE) if moment.tzinfo else moment).date()
    text = _in_digits(text)
    if match := _YEAR_FIRST.fullmatch(text):
        days = _days(match["year"], (match["month"] or match["mm"], match["day"] or match["dd"]))
    elif match := _YEAR_LAST.fullmatch(text):
        days = _days(match["year"], (match["a"], match["b"]), (match["b"], match["a"]))
        if len(days) > 1:
            raise ValueError("可以有两种读法")
    elif _PART.fullmatch(text):
        return None
    elif (match := _SERIAL.fullmatch(text)) and int(match[1]) in _SERIALS:
        return _SERIALS_BEGIN + timedelta(days=int(match[1]))
    else:
        days = _english(text)
    if not days:
        raise ValueError("认不出")
    return days.pop()


def _days(year: str, *readings: tuple[str, str]) -> set[date]:
    """`readings`: month and day. Without those that no calendar has."""
    days = set()
    for month, day in readings:
        with suppress(ValueError):
            days.add(date(int(year), int(month), int(day)))
    return days


def _english(text: str) -> set[date]:
    """March 1st, 2020 and 1-Mar-2020."""
    words, days = " ".join(re.split(r"[\s.,-]+", _ORDINAL.sub("", text))), set()
    for spelling in _ENGLISH:
        with suppress(ValueError):
            days.add(datetime.strptime(words, spelling).date())
    return days


def _in_digits(text: str) -> str:
    """二〇二四年三月一日, 民国一一三年三月一日 and 2024年三月1號 in digits and simplified; any other text as it is."""
    if text.isascii():
        return text
    text = text.translate(_SIMPLIFIED)
    text = _CHINESE_YEAR.sub(lambda year: "".join(_DIGITS.get(c, c) for c in year[0].translate(_SAME)), text)
    text = _CHINESE_PART.sub(lambda number: str(_number(number[0].translate(_SAME))), text)
    return _REPUBLIC.sub(lambda year: f"{1911 + int(year[1])}年", text)


def _number(numeral: str) -> int:
    """三十一, 廿五, 一一三 and 元 (the first year or month)."""
    if numeral == "元":
        return 1
    if not set(numeral) & set("十百廿卅"):
        return int("".join(_DIGITS[char] for char in numeral))
    total, last = 0, 0
    for char in numeral:
        if char in "十百":
            total, last = total + (last or 1) * (10 if char == "十" else 100), 0
        elif char in "廿卅":
            total += 20 if char == "廿" else 30
        else:
            last = int(_DIGITS[char])
    return total + last
