"""Tables for a terminal."""

from collections.abc import Sequence

from catalog.management.table import width


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The first column to the left, the others to the right."""
    lines = [head, *rows]
    widths = [max(map(width, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            " " * (size - width(cell)) + cell if place else cell + " " * (size - width(cell))
            for place, (cell, size) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    )
