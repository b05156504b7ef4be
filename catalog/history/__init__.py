"""The history of cases and of what they belong to, read and used; `catalog.models.history` says how it is recorded.

recording     who writes, and why
states        what rows were at a moment; the versions of a row; what a context did
comparing     the differences of two states, for a person to read
"""

from catalog.history.comparing import Difference, differences, row_names, text_difference, title_of
from catalog.history.recording import LONGEST_REASON, Kind, describe, recording
from catalog.history.states import NOW, TIES, Changes, State, Version, changes_of, state_at, state_before, versions

__all__ = [
    "LONGEST_REASON",
    "NOW",
    "TIES",
    "Changes",
    "Difference",
    "Kind",
    "State",
    "Version",
    "changes_of",
    "describe",
    "differences",
    "recording",
    "row_names",
    "state_at",
    "state_before",
    "text_difference",
    "title_of",
    "versions",
]
