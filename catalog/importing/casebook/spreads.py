"""Splits the text layer into two-page spreads, and computes the printed page numbers of each.

A spread begins with a row that is indented by one or two blanks and has no blank line above it, or with its running
feet, if these were extracted first.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalog.importing.casebook.contents import CHAPTER_MARK, Contents, is_footer_like
from catalog.importing.casebook.lines import Row, is_closed

MAX_LEAD = 2  # blanks before the first row of a spread; a heading is indented deeper
_PAGE = re.compile(r"(?<!\d)(\d{3})(?!\d)")


@dataclass(frozen=True)
class Spread:
    """A spread. `feet`: the page numbers in its running feet, whose rows are not in `rows`."""

    rows: tuple[Row, ...]
    feet: tuple[int, ...] = ()


def is_footer(row: Row, contents: Contents) -> bool:
    """Whether a row is a running foot with the name of a chapter."""
    return is_footer_like(row.text) and any(name in row.plain for name in contents.chapters)


def split_spreads(
    rows: Sequence[Row], contents: Contents, titles: Mapping[Row, tuple[int, tuple[Row, ...]]]
) -> list[Spread]:
    """The spreads in the document's order; the first begins with the first row. `titles`: as for `read_items`."""
    spreads: list[Spread] = []
    current: list[Row] = []
    feet: list[int] = []
    after_feet = False
    for index, row in enumerate(rows):
        if is_footer(row, contents):
            numbers = [int(number) for number in _PAGE.findall(row.text)]
            if not after_feet and current:
                spreads.append(Spread(tuple(current), tuple(feet)))
                current, feet = [], []
            feet += numbers
            after_feet = True
            continue
        if not after_feet and current and _begins_spread(rows, index, contents, titles):
            spreads.append(Spread(tuple(current), tuple(feet)))
            current, feet = [], []
        current.append(row)
        after_feet = False
    if current:
        spreads.append(Spread(tuple(current), tuple(feet)))
    return spreads


def _begins_spread(
    rows: Sequence[Row], index: int, contents: Contents, titles: Mapping[Row, tuple[int, tuple[Row, ...]]]
) -> bool:
    row = rows[index]
    if not (row.is_tight and 0 < row.lead <= MAX_LEAD and row.start == 0):
        return False
    if row in titles or CHAPTER_MARK.fullmatch(row.plain):
        return True
    if not (rows[index - 1].is_tight and index + 1 < len(rows) and rows[index + 1].is_tight):
        return True
    # Inside a run of tight rows an indented row is a cell of a table or a further row of a title, unless the run above
    # is complete: a caption, a chapter opener or a title.
    if is_closed(rows[index - 1].text):
        return True
    first = index - 1
    while first > 0 and rows[first].is_tight and not rows[first].lead:
        first -= 1
    above = rows[first:index]
    in_title = any(row in titles[row_above][1] for row_above in above if row_above in titles)
    return not in_title and any(row_above in titles or row_above.plain in contents.chapters for row_above in above)


def printed_pages(
    spreads: Sequence[Spread], openers: Sequence[tuple[int, bool]], contents: Contents
) -> list[int | None]:
    """The printed number of the left page of every spread, counted from the nearest running foot or chapter opener.

    `openers`: (index of its spread, whether it is the right page) of every opener in reading order. They are used only
    if their number is that of the page numbers in the contents. The number is None where it is unknown.
    """
    left_page_by_spread = {index: min(spread.feet) // 2 * 2 for index, spread in enumerate(spreads) if spread.feet}
    if len(openers) == len(contents.pages):
        for (index, is_right), page in zip(openers, contents.pages, strict=True):
            if page % 2 == is_right:
                left_page_by_spread.setdefault(index, page - is_right)
    pages: list[int | None] = []
    for index in range(len(spreads)):
        nearest = min(left_page_by_spread, key=lambda known_index: abs(known_index - index), default=None)
        page = None if nearest is None else left_page_by_spread[nearest] + 2 * (index - nearest)
        pages.append(page if page is not None and page >= 0 else None)
    return pages
