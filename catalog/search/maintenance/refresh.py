"""What is made of the whole catalogue, and made again when that has changed enough: after imports and rebuilds, not in
their transactions. Whatever is lost with it is time.
"""

from catalog.search.snapshot import build


def refresh_index() -> bool:
    """Builds a snapshot if it is due; returns whether there was anything to do."""
    if not build.is_due():
        return False
    return build.build_snapshot()
