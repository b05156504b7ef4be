"""A case as a row of a table that a spreadsheet opens, and back again: what a table's cells cannot say by themselves.

A spreadsheet takes a text for what it looks like: `=1+1` is computed, `007` becomes 7, `3-1` a day in March. So such a
text has an apostrophe before it, as an editor writes one who wants it left alone; where a text has apostrophes there of
its own, it has one more. A list is one text, or JSON where its items hold what parts items. What is longer than a cell
may be goes on in columns of its own, called 正文Markdown（续1） and so on.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from itertools import chain

from catalog.importing.rows.columns import fields_of
from catalog.importing.rows.values import items_of, says_nothing

# What an editor reads above the columns, by the keys of `catalog.importing.form`; each is read back as what it is.
HEADINGS: Mapping[str, str] = {
    "id": "编号",
    "source": "来源文件",
    "number": "在来源中的序号",
    "status": "状态",
    "title": "标题",
    "subtitle": "副标题",
    "title_inferred": "标题为代拟",
    "bank": "银行",
    "branch": "机构（分支行、部门）",
    "category": "章节",
    "chapter": "章节代码",
    "category_confidence": "章节的把握",
    "products": "产品",
    "summary": "案例简介",
    "body": "正文Markdown",
    "captions": "图片说明",
    "authors": "作者",
    "publisher": "发布者",
    "published_on": "发布日期",
    "year": "年份",
    "script": "原文字体",
    "first_line": "来源起始行",
    "last_line": "来源终止行",
    "first_page": "印刷页起",
    "last_page": "印刷页止",
    "provenance": "段落出处",
    "doubts": "存疑",
    "updated_at": "目录中的更新时间",
}
# Characters of a cell, as spreadsheets count them (in UTF-16); Excel's own limit is 32,767.
CELL = 32_000
# Of these a row may have more than one cell.
LONG = ("summary", "body", "captions", "provenance")

_WORDS = {"public": "公开", "draft": "草稿", "hans": "简体", "hant": "繁体", True: "是", False: "否"}
_LISTS = frozenset(("products", "captions", "authors", "doubts"))
_DAYS = frozenset(("published_on",))
_MONTHS = "jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec|[ap]m"
# What is computed, and what is taken for a number, a date or a truth value.
_MISTAKEN = (
    r"\s*[=+\-@＝＋－＠\t\r]"
    rf"|(?:[0-9０-９.,/:%¥￥$()年月日时分秒\s\-]|e|{_MONTHS})*[0-9０-９](?:[0-9０-９.,/:%¥￥$()年月日时分秒\s\-]|e|{_MONTHS})*\Z"
    r"|(?:true|false)\Z"
)
_TO_GUARD = re.compile(f"'*(?:{_MISTAKEN})", re.IGNORECASE)
_GUARDED = re.compile(f"'+(?:{_MISTAKEN})", re.IGNORECASE)
_LONGEST_NUMBER = 60  # characters: what is longer no spreadsheet takes for one
_CONTINUED = re.compile(r"(.+)（续([1-9][0-9]{0,2})）")

Cell = str | int | float | date | None


def guarded(text: str) -> str:
    """As it may stand in a table without types, such as CSV."""
    return f"'{text}" if _TO_GUARD.match(text[:_LONGEST_NUMBER]) else text


def marked(text: str) -> str:
    """As it stands in a cell that is said to be a text: guarded only where it would be read as if it were."""
    return f"'{text}" if _GUARDED.match(text[:_LONGEST_NUMBER]) else text


def unguarded(text: str) -> str:
    """What was meant by a cell; takes back `guarded` and `marked`."""
    return text[1:] if text.startswith("'") and _GUARDED.match(text[:_LONGEST_NUMBER]) else text


def cells_of(row: Mapping[str, object]) -> dict[str, Cell]:
    """A case of an export by its keys: texts as they are meant, days, numbers, None for an empty cell."""
    return {key: _cell(key, value) for key, value in row.items()}


def pieces(text: str) -> list[str]:
    """A text in as many parts as it needs cells; one at least. No character is divided."""
    if len(text) <= CELL // 2:
        return [text]
    units = text.encode("utf-16-le")
    parts, start = [], 0
    while start < len(units):
        end = start + 2 * CELL
        if end < len(units) and 0xDC <= units[end + 1] <= 0xDF:
            end -= 2
        parts.append(units[start:end].decode("utf-16-le"))
        start = end
    return parts


def columns_of(keys: Iterable[str], long_rows: Iterable[Mapping[str, object]]) -> dict[str, int]:
    """The keys, with how many columns each needs. `long_rows`: all rows of which a cell may be too long."""
    columns = dict.fromkeys(keys, 1)
    for row in long_rows:
        for key in LONG:
            columns[key] = max(columns[key], len(pieces(_text(_cell(key, row[key])))))
    return columns


def headings_of(columns: Mapping[str, int]) -> list[str]:
    told = ([HEADINGS[key], *(f"{HEADINGS[key]}（续{n}）" for n in range(1, most))] for key, most in columns.items())
    return [*chain.from_iterable(told)]


def spread(cells: Mapping[str, Cell], columns: Mapping[str, int]) -> Iterator[Cell]:
    """The cells of a row from left to right. Of a text that needs more than there are the last has all the rest."""
    for key, most in columns.items():
        cell = cells[key]
        parts: list[Cell] = [cell]
        if key in LONG:
            texts = pieces(_text(cell))
            parts = [*texts[: most - 1], "".join(texts[most - 1 :])]
        yield from parts
        yield from [None] * (most - len(parts))


def values_of(header: Sequence[str], cells: Sequence[str]) -> dict[str, object]:
    """What the cells of a table say, by the headings. Columns that go on are one with those that they continue."""
    values: dict[str, object] = {}
    for name, places, is_list in _plan(tuple(header)):
        if places[0] < len(cells):
            text = "".join(unguarded(cells[place]) for place in places if place < len(cells))
            values[name] = _items(text) if is_list and text.lstrip().startswith("[") else text
    return values


@lru_cache(maxsize=100)
def _plan(header: tuple[str, ...]) -> list[tuple[str, list[int], bool]]:
    """(heading, places of its cells, whether it is of a list). Of two columns of one name the last one counts."""
    place_of = {name: place for place, name in enumerate(header)}
    continued: dict[str, list[tuple[int, int]]] = {}
    for name, place in place_of.items():
        if (match := _CONTINUED.fullmatch(name)) and match[1] in place_of:
            continued.setdefault(match[1], []).append((int(match[2]), place))
    parts = {place for places in continued.values() for _, place in places}
    fields = fields_of(tuple(place_of))
    return [
        (name, [place, *(other for _, other in sorted(continued.get(name, ())))], fields.get(name) in _LISTS)
        for name, place in place_of.items()
        if place not in parts
    ]


def _items(text: str) -> object:
    """A list that a cell holds as JSON; what looks like one and is none stays a text."""
    try:
        items = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return items if isinstance(items, list) and all(isinstance(item, str) for item in items) else text


def _cell(key: str, value: object) -> Cell:
    if value is None or value == "" or value == []:
        return None
    if key in _LISTS:
        return _listed(value)
    if isinstance(value, list):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if key in ("status", "script") or isinstance(value, bool):
        return _WORDS[value]
    return date.fromisoformat(value) if key in _DAYS else value


def _listed(items: list[str]) -> str:
    text = "；".join(items)
    is_plain = items_of(text) == items_of(items) and not text.startswith("[") and not says_nothing(text)
    return text if is_plain else json.dumps(items, ensure_ascii=False)


def _text(cell: Cell) -> str:
    return cell if isinstance(cell, str) else ""
