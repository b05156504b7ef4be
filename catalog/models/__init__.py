from catalog.models.case import Case, Doubt, doubted_field_label
from catalog.models.conflict import Conflict
from catalog.models.reference import Bank, BankAlias, BankKind, Category, Product, ProductAlias
from catalog.models.search import (
    CaseTitle,
    ChangedCase,
    LexemeCount,
    NameChange,
    Phrase,
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

__all__ = [
    "Bank",
    "BankAlias",
    "BankKind",
    "Case",
    "CaseTitle",
    "Category",
    "ChangedCase",
    "Conflict",
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
    "doubted_field_label",
]
