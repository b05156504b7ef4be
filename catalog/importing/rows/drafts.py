"""A record as a `RowDraft`, or what is wrong with it. No database here.

What is malformed makes the row bad. What is well said but no help (a year without a day) leaves the field empty, with a
doubt for an editor. A field that the row's columns don't speak of is left alone.
"""

import hashlib
from dataclasses import dataclass
from datetime import date

from catalog.importing.drafts import Doubt, ProductDraft, Script, Statement
from catalog.importing.rows.columns import LABELS, column_of
from catalog.importing.rows.files import Record
from catalog.importing.rows.values import day_of, is_garbled, line_of, list_of, paragraphs, text_of
from catalog.text.script import main_script

# What the columns of the database hold.
_LONGEST = {"title": 300, "subtitle": 300, "branch": 100, "category": 30, "bank": 100, "publisher": 200, "ref": 100}
_LONGEST_ITEM = {"products": 100, "authors": 60}
_PROSE = ("title", "subtitle", "summary", "body")
_SCRIPTS: dict[str, Script] = dict.fromkeys(("hans", "简体", "簡體", "简"), "hans")
_SCRIPTS |= dict.fromkeys(("hant", "繁体", "繁體", "繁"), "hant")
_STATUSES = {"public": "public", "公开": "public", "draft": "draft", "草稿": "draft"}


class BadRow(Exception):
    """Why a row can't be imported: one Chinese clause, and the line where the row begins."""

    def __init__(self, line: int, reason: str):
        super().__init__(f"第 {line} 行：{reason}")
        self.line, self.reason = line, reason


@dataclass(frozen=True)
class RowDraft:
    """What a row says of its case. `statement.ref` tells the row from the others of its file, whatever else the row
    says, and is the row's own number where it has one, which `numbered` says.
    """

    statement: Statement
    numbered: bool


def draft_of(record: Record) -> RowDraft:
    """`BadRow` says what keeps the record from being a case."""
    if record.problem:
        raise BadRow(record.line, record.problem)
    cells = _cells(record)
    said = {field: _read(record.line, field, value) for field, value in cells.items()}
    title = said.get("title")
    if not title:
        raise BadRow(record.line, "没有标题")
    if said.get("text") and said.get("body"):
        raise BadRow(record.line, "正文（text）和 body 两栏都有内容")
    fields = {name: said[name] for name in ("title", "subtitle", "branch", "summary") if name in said}
    fields |= {name: list(said[name]) for name in ("captions", "authors") if name in said}
    if "text" in said or "body" in said:
        fields["body"] = said.get("body") or paragraphs(said.get("text", ""))
    doubts = []
    if "published_on" in said:
        day = said["published_on"]
        fields["published_on"] = day.isoformat() if day else None
        if day is None and line_of(cells["published_on"]):
            doubts.append(Doubt("published_on", f"日期“{line_of(cells['published_on'])}”不完整，没有采用", 0.3))
    doubts += [Doubt(name, "有认不出的字（乱码）", 0.3) for name in _PROSE if is_garbled(fields.get(name, ""))]
    if said.get("status"):
        fields["status"] = said["status"]
    fields["script"] = said.get("script") or main_script(f"{title}{fields.get('summary', '')}{fields.get('body', '')}")
    products = said.get("products")
    statement = Statement(
        ref=said.get("ref") or _key(title, said.get("subtitle", ""), said.get("publisher", "")),
        fields=fields,
        bank=said.get("bank"),
        category=said.get("category"),
        products=products and tuple(map(ProductDraft, products)),
        publisher=said.get("publisher", ""),
        doubts=tuple(doubts),
        line=record.line,
    )
    return RowDraft(statement, numbered=bool(said.get("ref")))


def _cells(record: Record) -> dict[str, object]:
    """The values of the columns that are fields; of two columns of one meaning the one that says something."""
    cells: dict[str, object] = {}
    for name, value in record.values.items():
        field = column_of(name)
        if field is None:
            continue
        if cells.get(field) not in (None, "") and value not in (None, ""):
            raise BadRow(record.line, f"“{LABELS[field]}”写在两栏里")
        if field not in cells or value not in (None, ""):
            cells[field] = value
    return cells


def _read(line: int, field: str, value: object):
    try:
        return _value(field, value)
    except ValueError as error:
        raise BadRow(line, f"{LABELS[field]}{error}") from error


def _value(field: str, value: object) -> str | tuple[str, ...] | date | None:
    if field in ("products", "authors", "captions"):
        items = list_of(value)
        if any(len(item) > _LONGEST_ITEM.get(field, len(item)) for item in items):
            raise ValueError(f"有一项超过 {_LONGEST_ITEM[field]} 字")
        if field == "products" and not all(any(map(str.isalnum, item)) for item in items):
            raise ValueError("有一项不是名称")
        return items
    if field == "published_on":
        return day_of(value) if line_of(value) else None
    if field in ("text", "body", "summary"):
        return text_of(value)
    text = line_of(value)
    if len(text) > _LONGEST.get(field, len(text)):
        raise ValueError(f"超过 {_LONGEST[field]} 字")
    if field in ("script", "status"):
        known = _SCRIPTS if field == "script" else _STATUSES
        if text and text.casefold() not in known:
            raise ValueError(f"“{text[:20]}”不在规定的写法之内")
        return known.get(text.casefold(), "")
    return text


def _key(title: str, subtitle: str, publisher: str) -> str:
    """For a row without a number of its own: the same wherever in the file it stands and whatever its text says."""
    return hashlib.blake2b("\n".join([title, subtitle, publisher]).encode(), digest_size=10).hexdigest()
