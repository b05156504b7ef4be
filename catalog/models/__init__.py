from catalog.models.case import Case, Doubt
from catalog.models.reference import Bank, BankAlias, BankKind, Category, Product, ProductAlias
from catalog.models.search import Champion, LexemeCount, SearchEntry, SearchIndex, SearchText
from catalog.models.source import Script, Source
from catalog.models.thesaurus import SynonymGroup
from catalog.models.wording import CaseTitle, Phrase

__all__ = [
    "Bank",
    "BankAlias",
    "BankKind",
    "Case",
    "CaseTitle",
    "Category",
    "Champion",
    "Doubt",
    "LexemeCount",
    "Phrase",
    "Product",
    "ProductAlias",
    "Script",
    "SearchEntry",
    "SearchIndex",
    "SearchText",
    "Source",
    "SynonymGroup",
]
