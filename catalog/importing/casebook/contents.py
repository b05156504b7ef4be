"""The table of contents: chapters, titles, their order, and where each stands again in the text.

Rules of the layout: a chapter's name stands alone on a line; a title is one to five lines without a blank between;
page numbers stand in lines of their own. The same names come back in the text: a chapter on its opener (`第…章`, the
name, short slogans) and in page footers, a title above its case, broken at other places. Where both break or leave a
blank, the break is the author's own and becomes a blank in the title; elsewhere it is only the column's width.
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
MAX_WRAPPED_REST = 3  # letters: so short a last line is what did not fit, not a phrase of its own
MAX_CHAPTER_NAME = 10
MAX_TITLE_ROWS = 6
MIN_SHARED_TITLE = 7  # letters of a title of one line that the beginning of its text may share
MIN_LIKENESS = 0.72  # of a title with missing or doubled lines to what stands in the text


@dataclass(frozen=True)
class Title:
    """A title of the contents. `chapter`: index into the chapters. `pauses`: letter offsets of breaks and blanks."""

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
    chapters: tuple[str, ...]
    titles: tuple[Title, ...]
    pages: tuple[int, ...]  # page numbers printed in the contents, rising
    first: int  # index of the first row of the contents
    end: int  # index of the first row after them


@dataclass(frozen=True)
class Heading:
    """A title found in the text: `rows` are its printed lines; `exact` if nothing of it is missing or changed."""

    title: int
    rows: tuple[Row, ...]
    exact: bool


def read_contents(rows: Sequence[Row], name: str) -> Contents:
    """`ImportProblem` if the document has no table of contents."""
    known = _chapter_names(rows)
    first = next((i for i, row in enumerate(rows) if _stands_alone(rows, i) and row.plain in known), None)
    if first is None:
        raise ImportProblem("找不到目录，这不是一本可以读取的案例集。", file=name, line=rows[0].number if rows else 1)
    longest = max(map(len, known))
    chapters: list[str] = []
    titles: list[Title] = []
    pages: list[int] = []
    seen: set[str] = set()
    end = first
    for start, stop in _groups(rows[: _text_begins(rows, first)], first):
        group = rows[start:stop]
        key = letters("".join(row.plain for row in group))
        opener = group[0].plain in chapters and len(group) > 1
        if CHAPTER_MARK.fullmatch(group[0].plain) or key in seen or opener:
            break
        end = stop
        if is_footer_like(group[0].text) and any(chapter in group[0].plain for chapter in chapters):
            continue
        if _PAGE_NUMBERS.fullmatch(group[0].text):
            pages += [int(number) for row in group for number in row.text.split() if number.isdigit()]
            continue
        alone = len(group) == 1 and not re.search(r"\d", key)
        if alone and (group[0].plain in known or (chapters and len(key) <= longest)):
            if group[0].plain in chapters:
                break
            chapters.append(group[0].plain)
        elif chapters and len(key) > 1:
            titles.append(Title(key, tuple(group), len(chapters) - 1))
        seen.add(key)
    titles = [title for title in titles if len(title.key) > 3]
    if len(chapters) < 2 or len(titles) < 3:
        raise ImportProblem("目录不完整：至少要有两章、三个标题。", file=name, line=rows[first].number)
    return Contents(tuple(chapters), tuple(titles), tuple(sorted(pages)), first, end)


def _text_begins(rows: Sequence[Row], first: int) -> int:
    """The first row of the spread on which the first full stop stands: no title has one."""
    stop = next((i for i in range(first, len(rows)) if "。" in rows[i].text), len(rows))
    for index in range(min(stop, len(rows) - 1), first, -1):
        row = rows[index]
        if (row.is_tight and row.lead) or is_footer_like(rows[index - 1].text):
            return index
    return stop


def _stands_alone(rows: Sequence[Row], index: int) -> bool:
    row = rows[index]
    follows = index + 1 < len(rows) and rows[index + 1].is_tight
    return (row.gap > 0 or row.lead > 0) and not follows


def _groups(rows: Sequence[Row], start: int) -> Iterator[tuple[int, int]]:
    """Runs of rows without a blank line between; a page number or a new spread parts them too."""
    first = start
    for index in range(start + 1, len(rows) + 1):
        if index < len(rows) and rows[index].is_tight:
            number = _PAGE_NUMBERS.fullmatch(rows[index - 1].text) or _PAGE_NUMBERS.fullmatch(rows[index].text)
            if not number and not (rows[index].lead > 0 and _stands_alone(rows, index)):
                continue
        yield first, index
        first = index


def _chapter_names(rows: Sequence[Row]) -> set[str]:
    """Names that stand alone early on and come back on an opener or in a footer."""
    alone: dict[str, int] = {}
    for index, row in enumerate(rows):
        if len(row.plain) <= MAX_CHAPTER_NAME and letters(row.plain) and _stands_alone(rows, index):
            alone.setdefault(row.plain, index)
    names: set[str] = set()
    footers = Counter(name for row in rows for _, name in _FOOTER_NAME.findall(row.text) if is_footer_like(row.text))
    for index, row in enumerate(rows[:-1]):
        if CHAPTER_MARK.fullmatch(row.plain):
            names.add(rows[index + 1].plain)
        elif alone.get(row.plain, index) < index and len(opener_slogans(rows, index)) >= 2 and row.plain != LABEL:
            names.add(row.plain)
    return {name for name in names | set(footers) if name in alone and not re.search(r"\d", name)}


def is_footer_like(text: str) -> bool:
    """A running foot repeats the book's name letter by letter, or is only a page number and a chapter's name."""
    spaced = re.search(r"(?:[\u4e00-\u9fff] ){4,}[\u4e00-\u9fff]", text) is not None
    return (
        not ends_with_mark(text) and (spaced or len(text) <= 16) and re.search(r"(?<!\d)\d{3}(?!\d)", text) is not None
    )


def opener_slogans(rows: Sequence[Row], index: int) -> Sequence[Row]:
    """The short lines without a full stop that stand right below a chapter's name."""
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
    """Titles that run together because the blank line between them is lost, parted where both stand in the text."""
    body = rows[contents.end :]
    titles: list[Title] = []
    for title in contents.titles:
        titles += [title] if next(_matches(body, title.key), None) else _parted(title, body)
    return replace(contents, titles=tuple(titles))


def _parted(title: Title, body: Sequence[Row]) -> list[Title]:
    for at in range(1, len(title.rows)):
        halves = [_title(part, title.chapter) for part in (title.rows[:at], title.rows[at:])]
        if all(len(half.key) > 3 and next(_matches(body, half.key), None) for half in halves):
            return halves
    return [title]


def _title(rows: Sequence[Row], chapter: int) -> Title:
    return Title(letters("".join(row.plain for row in rows)), tuple(rows), chapter)


def find_titles(rows: Sequence[Row], contents: Contents, name: str) -> tuple[list[Row], list[Heading]]:
    """All titles in the text after the contents, in the contents' order.

    A line that holds the end of a title and the beginning of something else is cut in two: the rows come back anew.
    `ImportProblem` names a title that is not there.
    """
    body = list(rows[contents.end :])
    found: dict[int, Heading] = {}
    taken: set[int] = set()
    for number, title in enumerate(contents.titles):
        hits = [hit for hit in _matches(body, title.key) if hit[0] not in taken]
        if not hits:
            continue
        first, stop, offset = min(hits, key=lambda hit: (hit[2] > 0, _distance_to_label(body, hit[0])))
        if offset:
            head, tail = split_row(body[stop - 1], offset)
            body[stop - 1 : stop] = [head, tail]
        found[number] = Heading(number, tuple(body[first:stop]), True)
        taken.update(row.number for row in found[number].rows)
        taken.add(first)
    for number, title in enumerate(contents.titles):
        if number not in found:
            heading = _likeliest(body, title, number, {row.number for h in found.values() for row in h.rows})
            if heading is None:
                raise ImportProblem(f"目录里的标题“{title.text}”在正文里找不到。", file=name, line=title.line)
            found[number] = heading
    return body, [found[number] for number in range(len(contents.titles))]


def _matches(rows: Sequence[Row], key: str) -> Iterator[tuple[int, int, int]]:
    """Places (first row, end, offset in the last row where the title ends or 0) at which `key` stands."""
    for first, row in enumerate(rows):
        rest = key
        for stop in range(first, min(first + MAX_TITLE_ROWS, len(rows))):
            if stop > first and rows[stop].gap > 1:
                break
            part = letters(rows[stop].text)
            if part and rest.startswith(part):
                rest = rest[len(part) :]
                if not rest:
                    yield first, stop + 1, 0
                    break
            elif part.startswith(rest) and len(rest) > (3 if stop > first else MIN_SHARED_TITLE):
                yield first, stop + 1, _offset_after(rows[stop].text, rest)
                break
            else:
                break
        del row


def _offset_after(text: str, part: str) -> int:
    """Where in `text` its first letters `part` end, the marks that close them included."""
    for offset in range(1, len(text) + 1):
        if letters(text[:offset]) == part:
            while offset < len(text) and text[offset] in "”》）！？":
                offset += 1
            return offset
    return 0


def _distance_to_label(rows: Sequence[Row], index: int) -> int:
    near = [abs(i - index) for i in range(max(0, index - 40), min(len(rows), index + 40)) if rows[i].plain == LABEL]
    return min(near, default=99)


def _likeliest(rows: Sequence[Row], title: Title, number: int, taken: set[int]) -> Heading | None:
    """The run of rows most like a title of which lines are missing, doubled or changed."""
    best: tuple[float, tuple[Row, ...]] = (MIN_LIKENESS, ())
    wanted = set(title.key)
    for first in range(len(rows)):
        key = ""
        for stop in range(first, min(first + MAX_TITLE_ROWS, len(rows))):
            if rows[stop].number in taken or (stop > first and not rows[stop].is_tight):
                break
            key += letters(rows[stop].text)
            if len(key) > 2 * len(title.key) or len(wanted & set(key)) < 0.6 * len(wanted):
                continue
            likeness = difflib.SequenceMatcher(None, title.key, key, autojunk=False).ratio()
            if likeness > best[0]:
                best = (likeness, tuple(rows[first : stop + 1]))
    return Heading(number, best[1], False) if best[1] else None


def compose_title(title: Title, heading: Heading) -> tuple[str, str]:
    """Title and subtitle as an editor would set them, from how contents and text break them.

    The text's own wording wins; the dash before the subtitle is set to `——` and dropped.
    """
    rows = heading.rows if heading.exact else title.rows
    pauses = _pauses(title.rows)
    text = ""
    count = 0
    for row in rows:
        piece = tidy(row.text, keep_blanks=True)
        wrapped = len(letters(piece)) <= MAX_WRAPPED_REST and row is rows[-1]
        if text and count in pauses and not wrapped and text[-1] not in _NO_PAUSE_AFTER and not _DASH.match(piece):
            text += " "
        text = text + piece if text.endswith(" ") else join_texts([text, piece])
        count += len(letters(row.text))
    head, dash, tail = text.partition("——")
    return (head.strip(), tail.strip()) if dash else (text.strip(), "")


def _pauses(rows: Sequence[Row]) -> set[int]:
    offsets: set[int] = set()
    count = 0
    for row in rows:
        for index, char in enumerate(row.text):
            if char == " ":
                offsets.add(count + len(letters(row.text[:index])))
        count += len(letters(row.text))
        offsets.add(count)
    return offsets
