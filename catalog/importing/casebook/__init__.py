"""Rebuilds the text of a printed casebook from a text layer whose lines are in the wrong order.

Each step is a module: `lines` (rows, widths, spacing) → `contents` (chapters and titles) → `spreads` → `frames`
(columns, headings, captions, tables) → `boxes` (the lead 案例简介) → `pages` (the cut of every spread) → `order`
(within a case) → `paragraphs` → `cases` (drafts with institution and products). `corrected` applies the order that an
editor wrote down. `language` is a language model of the book, `seams` scores whether one row can follow another, and
`numbering` whether the numbers of headings and lists rise.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePath

from catalog.importing.casebook.boxes import lift_boxes
from catalog.importing.casebook.cases import (
    CasePages,
    attribute_pages,
    compose_case,
    name_institutions,
    settle_neighbours,
)
from catalog.importing.casebook.contents import (
    CHAPTER_MARK,
    LABEL,
    Contents,
    find_titles,
    part_merged_titles,
    read_contents,
)
from catalog.importing.casebook.corrected import apply_orders
from catalog.importing.casebook.frames import read_items
from catalog.importing.casebook.language import BookModel
from catalog.importing.casebook.lines import Row, read_rows
from catalog.importing.casebook.order import order_flow
from catalog.importing.casebook.pages import Page, order_pages, settle_captions
from catalog.importing.casebook.seams import Seams
from catalog.importing.casebook.spreads import Spread, printed_pages, split_spreads
from catalog.importing.corrections import Order
from catalog.importing.drafts import Document, Doubt, ImportProblem, SourceDraft
from catalog.importing.reference import Reference

__all__ = ["is_casebook", "read_casebook"]

MIN_LABELS = 3
MAX_CROWDED = 0.15  # share of the titles that may stand on the page of another title


def is_casebook(document: Document) -> bool:
    """Whether the document has several labels of boxed leads or several chapter openers; a web article has neither."""
    rows = read_rows(document.lines)
    labels = sum(row.plain == LABEL for row in rows)
    chapters = sum(CHAPTER_MARK.fullmatch(row.plain) is not None for row in rows)
    return labels >= MIN_LABELS or chapters >= MIN_LABELS


def read_casebook(document: Document, reference: Reference, orders: Sequence[Order] = ()) -> SourceDraft:
    """The draft of all cases in the book's order.

    `orders`: the reading orders that an editor wrote down for single cases; these cases get no doubts.
    Raises `ImportProblem` if the contents are missing, or a title of the contents is not in the text.
    """
    rows = read_rows(document.lines)
    if not rows:
        raise ImportProblem("文档是空的。", file=document.name, line=1)
    contents = part_merged_titles(rows, read_contents(rows, document.name))
    body, headings = find_titles(rows, contents, document.name)
    model = BookModel(body)
    seams = Seams(model)
    title_rows = {heading.rows[0]: (heading.title, heading.rows) for heading in headings}
    spreads = split_spreads(body, contents, title_rows)
    spreads_with_boxes = [lift_boxes(read_items(spread.rows, title_rows, contents, model), seams) for spread in spreads]
    leads = {lead.title: lead for _, spread_leads in spreads_with_boxes for lead in spread_leads}
    pages = settle_captions(order_pages([items for items, _ in spreads_with_boxes], seams), seams)
    cases, orphans = attribute_pages(pages)
    _check_complete(cases, pages, contents, document.name)
    settle_neighbours(cases, seams)
    flow_by_case = apply_orders(cases, orders)
    printed_numbers = _printed_numbers(spreads, [page for case in cases for page in case.pages], pages, contents)
    stem = PurePath(document.name).stem
    drafts = []
    for number, case in enumerate(cases, 1):
        flow = flow_by_case.get(number) or order_flow(case.pages, seams)
        heading, lead = headings[case.title], leads.get(case.title)
        drafts.append(
            compose_case(case, flow, f"{stem}/{number}", number, contents, heading, lead, printed_numbers, seams)
        )
    doubts = []
    if orphans:
        place = (orphans[0].first.number, orphans[-1].last.number)
        doubts.append(Doubt("body", "第一个标题之前有不属于任何案例的文字。", 0.3, (place,)))
    title, publisher = _title_and_publisher(rows[: contents.first])
    drafts = [replace(draft, doubts=()) if draft.number in flow_by_case else draft for draft in drafts]
    named_drafts = name_institutions(drafts, reference)
    return SourceDraft(document, "casebook", title, publisher, None, "hans", named_drafts, tuple(doubts))


def _check_complete(cases: Sequence[CasePages], pages: Sequence[Page], contents: Contents, name: str) -> None:
    title_numbers = {case.title for case in cases}
    for index, title in enumerate(contents.titles):
        if index not in title_numbers:
            raise ImportProblem(f"目录里的标题“{title.text}”没有自己的一页。", file=name, line=title.line)
    # Every case begins on a new page. If many titles share one, the indents that begin spreads have been lost.
    crowded_pages = [page for page in pages if len(page.titles) > 1]
    if sum(len(page.titles) - 1 for page in crowded_pages) > len(contents.titles) * MAX_CROWDED:
        line = crowded_pages[0].titles[1].first.number
        raise ImportProblem("许多标题挤在一页上：对开页起始的缩进行可能已经丢失，无法分页。", file=name, line=line)


def _printed_numbers(
    spreads: Sequence[Spread], case_pages: Sequence[Page], pages: Sequence[Page], contents: Contents
) -> dict[Page, int | None]:
    """(page of a case -> its printed number, None where the document does not allow to count it)."""
    openers = [(page.spread, page.side == "right") for page in pages if any(i.kind == "opener" for i in page.items)]
    left_numbers = printed_pages(spreads, openers, contents)
    numbers: dict[Page, int | None] = {}
    for page in case_pages:
        number = left_numbers[page.spread]
        numbers[page] = None if number is None else number + (page.side == "right")
    return numbers


def _title_and_publisher(front: Sequence[Row]) -> tuple[str, str]:
    """(title, publisher) of the book from the rows before the contents; either may be empty.

    The title is the most frequent 《…案例集》, the publisher the association whose name begins most lines.
    """
    titles = Counter(re.findall(r"《([^《》]*?案例集)》", "".join(row.plain for row in front)))
    starts = re.findall(r"^([\u4e00-\u9fff]{4,12}?协会)", "\n".join(row.plain for row in front), re.MULTILINE)
    return _most_frequent(titles), _most_frequent(Counter(starts))


def _most_frequent(counts: Counter[str]) -> str:
    return max(counts, key=lambda text: counts[text], default="")
