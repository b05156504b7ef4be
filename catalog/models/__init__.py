from catalog.models.case import Case, Doubt
from catalog.models.reference import Bank, BankAlias, BankKind, Category, Product, ProductAlias
from catalog.models.search import SearchEntry
from catalog.models.source import Script, Source

__all__ = [
    "Bank",
    "BankAlias",
    "BankKind",
    "Case",
    "Category",
    "Doubt",
    "Product",
    "ProductAlias",
    "Script",
    "SearchEntry",
    "Source",
]
