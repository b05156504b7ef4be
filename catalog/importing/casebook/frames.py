"""Classifies the rows of a spread: titles, labels, openers, captions, headings, tables, columns of running text.

Columns are found by width alone: a Viterbi search assigns every row the width of the column in which it was set, so
that a short last line, an indent of two characters or a stray caption does not look like a column of its own.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from catalog.importing.casebook.contents import CHAPTER_MARK, LABEL, Contents, opener_slogans
from catalog.importing.casebook.language import UNLIKELY_WORDS, BookModel
from catalog.importing.casebook.lines import SOFT_END, Row, ends_with_mark, is_closed, split_row

ItemKind = Literal["title", "label", "box", "opener", "caption", "heading", "table", "body"]
FLOW_KINDS = ("body", "heading", "table")

NUMBERED = re.compile(
    r"(?P<arabic>\d{1,2})\s*[.．、](?!\d)|[（(]\s*(?P<inner>[一二三四五六七八九十]{1,2}|\d{1,2})\s*[)）]"
    r"|(?P<chinese>[一二三四五六七八九十]{1,2})、"
)
_CHINESE_DIGITS = {char: value for value, char in enumerate("一二三四五六七八九十", 1)}
INDENT = (1.4, 2.8)  # ems by which a paragraph's first line is narrower
FULL = 0.6  # ems by which a row that fills its column may be narrower than it
MAX_DOUBT = 1.5
END_OF_PARAGRAPH = -1.5  # score of a caption that may as well be the end of the paragraph above it
LARGEST_INDENT = 4.3  # ems, in narrow columns that are set unevenly
MAX_CAPTION_ROWS = 4
MIN_TABLE_ROWS = 4
MAX_CELL = 12  # characters of a column's head
MISFIT = 2.3  # ems by which a row must be too wide before it cannot belong to a column
SHORT_CAPTION = 16  # characters, too few for a paragraph
WIDTHS = tuple(half / 2 for half in range(20, 101))  # of columns, in ems
SQUEEZE = 0.3  # cost of an em of squeezing
SWITCH, SWITCH_AT_MARK = 5.0, 1.5  # cost of a change of column: between rows of text, and beside a title or label


@dataclass(frozen=True, eq=False)
class Item:
    """One thing on a spread; running text has one item per row. Items are equal only by identity.

    `column`: the width in ems of the column in which it stands. `title`: index into the contents, for titles, and for
    their boxes and labels. `doubt`: for a row that may be a caption, how likely that is (log odds in nats); None for
    every other row.
    """

    kind: ItemKind
    rows: tuple[Row, ...]
    column: float = 0.0
    title: int | None = None
    doubt: float | None = None

    @property
    def first(self) -> Row:
        return self.rows[0]

    @property
    def last(self) -> Row:
        return self.rows[-1]

    @property
    def is_flow(self) -> bool:
        return self.kind in FLOW_KINDS

    @cached_property
    def closed(self) -> bool:
        return is_closed(self.last.text)

    @cached_property
    def open(self) -> bool:
        """Whether the sentence must go on after it. False after a colon or semicolon, where a list may follow."""
        return not self.closed and self.last.text.rstrip()[-1:] not in SOFT_END

    @cached_property
    def falls_short(self) -> bool:
        """Whether the last row ends so far before the column's edge that the paragraph must end here."""
        return self.column - self.last.width > 2.0

    @cached_property
    def begins_paragraph(self) -> int:
        """1 if it begins a paragraph (indented, or not body), -1 if not (as wide as its column), 0 if unclear."""
        if self.kind != "body":
            return 1
        missing = self.column - self.first.width
        if self.first.lead > 2 or INDENT[0] <= missing <= INDENT[1]:
            return 1
        if missing > INDENT[1]:
            return 0
        return 0 if self.may_be_squeezed else -1

    @property
    def may_be_squeezed(self) -> bool:
        """Whether it may be an indented row: nearly as wide as the column, but with marks that may be squeezed."""
        return FULL < self.column - self.first.width < INDENT[0] and self.first.slack >= 0.5

    @property
    def is_short(self) -> bool:
        """Whether it is too short for a first row of several: the last or only row of a paragraph, or a heading."""
        return self.column - self.last.width > INDENT[1]

    @cached_property
    def number(self) -> tuple[int, int] | None:
        """(level, value) of a numbered heading or paragraph, None without a number; see `number_of`."""
        return number_of(self.first.text)


def number_of(text: str) -> tuple[int, int] | None:
    """(level, value) of the number with which a text begins: `2.` is (1, 2), `（三）` (2, 3), `四、` (1, 4)."""
    match = NUMBERED.match(text.strip())
    if not match:
        return None
    value = match["arabic"] or match["inner"] or match["chinese"]
    number = int(value) if value.isdigit() else _chinese_number(value)
    return (2 if match["inner"] else 1, number)


def _chinese_number(text: str) -> int:
    """The value of one or two Chinese digits, below one hundred: 十二 is 12."""
    if len(text) == 1:
        return _CHINESE_DIGITS[text]
    tens = 10 if text[0] == "十" else 10 * _CHINESE_DIGITS[text[0]]
    return tens + (_CHINESE_DIGITS[text[1]] if text[1] != "十" else 0)


def read_items(
    rows: Sequence[Row], titles: Mapping[Row, tuple[int, tuple[Row, ...]]], contents: Contents, model: BookModel
) -> list[Item]:
    """The items of one spread in the document's order. `titles`: (first row of a title -> index, rows)."""
    items = _mark(rows, titles, contents)
    items = _give_columns(items)
    items = _split_shared_rows(items)
    items = _group_tables(items)
    return _find_captions(_find_headings(items, model), model)


def _mark(rows: Sequence[Row], titles: Mapping[Row, tuple[int, tuple[Row, ...]]], contents: Contents) -> list[Item]:
    """Items of titles, labels and openers; all other rows in groups of kind body without a blank line inside."""
    items: list[Item] = []
    index = 0
    while index < len(rows):
        row = rows[index]
        opener = _opener_rows(rows, index, contents)
        if row in titles:
            number, title_rows = titles[row]
            items.append(Item("title", title_rows, title=number))
            index += len(title_rows)
        elif row.plain == LABEL:
            items.append(Item("label", (row,)))
            index += 1
        elif opener:
            items.append(Item("opener", tuple(rows[index : index + opener])))
            index += opener
        else:
            end = index + 1
            while end < len(rows) and _goes_on(rows, end, titles):
                end += 1
            items.append(Item("body", tuple(rows[index:end])))
            index = end
    return items


def _goes_on(rows: Sequence[Row], index: int, titles: Mapping[Row, tuple[int, tuple[Row, ...]]]) -> bool:
    row = rows[index]
    return row.is_tight and row.start == 0 and row not in titles and row.plain != LABEL and not number_of(row.text)


def _opener_rows(rows: Sequence[Row], index: int, contents: Contents) -> int:
    """The number of rows of the chapter opener that begins at `rows[index]`; 0 if none does."""
    start = index
    if CHAPTER_MARK.fullmatch(rows[index].plain):
        index += 1
    if index < len(rows) and rows[index].plain in contents.chapters:
        return index + 1 + len(opener_slogans(rows, index)) - start
    return index - start


def _give_columns(items: Sequence[Item]) -> list[Item]:
    """The items with the width of their columns, by a Viterbi search over all rows of running text.

    States are the `WIDTHS`. A change of column has a cost, which is lower beside a title or label.
    """
    flow = [(i, row) for i, item in enumerate(items) if item.kind == "body" for row in item.rows]
    costs = [0.0] * len(WIDTHS)
    back_pointers: list[list[int]] = []
    previous = -1
    previous_row: Row | None = None
    for index, row in flow:
        switch = SWITCH_AT_MARK if previous >= 0 and index - previous > 1 else SWITCH
        # A column more likely begins with a heading than in the middle of a sentence.
        switch -= 0.5 if number_of(row.text) else 0.0
        switch += 1.0 if previous_row is not None and not is_closed(previous_row.text) else 0.0
        previous, previous_row = index, row
        is_alone = len(items[index].rows) == 1
        cheapest = min(range(len(WIDTHS)), key=costs.__getitem__)
        limit = costs[cheapest] + switch
        back_pointers.append([w if cost <= limit else cheapest for w, cost in enumerate(costs)])
        costs = [min(cost, limit) + misfit for cost, misfit in zip(costs, _misfits(row, is_alone), strict=True)]
    columns: list[float] = []
    state = min(range(len(WIDTHS)), key=costs.__getitem__)
    for origins in reversed(back_pointers):
        columns.append(WIDTHS[state])
        state = origins[state]
    columns.reverse()
    by_item: dict[int, list[float]] = {}
    for (index, _), column in zip(flow, columns, strict=True):
        by_item.setdefault(index, []).append(column)
    return [replace(item, column=by_item[i][-1]) if i in by_item else item for i, item in enumerate(items)]


def _misfits(row: Row, is_alone: bool) -> list[float]:
    """The cost of a row in a column of each of the `WIDTHS`: none if it fills it, little for an indent or a last row.

    A row that fills its column may have been squeezed by its slack; the width of digits and blanks is an estimate.
    `is_alone`: no row right above or below. Such a row, if short, ends with a mark unless it is a heading.
    """
    guess = min(1.0, 0.1 * sum(char < "\x7f" for char in row.text)) + 0.2
    least, most = row.width - row.slack - guess, row.width + guess + 0.5 * ends_with_mark(row.text)
    short = 0.5 if number_of(row.text) else 2.0 if is_alone and not ends_with_mark(row.text) else 1.0
    misfits = []
    for width in WIDTHS:
        full_cost = max(0.0, least - width, width - most) + SQUEEZE * max(0.0, row.width - max(width, least))
        indented_cost = 0.4 + max(0.0, least + 2.0 - width, width - 2.0 - most)
        cost = 1.2 * min(full_cost, indented_cost) + 0.02 * abs(width - row.width)
        if width > most:
            cost = min(cost, short)
        misfits.append(min(6.0, cost))
    return misfits


def _split_shared_rows(items: Sequence[Item]) -> list[Item]:
    """The items, with a row cut in two if it holds a caption or the end of a paragraph, and a row of another column."""
    result: list[Item] = []
    for index, item in enumerate(items):
        before = result[-1] if result and result[-1].kind == "body" else None
        after = items[index + 1] if index + 1 < len(items) and items[index + 1].kind == "body" else None
        offset = 0
        if item.kind == "body" and len(item.rows) == 1:
            offset = _shared_offset(item.first, before, after)
        if offset:
            head, tail = split_row(item.first, offset)
            result.append(replace(item, rows=(head,), column=before.column if before else item.column))
            result.append(replace(item, rows=(tail,), column=after.column if after else item.column))
        else:
            result.append(item)
    return result


def _shared_offset(row: Row, before: Item | None, after: Item | None) -> int:
    """The offset at which a row too wide for the next column is cut so that its rest fits there; 0 if there is none."""
    for match in re.finditer(r"[。！？]”?(\s*)(?=\S)", row.text):
        head, tail = split_row(row, match.end())
        blank = bool(match[1])
        if after is None:
            # Two captions side by side: two sentences with a blank between them.
            if blank and is_closed(tail.text) and (before is None or row.width > before.column + 1.5):
                return match.end()
            continue
        fits = abs(after.column - tail.width) <= 2.8 and row.width > after.column + 1.0
        sentence_goes_on = before is not None and before.open and abs(before.column - after.column) > 3
        if fits and (blank or sentence_goes_on) and head.width <= (before.column if before else 99) + 1.5:
            return match.end()
        if blank and is_closed(tail.text) and row.width > max(after.column, before.column if before else 0) + 1.5:
            return match.end()
    return 0


def _group_tables(items: Sequence[Item]) -> list[Item]:
    """The items, with the cells of each table merged into one item.

    The text layer has a table column by column: tight runs of cells without a full stop, beside single cells and heads.
    """
    result: list[Item] = []
    index = 0
    while index < len(items):
        end = index
        while end < len(items) and _is_cells(items[end]):
            end += 1
        group = items[index:end]
        # Single cells count only beside a tight run of cells: a single heading before a paragraph is no table.
        rows = [row for item in group for row in item.rows]
        if any(len(item.rows) >= 3 for item in group) and len(rows) >= MIN_TABLE_ROWS:
            result.append(Item("table", tuple(rows), group[0].column))
            index = end
        elif group:
            result += group
            index = end
        else:
            result.append(items[index])
            index += 1
    return result


def _is_cells(item: Item) -> bool:
    """Whether an item can be one or more cells of a table."""
    if item.kind != "body" or number_of(item.first.text):
        return False
    if len(item.rows) >= 3 and not item.closed:
        return True
    row = item.last
    heads = row.text.split()
    if len(item.rows) == 1 and len(heads) >= 3 and max(map(len, heads)) <= MAX_CELL and not ends_with_mark(row.text):
        return True  # the heads of several columns on one line
    cell = item.column - row.width > INDENT[1] and row.width <= 16
    return cell and not ends_with_mark(row.text.rstrip("）)"))


def _find_headings(items: Sequence[Item], model: BookModel) -> list[Item]:
    """The items with headings recognised, and with tight groups of rows that end in a full stop as captions."""
    result: list[Item] = []
    for index, item in enumerate(items):
        if item.kind != "body":
            result.append(item)
            continue
        before = result[-1] if result else None
        after = items[index + 1] if index + 1 < len(items) else None
        if number_of(item.first.text):
            result += _numbered_item(item, after)
        elif len(item.rows) > 1:
            result += _tight_group(item, before)
        else:
            result.append(replace(item, kind="heading") if _is_bare_heading(item, before, after, model) else item)
    return result


def _starts_fresh(item: Item | None, above: Item | None = None) -> bool:
    """Whether a heading can stand above `item`: it is None, a new paragraph or column, or another heading."""
    if item is not None and above is not None and abs(item.column - above.column) > 3:
        return True
    if item is None or item.kind != "body" or item.begins_paragraph == 1 or number_of(item.first.text):
        return True
    return item.is_short and not ends_with_mark(item.last.text)


def _numbered_item(item: Item, after: Item | None) -> list[Item]:
    """A numbered heading with its wrapped rows, then the other rows; or only rows, if it is a numbered paragraph."""
    size = 1
    while size < len(item.rows) and _wraps(item.rows[size], item.column):
        size += 1
    other_rows = [replace(item, rows=(row,)) for row in item.rows[size:]]
    last = item.rows[size - 1]
    missing = item.column - last.width
    below = other_rows[0] if other_rows else after
    # A row as long as the first row of a paragraph is a heading only if a paragraph begins below it in its column.
    fresh = below is not None and abs(below.column - item.column) < 1.5 and _starts_fresh(below)
    is_heading = size > 1 or missing > INDENT[1] or (missing > 1.0 and fresh)
    if is_heading and not is_closed(last.text) and last.text[-1] not in "，、；,;":
        return [replace(item, kind="heading", rows=item.rows[:size]), *other_rows]
    return [replace(item, rows=(row,)) for row in item.rows]


def _wraps(below: Row, column: float) -> bool:
    """Whether a heading goes on in the row below: tight, short and without a mark at its end."""
    return below.is_tight and not ends_with_mark(below.text.rstrip("”》）")) and column - below.width > 2.8


def _tight_group(item: Item, before: Item | None) -> list[Item]:
    """The items of rows without a blank line between: a caption, a wrapped heading, or rows of running text."""
    rows = item.rows
    if item.closed and len(rows) <= MAX_CAPTION_ROWS + 1:
        text = before is not None and before.kind == "body" and abs(before.column - rows[0].width) < INDENT[0]
        if text and not is_closed(rows[0].text) and rows[1].width > before.column + MISFIT:
            # The last row of the column, and right below it a caption that is wider than the column.
            first = replace(item, rows=rows[:1], column=before.column)
            return [first, replace(item, kind="caption", rows=rows[1:])]
        if len(rows) <= MAX_CAPTION_ROWS:
            return [replace(item, kind="caption")]
    short = all(item.column - row.width > 1.0 for row in rows[1:])
    if short and not ends_with_mark(rows[-1].text.rstrip("”》）")) and len(rows) <= 3:
        return [replace(item, kind="heading")]
    return [replace(item, rows=(row,)) for row in rows]


def _is_bare_heading(item: Item, before: Item | None, after: Item | None, model: BookModel) -> bool:
    """Whether a row without a number is a heading: short, without a mark, after one paragraph and before another."""
    row = item.first
    if ends_with_mark(row.text.rstrip("”》）")) or "。" in row.text or row.width < 2:
        return False
    if before is not None and before.kind == "body" and not before.closed:
        return False
    if after is not None and after.kind == "body" and model.flow(row.text, after.first.text) > 2.0:
        return False
    missing = item.column - row.width
    if missing > LARGEST_INDENT:
        return True  # a row so short and without a mark cannot be inside a paragraph
    # A row as long as the first row of a paragraph is a heading only if another paragraph begins right below.
    below = after is not None and abs(after.column - item.column) < 1.5 and _starts_fresh(after)
    return below and missing > INDENT[0] and not re.search(r"[，。；：《]", row.text)


def _find_captions(items: Sequence[Item], model: BookModel) -> list[Item]:
    """The items with captions of pictures recognised among the single rows.

    Certain ones become captions; an item that only the neighbouring page can decide keeps its `doubt`.
    """
    result = list(items)
    for _ in range(3):  # repeated, because the decision depends on whether the neighbours are captions
        for index, item in enumerate(result):
            if item.kind != "body" or len(item.rows) > 1 or number_of(item.first.text):
                continue
            before = result[index - 1] if index else None
            after = result[index + 1] if index + 1 < len(result) else None
            certain, doubt = weigh_caption(item, before, after, model)
            result[index] = replace(item, kind="caption", doubt=None) if certain else replace(item, doubt=doubt)
    return result


def _is_edge(item: Item | None) -> bool:
    """Whether there is no running text: None, another kind, or a row that is probably a caption."""
    return item is None or not item.is_flow or (item.doubt is not None and item.doubt >= 0.5)


def weigh_caption(item: Item, before: Item | None, after: Item | None, model: BookModel) -> tuple[bool, float | None]:
    """(is certainly a caption, doubt): `doubt` as in `Item`, None if the row cannot be a caption."""
    row = item.first
    above = before if before is not None and before.kind == "body" and not _is_edge(before) else None
    below = after if after is not None and after.kind == "body" and not _is_edge(after) else None
    in_sentence = above is not None and above.open
    flow_in = model.flow(above.last.text, row.text) if above is not None else 0.0
    missing = item.column - row.width
    if not item.closed:
        # The name of a picture has no full stop; it interrupts an open sentence.
        name = in_sentence and flow_in < 0.5 and missing > 4 and not ends_with_mark(row.text)
        return name and (_is_edge(after) or (below is not None and below.begins_paragraph == -1)), None
    widest = max((near.column for near in (above, below) if near is not None), default=99)
    wider = row.width - row.slack > widest + 1.3
    wider = wider and not (in_sentence and flow_in > 1.0)
    if in_sentence and not wider and row.width <= above.column + MISFIT:
        # It can be the end of the paragraph above, unless that sentence goes on better in the row below it.
        skips = below is not None and below.begins_paragraph < 1 and abs(above.column - below.column) < 2
        certain = skips and flow_in < 0 and model.flow(above.last.text, below.first.text) > flow_in + 4.0
        return certain, END_OF_PARAGRAPH - flow_in * (UNLIKELY_WORDS if flow_in < 0 else 1.0)
    score = 3.0 * wider + 1.5 * _is_edge(after) + 1.0 * in_sentence
    if before is None:
        score += 0.5
    elif before.kind in ("title", "label") and _starts_fresh(after) and missing >= INDENT[0]:
        score += 3.0 if before.kind == "title" else 2.5  # a paragraph of one row is unlikely there
    if below is not None and below.begins_paragraph == -1 and missing > INDENT[1]:
        score += 1.5  # the last row of a paragraph, but no paragraph begins below it
    if not in_sentence and len(row.plain) <= SHORT_CAPTION and missing > INDENT[1]:
        score += 1.5 if above is None or above.falls_short else 0.5
    if above is not None and above.closed:
        same_column = abs(above.column - item.column) < 1.5
        if not above.falls_short:
            score -= 2.0  # may be the last sentence of the paragraph
        elif abs(missing) < INDENT[0]:
            score += 2.5 if same_column else 1.0  # begins a paragraph, but is not indented
    if above is not None and below is not None:
        if abs(above.column - below.column) > 1:
            score += 0.75
        elif not in_sentence and missing >= INDENT[0]:
            score -= 2.0  # a paragraph of one row inside a column
    # Beside a label or caption, or where the column changes, a page may end, and the row may belong to the next one.
    inside = above is not None and below is not None and abs(above.column - below.column) <= 1
    known_place = inside or (before is not None and before.kind == "title")
    certain = score >= 3.0 and (known_place or wider)
    return certain, min(MAX_DOUBT, score) if score >= -1.0 else None
