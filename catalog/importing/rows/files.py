"""A file of rows: its form, encoding and checksum, and its records one by one.

A file is read from beginning to end as often as needed and never held. What an archive's packing adds is not part of
it: `a.csv.gz` is `a.csv`.
"""

import codecs
import csv
import gzip
import hashlib
import io
import json
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec, module_from_spec
from itertools import chain
from pathlib import Path
from types import ModuleType
from typing import BinaryIO, Literal

from catalog.importing.decoding import decode, refuse_foreign_formats, rows_name, system_reason
from catalog.importing.drafts import ImportProblem
from catalog.importing.rows.columns import fields_of

_CHUNK = 1 << 20
_DELIMITERS = ",\t;"
# A quotation mark that is never closed would otherwise make one cell of the rest of the file.
_LONGEST_CELL = 8_000_000


def _own_csv() -> ModuleType:
    """The csv module's parser once more. Its longest cell is a setting of the whole module, and others who read tables
    in this process keep theirs.
    """
    spec = find_spec("_csv")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    module.field_size_limit(_LONGEST_CELL)
    return module


_CSV = _own_csv()
_SEPARATOR_LINE = re.compile(r"sep=.\s*$")


@dataclass(frozen=True)
class Record:
    """A row as the file has it. `line`: the physical line on which it begins. With `problem` there are no values."""

    line: int
    values: dict[str, object]
    problem: str = ""


@dataclass(frozen=True)
class RowsFile:
    """`sha256` is that of the unpacked content, `size` that of the file on disk in bytes."""

    path: Path
    name: str
    sha256: str
    encoding: str
    form: Literal["jsonl", "csv"]
    size: int

    def records(self, progress: Callable[[int], object] = lambda done: None) -> Iterator[Record]:
        """`progress` hears how many bytes of the file have been read since it was last told."""
        with _opened(self.path, self.name) as (stream, raw):
            position = 0
            lines = _lines(stream, self.encoding, self.name)
            for record in _json_records(lines) if self.form == "jsonl" else _csv_records(lines, self.name):
                if raw.tell() != position:
                    progress(raw.tell() - position)
                    position = raw.tell()
                yield record
            progress(raw.tell() - position)


def examine(path: Path) -> RowsFile:
    """`ImportProblem` for what cannot be a file of rows."""
    name = rows_name(path) or path.name
    with _opened(path, name) as (stream, _):
        sha256, encoding, head = _scan(stream, name)
    first = head.lstrip()[:1]
    if first == "[":
        raise ImportProblem("这是一个 JSON 数组，请改为每行一个 JSON 对象（JSON Lines）。", file=name)
    if first != "{" and not name.lower().endswith((".csv", ".tsv")):
        raise ImportProblem("不是 JSON Lines：每一行应是一个 JSON 对象。", file=name, line=1)
    return RowsFile(path, name, sha256, encoding, "jsonl" if first == "{" else "csv", path.stat().st_size)


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


def _scan(stream: BinaryIO, name: str) -> tuple[str, str, str]:
    """(SHA-256, encoding, beginning of the text), in one pass."""
    digest, decoder, encoding, head, lines = hashlib.sha256(), codecs.getincrementaldecoder("utf-8")(), "", b"", 0
    while chunk := stream.read(_CHUNK):
        digest.update(chunk)
        if not head:
            head = chunk
            encoding = _marked_encoding(head)
            if not encoding:
                refuse_foreign_formats(head, name)
        if not encoding:
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError:
                encoding = _other_encoding(chunk, head is chunk, lines, name)
            lines += chunk.count(b"\n")
    if not head.strip(b" \t\r\n"):
        raise ImportProblem("文件是空的。", file=name)
    encoding = encoding or "utf-8"
    return digest.hexdigest(), encoding, head[:1000].decode(encoding, "ignore").lstrip("\ufeff")


def _marked_encoding(head: bytes) -> str:
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    return "utf-16" if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else ""


def _other_encoding(chunk: bytes, is_first: bool, lines_before: int, name: str) -> str:
    """Of text that is not UTF-8, by whole lines of it. Damage elsewhere is met when the lines are read."""
    start = 0 if is_first else chunk.find(b"\n") + 1
    sample = chunk[start : chunk.rfind(b"\n") + 1] or chunk
    try:
        return decode(sample, name)[1]
    except ImportProblem as problem:
        line = problem.line and problem.line + lines_before + (not is_first)
        raise ImportProblem(problem.message, file=name, line=line) from problem


def _lines(stream: BinaryIO, encoding: str, name: str) -> Iterator[str]:
    """Physical lines with their ends, decoded one by one, so that damage is named by its line."""
    number = 0
    try:
        if encoding == "utf-16":
            # Its line ends are not single bytes.
            wrapper = io.TextIOWrapper(stream, encoding, newline="")
            yield from wrapper
            wrapper.detach()  # lest it close what is not its own
            return
        for number, line in enumerate(stream, 1):
            text = line.decode(encoding)
            yield text.removeprefix("\ufeff") if number == 1 else text
    except UnicodeDecodeError as error:
        shown = encoding.removesuffix("-sig").upper()
        reason = f"这里有不属于 {shown} 编码的字节，文件已损坏或混用了编码。"
        raise ImportProblem(reason, file=name, line=number) from error


def _json_records(lines: Iterable[str]) -> Iterator[Record]:
    for number, line in enumerate(lines, 1):
        if line.isspace():
            continue
        try:
            values = json.loads(line)
        except json.JSONDecodeError as error:
            yield Record(number, {}, f"不是完整的 JSON 对象（第 {error.colno} 个字处）")
        except (ValueError, RecursionError):
            yield Record(number, {}, "JSON 里的数字太长或层次太深")
        else:
            yield Record(number, values) if isinstance(values, dict) else Record(number, {}, "不是 JSON 对象")


def _csv_records(lines: Iterator[str], name: str) -> Iterator[Record]:
    skipped, first = 0, next(lines, "")
    while not first.strip() or _SEPARATOR_LINE.match(first):  # Excel's own hint, which the heading makes needless
        skipped, first = skipped + 1, next(lines)
    reader = _CSV.reader(chain([first], lines), delimiter=_delimiter(first), strict=True)
    header: list[str] = []
    while True:
        line = skipped + reader.line_num + 1
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
        elif len(cells) > len(header):
            yield Record(line, {}, f"有 {len(cells)} 格，表头只有 {len(header)} 栏")
        else:
            yield Record(line, dict(zip(header, cells, strict=False)))


def _delimiter(header: str) -> str:
    """The one by which the heading has most columns that we know, then most columns."""

    def columns(delimiter: str) -> tuple[int, int]:
        names = next(csv.reader([header], delimiter=delimiter), [])
        return len(fields_of(tuple(names))), len(names)

    return max(_DELIMITERS, key=columns)


def _header(cells: list[str], name: str, line: int) -> list[str]:
    known: dict[str, str] = {}
    for cell, field in fields_of(tuple(cells)).items():
        if known.setdefault(field, cell) is not cell:
            raise ImportProblem(f"“{known[field]}”和“{cell}”两栏是同一个意思。", file=name, line=line)
    if "title" not in known:
        raise ImportProblem("表头里没有标题（title）一栏。", file=name, line=line)
    return [cell.strip() for cell in cells]
