"""Paragraphs out of text that was broken into lines of one width (mail programs, converters)."""

import re
from collections.abc import Sequence

from catalog.importing.articles.lines import hanzi, is_closed

Line = tuple[int, str]

_INDENT = re.compile(r"^(?:\u3000+|[ \t]{2,})\S")
_FEWEST = 8  # lines of text from which a width can be told
_WIDEST = 80
_FULL = 0.85  # of the width: the last word of a line may not fit


def unwrap(lines: Sequence[Line]) -> tuple[list[Line], dict[int, int]]:
    """Joined lines (each under the number of its first), and the last line number of those that were joined.

    `lines` are numbered, with their blanks. Text is taken as broken only if most of its lines end in the middle of a
    sentence and nearly all of those are as wide as the widest; otherwise the lines come back as they are.
    """
    width = _width([text.strip() for _, text in lines])
    if not width:
        return [(number, text.strip()) for number, text in lines], {}
    joined: list[Line] = []
    last: dict[int, int] = {}
    open_line = False
    for number, text in lines:
        stripped = text.strip()
        if open_line and stripped and not _INDENT.match(text):
            first, begun = joined[-1]
            between = " " if begun[-1:].isascii() and stripped[:1].isascii() and begun[-1:].isalnum() else ""
            joined[-1] = (first, begun + between + stripped)
            last[first] = number
        else:
            joined.append((number, stripped))
        open_line = len(text.rstrip()) >= _FULL * width
    return joined, last


def _width(lines: Sequence[str]) -> int | None:
    """The width that the text was broken at, or None."""
    text = [line for line in lines if hanzi(line) >= 12]
    broken = [line for line in text if not is_closed(line)]
    if len(text) < _FEWEST or len(broken) * 2 < len(text):
        return None
    width = max(map(len, broken))
    full = sum(len(line) >= _FULL * width for line in broken)
    return width if width <= _WIDEST and full >= 0.75 * len(broken) else None
