"""The Markdown of case bodies: headings, paragraphs and tables, nothing else.

Emphasis, lists, links and HTML stay as typed: in these texts `7*24 小时` and `1. 举措` are text, and what an editor
pastes can never become active content.
"""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from markdown_it import MarkdownIt


@dataclass(frozen=True)
class Piece:
    """A heading (level 2 to 6), paragraph (level 0) or table cell of a body as plain text."""

    text: str
    level: int = 0

    @property
    def is_heading(self) -> bool:
        return self.level > 0


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("zero", {"html": False}).enable(["heading", "table", "escape"])


def render(body: str) -> str:
    """HTML of a body. Safe to show: the parser escapes all text and knows no raw HTML and no links."""
    return _parser().render(body)


@dataclass(frozen=True)
class RenderedBlock:
    """A top-level block of a body: its safe HTML, its plain text, and its level if it is a heading."""

    html: str
    text: str
    level: int


def blocks(body: str) -> list[RenderedBlock]:
    """The body block by block: headings, paragraphs, and each table as a whole."""
    parser, found, held = _parser(), [], []
    for token in parser.parse(body):
        held.append(token)
        if token.level == 0 and token.nesting <= 0:
            html = parser.renderer.render(held, parser.options, {})
            level = int(token.tag[1]) if token.type == "heading_close" else 0
            found.append(RenderedBlock(html, "\n".join(_inline_texts(held)), level))
            held = []
    return found


def pieces(body: str) -> list[Piece]:
    """The plain text of a body, piece by piece in order."""
    found, level = [], 0
    for token in _parser().parse(body):
        if token.type == "heading_open":
            level = int(token.tag[1])
        elif token.type == "inline":
            found += [Piece(text, level) for text in _inline_texts([token])]
            level = 0
    return found


# A block without any of these is one paragraph, stripped; the last few the parser replaces, or strips otherwise.
_MARKUP = r"#|\\\r\0\x1c-\x1f\x85"
_BARE_HEADING = re.compile(rf"#{{1,6}} ([^\n{_MARKUP}]*)")
_BARE_PARAGRAPH = re.compile(rf"[^{_MARKUP}]*")
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n)+")


def plain_text(body: str) -> str:
    """The texts of all `pieces`, each on a line of its own. For lists, behind which stand twenty bodies: nothing in a
    body reaches over a blank line, so only those blocks are parsed that need it.
    """
    return "\n".join(filter(None, map(_plain_block, _BLANK_LINES.split(body))))


def _plain_block(block: str) -> str:
    if _BARE_PARAGRAPH.fullmatch(block):
        return block.strip()
    if heading := _BARE_HEADING.fullmatch(block):
        return heading[1].strip()
    return "\n".join(piece.text for piece in pieces(block))


def _inline_texts(tokens) -> list[str]:
    texts = ("".join(map(_text, token.children)) for token in tokens if token.type == "inline")
    return [text for text in texts if text]


def _text(token) -> str:
    return "\n" if token.type in {"softbreak", "hardbreak"} else token.content


def heading(text: str, level: int) -> str:
    """`level` 1 is a section of the case. The page's own title is the only h1."""
    return f"{'#' * (level + 1)} {text}"


_ESCAPE = re.compile(r"\\(?=[!-/:-@\[-`{-~])")


def paragraph(text: str) -> str:
    """A paragraph that reads as one whatever it begins with, and keeps its backslashes."""
    text = _ESCAPE.sub(r"\\\\", text)
    return f"\\{text}" if text.startswith("#") else text


def table(rows: list[list[str]]) -> str:
    """A table whose first row is its head."""
    width = max(map(len, rows))
    padded = [[cell.replace("|", "\\|") for cell in row] + [""] * (width - len(row)) for row in rows]
    lines = [f"| {' | '.join(row)} |" for row in padded]
    return "\n".join([lines[0], f"|{' --- |' * width}", *lines[1:]])


def piece_key(text: str) -> str:
    """What a piece of a body is recognised by, wherever an editor moves it: a digest of its letters and digits."""
    plain = "".join(char for char in unicodedata.normalize("NFKC", text) if char.isalnum())
    return hashlib.blake2b(plain.encode(), digest_size=8).hexdigest()
