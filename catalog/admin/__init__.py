"""The editors' pages. Importing this package registers all of them."""

from catalog.admin import cases, conflicts, doubts, names, reference, sources, thesaurus

__all__ = ["cases", "conflicts", "doubts", "names", "reference", "sources", "thesaurus"]
