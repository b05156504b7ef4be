from catalog.models.case import Case, Doubt
from catalog.models.reference import Bank, BankAlias, BankKind, Category, Product, ProductAlias
from catalog.models.search import Champion, LexemeCount, SearchEntry, SearchIndex, SearchText
from catalog.models.source import Script, Source

__all__ = [
    "Bank",
    "BankAlias",
    "BankKind",
    "Case",
    "Category",
    "Champion",
    "Doubt",
    "LexemeCount",
    "Product",
    "ProductAlias",
    "Script",
    "SearchEntry",
    "SearchIndex",
    "SearchText",
    "Source",
]
