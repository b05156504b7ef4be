"""The fields of the query language: 银行:工行 and its like, as conditions on the entries."""

from dataclasses import dataclass

from django.db.models import Q

from catalog.models import Category, Product
from catalog.search.names.lexicon import Lexicon
from catalog.search.query.syntax import Clause
from catalog.text.normalise import fold

TITLES = {"bank": "银行", "category": "章节", "product": "产品", "year": "年份"}


@dataclass(frozen=True)
class FieldFilter:
    """Cases of any of `keys` in a field (years: of any of these ranges), or of none if `excluded`."""

    field: str
    keys: tuple
    label: str
    excluded: bool
    span: tuple[int, int]

    @property
    def title(self) -> str:
        return TITLES[self.field]

    @property
    def column(self) -> str:
        return {"year": "year", "product": "products"}.get(self.field, f"{self.field}_id")

    def holds(self, key: int | None) -> bool:
        """Whether a value of the column is asked for."""
        if self.field == "year":
            return key is not None and any(first <= key <= last for first, last in self.keys)
        return key in self.keys

    def filter(self, entries):
        if self.field == "year":
            found = Q()
            for first, last in self.keys:
                found |= Q(year__range=(first, last))
        elif self.field == "product":
            found = Q(products__overlap=list(self.keys))
        else:
            found = Q(**{f"{self.column}__in": self.keys})
        return entries.exclude(found) if self.excluded else entries.filter(found)


def read_field(clause: Clause, lexicon: Lexicon) -> FieldFilter | None:
    """Nothing if a value of the clause is not known."""
    reader = {"bank": _owners, "product": _products, "category": _categories, "year": _years}[clause.field]
    keys: list = []
    for piece in clause.pieces:
        found = reader(fold(piece.text), lexicon)
        if not found:
            return None
        keys += found
    label = " | ".join(" ".join(piece.text.split()) for piece in clause.pieces)
    return FieldFilter(clause.field, tuple(dict.fromkeys(keys)), label, clause.excluded, (clause.start, clause.end))


def _named(text: str, lexicon: Lexicon, kind: str) -> list[int]:
    found = [lexeme.lstrip("\x01").split(":") for lexeme in lexicon.by_name.get(text, ())]
    return [int(key) for name, key in found if name == kind]


def _owners(text: str, lexicon: Lexicon) -> list[int]:
    return _named(text, lexicon, "bank")


def _products(text: str, lexicon: Lexicon) -> list[int]:
    """By one of its names, else all whose name has the text."""
    if found := _named(text, lexicon, "product"):
        return found
    return [pk for pk, name in Product.objects.values_list("pk", "name") if text and text in fold(name)]


def _categories(text: str, lexicon: Lexicon) -> list[int]:
    names = [(pk, fold(name)) for pk, name in Category.objects.values_list("pk", "name")]
    return [pk for pk, name in names if name == text] or [pk for pk, name in names if text and text in name]


def _years(text: str, lexicon: Lexicon) -> list[tuple[int, int]]:
    first, dash, last = text.removesuffix("年").replace("年", "").partition("-")
    years = [first, last] if dash else [first]
    if not all(year.isascii() and year.isdigit() and len(year) == 4 for year in years):
        return []
    return [(min(map(int, years)), max(map(int, years)))]
