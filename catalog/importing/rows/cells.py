"""The cells of a row by their fields, read one by one: what is wrong with one is told and keeps no other out.

A cell that can't be read is as if the row had no such column, so that a slip does not wipe what is known already.
"""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress

from catalog.importing.drafts import UNSHOWN, Doubt, Script
from catalog.importing.rows.columns import COLUMNS, LABELS, fields_of
from catalog.importing.rows.dates import day_of
from catalog.importing.rows.files import Record
from catalog.importing.rows.values import (
    count_of,
    damage_of,
    flag_of,
    is_dash,
    items_of,
    line_of,
    list_of,
    mended,
    moment_of,
    places_of,
    says_nothing,
    share_of,
    text_of,
)
from catalog.text import limits
from catalog.text.names import name_key

# Characters of a cell of a short field, with the blanks around it.
_SHORT_CELL = 10_000
_SHOWN = 20
_LONG = ("text", "body", "summary", "provenance")
# Texts of several paragraphs: what two columns say of them is put together.
_PROSE = ("text", "body", "summary")
# Without them a row is no case, or another one: of two columns the first is taken.
_OF_THE_ROW = ("title", "ref")
_SCRIPTS: dict[str, Script] = dict.fromkeys(("hans", "简体", "簡體", "简"), "hans")
_SCRIPTS |= dict.fromkeys(("hant", "繁体", "繁體", "繁"), "hant")
_STATUSES = {"public": "public", "公开": "public", "公開": "public", "draft": "draft", "草稿": "draft"}
# What a case calls the fields of columns that are named otherwise. The rest of a row is its source's.
_OF_THE_CASE = {"text": "body", "year": "published_on", "chapter": "category", "origin": "source", "doubts": "source"}


class Cells:
    """`values`: what could be read, by field. `unread`: the fields of which something was said that could not.
    `said`: the cells as they are. `problems`: what is wrong, one Chinese clause each.
    """

    def __init__(self, record: Record):
        self.line = record.line
        self.problems: list[str] = []
        self.doubts: list[Doubt] = []
        self.unread: set[str] = set()
        self.values: dict[str, object] = {}
        self.said = self._of_columns(record)
        if record.shift:  # after a delimiter too many, cells stand in the columns of others
            self.doubt("source", f"{record.shift}，各格可能错了位，只采用了标题")
            self.unread |= self.said.keys() - set(_OF_THE_ROW)
        for field, cell in self.said.items():
            if field not in self.unread:
                self._read(field, cell)

    def doubt(self, field: str, reason: str) -> None:
        """`reason`: a clause without a full stop, to which the line is added."""
        self.problems.append(reason)
        reason = UNSHOWN.sub("\ufffd", f"{reason}（第 {self.line} 行）")
        self.doubts.append(Doubt(field_of_case(field), reason, 0.1))

    def refuse(self, field: str, problem: str) -> None:
        """Takes back what the row says of a field."""
        self.doubt(field, f"{self.shown(field)}{problem}，没有采用")
        self.drop(field)

    def drop(self, field: str) -> None:
        self.values.pop(field, None)
        self.unread.add(field)

    def shown(self, field: str) -> str:
        """The column's label with the beginning of its cell."""
        return f"{LABELS[field]}“{_beginning(self.said[field])}”"

    def _of_columns(self, record: Record) -> dict[str, object]:
        """One cell a field; "" where its columns say nothing."""
        columns: dict[str, list] = {}
        for name, field in fields_of(tuple(record.values)).items():
            cells, cell = columns.setdefault(field, []), record.values[name]
            cell = cell.strip() if isinstance(cell, str) else cell
            # What is no clear word on who may read a case is not taken for none.
            nothing = is_dash(cell) if field == "status" else says_nothing(cell)
            if not nothing and cell not in cells:
                cells.append(cell)
        return {field: self._one_of(field, cells) for field, cells in columns.items()}

    def _one_of(self, field: str, cells: list) -> object:
        if len(cells) < 2:
            return cells[0] if cells else ""
        told = f"{LABELS[field]}写在几栏里，各不相同：" + "、".join(f"“{_beginning(cell)}”" for cell in cells[:5])
        if field in _PROSE and all(isinstance(cell, str) for cell in cells):
            self.doubt(field, f"{told}，接在一起")
            return "\n\n".join(cells)
        if field in _OF_THE_ROW:
            self.doubt(field, f"{told}，用了前一个")
        else:
            self.doubt(field, f"{told}，没有采用")
            self.unread.add(field)
        return cells[0]

    def _read(self, field: str, cell: object) -> None:
        if field in (*_PROSE, "title", "subtitle") and isinstance(cell, str) and (damage := damage_of(cell)):
            self.doubt(field, f"{self.shown(field)}{damage}，显示为 \ufffd")
            cell = mended(cell)
        try:
            self.values[field] = _value(field, cell)
        except ValueError as error:
            self.refuse(field, str(error))


def field_of_case(field: str) -> str:
    """What a case, or its source, calls the field of a column."""
    return _OF_THE_CASE.get(field, field) if field in COLUMNS else "source"


def _beginning(cell: object) -> str:
    if isinstance(cell, list) and all(isinstance(item, str) for item in cell):
        cell = "、".join(cell)
    text = cell if isinstance(cell, str) else json.dumps(cell, ensure_ascii=False)
    text = " ".join(text[: 10 * _SHOWN].split())
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}……"


def _value(field: str, cell: object):
    _refuse_raw(field, cell)
    value = _READERS.get(field, line_of)(cell)
    too_long = None
    if field in limits.LISTS:
        too_long = limits.overlong_list(field, value)
    elif isinstance(value, str) and field != "title":  # a whole title ends with the subtitle
        too_long = limits.overlong_text(field, value)
    if too_long:
        raise ValueError(too_long)
    return value


def _refuse_raw(field: str, cell: object) -> None:
    """What is too long whatever is taken from it is not worked on."""
    if field in limits.LISTS:
        most, longest = limits.LISTS[field]
        if isinstance(cell, list) and len(cell) > 2 * most:
            raise ValueError(f"超过 {most} 项")
        if isinstance(cell, str) and len(cell) > most * (longest + 1):
            raise ValueError(f"超过 {most * longest} 字")
    elif isinstance(cell, str) and field not in (*_LONG, "title") and len(cell) > _SHORT_CELL:
        raise ValueError(f"超过 {limits.TEXTS.get(field, limits.SHORT)} 字")


def _day(cell: object) -> str | None:
    text = line_of(cell)
    day = day_of(text) if text else None
    return day and day.isoformat()


def _name(cell: object) -> str:
    return " ".join(line_of(cell).split())


def _products(cell: object) -> list[str]:
    names = list_of(cell)
    if not all(any(map(str.isalnum, name)) for name in names):
        raise ValueError("有一项不是名称")
    if any(len(name_key(name)) > limits.PRODUCT for name in names):  # ㍿ is four characters
        raise ValueError(f"有一项超过 {limits.PRODUCT} 字")
    return names


def _number(cell: object) -> int | None:
    """Numbers of another kind (A-12) are no place in a source, and do no harm."""
    text = line_of(cell)
    with suppress(ValueError):
        return count_of(text)
    return None


def _first_line(cell: object) -> int | None:
    return count_of(cell) or None  # lines are counted from 1


def _one_of(known: Mapping[str, str]) -> Callable[[object], str]:
    def read(cell: object) -> str:
        text = line_of(cell).casefold()
        if text and text not in known:
            raise ValueError("不在规定的写法之内")
        return known.get(text, "")

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
