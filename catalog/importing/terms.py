"""On which terms an import writes, and who hears what becomes of each case. Plain values, no database."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from catalog.importing.drafts import ImportProblem


class Change(StrEnum):
    """What an import does to one case."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    CONFLICT = "conflict"  # the file has something new where an editor has changed the case, and the edit stays
    DUPLICATE = "duplicate"
    REMOVED = "removed"  # an editor has deleted the case, and it stays deleted
    REFUSED = "refused"


@dataclass(frozen=True)
class Outcome:
    """What has become of one statement of the file `source`.

    `ref`: what the file calls it. `case`: the key of a case that was there before.
    `old` and `new`: by the names of the case's fields what they held and what is written; of a field in `kept` `old` is
    the editor's and stays, `new` what the file wants. Banks, chapters and products are names. Of where a text stood in
    its source only the lines are told. `doubts`: reasons.
    """

    source: str
    ref: str
    change: Change
    title: str
    case: int | None = None
    old: Mapping[str, object] = ()
    new: Mapping[str, object] = ()
    kept: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


# What somebody says that a file is, of whose name there is a source.
TakenFor = Literal["edition", "source"] | None


class Terms:
    """These: everything is taken, new cases are public, nobody hears of it, and one bad file stops the import."""

    indexed = True  # whether search entries are made; what is rolled back needs none
    public = True  # whether new cases come in public
    taken_for: TakenFor = None  # what a file is that does not plainly continue the source of its name

    def takes(self, ref: str) -> bool:
        """Whether the case that the file calls so is written at all. What is left out the file has nonetheless."""
        return True

    @property
    def takes_all(self) -> bool:
        """Whether a file that is imported need not be read again until it changes."""
        return True

    def hear(self, outcome: Outcome) -> None:
        """Told once for each case, in the order of writing."""

    def refuse(self, name: str, problem: ImportProblem) -> None:
        """Told of each file that can't be imported. What does not raise lets the other files in."""
        raise problem
