"""Corrections as data: what an editor settled for a document that the rules could not.

They stand beside the document, in `<name of the document>.corrections.toml`, each entry with its reason:

    [[order]]           # the true reading order of a case, where the rules miss it: kind, lines, first characters
    case = 12
    lines = ["summary 783-801 新冠疫情", "heading 822 1.  应", "body 824-830 在深圳分", "caption 806 2 月下旬"]
    [[text]]            # a passage of a case as the rules rebuilt it, which stands in it exactly once
    case = 3
    field = "body"      # title, subtitle, branch, summary, body or captions
    find = "深市圳分行"
    replace = "深圳市分行"    # an empty line in it makes two paragraphs
    [[join]]            # the paragraph that begins so goes on with the one before it
    case = 3
    starts = "次，凝聚"
    [[block]]           # what the block that begins so is: heading, paragraph or caption
    case = 3
    starts = "及时编写"
    kind = "caption"
    [[value]]           # a plain field
    case = 64
    field = "bank"      # bank, branch, category or published_on
    was = ""            # what the rules said
    value = "工商银行"
    [[products]]
    case = 3
    add = ["微闪贴"]
    remove = ["特事特办"]

An entry that does not fit its document (any more) is an error that names the entry: a correction is never dropped in
silence, and never applied to something else.
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields, replace
from datetime import date
from pathlib import Path

from catalog.importing.drafts import Caption, CaseDraft, Document, ImportProblem, ProductDraft, SourceDraft
from catalog.importing.files import chunks
from catalog.importing.reference import BankRecord
from catalog.text import limits
from catalog.text.names import name_key

_LINE_OF_ERROR = re.compile(r"at line (\d+)")

LINE_KINDS = ("summary", "heading", "body", "table", "caption")
BLOCK_KINDS = ("heading", "paragraph", "caption")
TEXT_FIELDS = ("title", "subtitle", "branch", "summary", "body", "captions")
VALUE_FIELDS = ("bank", "branch", "category", "published_on")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """`where`: the file and the line of the entry, for errors."""

    reason: str
    where: tuple[str, int] = field(repr=False, compare=False)

    def problem(self, message: str) -> ImportProblem:
        return ImportProblem(f"校正不适用：{message}", file=self.where[0], line=self.where[1])


@dataclass(frozen=True)
class Part:
    """Lines of one kind; `starts`: how the first of them begins, so that a changed document is noticed."""

    kind: str
    first: int
    last: int
    starts: str


@dataclass(frozen=True, kw_only=True)
class Order(Entry):
    lines: tuple[str, ...]
    case: int

    @property
    def parts(self) -> list[Part]:
        return [self._part(line) for line in self.lines]

    def _part(self, line: str) -> Part:
        match = re.fullmatch(rf"({'|'.join(LINE_KINDS)}) (\d+)(?:-(\d+))? (.+)", line)
        if not match:
            raise self.problem(f"“{line}”应形如“body 824-830 开头几个字”，种类只能是 {'、'.join(LINE_KINDS)}")
        kind, first, last, starts = match.groups()
        return Part(kind, int(first), int(last or first), starts)


@dataclass(frozen=True, kw_only=True)
class Text(Entry):
    find: str
    replace: str
    field: str = "body"
    case: int | None = None


@dataclass(frozen=True, kw_only=True)
class Join(Entry):
    starts: str
    case: int | None = None


@dataclass(frozen=True, kw_only=True)
class BlockKind(Entry):
    starts: str
    kind: str
    case: int | None = None


@dataclass(frozen=True, kw_only=True)
class Value(Entry):
    field: str
    was: str
    value: str
    case: int | None = None


@dataclass(frozen=True, kw_only=True)
class Products(Entry):
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    case: int | None = None


KINDS = {"order": Order, "text": Text, "join": Join, "block": BlockKind, "value": Value, "products": Products}


@dataclass(frozen=True)
class Corrections:
    """The entries of one document, in the order of the file."""

    entries: tuple[Entry, ...] = ()

    def __len__(self) -> int:
        return len(self.entries)

    def of(self, kind: type[Entry]) -> list:
        return [entry for entry in self.entries if isinstance(entry, kind)]


def corrections_path(document: Path) -> Path:
    return document.with_suffix(".corrections.toml")


def load_corrections(document_path: Path) -> Corrections:
    """The corrections beside a document; none if there is no such file."""
    path = corrections_path(document_path)
    if not path.exists():
        return Corrections()
    try:
        text = b"".join(chunks(path, limits.CORRECTIONS_BYTES)).decode("utf-8")
        tables = tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise ImportProblem("校正文件读不懂：不是 UTF-8 文字", file=path.name) from error
    except tomllib.TOMLDecodeError as error:
        place = _LINE_OF_ERROR.search(str(error))
        line = int(place[1]) if place else len(text.splitlines())
        raise ImportProblem("校正文件读不懂：不合 TOML 的写法", file=path.name, line=line) from error
    except (ValueError, RecursionError) as error:
        raise ImportProblem("校正文件读不懂：数字太长或层次太深", file=path.name) from error
    entries = []
    for kind, rows in tables.items():
        places = _lines_of(kind, text)
        if kind not in KINDS or not isinstance(rows, list) or len(rows) != len(places):
            raise ImportProblem(f"不认识的校正“{kind}”，只有 {'、'.join(KINDS)}", file=path.name)
        entries += [_entry(KINDS[kind], row, (path.name, line)) for row, line in zip(rows, places, strict=True)]
    return Corrections(tuple(sorted(entries, key=lambda entry: entry.where[1])))


def check_against(corrections: Corrections, document: Document) -> None:
    """That the lines an entry names are there, and begin as the entry says."""
    total = len(document.lines)
    for entry in corrections.of(Order):
        for part in entry.parts:
            if not 1 <= part.first <= part.last <= total:
                raise entry.problem(f"文档没有第 {part.first}–{part.last} 行")
            text = document.lines[part.first - 1].strip()
            # A line can hold two things, of which the second is meant.
            if part.starts not in text:
                raise entry.problem(f"文档第 {part.first} 行是“{text[:12]}…”，没有“{part.starts}”")


def apply_to_draft(draft: SourceDraft, corrections: Corrections, banks: Sequence[BankRecord] = ()) -> SourceDraft:
    """The draft with all corrections but those of the order, which are the reader's. `banks`: those that it was read
    by, which may have had other names when an entry was written.
    """
    cases = list(draft.cases)
    for entry in corrections.entries:
        place = _place(entry, cases)
        if isinstance(entry, Value):
            entry = _in_names_of_now(entry, getattr(cases[place], entry.field), banks)
        if correct := APPLY.get(type(entry)):
            cases[place] = correct(cases[place], entry)
    return replace(draft, cases=tuple(cases))


def _place(entry, cases: list[CaseDraft]) -> int:
    places = [place for place, case in enumerate(cases) if case.number == entry.case]
    if len(places) != 1:
        raise entry.problem(f"文档里没有第 {entry.case} 号案例" if entry.case else "没有写明案例的序号 case")
    return places[0]


def _correct_text(case: CaseDraft, entry: Text) -> CaseDraft:
    if entry.field == "captions":
        return replace(case, captions=_parts(_replaced(case.captions, lambda caption: caption.text, entry)))
    if entry.field == "body":
        return replace(case, blocks=_parts(_replaced(case.blocks, lambda block: block.text, entry)))
    ((_, text),) = _replaced([case], lambda c: getattr(c, entry.field), entry)
    return replace(case, **{entry.field: text})


def _replaced(holders, text_of: Callable, entry: Text) -> list[tuple]:
    """(holder, text) with the passage replaced in the one place where it stands."""
    texts = [text_of(holder) for holder in holders]
    count = sum(text.count(entry.find) for text in texts)
    if count != 1:
        raise entry.problem(f"第 {entry.case} 号案例的 {entry.field} 里“{entry.find}”出现 {count} 次，应当只有一次")
    return [(holder, text.replace(entry.find, entry.replace)) for holder, text in zip(holders, texts, strict=True)]


def _parts(corrected: Iterable[tuple]) -> tuple:
    """Blocks or captions with their new texts: an empty line makes two of one, no text none."""
    parts = [(holder, part) for holder, text in corrected for part in text.split("\n\n")]
    return tuple(replace(holder, text=part) for holder, part in parts if part.strip())


def _join(case: CaseDraft, entry: Join) -> CaseDraft:
    place = _block_that_starts(case, entry)
    before, block = case.blocks[place - 1 : place + 1] if place else (None, case.blocks[0])
    if before is None or before.kind != block.kind or block.kind == "table":
        raise entry.problem(f"“{entry.starts}”之前不是同类的段落或标题，不能相接")
    joined = replace(before, text=before.text + block.text, spans=(*before.spans, *block.spans))
    return replace(case, blocks=(*case.blocks[: place - 1], joined, *case.blocks[place + 1 :]))


def _change_kind(case: CaseDraft, entry: BlockKind) -> CaseDraft:
    place = _block_that_starts(case, entry)
    block, rest = case.blocks[place], (case.blocks[:place], case.blocks[place + 1 :])
    if entry.kind == "caption":
        caption = Caption(block.text, block.spans)
        return replace(case, blocks=(*rest[0], *rest[1]), captions=(*case.captions, caption))
    level = 0 if entry.kind == "paragraph" else max([b.level for b in case.blocks if b.level] or [1])
    return replace(case, blocks=(*rest[0], replace(block, kind=entry.kind, level=level), *rest[1]))


def _block_that_starts(case: CaseDraft, entry) -> int:
    places = [place for place, block in enumerate(case.blocks) if block.text.startswith(entry.starts)]
    if len(places) != 1:
        raise entry.problem(f"第 {entry.case} 号案例有 {len(places)} 段以“{entry.starts}”开头，应当只有一段")
    return places[0]


def _in_names_of_now(entry: Value, current: object, banks: Sequence[BankRecord]) -> Value:
    """An entry about a bank or branch, with `was` as the bank is called now if it was called otherwise then."""
    if entry.field not in ("bank", "branch") or not current:
        return entry
    for bank in banks:
        rest = str(current).removeprefix(bank.name)
        if rest != current and entry.was in {name + rest for name in bank.names}:
            return replace(entry, was=current)
    return entry


def _correct_value(case: CaseDraft, entry: Value) -> CaseDraft:
    current = getattr(case, entry.field)
    current = current.isoformat() if isinstance(current, date) else current or ""
    if current != entry.was:
        raise entry.problem(f"第 {entry.case} 号案例的 {entry.field} 现在是“{current}”，不是“{entry.was}”")
    if entry.field == "published_on":
        try:
            return replace(case, published_on=date.fromisoformat(entry.value))
        except ValueError:
            raise entry.problem(f"“{entry.value}”不是日期") from None
    return replace(case, **{entry.field: entry.value})


def _correct_products(case: CaseDraft, entry: Products) -> CaseDraft:
    removed = {name_key(name) for name in entry.remove}
    if missing := removed - {name_key(product.name) for product in case.products}:
        raise entry.problem(f"第 {entry.case} 号案例没有产品“{'、'.join(sorted(missing))}”")
    kept = [product for product in case.products if name_key(product.name) not in removed]
    have = {name_key(product.name) for product in kept}
    for name in entry.add:
        if name_key(name) in have:
            raise entry.problem(f"第 {entry.case} 号案例已有产品“{name}”")
    return replace(case, products=(*kept, *map(ProductDraft, entry.add)))


APPLY = {
    Text: _correct_text,
    Join: _join,
    BlockKind: _change_kind,
    Value: _correct_value,
    Products: _correct_products,
}


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


# By the type of an entry's field: what it is called, and whether a value is one.
_FORMS: Mapping[object, tuple[str, Callable[[object], bool]]] = {
    str: ("文字", _is_text),
    int: ("整数", _is_number),
    int | None: ("整数", _is_number),
    tuple[str, ...]: ("文字的列表", lambda value: isinstance(value, tuple) and all(map(_is_text, value))),
}


def _lines_of(kind: str, text: str) -> list[int]:
    """The line numbers of a kind's entries in the file, which the TOML parser does not tell."""
    head = re.compile(rf"\[\[\s*{re.escape(kind)}\s*\]\]")
    return [number for number, line in enumerate(text.splitlines(), 1) if head.match(line.strip())]


def _entry(kind: type[Entry], row: Mapping, where: tuple[str, int]) -> Entry:
    known = {f.name: f for f in fields(kind) if f.name != "where"}
    if unknown := set(row) - set(known):
        raise ImportProblem(f"校正里有不认识的栏目“{'、'.join(sorted(unknown))}”", file=where[0], line=where[1])
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}
    if missing := [name for name, entry in known.items() if entry.default is MISSING and name not in values]:
        raise ImportProblem(f"校正缺少栏目 {'、'.join(missing)}", file=where[0], line=where[1])
    for name, value in values.items():
        what, fits = _FORMS[known[name].type]
        if not fits(value):
            raise ImportProblem(f"校正的 {name} 应是{what}", file=where[0], line=where[1])
    entry = kind(where=where, **values)
    if not entry.reason.strip():
        raise ImportProblem("校正没有写明理由 reason", file=where[0], line=where[1])
    choices = {BlockKind: ("kind", BLOCK_KINDS), Text: ("field", TEXT_FIELDS), Value: ("field", VALUE_FIELDS)}
    if kind in choices:
        name, allowed = choices[kind]
        if getattr(entry, name) not in allowed:
            raise ImportProblem(f"校正的 {name} 只能是 {'、'.join(allowed)}", file=where[0], line=where[1])
    return entry
