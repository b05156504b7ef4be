"""What an import makes of the fields that editors have changed: texts are merged, what remains waits for a person."""

from catalog.importing.database.conflicts.merging import ConflictDraft, base_of, merge_edited
from catalog.importing.database.conflicts.recording import record_conflicts

__all__ = ["ConflictDraft", "base_of", "merge_edited", "record_conflicts"]
