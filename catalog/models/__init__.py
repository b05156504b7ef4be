from catalog.models.case import Case, Doubt
from catalog.models.changes import NameChange
from catalog.models.reference import Bank, BankAlias, BankKind, Category, Product, ProductAlias
from catalog.models.search import (
    LexemeCount,
    PostingList,
    SearchEntry,
    SearchIndex,
    SearchText,
    Snapshot,
    SnapshotColumn,
    WrittenEntry,
)
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
    "Doubt",
    "LexemeCount",
    "NameChange",
    "Phrase",
    "PostingList",
    "Product",
    "ProductAlias",
    "Script",
    "SearchEntry",
    "SearchIndex",
    "SearchText",
    "Snapshot",
    "SnapshotColumn",
    "Source",
    "SynonymGroup",
    "WrittenEntry",
]
