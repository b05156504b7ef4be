"""Reads publisher, date and authors of an article from the lines before and after its text."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from catalog.importing.articles.lines import CREDIT, WRITER_ROLES, Line, hanzi
from catalog.importing.drafts import Doubt

_DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)\s*(?:[-/.]|年)\s*(\d{1,2})\s*(?:[-/.]|月)\s*(\d{1,2})(?!\d)\s*日?")
_TIME = re.compile(r"(?<!\d)\d{1,2}:\d{2}(?::\d{2})?(?!\d)")
_SOURCE = re.compile(r"(?:文章|信息|稿件|新闻)?(?:来源|來源|稿源|出处)\s*[:：]\s*(?P<name>[^\s:：|丨,，;；)）]{2,30})")
_UPLOADED_TO = re.compile(r"(?:平台|平臺)[“\"「](?P<name>[^”\"」]{2,12})[”\"」](?:用户|用戶)?(?:上传|上傳|发布|發布)")
_PERSON = re.compile(r"[\u4e00-\u9fff]{2,4}|[\u4e00-\u9fff]{1,8}·[\u4e00-\u9fff·]{1,12}")
_BETWEEN_NAMES = re.compile(r"[\s,，、;；/|丨]+")


@dataclass(frozen=True)
class Credits:
    """What the lines around an article say about its origin; `lines` are the numbers of those lines."""

    publisher: str = ""
    published_on: date | None = None
    authors: tuple[str, ...] = ()
    lines: tuple[int, ...] = ()
    doubts: tuple[Doubt, ...] = ()


def is_dateline(line: str) -> bool:
    """Whether a line states the page's origin: it has a date or a source and hardly anything else."""
    remainder = _TIME.sub("", _DATE.sub("", _SOURCE.sub("", line)))
    return bool(_DATE.search(line) or _SOURCE.search(line)) and hanzi(remainder) <= 24 and "。" not in line


def read_credits(lines: Iterable[Line]) -> Credits:
    """The credits in the lines before and after an article; the first publisher and the first date count."""
    publisher, published_on, authors, credit_lines, doubts = "", None, [], [], []
    platform = ("", 0)
    for number, line in lines:
        earlier_values = (publisher, published_on, len(authors))
        if (match := _SOURCE.search(line)) and not publisher and len(line) <= 120:
            # 来源:证券时报网2025-09-30: saving a page may join its fields.
            publisher = _DATE.sub("", match["name"]).split("(")[0].strip(" 　-—")
        if (match := _DATE.search(line)) and published_on is None and is_dateline(line):
            published_on = _as_date(match)
            if published_on is None:
                doubts.append(Doubt("published_on", f"“{match[0]}”不是有效的日期", 0.9, ((number, number),)))
        authors += [name for name in _writers(line) if name not in authors]
        if match := _UPLOADED_TO.search(line):
            platform = (match["name"], number)
        if earlier_values != (publisher, published_on, len(authors)):
            credit_lines.append(number)
    name, number = platform
    if name and not publisher:
        publisher = name
        credit_lines.append(number)
        doubts.append(Doubt("publisher", f"只知道文章由用户发布在“{name}”，没有写明原发媒体", 0.6, ((number, number),)))
    return Credits(publisher, published_on, tuple(authors), tuple(credit_lines), tuple(doubts))


def _as_date(match: re.Match[str]) -> date | None:
    try:
        return date(*map(int, match.groups()))
    except ValueError:
        return None


def _writers(line: str) -> list[str]:
    """The names after the role of a writer (通讯员, 记者, 文: …), up to the next role."""
    if "。" in line or len(line) > 120 or not CREDIT.search(line):
        return []
    line = _TIME.sub(" ", _DATE.sub(" ", line))
    roles = list(CREDIT.finditer(line))
    names = []
    for role, after in zip(roles, [*roles[1:], None], strict=True):
        if role["role"] in WRITER_ROLES:
            words = _BETWEEN_NAMES.split(line[role.end() : after.start() if after else None].strip())
            names += _whole_names(words)
    return names


def _whole_names(words: list[str]) -> list[str]:
    """The personal names at the beginning of `words`. A name of two characters may be spaced out (陈 枫)."""
    names, index = [], 0
    while index < len(words):
        word = words[index]
        if len(word) == 1 and hanzi(word) and index + 1 < len(words) and len(words[index + 1]) == 1:
            word, index = word + words[index + 1], index + 1
        if not _PERSON.fullmatch(word):
            break
        names.append(word)
        index += 1
    return names
