"""The institutions and chapters that documents are read against, from the two data files in `seeds/`."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

from catalog.importing.drafts import ImportProblem
from catalog.text.bank_kinds import BANK_KINDS
from catalog.text.script import to_simplified

BANKS_FILE = "banks.toml"
CHAPTERS_FILE = "chapters.toml"

# As a file names them.
KINDS = tuple(BANK_KINDS.values())

Record = TypeVar("Record")

_CODE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_COMPANY_FORM = re.compile(r"(?:股份有限公司|有限责任公司|有限公司)$")
_COUNTRY = re.compile(r"（中国）$")


@dataclass(frozen=True)
class BankRecord:
    """An institution. `name` is how the catalogue lists it."""

    code: str
    name: str
    kind: str
    short_name: str = ""
    full_name: str = ""
    english_name: str = ""
    abbreviation: str = ""
    aliases: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Every name a text may use, none twice. A legal name is also used without the form of company."""
        bare = _COMPANY_FORM.sub("", self.full_name)
        names = (
            self.name,
            self.short_name,
            self.full_name,
            bare,
            _COUNTRY.sub("", bare),
            self.english_name,
            self.abbreviation,
            *self.aliases,
        )
        return tuple(dict.fromkeys(filter(None, names)))


@dataclass(frozen=True)
class ChapterRecord:
    """A chapter of the casebook, which is also the catalogue's list of categories. `slogans`: one line each."""

    code: str
    name: str
    order: int
    slogans: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reference:
    """Banks by kind and then in the file's order; chapters in the book's order."""

    banks: tuple[BankRecord, ...]
    chapters: tuple[ChapterRecord, ...]

    def bank(self, name: str) -> BankRecord:
        """The bank of a catalogue name; `KeyError` if there is none."""
        for bank in self.banks:
            if bank.name == name:
                return bank
        raise KeyError(name)


def load_reference(folder: Path | str) -> Reference:
    """Reads `banks.toml` and `chapters.toml`; `ImportProblem` with file and line for what an editor got wrong."""
    banks = _read_banks(_Table(Path(folder) / BANKS_FILE, "bank"))
    chapters = _read_chapters(_Table(Path(folder) / CHAPTERS_FILE, "chapter"))
    return Reference(banks, chapters)


def _read_banks(table: "_Table") -> tuple[BankRecord, ...]:
    banks: list[BankRecord] = []
    codes: dict[str, str] = {}
    owners: dict[str, str] = {}
    for row in table.rows():
        bank = row.build(BankRecord)
        if bank.kind not in KINDS:
            raise row.problem(f"银行类别“{bank.kind}”不在规定的类别之内（{'、'.join(KINDS)}）。", "kind")
        row.claim_code(codes, bank.code, bank.name)
        for name in bank.names:
            # Two banks of one name could not be told apart in a text.
            owner = owners.setdefault(to_simplified(name).casefold(), bank.name)
            if owner != bank.name or bank.name in (other.name for other in banks):
                raise row.problem(f"名称“{name}”同时属于{owner}和{bank.name}。", value=name)
        if len(set(bank.aliases)) < len(bank.aliases):
            raise row.problem(f"{bank.name}有重复的别名。", "aliases")
        banks.append(bank)
    return tuple(sorted(banks, key=lambda bank: KINDS.index(bank.kind)))


def _read_chapters(table: "_Table") -> tuple[ChapterRecord, ...]:
    chapters: list[ChapterRecord] = []
    codes: dict[str, str] = {}
    for row in table.rows():
        chapter = row.build(ChapterRecord)
        row.claim_code(codes, chapter.code, chapter.name)
        for other in chapters:
            if chapter.name == other.name:
                raise row.problem(f"章节“{chapter.name}”写了两次。", value=chapter.name)
            if chapter.order == other.order:
                raise row.problem(f"章节“{other.name}”和“{chapter.name}”的次序相同（{chapter.order}）。", "order")
        chapters.append(chapter)
    return tuple(sorted(chapters, key=lambda chapter: chapter.order))


class _Table:
    """A TOML file of one array of tables, with the line on which each begins (the parser does not tell)."""

    def __init__(self, path: Path, name: str):
        self.file, self.name = path.name, name
        try:
            self.text = path.read_text(encoding="utf-8-sig")
        except FileNotFoundError as error:
            raise ImportProblem("没有这个资料文件。", file=str(path)) from error
        except UnicodeDecodeError as error:
            line = error.object[: error.start].count(b"\n") + 1
            raise ImportProblem("资料文件不是 UTF-8 编码。", file=path.name, line=line) from error
        except OSError as error:
            raise ImportProblem(f"资料文件无法读取（{error.strerror}）。", file=str(path)) from error
        try:
            self.data = tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as error:
            raise ImportProblem("TOML 格式有误。", file=path.name, line=self._line_of(error)) from error

    def _line_of(self, error: tomllib.TOMLDecodeError) -> int:
        match = re.search(r"at line (\d+)", str(error))
        return int(match[1]) if match else self.text.count("\n") + 1

    def rows(self) -> Iterator["_Row"]:
        entries = self.data.get(self.name)
        if not isinstance(entries, list) or not entries or not all(isinstance(entry, dict) for entry in entries):
            raise ImportProblem(f"资料文件里没有 [[{self.name}]]。", file=self.file)
        if unknown := self.data.keys() - {self.name}:
            raise ImportProblem(f"资料文件里有不认识的内容：{'、'.join(sorted(unknown))}。", file=self.file)
        lines = self.text.splitlines()
        header = re.compile(rf"\s*\[\[\s*{self.name}\s*\]\]")
        starts = [number for number, line in enumerate(lines, 1) if header.match(line)]
        if len(starts) != len(entries):  # written as an inline array: the lines cannot be told
            starts = [None] * len(entries)
        ends = [*starts[1:], len(lines) + 1]
        for entry, start, end in zip(entries, starts, ends, strict=True):
            yield _Row(entry, self.file, list(enumerate(lines, 1))[start - 1 : end - 1] if start else [])


class _Row:
    def __init__(self, entry: dict[str, Any], file: str, lines: list[tuple[int, str]]):
        self.entry, self.file, self.lines = entry, file, lines

    def problem(self, message: str, field: str = "", *, value: str = "") -> ImportProblem:
        """A problem at the line of `field`, or of the quoted `value`, or else at the row's first line."""

        def is_it(line: str) -> bool:
            return bool(field and re.match(rf"\s*{field}\s*=", line)) or bool(value and f'"{value}"' in line)

        number = next((number for number, line in self.lines if is_it(line)), None)
        return ImportProblem(message, file=self.file, line=number or (self.lines[0][0] if self.lines else None))

    def build(self, record: type[Record]) -> Record:
        """A record of the row's fields: none unknown, none missing, each of the declared type."""
        known = {field.name: field for field in fields(record)}
        for name in self.entry:
            if name not in known:
                raise self.problem(f"不认识的字段 {name}。", name)
        values: dict[str, Any] = {}
        for name, field in known.items():
            required = field.default is MISSING
            value = self.entry.get(name, None if required else field.default)
            if value is None or (value == "" and required):
                raise self.problem(f"缺少字段 {name}。", name)
            values[name] = self._checked(name, value, field.type)
        if not _CODE.fullmatch(values["code"]):
            raise self.problem(f"代码“{values['code']}”只能用小写英文字母、数字和连字符。", "code")
        return record(**values)

    def _checked(self, name: str, value: Any, kind: Any) -> Any:
        if kind is int and isinstance(value, int) and not isinstance(value, bool):
            return value
        if kind is str and isinstance(value, str):
            return value.strip()
        texts = isinstance(value, list | tuple) and all(isinstance(item, str) and item.strip() for item in value)
        if kind not in (int, str) and texts:
            return tuple(item.strip() for item in value)
        raise self.problem(f"字段 {name} 的值不对。", name)

    def claim_code(self, taken: dict[str, str], code: str, name: str) -> None:
        if code in taken:
            raise self.problem(f"代码“{code}”同时用于{taken[code]}和{name}。", "code")
        taken[code] = name
