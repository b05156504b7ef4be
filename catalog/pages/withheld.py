"""What a source may not show: the lines of its cases that are drafts, withdrawn or deleted.

A line that a public case was made of is shown, whatever lies around it. Every other line is withheld that lies between
the first and the last line of a case that is not public, or that holds such a case's title, as a table of contents
does. Where no case of a source is public, nothing of it is.
"""

import re
from collections.abc import Iterable, Iterator

from catalog.models import Case, Source

_SHORTEST = 6  # characters of a title that is looked for in other lines


def withheld_lines(source: Source) -> set[int]:
    """Numbers of lines, from 1."""
    if not source.lines:
        return set()
    hidden, titles, shown = set(), [], set()
    columns = ("status", "title", "first_line", "last_line", "provenance")
    cases = list(source.cases.values_list(*columns))
    for status, title, first, last, provenance in cases:
        ranges = [lines for row in provenance for lines in row.get("lines", [])]
        if status == Case.Status.PUBLIC:
            shown.update(_numbers(ranges))
        else:
            hidden.update(_numbers([*ranges, (first, last)] if first else ranges))
            titles.append(title)
    for entry in deleted(source):
        hidden.update(_numbers(entry["lines"]))
        titles.append(entry["title"])
    if (cases or titles) and not any(status == Case.Status.PUBLIC for status, *_ in cases):
        return set(range(1, len(source.lines) + 1))
    return (hidden | set(_naming(titles, source.lines))) - shown


def deleted(source: Source) -> list[dict]:
    """Of the cases that editors have deleted and not asked for again."""
    return [entry for entry in source.withheld if entry["ref"] is None or entry["ref"] in source.removed]


def _numbers(ranges: Iterable) -> Iterator[int]:
    for first, last in ranges:
        yield from range(first, last + 1)


def _naming(titles: Iterable[str], lines: Iterable[str]) -> Iterator[int]:
    dense = [title for title in map(_dense, titles) if len(title) >= _SHORTEST]
    for number, line in enumerate(map(_dense, lines) if dense else (), 1):
        if any(title in line for title in dense):
            yield number


def _dense(text: str) -> str:
    return re.sub(r"\W", "", text)
