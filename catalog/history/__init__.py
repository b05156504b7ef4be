"""The history of cases and of what they belong to, read and used; `catalog.models.history` says how it is recorded.

recording     who writes, and why
states        what rows were at a moment; the versions of a row; what a context did
comparing     the differences of two states, for a person to read
bin           deleted cases and their way back
erasing       what is to be gone for good
"""

from catalog.history.bin import Restored, deleted_cases, restore
from catalog.history.comparing import Difference, differences, row_names, text_difference, title_of
from catalog.history.erasing import Erased, Traces, erase_cases, erase_source, erased, holders_asked, holders_of
from catalog.history.recording import LONGEST_REASON, Kind, describe, recording
from catalog.history.states import (
    NOW,
    TIES,
    Changes,
    State,
    Version,
    author_of,
    changes_of,
    state_at,
    state_before,
    versions,
)
from catalog.history.undoing import Undone, undo

__all__ = [
    "LONGEST_REASON",
    "NOW",
    "TIES",
    "Changes",
    "Difference",
    "Erased",
    "Kind",
    "Restored",
    "State",
    "Traces",
    "Undone",
    "Version",
    "author_of",
    "changes_of",
    "deleted_cases",
    "describe",
    "differences",
    "erase_cases",
    "erase_source",
    "erased",
    "holders_asked",
    "holders_of",
    "recording",
    "restore",
    "row_names",
    "state_at",
    "state_before",
    "text_difference",
    "title_of",
    "undo",
    "versions",
]
