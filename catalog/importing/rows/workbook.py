"""The rows of an XLSX workbook: of its first sheet, as the texts that its cells show. No database here.

A workbook is a ZIP of XML files. How much they hold is said by the archive, which the ZIP reader then holds it to: so
what unpacks to more than a workbook of cases has is refused unread. Entities and the like are refused by defusedxml,
which openpyxl uses where it is installed.
"""

import hashlib
import re
import warnings
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import BinaryIO
from zipfile import BadZipFile, ZipFile

import defusedxml  # noqa: F401  # openpyxl reads XML without it too, and then expands entities
from openpyxl import load_workbook
from openpyxl.cell.read_only import EMPTY_CELL
from openpyxl.workbook import Workbook

from catalog.importing.drafts import ImportProblem
from catalog.importing.files import chunks
from catalog.text import limits

SUFFIX = ".xlsx"
_LAST_ROW = 1_048_576  # of any sheet; a file may name a row far beyond it
_OLD_OR_LOCKED = b"\xd0\xcf\x11\xe0"
_STREAMED = ("xl/worksheets/", "xl/media/")  # what is read piece by piece, or not at all
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_ZEROS = re.compile("0+")
# What it does not know of a workbook is of no use here.
warnings.filterwarnings("ignore", module="openpyxl")


def digest_of(path: Path) -> str:
    digest = hashlib.sha256()
    for chunk in chunks(path, limits.ROWS_BYTES):
        digest.update(chunk)
    return digest.hexdigest()


def rows_of(file: BinaryIO, name: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that have something in them: (number, cells). `ImportProblem` for what is no such workbook."""
    _refuse(file, name)
    try:
        workbook = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        yield from _rows(workbook, name)
    except ImportProblem:
        raise
    except Exception as error:  # openpyxl has no error of its own: whatever is broken breaks somewhere
        raise ImportProblem("工作簿已损坏或没有传完整，请用 Excel 打开，另存为 XLSX。", file=name) from error


def _refuse(file: BinaryIO, name: str) -> None:
    """What is no workbook, or unpacks to more than one may."""
    begin = file.read(4)
    file.seek(0)
    if begin == _OLD_OR_LOCKED:
        raise ImportProblem("工作簿有打开密码，或是旧版的 .xls 改了扩展名，请另存为没有密码的 XLSX。", file=name)
    try:
        with ZipFile(file) as archive:
            parts = archive.infolist()
    except (BadZipFile, ValueError, NotImplementedError, EOFError) as error:
        raise ImportProblem("不是 XLSX 工作簿，或没有传完整。", file=name) from error
    file.seek(0)
    size = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    if len(parts) > limits.WORKBOOK_PARTS:
        raise ImportProblem(f"工作簿里有超过 {limits.WORKBOOK_PARTS} 个文件，不像是表格。", file=name)
    if size > limits.WORKBOOK_BYTES:
        most = limits.megabytes(limits.WORKBOOK_BYTES)
        raise ImportProblem(f"工作簿解开后超过 {most}，请分成几个，或另存为 CSV。", file=name)
    if size > max(limits.PACKING_FREE_BYTES, limits.PACKING_RATIO * packed):
        raise ImportProblem(f"工作簿解开后超过原来的 {limits.PACKING_RATIO} 倍，不像是文字。", file=name)
    held = sum(part.file_size for part in parts if not part.filename.lower().startswith(_STREAMED))
    if held > limits.WORKBOOK_STRINGS_BYTES:
        most = limits.megabytes(limits.WORKBOOK_STRINGS_BYTES)
        raise ImportProblem(f"工作簿里的文字超过 {most}，请分成几个，或另存为 CSV。", file=name)


def _rows(workbook: Workbook, name: str) -> Iterator[tuple[int, list[str]]]:
    if not workbook.worksheets:
        raise ImportProblem("工作簿里没有工作表。", file=name)
    sheet = workbook.worksheets[0]
    sheet.reset_dimensions()  # a file may say anything of them
    # One more than there may be, so that it is told.
    for number, row in enumerate(sheet.iter_rows(max_row=_LAST_ROW, max_col=limits.COLUMNS + 1), 1):
        cells = ["" if cell is EMPTY_CELL else _shown(cell) for cell in row]
        while cells and not cells[-1].strip():
            cells.pop()
        if sum(map(len, cells)) > limits.ROW_BYTES:
            most = limits.megabytes(limits.ROW_BYTES)
            raise ImportProblem(f"这一行超过 {most}。", file=name, line=number)
        if cells:
            yield number, cells


def _shown(cell) -> str:
    """As Excel shows it, or as near to that as matters: a day without a time, 007 where zeros are its format."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    text = str(value)
    return text.zfill(len(cell.number_format)) if _ZEROS.fullmatch(cell.number_format) else text
