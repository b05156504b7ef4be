"""Joins text that a mail program or converter broke into lines of one width back into paragraphs."""

import re
from collections.abc import Sequence

from catalog.importing.articles.lines import Line, hanzi, is_closed

_INDENT = re.compile(r"^(?:\u3000+|[ \t]{2,})\S")
_FEWEST = 8  # lines of prose that are needed to measure a width
_WIDEST = 80
_FULL = 0.85  # share of the width that a full line has at least, because its last word may have moved to the next line


def unwrap(lines: Sequence[Line]) -> tuple[list[Line], dict[int, int]]:
    """(paragraphs, each with the number of its first line; (first line -> last line) of the joined ones).

    `lines` still have their leading blanks, since an indent begins a paragraph. Lines are joined only if most of them
    end in the middle of a sentence and nearly all of these are as wide as the widest; otherwise they are only stripped.
    """
    width = _width([text.strip() for _, text in lines])
    if not width:
        return [(number, text.strip()) for number, text in lines], {}
    paragraphs: list[Line] = []
    last_lines: dict[int, int] = {}
    previous_is_full = False
    for number, text in lines:
        stripped = text.strip()
        if previous_is_full and stripped and not _INDENT.match(text):
            first, paragraph = paragraphs[-1]
            separator = " " if paragraph[-1:].isascii() and stripped[:1].isascii() and paragraph[-1:].isalnum() else ""
            paragraphs[-1] = (first, paragraph + separator + stripped)
            last_lines[first] = number
        else:
            paragraphs.append((number, stripped))
        previous_is_full = len(text.rstrip()) >= _FULL * width
    return paragraphs, last_lines


def _width(lines: Sequence[str]) -> int | None:
    """The width in characters at which the text was broken; None if it was not."""
    prose_lines = [line for line in lines if hanzi(line) >= 12]
    open_lines = [line for line in prose_lines if not is_closed(line)]
    if len(prose_lines) < _FEWEST or len(open_lines) * 2 < len(prose_lines):
        return None
    width = max(map(len, open_lines))
    full_lines = sum(len(line) >= _FULL * width for line in open_lines)
    return width if width <= _WIDEST and full_lines >= 0.75 * len(open_lines) else None
