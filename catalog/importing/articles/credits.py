"""Who published an article, when, and who wrote it: from the lines around the article, never from its sentences."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from catalog.importing.articles.lines import CREDIT, WRITER_ROLES, hanzi
from catalog.importing.drafts import Doubt

_DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)\s*(?:[-/.]|年)\s*(\d{1,2})\s*(?:[-/.]|月)\s*(\d{1,2})(?!\d)\s*日?")
_TIME = re.compile(r"(?<!\d)\d{1,2}:\d{2}(?::\d{2})?(?!\d)")
_SOURCE = re.compile(r"(?:文章|信息|稿件|新闻)?(?:来源|來源|稿源|出处)\s*[:：]\s*(?P<name>[^\s:：|丨,，;；)）]{2,30})")
_UPLOADED_TO = re.compile(r"(?:平台|平臺)[“\"「](?P<name>[^”\"」]{2,12})[”\"」](?:用户|用戶)?(?:上传|上傳|发布|發布)")
_PERSON = re.compile(r"[\u4e00-\u9fff]{2,4}|[\u4e00-\u9fff]{1,8}·[\u4e00-\u9fff·]{1,12}")
_BETWEEN_NAMES = re.compile(r"[\s,，、;；/|丨]+")


@dataclass(frozen=True)
class Credits:
    publisher: str = ""
    published_on: date | None = None
    authors: tuple[str, ...] = ()
    lines: tuple[int, ...] = ()  # the lines that told
    doubts: tuple[Doubt, ...] = ()


def is_dateline(line: str) -> bool:
    """A line that is about the page's origin: with a date or a source, and hardly more."""
    rest = _TIME.sub("", _DATE.sub("", _SOURCE.sub("", line)))
    return bool(_DATE.search(line) or _SOURCE.search(line)) and hanzi(rest) <= 24 and "。" not in line


def read_credits(lines: Iterable[tuple[int, str]]) -> Credits:
    """Reads the numbered lines before and after an article, in order; the first of each kind counts."""
    publisher, published_on, authors, told, doubts = "", None, [], [], []
    uploaded = ("", 0)
    for number, line in lines:
        before = (publisher, published_on, len(authors))
        if (found := _SOURCE.search(line)) and not publisher and len(line) <= 120:
            # 来源:证券时报网2025-09-30: a page's fields run together when it is saved.
            publisher = _DATE.sub("", found["name"]).split("(")[0].strip(" 　-—")
        if (found := _DATE.search(line)) and published_on is None and is_dateline(line):
            published_on = _as_date(found)
            if published_on is None:
                doubts.append(Doubt("published_on", f"“{found[0]}”不是有效的日期", 0.9, ((number, number),)))
        authors += [name for name in _writers(line) if name not in authors]
        if found := _UPLOADED_TO.search(line):
            uploaded = (found["name"], number)
        if before != (publisher, published_on, len(authors)):
            told.append(number)
    name, number = uploaded
    if name and not publisher:
        publisher = name
        told.append(number)
        doubts.append(Doubt("publisher", f"只知道文章由用户发布在“{name}”，没有写明原发媒体", 0.6, ((number, number),)))
    return Credits(publisher, published_on, tuple(authors), tuple(told), tuple(doubts))


def _as_date(found: re.Match[str]) -> date | None:
    try:
        return date(*map(int, found.groups()))
    except ValueError:
        return None


def _writers(line: str) -> list[str]:
    """The names after 通讯员, 记者, 文: and the like, up to the next role."""
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
    """Personal names; one of two characters is often spaced out (陈 枫). What is no such name ends the list."""
    names, i = [], 0
    while i < len(words):
        word = words[i]
        if len(word) == 1 and hanzi(word) and i + 1 < len(words) and len(words[i + 1]) == 1:
            word, i = word + words[i + 1], i + 1
        if not _PERSON.fullmatch(word):
            break
        names.append(word)
        i += 1
    return names
