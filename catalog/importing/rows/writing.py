"""Cases of an export as files: JSON Lines, CSV and XLSX, each of which an import reads back as the same cases.

JSON Lines and CSV are a stream; a workbook is written to a file, of which only a row is held at a time. It is openpyxl
that writes it, because it also reads it (see `workbook`).
"""

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from io import StringIO
from tempfile import TemporaryFile
from typing import BinaryIO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from catalog.importing.drafts import ImportProblem
from catalog.importing.rows.tables import HEADINGS, Cell, cells_of, guarded, headings_of, marked, spread

_PIECE = 64_000  # characters that are sent at once
_LONGEST_CELL = 32_767
_SURELY_SHORT = _LONGEST_CELL // 7  # characters, each of which may take seven
# Excel counts days from here on as everybody else does; earlier ones are texts.
_FIRST_DAY = date(1900, 3, 1)
_WIDTH = 14  # of a column, in characters
_WIDTHS = {"title": 40, "subtitle": 30, "summary": 40, "body": 60, "branch": 24, "id": 24, "source": 24, "products": 20}
_WIDTHS = {HEADINGS[key]: width for key, width in _WIDTHS.items()}
# What XML has no character for, or another one when it is read again; and what looks like the way it is written here.
_NO_XML = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")

Rows = Iterable[Mapping[str, object]]


def json_lines(rows: Rows) -> Iterator[str]:
    return (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def csv_text(rows: Rows, columns: Mapping[str, int]) -> Iterator[str]:
    """With a byte order mark, without which Excel takes it for another encoding. `columns`: see `tables.columns_of`."""
    buffer = StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    buffer.write("\ufeff")
    writer.writerow(headings_of(columns))
    for row in rows:
        writer.writerow(map(_plain, spread(cells_of(row), columns)))
        if buffer.tell() > _PIECE:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def write_workbook(rows: Rows, columns: Mapping[str, int], file: BinaryIO) -> None:
    """`ImportProblem` names the case that does not fit."""
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet("案例")
    sheet.freeze_panes = "A2"
    headings = headings_of(columns)
    for place, heading in enumerate(headings, 1):
        sheet.column_dimensions[get_column_letter(place)].width = _WIDTHS.get(heading, _WIDTH)
    sheet.append([_heading(sheet, heading) for heading in headings])
    row_of_cells = _RowOfCells(sheet)
    try:
        for row in rows:
            _refuse_too_long(row, columns)
            sheet.append(row_of_cells(row, columns))
    except BaseException:
        with TemporaryFile() as nowhere:  # what takes away the sheet's own temporary file
            workbook.save(nowhere)
        raise
    workbook.save(file)


def _refuse_too_long(row: Mapping[str, object], columns: Mapping[str, int]) -> None:
    """Where the row has become longer than the columns were made for, or is full of what takes more room in XML."""
    for cell in spread(cells_of(row), columns):
        if isinstance(cell, str) and len(cell) > _SURELY_SHORT and _units(_in_xml(cell)) > _LONGEST_CELL:
            title = str(row["title"])[:60]
            raise ImportProblem(f"案例“{title}”有一栏太长，XLSX 的一格写不下，请改用 CSV 或 JSON Lines 导出。")


def _in_xml(text: str) -> str:
    return _NO_XML.sub(lambda match: f"_x{ord(match[0]):04X}_", marked(text))


def _units(text: str) -> int:
    return len(text) + sum(char > "\uffff" for char in text)


def _plain(cell: Cell) -> object:
    if isinstance(cell, str):
        return guarded(cell)
    return cell.isoformat() if isinstance(cell, date) else cell


def _heading(sheet, text: str) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, text)
    cell.font = Font(bold=True)
    return cell


class _RowOfCells:
    """Gives the cells of a row one by one; each is written before the next one is asked for, so one of each kind does.

    The format 文本 keeps what somebody types in such a cell, later, from being taken for a number.
    """

    def __init__(self, sheet):
        self._text, self._day = WriteOnlyCell(sheet), WriteOnlyCell(sheet)
        self._text.number_format, self._day.number_format = "@", "yyyy-mm-dd"

    def __call__(self, row: Mapping[str, object], columns: Mapping[str, int]) -> Iterator[object]:
        for cell in spread(cells_of(row), columns):
            if isinstance(cell, date) and cell >= _FIRST_DAY:
                self._day.value = cell
                yield self._day
            elif isinstance(cell, str | date) or (isinstance(cell, float) and not _is_exact(cell)):
                yield self._text_of(str(cell))
            else:
                yield cell

    def _text_of(self, text: str) -> WriteOnlyCell:
        self._text.value = _in_xml(text)
        self._text.data_type = "s"  # also where it begins as a formula does
        return self._text


def _is_exact(number: float) -> bool:
    """Whether it has no more digits than a number of Excel's."""
    return float(f"{number:.15g}") == number
