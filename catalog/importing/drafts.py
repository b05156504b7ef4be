"""What the readers hand to the writer: plain values, no database.

Lines are numbered from 1 as an editor shows them, blank lines included; a span holds both of its ends.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

Span = tuple[int, int]
BlockKind = Literal["heading", "paragraph", "table"]
Script = Literal["hans", "hant"]


# What no terminal shows or some take for a command. Bytes of a file's name that are no text come as surrogates.
UNSHOWN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


class ImportProblem(Exception):
    """Something in a document that an import cannot go on with: one Chinese sentence and the exact place.

    As text it is one line whatever the file is called and whatever of its content is told.
    """

    def __init__(self, message: str, *, file: str = "", line: int | None = None):
        super().__init__(message)
        self.message, self.file, self.line = message, file, line

    def __str__(self) -> str:
        place = f"{self.file}：" if self.file else ""
        place += f"第 {self.line} 行：" if self.line else ""
        return UNSHOWN.sub("\ufffd", f"{place}{self.message}")


@dataclass(frozen=True)
class Document:
    """A source file, decoded. `lines` carry no line ends; `encoding` is the one the bytes were in."""

    name: str
    sha256: str
    encoding: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Block:
    """A heading, paragraph or table of a body, with where its text stood, in reading order.

    `text` is one line without Markdown marks, except for a table (rows parted by line feeds, cells by tabs).
    `level` is 1 for a section heading, 2 for one below it, 0 otherwise.
    """

    kind: BlockKind
    text: str
    spans: tuple[Span, ...]
    level: int = 0
    page: int | None = None  # printed page on which it begins, where the document tells


@dataclass(frozen=True)
class Caption:
    text: str
    spans: tuple[Span, ...]


@dataclass(frozen=True)
class Doubt:
    """A decision of the reader that an editor should see. `field` is the case's field that it touches."""

    field: str
    reason: str
    confidence: float  # 0 to 1
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True)
class ProductDraft:
    name: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class CaseDraft:
    """One case study as read. What the text does not say is empty, with a `Doubt` where an editor is wanted.

    `ref` is stable over imports of the same document: `<file stem>/<number>` in a collection, `<file stem>` alone.
    `title_inferred`: the text has no title, this one was drafted from its words.
    """

    ref: str
    title: str
    subtitle: str = ""
    number: int | None = None
    title_inferred: bool = False
    bank: str | None = None  # the bank's catalogue name
    branch: str = ""
    category: str | None = None
    category_confidence: float | None = None  # None: stated by the document; otherwise inferred
    summary: str = ""
    blocks: tuple[Block, ...] = ()
    captions: tuple[Caption, ...] = ()
    products: tuple[ProductDraft, ...] = ()
    publisher: str = ""
    authors: tuple[str, ...] = ()
    published_on: date | None = None
    script: Script = "hans"
    spans: tuple[Span, ...] = ()  # everything of the document that this case holds
    pages: tuple[int, int] | None = None  # printed pages, first and last
    doubts: tuple[Doubt, ...] = ()

    @property
    def full_title(self) -> str:
        return f"{self.title}——{self.subtitle}" if self.subtitle else self.title


@dataclass(frozen=True)
class SourceDraft:
    document: Document
    kind: Literal["casebook", "article"]
    title: str
    publisher: str
    published_on: date | None
    script: Script
    cases: tuple[CaseDraft, ...]
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True)
class Statement:
    """What a source says of one case in the catalogue's own terms, whichever reader it comes from.

    `fields`: JSON values by the names of the case's plain fields. `bank`, `category` and `products` are names as the
    source writes them. What is not in `fields`, and what is None, the source does not speak of, and an import leaves it
    alone; what is empty is said to be empty. `chapter`: the category's code, where the source has one. `publisher`:
    this case's own, where a source holds cases of several. `line`: where it begins, for problems.

    `ref`: of the case, once it is known which it is, and before that what the source calls it; then `source_ref` is
    what the source calls it, where that is something else. `numbered`: by a number that somebody has given it.
    `as_of`: of a case that comes back, when it was written last before it left the catalogue.
    """

    ref: str
    fields: Mapping[str, object]
    bank: str | None = None
    category: str | None = None
    chapter: str = ""
    products: tuple[ProductDraft, ...] | None = None
    publisher: str = ""
    doubts: tuple[Doubt, ...] = ()
    line: int | None = None
    source_ref: str = ""
    numbered: bool = False
    as_of: datetime | None = None

    @property
    def called(self) -> str:
        """By its source."""
        return self.source_ref or self.ref
