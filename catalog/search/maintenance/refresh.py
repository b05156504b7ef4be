"""What is made of the whole catalogue, and made again when that has changed enough: after imports and rebuilds, not in
their transactions. Whatever is lost with it is time.
"""

from collections.abc import Callable

from django.dispatch import Signal

from catalog.search.index import writer
from catalog.search.query.current_vocabulary import phrases_are_due, refresh_phrases
from catalog.search.snapshot import build

# Sent in the transaction in which more cases were written than are indexed on the spot. Whoever hears of it sees to it
# that `catch_up` is called after that, where nobody waits for it.
catch_up_wanted = Signal()


def refresh_index(announce: Callable[[], object] = lambda: None) -> None:
    """Builds a snapshot and gathers the phrases, each if it is due; `announce` hears that there is something to do."""
    snapshot_is_due, phrases_due = build.is_due(), phrases_are_due()
    if snapshot_is_due or phrases_due:
        announce()
    if snapshot_is_due:
        build.build_snapshot()
    if phrases_due:
        refresh_phrases()


def catch_up() -> None:
    """All that is left to do after very many cases were written at once; in steps, so that nobody waits for long."""
    writer.settle()
    writer.flush()
    refresh_index()
