"""Where a case's text stood in its source, and what of a source is shown."""

import re
from collections import defaultdict, deque
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from catalog.models import Case, Source
from catalog.text import markdown
from catalog.text.markdown import piece_key

AROUND = 12  # lines shown before and after a place
LONGEST = 400  # lines on one page of a source
_SHORTEST = 5  # characters of a title, or of a part of one, that is looked for in other lines


@dataclass(frozen=True)
class Passage:
    """A piece of the body as HTML with its place; `lines` is empty where an editor rewrote it."""

    html: str
    text: str
    level: int
    anchor: str
    lines: tuple[tuple[int, int], ...] = ()
    page: int | None = None

    @property
    def place(self) -> str:
        """For the source page's `lines` parameter."""
        return ",".join(f"{first}-{last}" for first, last in self.lines)

    @property
    def first_line(self) -> int | None:
        return self.lines[0][0] if self.lines else None

    @property
    def label(self) -> str:
        ranges = "、".join(f"{first}–{last}" if last > first else str(first) for first, last in self.lines)
        page = f"第 {self.page} 页，" if self.page else ""
        return f"{page}第 {ranges} 行" if ranges else ""


def passages(case: Case, body: str | None = None, before: Iterable[str] = (), anchor: str = "p") -> list[Passage]:
    """The body piece by piece, in order, each with the place that the importer noted for its words.

    Where only a part of a long body is to be shown, `body` is that part and `before` are those before it.
    """
    places = defaultdict(deque)  # words that stand in a body twice have a place each, in order
    for row in case.provenance:
        places[row["key"]].append(row)
    _pass_over(places, before)
    rendered = []
    for number, block in enumerate(markdown.blocks(case.body if body is None else body), 1):
        rows = places[piece_key(block.text)]
        row = rows.popleft() if rows else {}
        lines = tuple((first, last) for first, last in row.get("lines", []))
        rendered.append(Passage(block.html, block.text, block.level, f"{anchor}{number}", lines, row.get("page")))
    return rendered


def _pass_over(places: Mapping[str, deque], parts: Iterable[str]) -> None:
    """Takes the places of what stands in these parts, of words that have several."""
    if not any(len(rows) > 1 for rows in places.values()):
        return
    for part in parts:
        for block in markdown.split_blocks(part):
            rows = places.get(piece_key(markdown.plain_text(block)))
            if rows:
                rows.popleft()


@dataclass(frozen=True)
class Row:
    """A line of a source, and whether it belongs to the place; or several that are withheld: these have no text."""

    first: int
    last: int
    text: str | None
    cited: bool = False


@dataclass(frozen=True)
class SourcePlace:
    """Line ranges of a source (`12-20,31-33` in an address) and the lines to show with them."""

    ranges: tuple[tuple[int, int], ...]
    first: int
    last: int
    total: int

    @classmethod
    def parse(cls, text: str | None, total: int, start: str | None = None) -> "SourcePlace":
        """Whatever makes no sense is ignored. Shown is what surrounds the ranges, else the document's beginning;
        `start` turns to another page of the document and leaves the ranges as they are."""
        numbers = re.findall(r"(?<!\d)(\d{1,9})(?:-(\d{1,9}))?(?!\d)", text or "")
        pairs = [(int(first), int(last or first)) for first, last in numbers]
        ranges = tuple((first, min(last, total)) for first, last in pairs if 1 <= first <= min(last, total))
        turned = int(start) if re.fullmatch(r"[0-9]{1,9}", start or "") else 0
        if 1 <= turned <= total:
            return cls(ranges, turned, min(turned + LONGEST - 1, total), total)
        first = max(1, min(first for first, _ in ranges) - AROUND) if ranges else 1
        last = max(last for _, last in ranges) + AROUND if ranges else first + LONGEST - 1
        return cls(ranges, first, min(last, total, first + LONGEST - 1), total)

    def rows(self, lines: list[str], withheld: Container[int] = ()) -> list["Row"]:
        """Every line shown; of those withheld one row for all that follow each other."""
        rows: list[Row] = []
        for number in range(self.first, self.last + 1):
            if number not in withheld:
                cited = any(first <= number <= last for first, last in self.ranges)
                rows.append(Row(number, number, lines[number - 1], cited))
            elif rows and rows[-1].text is None:
                rows[-1] = replace(rows[-1], last=number)
            else:
                rows.append(Row(number, number, None))
        return rows

    @property
    def before(self) -> int | None:
        """The first line of the page before; `after` likewise."""
        return max(1, self.first - LONGEST) if self.first > 1 else None

    @property
    def after(self) -> int | None:
        return self.last + 1 if self.last < self.total else None

    @property
    def label(self) -> str:
        return "、".join(f"{first}–{last}" if last > first else str(first) for first, last in self.ranges)


def withheld_lines(source: Source) -> set[int]:
    """Numbers of the lines, from 1, of cases that are drafts, withdrawn or deleted.

    A line that a public case was made of is shown, whatever lies around it. Every other line is withheld that lies
    between the first and the last line of a case that is not public, or that holds such a case's title or a part of it,
    as a table of contents does. Where it is not known what was deleted, every other line is.
    """
    total = len(source.lines)
    if not total:
        return set()
    hidden, titles, shown = set(), [], set()
    columns = ("status", "title", "subtitle", "first_line", "last_line", "provenance")
    for status, title, subtitle, first, last, provenance in source.cases.values_list(*columns):
        ranges = [lines for row in provenance for lines in row.get("lines", [])]
        if status == Case.Status.PUBLIC:
            shown.update(_numbers_of(ranges, total))
        else:
            hidden.update(_numbers_of([*ranges, (first, last)] if first else ranges, total))
            titles.append((title, subtitle))
    deleted = [entry for entry in source.withheld if entry["ref"] is None or entry["ref"] in source.removed]
    for entry in deleted:
        hidden.update(_numbers_of(entry["lines"], total))
        titles.append((entry["title"], entry["subtitle"]))
    if {*source.removed} - {entry["ref"] for entry in deleted}:  # from before that was noted
        return {*range(1, total + 1)} - shown
    return (hidden | set(_naming(titles, source.lines))) - shown


def _numbers_of(ranges: Iterable, total: int) -> Iterator[int]:
    """Of a document of so many lines, whatever ranges a file of rows may have given."""
    for first, last in ranges:
        yield from range(first, min(last or first, total) + 1)


def _naming(titles: Iterable[tuple[str, str]], lines: Iterable[str]) -> Iterator[int]:
    """Lines that hold a title (of title and subtitle), or that are a part of one, as where it runs over several."""
    names = [(_dense(title), _dense(title + subtitle)) for title, subtitle in titles]
    for number, text in enumerate(lines if names else (), 1):
        line = _dense(text).strip("0123456789")  # of pages
        if len(line) >= _SHORTEST and any(
            line in whole or (len(title) >= _SHORTEST and title in line) for title, whole in names
        ):
            yield number


def _dense(text: str) -> str:
    return re.sub(r"\W", "", text)
