"""The Markdown of case bodies: headings, paragraphs and tables, nothing else.

Emphasis, lists, links and HTML stay as typed: in these texts `7*24 小时` and `1. 举措` are text, and what an editor
pastes can never become active content.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict


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
    parser = MarkdownIt("zero", {"html": False}).enable(["heading", "table", "escape"])
    for cell in ("th_open", "td_open"):
        parser.add_render_rule(cell, _render_cell)
    return parser


def _render_cell(
    renderer: RendererHTML, tokens: Sequence[Token], place: int, options: OptionsDict, env: EnvType
) -> str:
    """A cell's alignment as a class: a page's content security policy takes no style inside the HTML."""
    cell = tokens[place]
    if style := cell.attrs.pop("style", None):
        cell.attrs["class"] = str(style).replace("text-align:", "align-")
    return renderer.renderToken(tokens, place, options, env)


def render(body: str) -> str:
    """The HTML of a body. It is safe to show: the parser escapes all text and knows no raw HTML and no links."""
    return _parser().render(body)


@dataclass(frozen=True)
class RenderedBlock:
    """A top-level block of a body: its safe HTML, its plain text, and its level if it is a heading."""

    html: str
    text: str
    level: int


def blocks(body: str) -> list[RenderedBlock]:
    """The body block by block: headings, paragraphs, and each table as a whole."""
    parser, rendered, tokens = _parser(), [], []
    for token in parser.parse(body):
        tokens.append(token)
        if token.level == 0 and token.nesting <= 0:
            html = parser.renderer.render(tokens, parser.options, {})
            level = int(token.tag[1]) if token.type == "heading_close" else 0
            rendered.append(RenderedBlock(html, "\n".join(_inline_texts(tokens)), level))
            tokens = []
    return rendered


def pieces(body: str) -> list[Piece]:
    """The pieces of a body in order, as plain text."""
    body_pieces, level = [], 0
    for token in _parser().parse(body):
        if token.type == "heading_open":
            level = int(token.tag[1])
        elif token.type == "inline":
            body_pieces += [Piece(text, level) for text in _inline_texts([token])]
            level = 0
    return body_pieces


# A block without any of these characters is one paragraph, and its text is the block, stripped. The control characters
# are among them because the parser replaces them or strips them differently.
_MARKUP = r"#|\\\r\0\x1c-\x1f\x85"
_BARE_HEADING = re.compile(rf"#{{1,6}} ([^\n{_MARKUP}]*)")
_BARE_PARAGRAPH = re.compile(rf"[^{_MARKUP}]*")
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n)+")
# With a bar in it, it may be the head of a table.
_HEADING_LINE = re.compile(r"#{1,6} [^|\n\r\0\x1c-\x1f\x85]*(?=\n|$)")
_BEFORE_HEADING = re.compile(rf"\n(?={_HEADING_LINE.pattern})")


def plain_text(body: str) -> str:
    """The texts of all `pieces` of a body, one per line.

    A list of results needs this for twenty bodies, so it must be fast: no construct of these bodies reaches across a
    blank line, so each block between blank lines is handled by itself, and only a block with markup is parsed.
    """
    return "\n".join(filter(None, map(_plain_block, split_blocks(body))))


def split_blocks(body: str) -> list[str]:
    """The body's Markdown between blank lines, and each heading in a line of its own by itself."""
    blocks: list[str] = []
    for block in _BLANK_LINES.split(body):
        for part in _BEFORE_HEADING.split(block) if "\n" in block else (block,):
            if "\n" in part and _HEADING_LINE.match(part):
                blocks += part.split("\n", 1)
            else:
                blocks.append(part)
    return blocks


def _plain_block(block: str) -> str:
    if _BARE_PARAGRAPH.fullmatch(block):
        return block.strip()
    if heading := _BARE_HEADING.fullmatch(block):
        return heading[1].strip()
    return "\n".join(piece.text for piece in pieces(block))


def _inline_texts(tokens: Iterable[Token]) -> list[str]:
    texts = ("".join(map(_text, token.children or ())) for token in tokens if token.type == "inline")
    return [text for text in texts if text]


def _text(token: Token) -> str:
    return "\n" if token.type in {"softbreak", "hardbreak"} else token.content


def heading(text: str, level: int) -> str:
    """A heading line. `level` 1 is a section of the case and becomes `##`: the only h1 is the title of the page."""
    return f"{'#' * (level + 1)} {text}"


_ESCAPE = re.compile(r"\\(?=[!-/:-@\[-`{-~])")


def paragraph(text: str) -> str:
    """A paragraph, escaped so that a leading `#` makes no heading and backslashes are shown."""
    text = _ESCAPE.sub(r"\\\\", text)
    return f"\\{text}" if text.startswith("#") else text


def table(rows: list[list[str]]) -> str:
    """A Markdown table of `rows` (cells as plain text); the first row is its head, short rows are filled up."""
    width = max(map(len, rows))
    padded = [[cell.replace("|", "\\|") for cell in row] + [""] * (width - len(row)) for row in rows]
    lines = [f"| {' | '.join(row)} |" for row in padded]
    return "\n".join([lines[0], f"|{' --- |' * width}", *lines[1:]])


def piece_key(text: str) -> str:
    """The key of a piece of a body, which stays the same wherever an editor moves the piece.

    16 hexadecimal digits: the BLAKE2b digest of the letters and digits of `text` after NFKC.
    """
    plain = "".join(char for char in unicodedata.normalize("NFKC", text) if char.isalnum())
    return hashlib.blake2b(plain.encode(), digest_size=8).hexdigest()
