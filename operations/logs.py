"""The size of the logs: moved aside when they have grown, so many of each kept."""

import stat
from pathlib import Path

LARGEST = 20 * 2**20  # bytes
KEPT = 5  # older ones of each: site.log.1 is the newest


def move_aside(folder: Path, largest: int = LARGEST, kept: int = KEPT) -> list[str]:
    """Names of the logs in the folder that had grown too large. To be called by one process alone, each minute.

    Python's processes open their log anew by themselves; the front has to be told to (USR1).
    """
    moved = []
    for log in sorted(folder.glob("*.log")):
        status = log.lstat()
        if stat.S_ISREG(status.st_mode) and status.st_size >= largest:
            for number in range(kept, 0, -1):
                older = _aside(log, number - 1) if number > 1 else log
                if older.exists():
                    older.replace(_aside(log, number))
            moved.append(log.name)
    return moved


def _aside(log: Path, number: int) -> Path:
    return log.with_name(f"{log.name}.{number}")
