"""Plain-text tables in which a Chinese character takes two columns, as it does on a terminal."""

import unicodedata
from collections.abc import Sequence


def width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def table(head: Sequence[str], rows: Sequence[Sequence]) -> str:
    """First column to the left, the others (figures) to the right, a total below where there is more than one row."""
    lines = [[str(cell) for cell in row] for row in rows]
    if len(lines) > 1:
        lines.append(["合计", *(str(sum(column)) for column in list(zip(*rows, strict=True))[1:])])
    lines.insert(0, list(head))
    widths = [max(map(width, column)) for column in zip(*lines, strict=True)]
    return "\n".join(_line(line, widths) for line in lines)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = [_pad(cell, size, right=n > 0) for n, (cell, size) in enumerate(zip(cells, widths, strict=True))]
    return "  ".join(padded)


def _pad(text: str, size: int, *, right: bool) -> str:
    blanks = " " * (size - width(text))
    return blanks + text if right else text + blanks
