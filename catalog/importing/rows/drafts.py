"""A record as a `RowDraft`, or what is wrong with it. No database here.

A cell that can't be read is a doubt (see `cells`), and so is what is well said but no help (a year without a day),
which leaves its field empty. Only a row with neither a title nor a text is bad. A field that the row's columns don't
speak of is left alone.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from catalog.importing.clauses import clauses, headline, sentences
from catalog.importing.drafts import UNSHOWN, Doubt, ProductDraft, Statement
from catalog.importing.form import split_title
from catalog.importing.rows.cells import Cells, field_of_case
from catalog.importing.rows.columns import COLUMNS
from catalog.importing.rows.files import Record
from catalog.importing.rows.values import is_garbled, mended, paragraphs
from catalog.text import limits, markdown
from catalog.text.script import main_script

_PLAIN = ("subtitle", "branch", "category_confidence", "summary", "captions", "authors", "published_on", "number")
_PLAIN += ("provenance",)
_RANGES = (("first_line", "last_line"), ("first_page", "last_page"))
_PROSE = ("title", "subtitle", "summary", "body")
_LEAD = 2_000  # characters of a text in which a stand-in for the title is looked for


class BadRow(Exception):
    """Why a row can't be imported: one Chinese clause, and the line where the row begins."""

    def __init__(self, line: int, reason: str):
        super().__init__(UNSHOWN.sub("\ufffd", f"第 {line} 行：{reason}"))
        self.line, self.reason = line, reason


@dataclass(frozen=True)
class RowDraft:
    """What a row says of its case. `statement.ref` tells the row from the others of its file, whatever else the row
    says, and is the row's own number where it has one, which `numbered` says. `unreadable`: what is wrong with its
    cells, in the same words as its doubts.
    """

    statement: Statement
    numbered: bool
    unreadable: tuple[str, ...] = ()


def draft_of(record: Record) -> RowDraft:
    """`BadRow` says what keeps the record from being a case."""
    if record.problem:
        raise BadRow(record.line, record.problem)
    cells = Cells(record)
    body = _body(cells)
    text = _text(cells, body.get("body", ""))
    whole, subtitle = split_title(cells.values.get("title", ""), cells.values.get("subtitle", ""))
    title = _title(cells, whole, text)
    values = cells.values
    fields = {"title": title} | {name: values[name] for name in _PLAIN if name in values} | body | _spans(cells)
    if title != whole:
        fields["title_inferred"] = True
    elif "title_inferred" not in cells.unread:
        fields["title_inferred"] = values.get("title_inferred", False)
    if values.get("status"):
        fields["status"] = values["status"]
    elif "status" in cells.unread:  # may be one that keeps readers out
        fields["status"] = "draft"
    fields["script"] = values.get("script") or main_script(f"{title}{fields.get('summary', '')}{text}")
    products, category = values.get("products"), values.get("category")
    if not category and "chapter" in cells.unread:
        category = None
    statement = Statement(
        ref=values.get("ref") or _key(whole or title, subtitle, values.get("publisher", "")),
        fields=fields,
        bank=values.get("bank"),
        category="" if category is None and values.get("chapter") else category,
        chapter=values.get("chapter", ""),
        products=None if products is None else tuple(map(ProductDraft, products)),
        publisher=values.get("publisher", ""),
        doubts=(*cells.doubts, *_doubts(cells, fields)),
        line=record.line,
        as_of=values.get("updated_at"),
    )
    return RowDraft(statement, numbered=bool(values.get("ref")), unreadable=tuple(cells.problems))


def _body(cells: Cells) -> dict[str, object]:
    """The body as Markdown, from one of its two columns or from both; {} where the row does not speak of it."""
    text, body = (cells.values.get(name, "") for name in ("text", "body"))
    if not (text or body) and ({"text", "body"} & cells.unread or not {"text", "body"} & cells.values.keys()):
        return {}
    parts = [paragraphs(text), body]
    if all(parts):
        if _words(parts[0]) in _words(body):
            parts = [body]
        else:
            cells.doubt("body", f"{cells.shown('text')}和{cells.shown('body')}两栏都有内容，接在一起")
    whole = "\n\n".join(filter(None, parts))
    if too_long := limits.overlong_text("body", whole):  # marks may have been escaped
        cells.refuse("text" if text else "body", too_long)
        return {}
    return {"body": whole}


def _words(body: str) -> str:
    return "".join(markdown.plain_text(body).split())


def _spans(cells: Cells) -> dict[str, object]:
    """First and last lines and pages, always both: of one alone nobody could tell whether it is before the other."""
    spans = {}
    for names in _RANGES:
        first, last = (cells.values.get(name) for name in names)
        if None not in (first, last) and first > last:
            cells.refuse(names[0], f"大于{cells.shown(names[1])}")
        if not cells.unread & set(names) and cells.values.keys() & set(names):
            spans |= dict(zip(names, (first, last), strict=True))
    return spans


def _text(cells: Cells, body: str) -> str:
    """The row's text, whether or not it can be the body."""
    if body:
        return body
    raw = (cells.said.get(name) for name in ("text", "body"))
    return mended(next((text for text in raw if isinstance(text, str) and text), ""))


def _title(cells: Cells, title: str, text: str) -> str:
    """The title that a case can have. `BadRow` where there is none and nothing to make one of."""
    if too_long := limits.overlong_text("title", title):
        cells.doubt("title", f"{cells.shown('title')}{too_long}，只取了开头")
        return title[: limits.TITLE].rstrip()
    if title:
        return title
    lead = markdown.plain_text(text[:_LEAD]) or cells.values.get("summary", "")
    parts = [
        clause for line in lead[:_LEAD].split("\n") for sentence in sentences(line) for clause in clauses(sentence)
    ]
    stand_in = headline(parts)
    if not stand_in:
        raise BadRow(cells.line, "；".join(["没有标题，也没有正文", *cells.problems]))
    cells.doubt("title", f"没有标题，用正文里的“{stand_in[:20]}”代替")
    return stand_in


def _doubts(cells: Cells, fields: Mapping[str, object]) -> Iterator[Doubt]:
    """What is well said but no help. Of a row that names its doubtful fields itself the texts are not looked at."""
    for name in ("published_on", "year"):
        if cells.said.get(name) and not fields.get("published_on") and not cells.unread & {"published_on", "year"}:
            yield Doubt("published_on", f"{cells.shown(name)}不完整，没有采用", 0.3)
            break
    if cells.said.get("number") and "number" in cells.values and fields["number"] is None:
        yield Doubt("number", f"{cells.shown('number')}不是整数，没有采用", 0.3)
    if "doubts" in cells.values:
        for name in cells.values["doubts"]:
            told = "" if name in COLUMNS or name == "source" else f"：{name}"
            yield Doubt(field_of_case(name), f"来源里标为存疑{told}", 0.5)
    else:
        told = {doubt.field for doubt in cells.doubts}
        garbled = (name for name in _PROSE if name not in told and is_garbled(fields.get(name, "")))
        yield from (Doubt(name, "有认不出的字（乱码）", 0.3) for name in garbled)


def _key(title: str, subtitle: str, publisher: str) -> str:
    """For a row without a number of its own: the same wherever in the file it stands and whatever its text says, if it
    has a title.
    """
    parts = (" ".join(part.split()) for part in (title, subtitle, publisher))
    return hashlib.blake2b("\n".join(parts).encode(), digest_size=10).hexdigest()
