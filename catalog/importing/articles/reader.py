"""Reads the article in a saved web page: head, body and tail of the page, and the draft made of them."""

import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from catalog.importing.articles import lines as form
from catalog.importing.articles.credits import Credits, is_dateline, read_credits
from catalog.importing.articles.draft_title import draft_title
from catalog.importing.articles.lines import Line
from catalog.importing.articles.title import Title, find_title
from catalog.importing.articles.unwrap import unwrap
from catalog.importing.drafts import (
    Block,
    Caption,
    CaseDraft,
    Document,
    Doubt,
    ImportProblem,
    Script,
    SourceDraft,
    Span,
)
from catalog.importing.institutions import Institution, recognise_institution
from catalog.importing.products import find_products
from catalog.importing.reference import Reference
from catalog.text.script import to_simplified, to_traditional


def is_article(document: Document) -> bool:
    """Whether the document has any line of Chinese running text that is not a notice of a site."""
    return any(form.is_prose(line.strip()) for line in document.lines)


def read_article(document: Document, reference: Reference) -> SourceDraft:
    """The draft of a document that holds one article. The body keeps its script and wording exactly as written.

    Raises `ImportProblem` if no paragraph is left after menus, credits and notices of the page are removed.
    """
    page = _Page(document)
    title = find_title(page.head, reference)
    credits = read_credits([line for line in (*page.head, *page.tail) if line[0] != (title and title.line)])
    blocks = tuple(page.with_all_lines(block) for block in _blocks(page.body(title)))
    if not any(block.kind == "paragraph" for block in blocks):
        raise ImportProblem("去掉网页的菜单、署名和声明之后没有正文", file=document.name, line=page.first_line)
    captions = tuple(page.captions)
    texts = [block.text for block in blocks]
    institution = recognise_institution(title.full_text if title else "", "\n".join(texts), reference)
    lead = [block.text for block in blocks if block.kind == "paragraph"]
    heading = title or Title(draft_title(lead, institution.bank, reference), "", 0)
    case = CaseDraft(
        ref=Path(document.name).stem,
        title=heading.text,
        subtitle=heading.subtitle,
        title_inferred=title is None,
        bank=institution.bank,
        branch=institution.branch,
        blocks=blocks,
        captions=captions,
        products=find_products(
            [heading.full_text, *texts], reference.bank(institution.bank).names if institution.bank else ()
        ),
        publisher=credits.publisher,
        authors=credits.authors,
        published_on=credits.published_on,
        script=script_of(texts),
        spans=_spans(document, title, credits, [*blocks, *captions]),
        doubts=tuple(_doubts(title, credits, institution, page)),
    )
    return SourceDraft(
        document=document,
        kind="article",
        title="" if case.title_inferred else case.full_title,
        publisher=case.publisher,
        published_on=case.published_on,
        script=case.script,
        cases=(case,),
    )


def script_of(texts: Iterable[str]) -> Script:
    """The script of most characters that differ between scripts; so half-converted traditional text is `hant`."""
    text = "".join(texts)
    traditional = sum(a != b for a, b in zip(text, to_simplified(text), strict=False))
    simplified = sum(a != b for a, b in zip(text, to_traditional(text), strict=False))
    return "hant" if traditional > simplified else "hans"


@dataclass
class _Page:
    """The lines of a page in three parts: `head` before the first paragraph, `middle`, `tail` after the last one.

    Captions are in `captions` instead, `last_lines` is (first line -> last line) of paragraphs of several lines.
    """

    document: Document
    head: list[Line] = field(init=False)
    middle: list[Line] = field(init=False)
    tail: list[Line] = field(init=False)
    captions: list[Caption] = field(init=False, default_factory=list)
    first_line: int = field(init=False)
    last_lines: dict[int, int] = field(init=False)

    def __post_init__(self):
        unwrapped, self.last_lines = unwrap(list(enumerate(self.document.lines, 1)))
        numbered = [(number, form.without_label(text)) for number, text in unwrapped]
        lines = [line for line in numbered if line[1]]
        self.first_line = lines[0][0] if lines else 1
        lines = self._without_captions(_without_asides(lines))
        prose_places = [i for i, (_, text) in enumerate(lines) if form.is_prose(text)]
        if not prose_places:
            raise ImportProblem("去掉网页的菜单、署名和声明之后没有正文", file=self.document.name, line=self.first_line)
        self.head, self.middle = lines[: prose_places[0]], lines[prose_places[0] : prose_places[-1] + 1]
        before_tail = {number for number, _ in lines[: prose_places[-1] + 1]}
        self.tail = [
            line for line in numbered if line[1] and line[0] > self.middle[-1][0] and line[0] not in before_tail
        ]

    def _without_captions(self, lines: list[Line]) -> list[Line]:
        """The lines without pictures and their captions, which are added to `captions`.

        A caption is one short sentence right after a picture, or is marked as one. A paragraph can follow a picture
        too; so a caption must be shorter than two thirds of the median paragraph.
        """
        lengths = [len(text) for _, text in lines if form.is_prose(text)]
        limit = min(form.LONGEST_CAPTION, statistics.median(lengths) * 2 / 3) if lengths else form.LONGEST_CAPTION
        remaining, after_picture = [], False
        for number, text in lines:
            if form.is_picture(text):
                if alt := form.alt_text(text):
                    self._add_caption(number, alt)
                after_picture = not alt
                continue
            is_short = len(text) <= limit and form.is_one_sentence(text) and not form.is_site_line(text)
            if (after_picture and is_short) or (form.has_caption_mark(text) and not form.is_credit(text)):
                self._add_caption(number, text)
            else:
                remaining.append((number, text))
            after_picture = False
        return remaining

    def with_all_lines(self, block: Block) -> Block:
        """The block with its spans extended to all lines of its paragraphs."""
        return replace(block, spans=tuple((first, self.last_lines.get(last, last)) for first, last in block.spans))

    def _add_caption(self, number: int, text: str) -> None:
        self.captions.append(Caption(text, ((number, number),)))

    def body(self, title: Title | None) -> list[Line]:
        """The lines of the body: the middle without furniture, after the last section head between title and middle."""
        repeated_texts = {text for text, times in Counter(text for _, text in self.middle).items() if times > 1}
        opening = [
            line
            for line in (_after_title(self.head, title) if title else self.head[-1:])
            if form.is_head(line[1]) and not is_dateline(line[1])
        ]
        return [*opening[-1:], *(line for line in self.middle if not _is_furniture(line[1], repeated_texts))]


def _after_title(head: Sequence[Line], title: Title) -> list[Line]:
    return [line for line in head if line[0] > title.last_line]


def _without_asides(lines: list[Line]) -> list[Line]:
    """The lines before the comments and links to other pages that follow the article."""
    has_prose = False
    for i, (_, text) in enumerate(lines):
        has_prose = has_prose or form.is_prose(text)
        if has_prose and form.opens_aside(text):
            return lines[:i]
    return lines


def _is_furniture(text: str, repeated_texts: set[str]) -> bool:
    """Whether a line of the middle is no part of the article. `repeated_texts`: lines that stand there twice."""
    if form.is_prose(text):
        return False
    return (
        form.is_menu(text)
        or form.is_site_line(text)
        or form.is_credit(text)
        or is_dateline(text)
        or (text in repeated_texts and len(text) <= 12)
        or not form.hanzi(text)
    )


def _blocks(lines: Sequence[Line]) -> Iterable[Block]:
    """Section heads and paragraphs. One or two short lines before a paragraph are heads; more of them are a list."""
    for run in _runs(lines):
        numbers, texts = [number for number, _ in run], [text for _, text in run]
        spans = tuple((number, number) for number in numbers)
        if len(run) == 1 and form.is_prose(texts[0]):
            yield Block("paragraph", texts[0], spans)
        elif len(run) == 2 and texts[0].startswith("【"):
            # A label in brackets and the head after it are one head.
            yield Block("heading", " ".join(map(form.head_text, texts)), ((numbers[0], numbers[1]),), 1)
        elif len(run) <= 2 or all(map(form.is_numbered, texts)):
            for i, (text, span) in enumerate(zip(texts, spans, strict=True)):
                level = max(form.head_level(text), min(2, i + 1) if not form.is_numbered(text) else 1)
                yield Block("heading", form.head_text(text), (span,), level)
        else:
            for text, span in zip(texts, spans, strict=True):
                yield Block("paragraph", text, (span,))


def _runs(lines: Sequence[Line]) -> Iterable[list[Line]]:
    """Groups of lines: each paragraph alone, and all heads between two paragraphs together."""
    heads: list[Line] = []
    for line in lines:
        if form.is_head(line[1]) and not form.is_prose(line[1]):
            heads.append(line)
            continue
        if heads:
            yield heads
            heads = []
        yield [line]
    if heads:
        yield heads


def _spans(
    document: Document, title: Title | None, credits: Credits, pieces: Iterable[Block | Caption]
) -> tuple[Span, ...]:
    """The ranges of all lines that became part of the case; blank lines between such lines are included."""
    numbers = set(credits.lines)
    if title:
        numbers.update(range(title.line, title.last_line + 1))
    for piece in pieces:
        for first, last in piece.spans:
            numbers.update(range(first, last + 1))
    spans: list[Span] = []
    for number in sorted(numbers):
        if spans and not any(line.strip() for line in document.lines[spans[-1][1] : number - 1]):
            spans[-1] = (spans[-1][0], number)
        else:
            spans.append((number, number))
    return tuple(spans)


def _doubts(title: Title | None, credits: Credits, institution: Institution, page: _Page) -> Iterable[Doubt]:
    first = page.middle[0][0]
    if title is None:
        yield Doubt("title", "文中没有标题，暂用正文里的一句话代替，请编辑拟定", 0.3, ((first, first),))
    if credits.published_on is None and not any(doubt.field == "published_on" for doubt in credits.doubts):
        yield Doubt("published_on", "文中没有写明发布日期", 0.9)
    yield from credits.doubts
    if institution.bank is None or institution.confidence < 0.6:
        yield Doubt("bank", institution.reason, institution.confidence)
