"""Recognises institutions: the bank that a text is about, or that a cell names.

vocabulary   how texts write the names of banks, and what looks like one and is none
texts        the institution that a title and a text are about
cells        the bank, and the part of it, that a text of nothing else names
"""

from catalog.importing.institutions.cells import Named, NamesOfBanks
from catalog.importing.institutions.texts import (
    Institution,
    mentioned_banks,
    recognise_institution,
    settle_branches,
)
from catalog.importing.institutions.vocabulary import fold

__all__ = [
    "Institution",
    "Named",
    "NamesOfBanks",
    "fold",
    "mentioned_banks",
    "recognise_institution",
    "settle_branches",
]
