"""What is made of the whole catalogue, and made again when that has changed enough: after imports and rebuilds, not in
their transactions. Whatever is lost with it is time.
"""

from collections.abc import Callable

from catalog.search.query.current_vocabulary import phrases_are_due, refresh_phrases
from catalog.search.snapshot import build


def refresh_index(announce: Callable[[], object] = lambda: None) -> None:
    """Builds a snapshot and gathers the phrases, each if it is due; `announce` hears that there is something to do."""
    snapshot_is_due, phrases_due = build.is_due(), phrases_are_due()
    if snapshot_is_due or phrases_due:
        announce()
    if snapshot_is_due:
        build.build_snapshot()
    if phrases_due:
        refresh_phrases()
