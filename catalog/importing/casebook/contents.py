"""Reads the table of contents (chapters and titles in order), and finds each title again in the text.

Layout rules: the name of a chapter stands alone on a line; a title has one to five lines with no blank line between
them; page numbers have lines of their own. The same names occur in the text: a chapter on its opener (`第…章`, the
name, short slogans) and in page footers, a title above its case, but wrapped at other places. Where contents and text
both have a line break or a blank, it is the author's and becomes a blank in the title; other breaks are only wrapping.
"""

import difflib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from catalog.importing.casebook.lines import Row, ends_with_mark, is_closed, join_texts, letters, split_row, tidy
from catalog.importing.drafts import ImportProblem

CHAPTER_MARK = re.compile(r"第[一二三四五六七八九十百零\d]{1,4}章")
LABEL = "案例简介"
_PAGE_NUMBERS = re.compile(r"\d{1,4}(\s+\d{1,4})*")
_FOOTER_NAME = re.compile(r"(?<!\d)(\d{3})\s?([\u4e00-\u9fff]{2,10})")
_DASH = re.compile(r"[—－-]{2,}|^—")
_NO_PAUSE_AFTER = " ，、。！？：；—,:"
MAX_WRAPPED_REST = 3  # letters of a last line that only did not fit, so that it is no phrase of its own
MAX_CHAPTER_NAME = 10
MAX_TITLE_ROWS = 6
MIN_SHARED_TITLE = 7  # letters that a title must have if its only line also holds the beginning of the text
MIN_LIKENESS = 0.72  # of a title with missing or doubled lines to the rows of the text (ratio of SequenceMatcher)


@dataclass(frozen=True)
class Title:
    """A title of the contents. `key`: its letters and digits only; `chapter`: index into the chapters."""

    key: str
    rows: tuple[Row, ...]
    chapter: int

    @property
    def text(self) -> str:
        return join_texts(row.text for row in self.rows)

    @property
    def line(self) -> int:
        return self.rows[0].number


@dataclass(frozen=True)
class Contents:
    """The table of contents, and which rows of the document it takes."""

    chapters: tuple[str, ...]
    titles: tuple[Title, ...]
    pages: tuple[int, ...]  # page numbers printed in the contents, rising
    first: int  # index of the first row of the contents
    end: int  # index of the first row after them


@dataclass(frozen=True)
class Heading:
    """A title in the text. `title`: index into the contents; `exact`: its letters are those of the contents."""

    title: int
    rows: tuple[Row, ...]
    exact: bool


def read_contents(rows: Sequence[Row], name: str) -> Contents:
    """The table of contents. `name`: the document's. Raises `ImportProblem` if it has none, or one too short."""
    names = _chapter_names(rows)
    first = next((i for i, row in enumerate(rows) if _stands_alone(rows, i) and row.plain in names), None)
    if first is None:
        raise ImportProblem("找不到目录，这不是一本可以读取的案例集。", file=name, line=rows[0].number if rows else 1)
    longest = max(map(len, names))
    chapters: list[str] = []
    titles: list[Title] = []
    pages: list[int] = []
    keys: set[str] = set()
    end = first
    for start, stop in _groups(rows[: _text_begins(rows, first)], first):
        group = rows[start:stop]
        key = letters("".join(row.plain for row in group))
        opener = group[0].plain in chapters and len(group) > 1
        if CHAPTER_MARK.fullmatch(group[0].plain) or key in keys or opener:
            break
        end = stop
        if is_footer_like(group[0].text) and any(chapter in group[0].plain for chapter in chapters):
            continue
        if _PAGE_NUMBERS.fullmatch(group[0].text):
            pages += [int(number) for row in group for number in row.text.split() if number.isdigit()]
            continue
        is_single_row = len(group) == 1 and not re.search(r"\d", key)
        if is_single_row and (group[0].plain in names or (chapters and len(key) <= longest)):
            if group[0].plain in chapters:
                break
            chapters.append(group[0].plain)
        elif chapters and len(key) > 1:
            titles.append(Title(key, tuple(group), len(chapters) - 1))
        keys.add(key)
    titles = [title for title in titles if len(title.key) > 3]
    if len(chapters) < 2 or len(titles) < 3:
        raise ImportProblem("目录不完整：至少要有两章、三个标题。", file=name, line=rows[first].number)
    return Contents(tuple(chapters), tuple(titles), tuple(sorted(pages)), first, end)


def _text_begins(rows: Sequence[Row], first: int) -> int:
    """The index of the first row of the spread with the first full stop, since no title has a full stop."""
    stop = next((i for i in range(first, len(rows)) if "。" in rows[i].text), len(rows))
    for index in range(min(stop, len(rows) - 1), first, -1):
        row = rows[index]
        if (row.is_tight and row.lead) or is_footer_like(rows[index - 1].text):
            return index
    return stop


def _stands_alone(rows: Sequence[Row], index: int) -> bool:
    """Whether a row has blank lines around it, or begins a spread and has one below."""
    row = rows[index]
    follows = index + 1 < len(rows) and rows[index + 1].is_tight
    return (row.gap > 0 or row.lead > 0) and not follows


def _groups(rows: Sequence[Row], start: int) -> Iterator[tuple[int, int]]:
    """(start, end) of the runs of rows without a blank line; a page number or a new spread ends a run too."""
    first = start
    for index in range(start + 1, len(rows) + 1):
        if index < len(rows) and rows[index].is_tight:
            number = _PAGE_NUMBERS.fullmatch(rows[index - 1].text) or _PAGE_NUMBERS.fullmatch(rows[index].text)
            if not number and not (rows[index].lead > 0 and _stands_alone(rows, index)):
                continue
        yield first, index
        first = index


def _chapter_names(rows: Sequence[Row]) -> set[str]:
    """The names that stand alone on a row and occur again later on an opener or in a footer."""
    first_indices: dict[str, int] = {}
    for index, row in enumerate(rows):
        if len(row.plain) <= MAX_CHAPTER_NAME and letters(row.plain) and _stands_alone(rows, index):
            first_indices.setdefault(row.plain, index)
    names: set[str] = set()
    footers = Counter(name for row in rows for _, name in _FOOTER_NAME.findall(row.text) if is_footer_like(row.text))
    for index, row in enumerate(rows[:-1]):
        if CHAPTER_MARK.fullmatch(row.plain):
            names.add(rows[index + 1].plain)
        elif (
            first_indices.get(row.plain, index) < index and len(opener_slogans(rows, index)) >= 2 and row.plain != LABEL
        ):
            names.add(row.plain)
    return {name for name in names | set(footers) if name in first_indices and not re.search(r"\d", name)}


def is_footer_like(text: str) -> bool:
    """Whether a row looks like a running foot: a page number with a chapter's name or the letter-spaced book's name."""
    is_letter_spaced = re.search(r"(?:[\u4e00-\u9fff] ){4,}[\u4e00-\u9fff]", text) is not None
    return (
        not ends_with_mark(text)
        and (is_letter_spaced or len(text) <= 16)
        and re.search(r"(?<!\d)\d{3}(?!\d)", text) is not None
    )


def opener_slogans(rows: Sequence[Row], index: int) -> Sequence[Row]:
    """The short rows without a full stop right below a chapter's name, which is `rows[index]`."""
    end = index + 1
    while (
        end < len(rows)
        and rows[end].is_tight
        and not rows[end].lead
        and rows[end].width <= 20
        and not is_closed(rows[end].text)
        and end - index <= 8
    ):
        end += 1
    return rows[index + 1 : end]


def part_merged_titles(rows: Sequence[Row], contents: Contents) -> Contents:
    """The contents, with a title cut in two if the blank line between two titles is lost.

    Such a title does not occur in the text, but each of its two halves does.
    """
    body = rows[contents.end :]
    titles: list[Title] = []
    for title in contents.titles:
        titles += [title] if next(_matches(body, title.key), None) else _split_title(title, body)
    return replace(contents, titles=tuple(titles))


def _split_title(title: Title, body: Sequence[Row]) -> list[Title]:
    for at in range(1, len(title.rows)):
        halves = [_title(part, title.chapter) for part in (title.rows[:at], title.rows[at:])]
        if all(len(half.key) > 3 and next(_matches(body, half.key), None) for half in halves):
            return halves
    return [title]


def _title(rows: Sequence[Row], chapter: int) -> Title:
    return Title(letters("".join(row.plain for row in rows)), tuple(rows), chapter)


def find_titles(rows: Sequence[Row], contents: Contents, name: str) -> tuple[list[Row], list[Heading]]:
    """(rows after the contents, heading of every title in the order of the contents).

    A row that holds the end of a title and the beginning of the text is cut in two, so the rows are returned anew.
    Raises `ImportProblem` for a title that is not in the text. `name`: the document's.
    """
    body = list(rows[contents.end :])
    heading_by_title: dict[int, Heading] = {}
    taken_rows: set[int] = set()
    for number, title in enumerate(contents.titles):
        hits = [hit for hit in _matches(body, title.key) if hit[0] not in taken_rows]
        if not hits:
            continue
        first, stop, offset = min(hits, key=lambda hit: (hit[2] > 0, _distance_to_label(body, hit[0])))
        if offset:
            head, tail = split_row(body[stop - 1], offset)
            body[stop - 1 : stop] = [head, tail]
        heading_by_title[number] = Heading(number, tuple(body[first:stop]), True)
        taken_rows.update(row.number for row in heading_by_title[number].rows)
        taken_rows.add(first)
    for number, title in enumerate(contents.titles):
        if number not in heading_by_title:
            heading = _likeliest(body, title, number, {row.number for h in heading_by_title.values() for row in h.rows})
            if heading is None:
                raise ImportProblem(f"目录里的标题“{title.text}”在正文里找不到。", file=name, line=title.line)
            heading_by_title[number] = heading
    return body, [heading_by_title[number] for number in range(len(contents.titles))]


def _matches(rows: Sequence[Row], key: str) -> Iterator[tuple[int, int, int]]:
    """Yields (first row, end, offset) of the places where the title with `key` stands.

    `offset` is where the title ends in the last row, 0 if that row holds nothing else.
    """
    for first in range(len(rows)):
        remaining = key
        for stop in range(first, min(first + MAX_TITLE_ROWS, len(rows))):
            if stop > first and rows[stop].gap > 1:
                break
            part = letters(rows[stop].text)
            if part and remaining.startswith(part):
                remaining = remaining[len(part) :]
                if not remaining:
                    yield first, stop + 1, 0
                    break
            elif part.startswith(remaining) and len(remaining) > (3 if stop > first else MIN_SHARED_TITLE):
                yield first, stop + 1, _offset_after(rows[stop].text, remaining)
                break
            else:
                break


def _offset_after(text: str, part: str) -> int:
    """The offset in `text` after its first letters `part` and the closing marks that follow them."""
    for offset in range(1, len(text) + 1):
        if letters(text[:offset]) == part:
            while offset < len(text) and text[offset] in "”》）！？":
                offset += 1
            return offset
    return 0


def _distance_to_label(rows: Sequence[Row], index: int) -> int:
    """The distance in rows to the nearest label 案例简介; 99 if none is near."""
    near = [abs(i - index) for i in range(max(0, index - 40), min(len(rows), index + 40)) if rows[i].plain == LABEL]
    return min(near, default=99)


def _likeliest(rows: Sequence[Row], title: Title, number: int, taken_rows: set[int]) -> Heading | None:
    """The run of rows most like a title whose lines are missing, doubled or changed; None if none is like enough.

    `taken_rows`: line numbers of the rows that are other titles.
    """
    best: tuple[float, tuple[Row, ...]] = (MIN_LIKENESS, ())
    title_letters = set(title.key)
    for first in range(len(rows)):
        key = ""
        for stop in range(first, min(first + MAX_TITLE_ROWS, len(rows))):
            if rows[stop].number in taken_rows or (stop > first and not rows[stop].is_tight):
                break
            key += letters(rows[stop].text)
            if len(key) > 2 * len(title.key) or len(title_letters & set(key)) < 0.6 * len(title_letters):
                continue
            likeness = difflib.SequenceMatcher(None, title.key, key, autojunk=False).ratio()
            if likeness > best[0]:
                best = (likeness, tuple(rows[first : stop + 1]))
    return Heading(number, best[1], False) if best[1] else None


def compose_title(title: Title, heading: Heading) -> tuple[str, str]:
    """(title, subtitle) with the author's blanks: where contents and text both have a line break or a blank.

    The wording is that of the text; the dash `——` between title and subtitle is dropped.
    """
    rows = heading.rows if heading.exact else title.rows
    pauses = _pauses(title.rows)
    text = ""
    count = 0
    for row in rows:
        piece = tidy(row.text, keep_blanks=True)
        is_wrapped_rest = len(letters(piece)) <= MAX_WRAPPED_REST and row is rows[-1]
        if (
            text
            and count in pauses
            and not is_wrapped_rest
            and text[-1] not in _NO_PAUSE_AFTER
            and not _DASH.match(piece)
        ):
            text += " "
        text = text + piece if text.endswith(" ") else join_texts([text, piece])
        count += len(letters(row.text))
    head, dash, tail = text.partition("——")
    return (head.strip(), tail.strip()) if dash else (text.strip(), "")


def _pauses(rows: Sequence[Row]) -> set[int]:
    """The places of blanks and line breaks in a title, as numbers of letters before them."""
    offsets: set[int] = set()
    count = 0
    for row in rows:
        for index, char in enumerate(row.text):
            if char == " ":
                offsets.add(count + len(letters(row.text[:index])))
        count += len(letters(row.text))
        offsets.add(count)
    return offsets
