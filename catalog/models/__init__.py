from catalog.models.case import Case, Doubt, doubted_field_label
from catalog.models.names import FormerAddress, RemovedName
from catalog.models.reference import (
    Bank,
    BankAlias,
    BankKind,
    Category,
    CategoryAlias,
    Product,
    ProductAlias,
    ProductKind,
)
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
    "CategoryAlias",
    "ChangedCase",
    "Doubt",
    "FormerAddress",
    "LexemeCount",
    "NameChange",
    "Phrase",
    "PostingList",
    "Product",
    "ProductAlias",
    "ProductKind",
    "RemovedName",
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
