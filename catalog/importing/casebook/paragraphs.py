"""From rows in reading order to headings, paragraphs and tables.

A paragraph ends where the next line is indented, or where a sentence ends short of the column's edge. A line of one
or two rows that ends without a mark before a new paragraph is a heading.
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
    """Blocks of a case's running text. `pages`: printed page of each row."""
    groups = _float_tables(_group(flow, seams))
    groups = [_as_heading(group, follower) for group, follower in pairwise([*groups, None])]
    numbered = any(group[0].kind == "heading" and group[0].number for group in groups)
    return [_block(group, pages.get(group[0].first), numbered) for group in groups]


def _group(flow: Sequence[Item], seams: Seams) -> list[list[Item]]:
    groups: list[list[Item]] = []
    for item in flow:
        if groups and _joins(groups[-1], item, seams):
            groups[-1].append(item)
        else:
            groups.append([item])
    return groups


def _joins(group: Sequence[Item], item: Item, seams: Seams) -> bool:
    """Does a row go on with the paragraph above it?"""
    last = group[-1]
    if item.kind != "body" or last.kind != "body":
        return False
    if item.number and item.begins_paragraph == 1:
        return False
    if last.closed:
        return not last.falls_short and item.begins_paragraph < 1
    if last.open:
        # Only a heading that was set like a paragraph stops without a mark.
        stops = len(group) <= MAX_HEADING_ROWS and not ends_with_mark(last.last.text)
        return not (stops and _stops_early(group, item, seams))
    return item.begins_paragraph < 1 and not last.falls_short


def _stops_early(group: Sequence[Item], item: Item, seams: Seams) -> bool:
    """Do rows without a mark at their end stop before a new paragraph, as a heading does?

    A single row is indented itself: it stops early only if it is shorter than a paragraph's first row can be.
    """
    last = group[-1]
    early = last.column - last.last.width > (LARGEST_INDENT if len(group) == 1 else INDENT[1])
    if early:
        return item.begins_paragraph >= 0
    return item.begins_paragraph == 1 and seams.model.flow(last.last.text, item.first.text) < 0


def _float_tables(groups: Sequence[list[Item]]) -> list[list[Item]]:
    """A table that interrupts a sentence moves behind the paragraph; the paragraph closes up."""
    out: list[list[Item]] = []
    waiting: list[list[Item]] = []
    for group in groups:
        body = group[0].kind == "body"
        if group[0].kind == "table" and out and out[-1][-1].kind == "body" and out[-1][-1].open:
            waiting.append(group)
        elif waiting and body and out[-1][-1].open:
            out[-1] += group
        else:
            if waiting and not (body and group[0].begins_paragraph < 1):
                out += waiting
                waiting = []
            out.append(group)
    return out + waiting


def _as_heading(group: list[Item], follower: list[Item] | None) -> list[Item]:
    """A heading that was set like a paragraph: short, without a mark at its end, and a paragraph stands below."""
    if group[0].kind != "body" or len(group) > MAX_HEADING_ROWS or follower is None or follower[0].kind != "body":
        return group
    text = "".join(item.last.plain for item in group)
    bare = not ends_with_mark(text.rstrip("”》）")) and len(text) <= MAX_HEADING
    if bare and (len(group) == 1 or group[-1].is_short):
        return [Item("heading", tuple(row for item in group for row in item.rows), group[0].column)]
    return group


def _block(group: Sequence[Item], page: int | None, numbered: bool) -> Block:
    rows = [row for item in group for row in item.rows]
    kind = group[0].kind
    if kind == "table":
        return Block("table", "\n".join(_cells(row) for row in rows), spans_of(rows), page=page)
    if kind == "heading":
        number = number_of(rows[0].text)
        level = number[0] if number else (2 if numbered else 1)
        return Block("heading", heading_text(rows), spans_of(rows), level, page)
    return Block("paragraph", join_texts(tidy(row.text) for row in rows), spans_of(rows), page=page)


def _cells(row: Row) -> str:
    """Heads of columns that share a line are parted by blanks; anything longer is one cell."""
    cells = row.text.split()
    return "\t".join(cells) if len(cells) > 1 and all(len(cell) <= 8 for cell in cells) else tidy(row.text)


def heading_text(rows: Sequence[Row]) -> str:
    """A heading in one line; rows that break between phrases keep a blank there."""
    text = ""
    for row in rows:
        piece = tidy(row.text, keep_blanks=True)
        pause = text and not ends_with_mark(text) and row is not rows[0] and _breaks_phrase(rows, row)
        text = f"{text} {piece}" if pause else join_texts([text, piece])
    found = NUMBERED.match(text)
    if found and found["arabic"]:
        rest = re.sub(r"^[\s.．、]+", "", text[found.end() :])
        return f"{found['arabic']}. {rest}"
    return text


def _breaks_phrase(rows: Sequence[Row], row: Row) -> bool:
    """A row that ends well before the widest one was broken on purpose."""
    above = rows[rows.index(row) - 1]
    return above.width < max(other.width for other in rows) - 2 or above.width < row.width


def spans_of(rows: Sequence[Row]) -> tuple[Span, ...]:
    """Line ranges of rows in reading order; rows parted by no more than blank lines share one."""
    spans: list[Span] = []
    for row in rows:
        if spans and 0 <= row.number - spans[-1][1] <= row.gap + 1:
            spans[-1] = (spans[-1][0], row.number)
        else:
            spans.append((row.number, row.number))
    return tuple(spans)
