"""Rows for tests: every maker fills in what the row can't be without, and takes the rest by name."""

from itertools import count

from catalog.models import Bank, BankKind, Case, Category, Product, Source
from catalog.text.markdown import piece_key

_serial = count(1)


def make_bank(name: str, **fields) -> Bank:
    return Bank.objects.create(**{"code": f"bank-{next(_serial)}", "kind": BankKind.STATE, "name": name} | fields)


def make_category(name: str, **fields) -> Category:
    return Category.objects.create(**{"code": f"chapter-{next(_serial)}", "name": name} | fields)


def make_source(lines: list[str], **fields) -> Source:
    number = next(_serial)
    given = {"name": f"{number}.txt", "sha256": f"{number:064x}", "kind": "casebook", "lines": lines}
    return Source.objects.create(**given | fields)


def make_case(title: str, body: str = "", *, products: tuple[str, ...] = (), **fields) -> Case:
    """`products` by name, of the case's bank."""
    case = Case.objects.create(title=title, body=body, **fields)
    for name in products:
        case.products.add(Product.objects.get_or_create(bank=case.bank, name=name)[0])
    return case


def place(text: str, first: int, last: int, page: int | None = None) -> dict:
    """What an import notes for a piece of a body that stood in these lines."""
    return {"key": piece_key(text), "lines": [[first, last]], "page": page}
