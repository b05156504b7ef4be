"""Logs that have grown large are moved aside, by the supervisor alone: whoever writes them opens them anew."""

from pathlib import Path

LARGEST = 20_000_000  # bytes
KEPT = 4  # older ones: access.log.1 (the newest) … access.log.4


def rotate(folder: Path, largest: int = LARGEST, kept: int = KEPT) -> bool:
    """Whether any of the `*.log` in the folder was moved."""
    grown = [path for path in folder.glob("*.log") if path.stat().st_size > largest]
    for path in grown:
        for number in range(kept - 1, 0, -1):
            older = _numbered(path, number)
            if older.exists():
                older.replace(_numbered(path, number + 1))
        path.replace(_numbered(path, 1))
    return bool(grown)


def _numbered(path: Path, number: int) -> Path:
    return path.with_name(f"{path.name}.{number}")
