"""What a cell says: texts, lists, dates, numbers, plain text as Markdown. `ValueError` carries a Chinese clause."""

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from catalog.text import limits, markdown

HERE = ZoneInfo("Asia/Shanghai")

# No characters of a text; some of them PostgreSQL would not take.
_DAMAGE = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")
# The page and line breaks of word processors are layout.
_BREAKS = (("\f", ""), ("\v", ""), ("\r\n", "\n"), ("\r", "\n"))
_LINE_BREAK = re.compile(r"[\n\t\u2028\u2029]")
_LISTED = re.compile(r"[;；、\n]")
_COUNT = re.compile(r"[0-9]{1,10}")
_LONGEST_KEY = 40  # of a piece of a body (see `markdown.piece_key`)
_FLAGS = dict.fromkeys(("true", "1", "是"), True) | dict.fromkeys(("false", "0", "否", ""), False)
# What people write into a cell to say that there is nothing to say.
_NOTHING = re.compile(
    r"[-–—―－_/\\.·…]+|(?:暂|均)?无|空|不详|不明|未知|未详|(?:暂)?缺|n/?a|null|none|nil|#n/a|nan|tbd|待定|待补充?",
    re.IGNORECASE,
)
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]")
_TIME = (
    r"(?:[上下]午|[AP]M)?\s*\d{1,2}(?::\d{1,2}){1,2}(?:\.\d+)?\s*(?:[AP]M)?|\d{1,2}[时点](?:\d{1,2}分)?(?:\d{1,2}秒)?"
)
_WEEKDAY = r"(?:星期|周|礼拜)[一二三四五六日天]|(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?"
_MAYBE_WEEKDAY = rf"(?:[T\s]*[(]?(?:{_WEEKDAY})[)]?)?"
_AFTER = rf"{_MAYBE_WEEKDAY}(?:[T\s]*(?:{_TIME})(?:\s*(?:Z|[+-]\d\d:?\d\d))?)?{_MAYBE_WEEKDAY}"
_DAY = re.compile(
    r"(?P<year>\d{4})(?:\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})\s*[日号]?|(?P<mm>\d{2})(?P<dd>\d{2}))"
    + _AFTER,
    re.IGNORECASE,
)
_YEAR_LAST = re.compile(r"(?P<a>\d{1,2})\s*[-/.]\s*(?P<b>\d{1,2})\s*[-/.]\s*(?P<year>\d{4})" + _AFTER, re.IGNORECASE)
_REPUBLIC = re.compile(r"(?:中[华華]民[国國]|民[国國])\s*(\d{1,3}|元)\s*年")  # its first year is 1912
_CHINESE_YEAR = re.compile(r"[〇○零一二三四五六七八九]{4}(?=年)")
_CHINESE_NUMBER = re.compile(r"[〇零一二三四五六七八九十百廿卅]+|元(?=月|$)")
_PART_OF_A_DATE = re.compile(r"\d{4}\s*(?:年|[-/.]\s*\d{1,2}|年\s*\d{1,2}\s*月份?)?(?:\s*[上中下]旬|\s*[初底末])?")
_ENGLISH = ("%B %d %Y", "%b %d %Y", "%d %B %Y", "%d %b %Y")
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?")
# Days that a spreadsheet counts from here: 36526 is 2000-01-01, 73050 2099-12-31. Other numbers are none.
_SPREADSHEETS_BEGIN = date(1899, 12, 30)
_SERIALS = range(36_526, 73_051)
_DIGITS = {char: str(n) for n, char in enumerate("零一二三四五六七八九")} | {"〇": "0", "○": "0"}


def text_of(value: object) -> str:
    """One text, its line ends made one kind. A number is taken as written; lists and objects are no text."""
    if value is None:
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise ValueError("应是文字")
    if match := _DAMAGE.search(value):
        raise ValueError(f"里有控制字符（U+{ord(match[0]):04X}）")
    for sign, plain in _BREAKS:
        value = value.replace(sign, plain)
    return value.strip()


def mended(value: object) -> object:
    """A text with U+FFFD for every character that is none, by which an editor sees where something was lost."""
    return _DAMAGE.sub("\ufffd", value) if isinstance(value, str) else value


def is_garbled(text: str) -> bool:
    """Whether some character was lost when the text was once read in a wrong encoding."""
    return "\ufffd" in text or "锟斤拷" in text


def line_of(value: object) -> str:
    """A text that is one line: a break inside it, with the blanks around it, is one blank."""
    text = text_of(value)
    return " ".join(filter(None, map(str.strip, _LINE_BREAK.split(text)))) if _LINE_BREAK.search(text) else text


def items_of(value: object) -> list[str]:
    """The items of a list, or of a text that parts them by ; ；、 or line ends; none empty."""
    items: Iterable = value if isinstance(value, list) else _LISTED.split(text_of(value))
    return list(filter(None, map(line_of, items)))


def list_of(value: object) -> list[str]:
    """As `items_of`, none twice."""
    return list(dict.fromkeys(items_of(value)))


def count_of(value: object) -> int | None:
    """A whole number from 0 on that a column of the database holds, None for an empty cell."""
    text = line_of(value)
    if not text:
        return None
    if not _COUNT.fullmatch(text) or int(text) >= 2**31:
        raise ValueError(f"“{text[:20]}”应是整数")
    return int(text)


def share_of(value: object) -> float | None:
    """A number from 0 to 1, None for an empty cell."""
    text = line_of(value)
    with suppress(ValueError):
        if not text or 0 <= float(text) <= 1:
            return float(text) if text else None
    raise ValueError(f"“{text[:20]}”应是 0 到 1 的数")


def flag_of(value: object) -> bool:
    """Whether the cell says yes; an empty one says no."""
    text = str(value).casefold() if isinstance(value, bool) else line_of(value).casefold()
    if text not in _FLAGS:
        raise ValueError(f"“{text[:20]}”应是 true 或 false")
    return _FLAGS[text]


def places_of(value: object) -> list[dict]:
    """Where the pieces of a body stood, as `compose.provenance_of` gives it, or as the JSON text of that."""
    try:
        rows = json.loads(text_of(value) or "[]") if not isinstance(value, list) else value
        if len(rows) > limits.PLACES:
            raise ValueError
        return [_place(row) for row in rows]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise ValueError("的格式不对") from error


def _place(row: Mapping) -> dict:
    key, lines = text_of(row["key"]), row["lines"]
    if len(key) > _LONGEST_KEY or len(lines) > limits.PLACE_SPANS:
        raise ValueError
    spans = [[count_of(number) for number in span] for span in lines]
    if not all(first and last and first <= last for first, last in spans):
        raise ValueError
    return {"key": key, "lines": spans, "page": count_of(row["page"])}


def is_nothing(value: object) -> bool:
    """Whether a cell says in so many words that there is nothing: —, 无, 不详, N/A."""
    return isinstance(value, str) and bool(_NOTHING.fullmatch(unicodedata.normalize("NFKC", value).strip()))


def day_of(value: object) -> date | None:
    """A day in any usual spelling, with or without a time; a time with a zone is taken to where the readers are.

    None for a text that names a year or month only. A spreadsheet's number of a day is one too.
    """
    whole = unicodedata.normalize("NFKC", line_of(value))
    if _MOMENT.match(whole):
        with suppress(ValueError):
            moment = datetime.fromisoformat(whole)
            return (moment.astimezone(HERE) if moment.tzinfo else moment).date()
    text = _in_digits(whole)
    if match := _DAY.fullmatch(text):
        with suppress(ValueError):  # a day that no month has
            return date(int(match["year"]), int(match["month"] or match["mm"]), int(match["day"] or match["dd"]))
    elif match := _YEAR_LAST.fullmatch(text):
        if day := _only_reading(int(match["year"]), int(match["a"]), int(match["b"])):
            return day
    elif _PART_OF_A_DATE.fullmatch(text):
        return None
    elif (match := _SERIAL.fullmatch(text)) and int(match[1]) in _SERIALS:
        return _SPREADSHEETS_BEGIN + timedelta(days=int(match[1]))
    for spelling in _ENGLISH:
        with suppress(ValueError):
            return datetime.strptime(whole.replace(".", "").replace(",", ""), spelling).date()
    raise ValueError(f"“{whole[:20]}”认不出")


def _in_digits(text: str) -> str:
    """二〇二四年三月一日, 民国一一三年三月一日 and 2024年三月1号 in digits; any other text as it is."""
    if "年" not in text:
        return text
    text = _CHINESE_YEAR.sub(lambda match: "".join(_DIGITS[char] for char in match[0]), text)
    head, year, rest = text.partition("年")
    day, sign, end = re.split(r"([日号]|$)", rest, maxsplit=1)
    digits = [_CHINESE_NUMBER.sub(lambda match: str(_number_of(match[0])), part) for part in (head, day)]
    text = f"{digits[0]}{year}{digits[1]}{sign}{end}"
    return _REPUBLIC.sub(lambda match: f"{1911 + int(match[1])}年", text)


def _number_of(text: str) -> int:
    """三十一, 廿五, 一一三 and 元 (the first year or month)."""
    if text == "元":
        return 1
    if not set(text) & set("十百廿卅"):
        return int("".join(_DIGITS[char] for char in text))
    total, last = 0, 0
    for char in text:
        if char in "十百":
            total, last = total + (last or 1) * (10 if char == "十" else 100), 0
        elif char in "廿卅":
            total += 20 if char == "廿" else 30
        else:
            last = int(_DIGITS[char])
    return total + last


def _only_reading(year: int, one: int, other: int) -> date | None:
    """Of 25/3/2024 there is one; of 3/1/2024, which is January to some and March to others, none."""
    days = set()
    for month, day in ((one, other), (other, one)):
        with suppress(ValueError):
            days.add(date(year, month, day))
    return days.pop() if len(days) == 1 else None


def paragraphs(text: str) -> str:
    """Plain text whose lines are paragraphs, as Markdown that shows them as they are."""
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n\n".join(markdown.paragraph(line) for line in lines if line)


def moment_of(value: object) -> datetime | None:
    """A time with its zone, as an export writes it. None for any other: then nobody knows when the row was true."""
    with suppress(ValueError):
        moment = datetime.fromisoformat(line_of(value))
        return moment if moment.tzinfo else None
    return None
