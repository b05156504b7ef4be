"""A record as a `RowDraft`, or what is wrong with it. No database here.

A cell that can't be read is a doubt, and as if the row had no such column: what is known of the field stays. What is
well said but no help (a year without a day) leaves the field empty, with a doubt. Only a row that has neither a title
nor a text is bad. A field that the row's columns don't speak of is left alone.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from catalog.importing.drafts import UNSHOWN, Doubt, ProductDraft, Script, Statement
from catalog.importing.form import split_title
from catalog.importing.rows.columns import LABELS, fields_of
from catalog.importing.rows.files import Record
from catalog.importing.rows.values import (
    count_of,
    day_of,
    flag_of,
    is_garbled,
    is_nothing,
    items_of,
    line_of,
    list_of,
    mended,
    moment_of,
    paragraphs,
    places_of,
    share_of,
    text_of,
)
from catalog.text import limits, markdown
from catalog.text.names import name_key
from catalog.text.script import main_script

# Characters of a cell of a short field, with the blanks around it.
_SHORT_CELL = 10_000
_PLAIN = ("title", "subtitle", "title_inferred", "branch", "category_confidence", "summary", "captions", "authors")
_PLAIN += ("published_on", "number", "first_line", "last_line", "first_page", "last_page", "provenance")
_RANGES = (("first_line", "last_line"), ("first_page", "last_page"))
# What a stand-in for a title ends at.
_CLAUSE_ENDS = re.compile(r"[。！？!?；;，,\n]")
_STAND_IN = 30
# Of these a damaged character does not spoil the rest.
_PROSE_CELLS = ("title", "subtitle", "text", "body", "summary")
# Columns whose field is called otherwise.
_FIELD_OF = {"text": "body", "year": "published_on", "chapter": "category", "publisher": "source", "origin": "source"}
_LONG = ("text", "body", "summary", "provenance")
_PROSE = ("title", "subtitle", "summary", "body")
_SCRIPTS: dict[str, Script] = dict.fromkeys(("hans", "简体", "簡體", "简"), "hans")
_SCRIPTS |= dict.fromkeys(("hant", "繁体", "繁體", "繁"), "hant")
_STATUSES = {"public": "public", "公开": "public", "draft": "draft", "草稿": "draft"}


class BadRow(Exception):
    """Why a row can't be imported: one Chinese clause, and the line where the row begins."""

    def __init__(self, line: int, reason: str):
        super().__init__(UNSHOWN.sub("\ufffd", f"第 {line} 行：{reason}"))
        self.line, self.reason = line, reason


@dataclass(frozen=True)
class RowDraft:
    """What a row says of its case. `statement.ref` tells the row from the others of its file, whatever else the row
    says, and is the row's own number where it has one, which `numbered` says. `unreadable`: what is wrong with cells
    that were not taken, or not as they are.
    """

    statement: Statement
    numbered: bool
    unreadable: tuple[str, ...] = ()


class _Cells:
    """The cells of a row by their fields, read; what can't be is kept in `doubts`."""

    def __init__(self, record: Record):
        self.line = record.line
        self.doubts: list[Doubt] = []
        if record.doubt:
            self.doubt("title", record.doubt)
        self.raw = self._of_columns(record)
        self.values: dict[str, object] = {}
        for field, value in self.raw.items():
            too_long = isinstance(value, str) and field in ("text", "body") and limits.overlong_text(field, value)
            if too_long:  # the case would be without its text
                raise BadRow(self.line, f"{LABELS[field]}{too_long}")
            with self._doubted(field):
                self.values[field] = _value(field, mended(value) if field in _PROSE_CELLS else value)

    def doubt(self, field: str, reason: str) -> None:
        self.doubts.append(Doubt(field, UNSHOWN.sub("\ufffd", f"{reason}（第 {self.line} 行）"), 0.1))

    def drop(self, *fields: str) -> None:
        for field in fields:
            self.values.pop(field, None)

    @contextmanager
    def _doubted(self, field: str) -> Iterator[None]:
        try:
            yield
        except ValueError as error:
            self.doubt(_FIELD_OF.get(field, field), f"{LABELS[field]}{error}，没有采用")

    def _of_columns(self, record: Record) -> dict[str, object]:
        """Of two columns of one meaning the one that says something; the first, where they say different things."""
        cells: dict[str, object] = {}
        for name, field in fields_of(tuple(record.values)).items():
            value = "" if is_nothing(record.values[name]) else record.values[name]
            if field not in cells or cells[field] in (None, ""):
                cells[field] = value
            elif value not in (None, "", cells[field]):
                shown = f"“{str(cells[field])[:20]}”和“{str(value)[:20]}”"
                self.doubt(_FIELD_OF.get(field, field), f"{LABELS[field]}写在两栏里，{shown}，用了前一个")
        return cells


def draft_of(record: Record) -> RowDraft:
    """`BadRow` says what keeps the record from being a case."""
    if record.problem:
        raise BadRow(record.line, record.problem)
    cells = _Cells(record)
    body = _body(cells)
    title, subtitle, is_own = _title(cells, body)
    values = cells.values
    for first, last in _RANGES:
        if None not in (values.get(first), values.get(last)) and values[first] > values[last]:
            cells.doubt(first, f"{LABELS[first]}大于{LABELS[last]}，没有采用")
            cells.drop(first, last)
    fields = {name: values[name] for name in _PLAIN if name in values} | {"title": title}
    if not is_own:
        fields["title_inferred"] = True
    if body is not None:
        fields["body"] = body
    if values.get("status"):
        fields["status"] = values["status"]
    elif "status" not in values and "status" in cells.raw:
        fields["status"] = "draft"
    text = f"{title}{fields.get('summary', '')}{fields.get('body', '')}"
    fields["script"] = values.get("script") or main_script(text)
    products, category = values.get("products"), values.get("category")
    statement = Statement(
        ref=values.get("ref") or _key(title, subtitle, values.get("publisher", "")),
        fields=fields,
        bank=values.get("bank"),
        category="" if category is None and values.get("chapter") else category,
        chapter=values.get("chapter", ""),
        products=None if products is None else tuple(map(ProductDraft, products)),
        publisher=values.get("publisher", ""),
        doubts=(*cells.doubts, *_doubts(cells.raw, values, fields)),
        line=record.line,
        as_of=values.get("updated_at"),
    )
    unreadable = tuple(doubt.reason for doubt in cells.doubts)
    return RowDraft(statement, numbered=bool(values.get("ref")), unreadable=unreadable)


def _title(cells: _Cells, body: str | None) -> tuple[str, str, bool]:
    """(title, subtitle, whether the row says the title). `BadRow` where there is nothing to make one of."""
    values = cells.values
    title, subtitle = split_title(values.get("title", ""), values.get("subtitle", ""))
    if too_long := limits.overlong_text("title", title):
        cells.doubt("title", f"{LABELS['title']}{too_long}，只取了开头")
        return title[: limits.TEXTS["title"]], subtitle, False
    if title:
        return title, subtitle, True
    text = markdown.plain_text(body or "") or values.get("summary") or ""
    begin = next(filter(None, map(str.strip, _CLAUSE_ENDS.split(text))), "")
    if not begin:
        raise BadRow(cells.line, "；".join(["没有标题，也没有正文", *(doubt.reason for doubt in cells.doubts)]))
    cells.doubt("title", "没有标题，用正文的开头代替，请补上")
    return begin[:_STAND_IN], subtitle, False


def _body(cells: _Cells) -> str | None:
    """The body as Markdown; None where the row does not speak of it. `BadRow` where it is too long to be kept."""
    values = cells.values
    if "text" not in values and "body" not in values:
        return None
    parts = [paragraphs(values.get("text", "")), values.get("body", "")]
    if all(parts):
        whole = " ".join(markdown.plain_text(parts[1]).split())
        if " ".join(markdown.plain_text(parts[0]).split()) in whole:
            parts[0] = ""
        else:
            cells.doubt("body", "正文（text）和 body 两栏都有内容，接在一起")
    body = "\n\n".join(filter(None, parts))
    if too_long := limits.overlong_text("body", body):  # marks may have been escaped
        raise BadRow(cells.line, f"正文{too_long}")
    return body


def _doubts(cells: Mapping[str, object], values: Mapping[str, object], fields: Mapping[str, object]) -> Iterator[Doubt]:
    """What is well said but no help. Of a row that names its doubtful fields itself the texts are not looked at."""
    day = _line(cells.get("published_on")) or _line(cells.get("year"))
    unread = "published_on" in cells and "published_on" not in fields  # told already
    if day and not unread and not fields.get("published_on"):
        yield Doubt("published_on", f"日期“{day}”不完整，没有采用", 0.3)
    if (number := _line(cells.get("number"))) and "number" in fields and fields["number"] is None:
        yield Doubt("number", f"序号“{number[:20]}”不是整数，没有采用", 0.3)
    if "doubts" in values:
        yield from (Doubt(field, "来源里标为存疑", 0.5) for field in values["doubts"])
    else:
        yield from (Doubt(name, "有认不出的字（乱码）", 0.3) for name in _PROSE if is_garbled(fields.get(name, "")))


def _value(field: str, value: object):
    _refuse_raw(field, value)
    value = _READERS.get(field, line_of)(value)
    too_long = None
    if field in limits.LISTS:
        too_long = limits.overlong_list(field, value)
    elif isinstance(value, str) and field != "title":  # a whole title ends with the subtitle
        too_long = limits.overlong_text(field, value)
    if too_long:
        raise ValueError(too_long)
    return value


def _refuse_raw(field: str, value: object) -> None:
    """What is too long whatever is taken from it is not worked on."""
    if field in limits.LISTS:
        most, longest = limits.LISTS[field]
        if isinstance(value, list) and len(value) > 2 * most:
            raise ValueError(f"超过 {most} 项")
        if isinstance(value, str) and len(value) > most * (longest + 1):
            raise ValueError(f"超过 {most * longest} 字")
    elif isinstance(value, str) and field not in _LONG and len(value) > _SHORT_CELL:
        raise ValueError(f"超过 {limits.TEXTS.get(field, limits.SHORT)} 字")


def _line(value: object) -> str:
    """Of what may be no text at all."""
    with suppress(ValueError):
        return line_of(value)
    return ""


def _day(value: object) -> str | None:
    day = day_of(value) if line_of(value) else None
    return day and day.isoformat()


def _name(value: object) -> str:
    return " ".join(line_of(value).split())


def _products(value: object) -> list[str]:
    names = list_of(value)
    if not all(any(map(str.isalnum, name)) for name in names):
        raise ValueError("有一项不是名称")
    if any(len(name_key(name)) > limits.PRODUCT for name in names):  # ㍿ is four characters
        raise ValueError(f"有一项超过 {limits.PRODUCT} 字")
    return names


def _number(value: object) -> int | None:
    """Numbers of another kind (A-12) are no place in a source, and do no harm."""
    text = line_of(value)
    with suppress(ValueError):
        return count_of(text)
    return None


def _first_line(value: object) -> int | None:
    return count_of(value) or None  # lines are counted from 1


def _one_of(known: Mapping[str, str]) -> Callable[[object], str]:
    def read(value: object) -> str:
        text = line_of(value)
        if text and text.casefold() not in known:
            raise ValueError(f"“{text[:20]}”不在规定的写法之内")
        return known.get(text.casefold(), "")

    return read


_READERS: Mapping[str, Callable[[object], object]] = {
    "ref": _name,
    "text": text_of,
    "body": text_of,
    "summary": text_of,
    "products": _products,
    "captions": items_of,
    "authors": items_of,
    "published_on": _day,
    "script": _one_of(_SCRIPTS),
    "status": _one_of(_STATUSES),
    "number": _number,
    "title_inferred": flag_of,
    "category_confidence": share_of,
    "first_line": _first_line,
    "last_line": count_of,
    "first_page": count_of,
    "last_page": count_of,
    "provenance": places_of,
    "doubts": list_of,
    "updated_at": moment_of,
}


def _key(title: str, subtitle: str, publisher: str) -> str:
    """For a row without a number of its own: the same wherever in the file it stands and whatever its text says."""
    parts = (" ".join(part.split()) for part in (title, subtitle, publisher))
    return hashlib.blake2b("\n".join(parts).encode(), digest_size=10).hexdigest()
