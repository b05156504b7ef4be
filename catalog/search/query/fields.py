"""The fields of the query language: 银行:工行 and its like, as conditions on the entries."""

from dataclasses import dataclass

from catalog.models import Category
from catalog.search.match.sql import ColumnFilter
from catalog.search.names.lexicon import Lexicon
from catalog.search.query.syntax import Clause
from catalog.text.normalise import fold

_COLUMNS = {"bank": "bank_id", "category": "category_id", "product": "products", "year": "year"}


@dataclass(frozen=True)
class FieldClause:
    """A clause query[start:end] that asks for a `field` (bank, category, product, year); `label` is what was typed."""

    field: str
    label: str
    span: tuple[int, int]
    column_filter: ColumnFilter

    @property
    def excluded(self) -> bool:
        return self.column_filter.excluded


def read_field(clause: Clause, lexicon: Lexicon) -> FieldClause | None:
    """Nothing if the clause asks for no field, or a value of it is not known."""
    if clause.field is None:
        return None
    keys: list[int] = []
    ranges: list[tuple[int, int]] = []
    for piece in clause.pieces:
        text = fold(piece.text)
        piece_keys = _READERS[clause.field](text, lexicon) if clause.field in _READERS else []
        piece_ranges = _years(text) if clause.field == "year" else []
        if not piece_keys and not piece_ranges:
            return None
        keys += piece_keys
        ranges += piece_ranges
    label = " | ".join(" ".join(piece.text.split()) for piece in clause.pieces)
    column_filter = ColumnFilter(_COLUMNS[clause.field], frozenset(keys), tuple(ranges), clause.excluded)
    return FieldClause(clause.field, label, (clause.start, clause.end), column_filter)


def _named(text: str, lexicon: Lexicon, kind: str) -> list[int]:
    owners = [lexeme.lstrip("\x01").split(":") for lexeme in lexicon.by_name.get(text, ())]
    return [int(key) for name, key in owners if name == kind]


def _banks(text: str, lexicon: Lexicon) -> list[int]:
    return _named(text, lexicon, "bank")


def _products(text: str, lexicon: Lexicon) -> list[int]:
    """By one of its names, else all whose name has the text."""
    if products := _named(text, lexicon, "product"):
        return products
    return [pk for pk, name in lexicon.product_names if text and text in name]


def _categories(text: str, lexicon: Lexicon) -> list[int]:
    names = [(pk, fold(name)) for pk, name in Category.objects.values_list("pk", "name")]
    return [pk for pk, name in names if name == text] or [pk for pk, name in names if text and text in name]


def _years(text: str) -> list[tuple[int, int]]:
    first, dash, last = text.removesuffix("年").replace("年", "").partition("-")
    years = [first, last] if dash else [first]
    if not all(year.isascii() and year.isdigit() and len(year) == 4 for year in years):
        return []
    return [(min(map(int, years)), max(map(int, years)))]


_READERS = {"bank": _banks, "product": _products, "category": _categories}
