"""Where an editor wrote down the reading order of a case, it takes the place of the one that the rules found."""

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
FIXED = ("title", "label", "opener")  # what no order speaks of


def apply_orders(cases: Sequence[CasePages], orders: Iterable[Order]) -> dict[int, list[Item]]:
    """Gives the cases that have an order the lines that it names, and takes these from all others.

    Returns, per case number (from 1), the case's running text in the order's order. Lines that a case held and its
    order leaves out are dropped.
    """
    orders = {order.case: order for order in orders}
    if not orders:
        return {}
    rows = _rows(cases)
    flows: dict[int, list[Item]] = {}
    pages: dict[int, list[Page]] = {}
    taken: set[Row] = set()
    for number, order in orders.items():
        if not 1 <= number <= len(cases):
            raise order.problem(f"文档里没有第 {number} 号案例")
        placed = _whole_tables([pair for part in order.parts for pair in _items(part, order, rows, taken)])
        flows[number] = [item for item, _ in placed if item.is_flow]
        pages[number] = _pages(placed, cases[number - 1])
    for number, case in enumerate(cases, 1):
        case.pages = pages[number] if number in pages else [_without(page, taken) for page in case.pages]
    return flows


def _rows(cases: Sequence[CasePages]) -> dict[int, list[tuple[Row, Item, Page]]]:
    """By line number: the rows on it (two, where two things share the line) with their item and page."""
    found: dict[int, list[tuple[Row, Item, Page]]] = {}
    for case in cases:
        for page in case.pages:
            for item in page.items:
                for row in item.rows:
                    found.setdefault(row.number, []).append((row, item, page))
    for rows in found.values():
        rows.sort(key=lambda place: place[0].start)
    return found


def _items(part: Part, order: Order, rows: Mapping[int, list], taken: set[Row]) -> list[tuple[Item, Page]]:
    """The items of a part, each with the page that it stood on; running text is an item a row."""
    lines = range(part.first, part.last + 1)
    named = [place for line in lines for place in rows.get(line, ()) if place[0] not in taken]
    if part.first == part.last:  # of two things on the line the one that is meant
        named = [place for place in named if part.starts in place[0].text] or named
        named = named[:1]
    if not named:
        raise order.problem(f"第 {part.first}–{part.last} 行不是任何案例的文字，或已归在别处")
    taken.update(row for row, _, _ in named)
    kind, column, page = KINDS[part.kind], named[0][1].column, named[0][2]
    if kind == "body":
        return [(Item("body", (row,), item.column), stood) for row, item, stood in named]
    return [(Item(kind, tuple(row for row, _, _ in named), column), page)]


def _whole_tables(placed: Sequence[tuple[Item, Page]]) -> list[tuple[Item, Page]]:
    """Lines of a table that came out in another order are parts that follow each other: one table."""
    whole: list[tuple[Item, Page]] = []
    for item, page in placed:
        if whole and item.kind == whole[-1][0].kind == "table":
            before, page = whole.pop()
            item = replace(before, rows=(*before.rows, *item.rows))
        whole.append((item, page))
    return whole


def _pages(placed: Sequence[tuple[Item, Page]], case: CasePages) -> list[Page]:
    """The pages that the items stood on, with these items and the case's own title."""
    items: dict[Page, list[Item]] = {
        page: [item for item in page.items if item.kind in FIXED and item.kind != "opener"] for page in case.pages
    }
    for item, page in placed:
        items.setdefault(page, []).append(item)
    return [replace(page, items=tuple(found), confidence=1.0) for page, found in items.items() if found]


def _without(page: Page, taken: set[Row]) -> Page:
    items = tuple(item for item in page.items if not taken.intersection(item.rows))
    return page if len(items) == len(page.items) else replace(page, items=items)
