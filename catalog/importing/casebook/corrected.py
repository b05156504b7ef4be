"""Replaces the computed reading order of a case by the one that an editor wrote down."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from catalog.importing.casebook.cases import CasePages
from catalog.importing.casebook.frames import Item, ItemKind
from catalog.importing.casebook.lines import Row
from catalog.importing.casebook.pages import Page
from catalog.importing.corrections import Order, Part

KINDS: Mapping[str, ItemKind] = {
    "summary": "box",
    "heading": "heading",
    "body": "body",
    "table": "table",
    "caption": "caption",
}
FIXED = ("title", "label", "opener")  # kinds of items that no order names


def apply_orders(cases: Sequence[CasePages], orders: Iterable[Order]) -> dict[int, list[Item]]:
    """Gives each case that has an order the lines that the order names, and removes these from all other cases.

    Returns (case number from 1 -> its running text in the given order). Lines of such a case that its order does not
    name are dropped. Changes `cases`; raises `ImportProblem` for an order that does not fit the document.
    """
    orders = {order.case: order for order in orders}
    if not orders:
        return {}
    rows = _rows(cases)
    flows: dict[int, list[Item]] = {}
    pages: dict[int, list[Page]] = {}
    taken_rows: set[Row] = set()
    for number, order in orders.items():
        if not 1 <= number <= len(cases):
            raise order.problem(f"文档里没有第 {number} 号案例")
        items_with_pages = _whole_tables(
            [pair for part in order.parts for pair in _items(part, order, rows, taken_rows)]
        )
        flows[number] = [item for item, _ in items_with_pages if item.is_flow]
        pages[number] = _pages(items_with_pages, cases[number - 1])
    for number, case in enumerate(cases, 1):
        case.pages = pages[number] if number in pages else [_without(page, taken_rows) for page in case.pages]
    return flows


def _rows(cases: Sequence[CasePages]) -> dict[int, list[tuple[Row, Item, Page]]]:
    """(line number -> its rows with their items and pages); a line has two rows where two things share it."""
    places_by_line: dict[int, list[tuple[Row, Item, Page]]] = {}
    for case in cases:
        for page in case.pages:
            for item in page.items:
                for row in item.rows:
                    places_by_line.setdefault(row.number, []).append((row, item, page))
    for rows in places_by_line.values():
        rows.sort(key=lambda place: place[0].start)
    return places_by_line


def _items(part: Part, order: Order, rows: Mapping[int, list], taken_rows: set[Row]) -> list[tuple[Item, Page]]:
    """The items of one part of an order, each with its page; running text becomes one item per row.

    Adds the rows of the part to `taken_rows`.
    """
    lines = range(part.first, part.last + 1)
    places = [place for line in lines for place in rows.get(line, ()) if place[0] not in taken_rows]
    if part.first == part.last:  # of two things that share the line, the one that begins as the part says
        places = [place for place in places if part.starts in place[0].text] or places
        places = places[:1]
    if not places:
        raise order.problem(f"第 {part.first}–{part.last} 行不是任何案例的文字，或已归在别处")
    taken_rows.update(row for row, _, _ in places)
    kind, column, page = KINDS[part.kind], places[0][1].column, places[0][2]
    if kind == "body":
        return [(Item("body", (row,), item.column), origin) for row, item, origin in places]
    return [(Item(kind, tuple(row for row, _, _ in places), column), page)]


def _whole_tables(items_with_pages: Sequence[tuple[Item, Page]]) -> list[tuple[Item, Page]]:
    """The items with consecutive parts of a table merged: its lines may have come out in another order."""
    merged: list[tuple[Item, Page]] = []
    for item, page in items_with_pages:
        if merged and item.kind == merged[-1][0].kind == "table":
            before, page = merged.pop()
            item = replace(before, rows=(*before.rows, *item.rows))
        merged.append((item, page))
    return merged


def _pages(items_with_pages: Sequence[tuple[Item, Page]], case: CasePages) -> list[Page]:
    """The pages of the items with just these items, and the case's own title and label."""
    items: dict[Page, list[Item]] = {
        page: [item for item in page.items if item.kind in FIXED and item.kind != "opener"] for page in case.pages
    }
    for item, page in items_with_pages:
        items.setdefault(page, []).append(item)
    return [replace(page, items=tuple(page_items), confidence=1.0) for page, page_items in items.items() if page_items]


def _without(page: Page, taken_rows: set[Row]) -> Page:
    """The page without the items that hold any of these rows."""
    items = tuple(item for item in page.items if not taken_rows.intersection(item.rows))
    return page if len(items) == len(page.items) else replace(page, items=items)
