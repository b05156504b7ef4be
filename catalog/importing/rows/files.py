"""A file of rows: its form, encoding and checksum, and its records one by one.

A file is read from beginning to end as often as needed and never held. What an archive's packing adds is not part of
it: `a.csv.gz` is `a.csv`.
"""

import codecs
import gzip
import hashlib
import io
import json
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec, module_from_spec
from itertools import chain
from pathlib import Path
from types import ModuleType
from typing import BinaryIO, Literal

from catalog.importing.decoding import decode, refuse_foreign_formats
from catalog.importing.drafts import ImportProblem
from catalog.importing.files import regular, rows_name, system_reason
from catalog.importing.rows import workbook
from catalog.importing.rows.columns import fields_of
from catalog.importing.rows.tables import values_of
from catalog.text import limits

_CHUNK = 1 << 20
_DELIMITERS = ",\t;"


def _own_csv() -> ModuleType:
    """The csv module's parser once more. Its longest cell is a setting of the whole module, and others who read tables
    in this process keep theirs.
    """
    spec = find_spec("_csv")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    module.field_size_limit(limits.ROW_BYTES)
    return module


_CSV = _own_csv()
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?[\s,;]*$', re.IGNORECASE)
_LineEnd = Literal["\n", "\r"]
_CR_AS_LF = bytes.maketrans(b"\r", b"\n")


@dataclass(frozen=True)
class Record:
    """A row as the file has it. `line`: the physical line on which it begins. With `problem` there are no values; with
    `shift`, which tells of cells beyond the heading's, they may stand in one another's columns.
    """

    line: int
    values: dict[str, object]
    problem: str = ""
    shift: str = ""


@dataclass(frozen=True)
class RowsFile:
    """`sha256` is that of the unpacked content, `size` that of the file on disk in bytes. `line_end`: what ends each
    line, if only as the second half of CR LF.
    """

    path: Path
    name: str
    sha256: str
    encoding: str
    form: Literal["jsonl", "csv", "xlsx"]
    size: int
    line_end: _LineEnd = "\n"

    def records(self, progress: Callable[[int], object] = lambda done: None) -> Iterator[Record]:
        """`progress` hears how many bytes of the file have been read since it was last told."""
        with _opened(self.path, self.name) as (stream, raw):
            position = 0
            lines = _lines(stream, self.encoding, self.line_end, self.name)
            if self.form == "xlsx":
                records = _workbook_records(raw, self.name)
            else:
                records = _json_records(lines) if self.form == "jsonl" else _csv_records(lines, self.name)
            for number, record in enumerate(records, 1):
                if number > limits.ROWS:
                    reason = f"文件超过 {limits.ROWS} 行数据，请分成几个文件。"
                    raise ImportProblem(reason, file=self.name, line=record.line)
                if raw.tell() != position:
                    progress(raw.tell() - position)
                    position = raw.tell()
                yield record
            progress(raw.tell() - position)


def examine(path: Path) -> RowsFile:
    """`ImportProblem` for what cannot be a file of rows."""
    name = rows_name(regular(path)) or path.name
    if name.lower().endswith(workbook.SUFFIX):
        return RowsFile(path, name, workbook.digest_of(path), "", "xlsx", path.stat().st_size)
    with _opened(path, name) as (stream, raw):
        sha256, encoding, line_end, head = _scan(stream, raw, name)
    first = head.lstrip()[:1]
    if first == "[":
        raise ImportProblem("这是一个 JSON 数组，请改为每行一个 JSON 对象（JSON Lines）。", file=name)
    if first != "{" and not name.lower().endswith((".csv", ".tsv")):
        raise ImportProblem("不是 JSON Lines：每一行应是一个 JSON 对象。", file=name, line=1)
    form: Literal["jsonl", "csv"] = "jsonl" if first == "{" else "csv"
    return RowsFile(path, name, sha256, encoding, form, path.stat().st_size, line_end)


@contextmanager
def _opened(path: Path, name: str) -> Iterator[tuple[BinaryIO, BinaryIO]]:
    """The unpacked content and the file itself."""
    try:
        with open(path, "rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            with gzip.open(raw) if packed else raw as stream:
                yield stream, raw
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ImportProblem("压缩文件已损坏或没有传完整。", file=name) from error
    except OSError as error:
        raise ImportProblem(f"文件无法读取（{system_reason(error)}）。", file=name) from error


def _scan(stream: BinaryIO, raw: BinaryIO, name: str) -> tuple[str, str, _LineEnd, str]:
    """(SHA-256, encoding, what ends a line, beginning of the text), in one pass."""
    digest, decoder, encoding, head, lines = hashlib.sha256(), codecs.getincrementaldecoder("utf-8")(), "", b"", 0
    size = 0
    line_end: _LineEnd = "\n"
    while chunk := stream.read(_CHUNK):
        digest.update(chunk)
        size += len(chunk)
        _refuse_too_large(size, raw.tell(), name)
        if not head:
            head = chunk
            encoding = _marked_encoding(head)
            line_end = _line_end(head, encoding)
            if not encoding:
                refuse_foreign_formats(head, name)
        if not encoding:
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError:
                encoding = _other_encoding(chunk, head is chunk, line_end.encode(), lines, name)
        lines += chunk.count(line_end.encode())
        if lines > limits.ROWS_LINES:
            raise ImportProblem(f"文件超过 {limits.ROWS_LINES} 行，请分成几个文件。", file=name, line=lines)
    if not head.strip(b" \t\r\n"):
        raise ImportProblem("文件是空的。", file=name)
    encoding = encoding or "utf-8"
    return digest.hexdigest(), encoding, line_end, head[:1000].decode(encoding, "ignore").lstrip("\ufeff")


def _marked_encoding(head: bytes) -> str:
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    return "utf-16" if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else ""


def _line_end(head: bytes, encoding: str) -> _LineEnd:
    """CR in tables of the old Macintosh, which have LF in their cells at most. Of no encoding that is read are these
    signs, or the quotation mark, part of another character.
    """
    text = head.decode(encoding, "ignore") if encoding == "utf-16" else head.decode("latin-1")
    between_cells = "".join(text.split('"')[::2])
    return "\r" if "\r" in between_cells and "\n" not in between_cells else "\n"


def _other_encoding(chunk: bytes, is_first: bool, line_end: bytes, lines_before: int, name: str) -> str:
    """Of text that is not UTF-8, by whole lines of it. Damage elsewhere is met when the lines are read."""
    start = 0 if is_first else chunk.find(line_end) + 1
    sample = chunk[start : chunk.rfind(line_end) + 1] or chunk
    try:
        return decode(sample, name)[1]
    except ImportProblem as problem:
        line = problem.line and problem.line + lines_before + (not is_first)
        raise ImportProblem(problem.message, file=name, line=line) from problem


class _WithLf(io.RawIOBase):
    """A text whose lines end in CR, with LF instead."""

    def __init__(self, stream: BinaryIO):
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        content = self._stream.read(len(buffer)).translate(_CR_AS_LF)
        buffer[: len(content)] = content
        return len(content)


def _lines(stream: BinaryIO, encoding: str, line_end: _LineEnd, name: str) -> Iterator[str]:
    """Physical lines, each with LF at its end whatever it was, decoded one by one, so that damage is named by its line,
    and none is held that is longer than a row may be.
    """
    if encoding == "utf-16":
        lines = _utf16_lines(stream, line_end)
    else:
        lines = _byte_lines(stream if line_end == "\n" else io.BufferedReader(_WithLf(stream), _CHUNK), encoding)
    number = 1
    try:
        for text in lines:
            if len(text) > limits.ROW_BYTES:
                break
            yield text.removeprefix("\ufeff") if number == 1 else text
            number += 1
        else:
            return
    except UnicodeDecodeError as error:
        shown = encoding.removesuffix("-sig").upper()
        reason = f"这里有不属于 {shown} 编码的字节，文件已损坏或混用了编码。"
        raise ImportProblem(reason, file=name, line=number) from error
    raise ImportProblem(f"这一行超过 {limits.megabytes(limits.ROW_BYTES)}。", file=name, line=number)


def _byte_lines(stream: BinaryIO, encoding: str) -> Iterator[str]:
    """Of a text that is too long the last line is a part, longer than a row may be."""
    while line := stream.readline(limits.ROW_BYTES + 1):
        if len(line) > limits.ROW_BYTES:
            yield line.decode("latin-1")
            return
        yield line.decode(encoding)


def _utf16_lines(stream: BinaryIO, line_end: _LineEnd) -> Iterator[str]:
    """As `_byte_lines`; here line ends are not single bytes. Lines before damage come before its error."""
    order = "utf-16-le" if stream.read(2) == codecs.BOM_UTF16_LE else "utf-16-be"
    decoder, rest, chunk = codecs.getincrementaldecoder(order)(), "", b"more"
    while chunk:
        chunk = stream.read(_CHUNK)
        try:
            text, damage = decoder.decode(chunk, final=not chunk), None
        except UnicodeDecodeError as error:
            text, damage = error.object[: error.start].decode(order, "ignore"), error
        *lines, rest = (rest + text.replace(line_end, "\n")).split("\n")
        yield from (f"{line}\n" for line in lines)
        if damage:
            raise damage
        if len(rest) > limits.ROW_BYTES:
            break
    if rest:
        yield rest


def _refuse_too_large(size: int, packed: int, name: str) -> None:
    """`size`: bytes of the content so far, which stood in `packed` bytes of the file."""
    if size > limits.ROWS_BYTES:
        raise ImportProblem(f"解开后超过 {limits.megabytes(limits.ROWS_BYTES)}，请分成几个文件。", file=name)
    if size > max(limits.PACKING_FREE_BYTES, limits.PACKING_RATIO * packed):
        raise ImportProblem(f"压缩文件解开后超过原来的 {limits.PACKING_RATIO} 倍，不像是文字。", file=name)


class _NotJson(ValueError):
    """What Python reads and JSON does not know, or what says two things at once: a Chinese clause."""


def _json_records(lines: Iterable[str]) -> Iterator[Record]:
    for number, line in enumerate(lines, 1):
        if line.isspace():
            continue
        try:
            values = _from_json(line)
        except json.JSONDecodeError as error:
            yield Record(number, {}, f"不是完整的 JSON 对象（第 {error.colno} 个字处）")
        except _NotJson as error:
            yield Record(number, {}, str(error))
        except RecursionError:
            yield Record(number, {}, "JSON 的层次太深")
        else:
            yield _record(number, values) if isinstance(values, dict) else Record(number, {}, "不是 JSON 对象")


def _from_json(text: str) -> object:
    """Numbers are texts as they are written: 2020.10 is no 2020.1, and none is too long to be read."""
    return json.loads(
        text, parse_int=str, parse_float=str, parse_constant=_refuse_constant, object_pairs_hook=_object_of
    )


def _refuse_constant(name: str) -> None:
    raise _NotJson(f"{name} 不是 JSON 的数")


def _object_of(pairs: list[tuple[str, object]]) -> dict[str, object]:
    values = dict(pairs)
    if len(values) < len(pairs):
        twice = next(name for name, times in Counter(name for name, _ in pairs).items() if times > 1)
        raise _NotJson(f"键“{twice[:20]}”写了两次")
    return values


def _record(line: int, values: dict[str, object]) -> Record:
    if len(values) > limits.COLUMNS:
        return Record(line, {}, f"有 {len(values)} 个键，最多 {limits.COLUMNS} 个")
    if any(len(name) > limits.COLUMN_NAME for name in values):
        return Record(line, {}, f"有一个键超过 {limits.COLUMN_NAME} 字")
    return Record(line, values)


class _Counted:
    """Lines, and how many characters of them were taken since `begin`. What one row takes has its limit: a quotation
    mark that is never closed would make one cell of the rest of the file.
    """

    def __init__(self, lines: Iterator[str], name: str):
        self.lines, self.name = lines, name
        self.line, self.taken = 0, 0

    def begin(self, line: int) -> None:
        self.line, self.taken = line, 0

    def __iter__(self) -> Iterator[str]:
        for line in self.lines:
            self.taken += len(line)
            if self.taken > limits.ROW_BYTES:
                most = limits.megabytes(limits.ROW_BYTES)
                reason = f"从这一行开始的一行数据超过 {most}，可能是引号没有闭合。"
                raise ImportProblem(reason, file=self.name, line=self.line)
            yield line


def _csv_records(lines: Iterator[str], name: str) -> Iterator[Record]:
    skipped, first = 0, next(lines, "")
    delimiters = _DELIMITERS
    while first and (not first.strip() or (hint := _SEPARATOR_LINE.match(first))):
        if first.strip() and hint:
            delimiters += hint[1]
        skipped, first = skipped + 1, next(lines, "")
    if not first:
        raise ImportProblem("没有表头，也没有一行数据。", file=name)
    counted = _Counted(map(_whole, chain([first], lines)), name)
    reader = _CSV.reader(iter(counted), delimiter=_delimiter(_whole(first), delimiters), strict=True)
    header: list[str] = []
    while True:
        line = skipped + reader.line_num + 1
        counted.begin(line)
        try:
            cells = next(reader, None)
        except _CSV.Error as error:
            if "end of data" in str(error) or "field limit" in str(error):
                raise ImportProblem("从这一行开始的引号没有闭合。", file=name, line=line) from error
            yield Record(line, {}, "引号用得不对")
            continue
        if cells is None:
            return
        if not any(cell.strip() for cell in cells):
            continue
        if not header:
            header = _header(cells, name, line)
            continue
        yield _table_record(line, header, cells)


def _workbook_records(file: BinaryIO, name: str) -> Iterator[Record]:
    header: list[str] = []
    for line, cells in workbook.rows_of(file, name):
        if header:
            # Empty cells at the end of a row are there, though the file does not write them.
            yield _table_record(line, header, cells + [""] * (len(header) - len(cells)))
        else:
            header = _header(cells, name, line)
    if not header:
        raise ImportProblem("第一张工作表是空的。", file=name)


def _table_record(line: int, header: list[str], cells: list[str]) -> Record:
    return Record(line, values_of(header, cells), shift=_shift(cells, header))


def _shift(cells: list[str], header: list[str]) -> str:
    """Of a row with more cells than the heading, which of them have something to say that has no name; a clause."""
    named = max(number for number, name in enumerate(header, 1) if name)
    beyond = [cell.strip()[:20] for cell in cells[named:] if cell.strip()]
    if len(cells) <= len(header) or not beyond:
        return ""
    return f"这一行有 {len(cells)} 格，表头只有 {len(header)} 栏，多出“{'、'.join(beyond)[:40]}”"


def _whole(line: str) -> str:
    """The line, with LINE SEPARATOR for a CR inside it, which only quotation marks would let the parser pass."""
    content = line.rstrip("\r\n")
    return line if "\r" not in content else content.replace("\r", "\u2028") + "\n"


def _delimiter(header: str, delimiters: str) -> str:
    """The one by which the heading has most columns that we know, then most columns."""

    def columns(delimiter: str) -> tuple[int, int]:
        try:
            names = next(_CSV.reader([header], delimiter=delimiter), [])
        except _CSV.Error:  # it will be met again where it has a line
            return 0, 0
        if len(names) > limits.COLUMNS or any(len(name) > limits.COLUMN_NAME for name in names):
            return 0, len(names)
        return len(fields_of(tuple(names))), len(names)

    return max(delimiters, key=columns)


def _header(cells: list[str], name: str, line: int) -> list[str]:
    if len(cells) > limits.COLUMNS:
        raise ImportProblem(f"表头有 {len(cells)} 栏，最多 {limits.COLUMNS} 栏。", file=name, line=line)
    if any(len(cell) > limits.COLUMN_NAME for cell in cells):
        raise ImportProblem(f"表头有一栏的名称超过 {limits.COLUMN_NAME} 字。", file=name, line=line)
    known: dict[str, str] = {}
    fields = fields_of(tuple(cells))
    for cell in cells:
        if not (field := fields.get(cell)):
            continue
        if field in known:
            raise ImportProblem(f"“{known[field]}”和“{cell}”两栏是同一个意思。", file=name, line=line)
        known[field] = cell
    if "title" not in known:
        raise ImportProblem("表头里没有标题（title）一栏。", file=name, line=line)
    return [cell.strip() for cell in cells]
