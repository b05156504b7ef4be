"""Makes headings, paragraphs and tables of rows in reading order.

A paragraph ends where the next row is indented, or where a sentence ends well before the column's edge. One or two rows
without a mark at their end, before a new paragraph, are a heading.
"""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from catalog.importing.casebook.frames import INDENT, LARGEST_INDENT, NUMBERED, Item, number_of
from catalog.importing.casebook.lines import Row, ends_with_mark, join_texts, tidy
from catalog.importing.casebook.seams import Seams
from catalog.importing.drafts import Block, Span

MAX_HEADING_ROWS = 2
MAX_HEADING = 45  # characters


def compose_blocks(flow: Sequence[Item], pages: Mapping[Row, int | None], seams: Seams) -> list[Block]:
    """The blocks of a case's running text. `pages`: (row -> printed page, None where it is unknown)."""
    groups = _float_tables(_group(flow, seams))
    groups = [_as_heading(group, follower) for group, follower in pairwise([*groups, None])]
    has_numbered_headings = any(group[0].kind == "heading" and group[0].number for group in groups)
    return [_block(group, pages.get(group[0].first), has_numbered_headings) for group in groups]


def _group(flow: Sequence[Item], seams: Seams) -> list[list[Item]]:
    """The items grouped into paragraphs; a heading or table is a group of its own."""
    groups: list[list[Item]] = []
    for item in flow:
        if groups and _joins(groups[-1], item, seams):
            groups[-1].append(item)
        else:
            groups.append([item])
    return groups


def _joins(group: Sequence[Item], item: Item, seams: Seams) -> bool:
    """Whether a row continues the paragraph above it."""
    last = group[-1]
    if item.kind != "body" or last.kind != "body":
        return False
    if item.number and item.begins_paragraph == 1:
        return False
    if last.closed:
        return not last.falls_short and item.begins_paragraph < 1
    if last.open:
        # Of rows set like a paragraph only headings end without a mark.
        stops = len(group) <= MAX_HEADING_ROWS and not ends_with_mark(last.last.text)
        return not (stops and _stops_early(group, item, seams))
    return item.begins_paragraph < 1 and not last.falls_short


def _stops_early(group: Sequence[Item], item: Item, seams: Seams) -> bool:
    """Whether rows without a mark at their end stop before a new paragraph, as a heading does.

    A single row is itself indented, so it stops early only if it is shorter than any first row of a paragraph.
    """
    last = group[-1]
    early = last.column - last.last.width > (LARGEST_INDENT if len(group) == 1 else INDENT[1])
    if early:
        return item.begins_paragraph >= 0
    return item.begins_paragraph == 1 and seams.model.flow(last.last.text, item.first.text) < 0


def _float_tables(groups: Sequence[list[Item]]) -> list[list[Item]]:
    """The groups, with each table that interrupts a sentence moved behind the paragraph, whose parts are joined."""
    result: list[list[Item]] = []
    waiting: list[list[Item]] = []
    for group in groups:
        body = group[0].kind == "body"
        if group[0].kind == "table" and result and result[-1][-1].kind == "body" and result[-1][-1].open:
            waiting.append(group)
        elif waiting and body and result[-1][-1].open:
            result[-1] += group
        else:
            if waiting and not (body and group[0].begins_paragraph < 1):
                result += waiting
                waiting = []
            result.append(group)
    return result + waiting


def _as_heading(group: list[Item], follower: list[Item] | None) -> list[Item]:
    """The group as one heading if it is a heading set like a paragraph, else unchanged.

    Such a heading is short, has no mark at its end, and a paragraph (`follower`) stands below it.
    """
    if group[0].kind != "body" or len(group) > MAX_HEADING_ROWS or follower is None or follower[0].kind != "body":
        return group
    text = "".join(item.last.plain for item in group)
    bare = not ends_with_mark(text.rstrip("”》）")) and len(text) <= MAX_HEADING
    if bare and (len(group) == 1 or group[-1].is_short):
        return [Item("heading", tuple(row for item in group for row in item.rows), group[0].column)]
    return group


def _block(group: Sequence[Item], page: int | None, has_numbered_headings: bool) -> Block:
    rows = [row for item in group for row in item.rows]
    kind = group[0].kind
    if kind == "table":
        return Block("table", "\n".join(_cells(row) for row in rows), spans_of(rows), page=page)
    if kind == "heading":
        number = number_of(rows[0].text)
        level = number[0] if number else (2 if has_numbered_headings else 1)
        return Block("heading", heading_text(rows), spans_of(rows), level, page)
    return Block("paragraph", join_texts(tidy(row.text) for row in rows), spans_of(rows), page=page)


def _cells(row: Row) -> str:
    """A row of a table with tabs between its cells. Short words with blanks between are heads of columns."""
    cells = row.text.split()
    return "\t".join(cells) if len(cells) > 1 and all(len(cell) <= 8 for cell in cells) else tidy(row.text)


def heading_text(rows: Sequence[Row]) -> str:
    """The text of a heading in one line, with a blank where the author broke it between two phrases."""
    text = ""
    for row in rows:
        piece = tidy(row.text, keep_blanks=True)
        pause = text and not ends_with_mark(text) and row is not rows[0] and _breaks_phrase(rows, row)
        text = f"{text} {piece}" if pause else join_texts([text, piece])
    number_match = NUMBERED.match(text)
    if number_match and number_match["arabic"]:
        title = re.sub(r"^[\s.．、]+", "", text[number_match.end() :])
        return f"{number_match['arabic']}. {title}"
    return text


def _breaks_phrase(rows: Sequence[Row], row: Row) -> bool:
    """Whether the row above ends so early that the author broke the heading there on purpose."""
    above = rows[rows.index(row) - 1]
    return above.width < max(other_row.width for other_row in rows) - 2 or above.width < row.width


def spans_of(rows: Sequence[Row]) -> tuple[Span, ...]:
    """The line ranges of rows in reading order; rows with only blank lines between them share a range."""
    spans: list[Span] = []
    for row in rows:
        if spans and 0 <= row.number - spans[-1][1] <= row.gap + 1:
            spans[-1] = (spans[-1][0], row.number)
        else:
            spans.append((row.number, row.number))
    return tuple(spans)
