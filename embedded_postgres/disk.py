"""The disk that the data lie on: how much is free, and a reserve for the day when nothing is.

PostgreSQL stops when it cannot write its log, and to come up again it has to write some. So the keeper holds back a
file of RESERVE bytes, gives it up when the disk is as good as full, and makes it anew when there is room again.
Whoever writes much asks `free_space_problem` first, and stops long before that.
"""

import os
import shutil
from contextlib import suppress
from pathlib import Path

from embedded_postgres.account import open_private

MB = 2**20
RESERVE = 64 * MB
FULL = 32 * MB  # free bytes below which the reserve is given up: two files of PostgreSQL's log
SPARE = 256 * MB  # free bytes that whoever writes much has to leave; the reserve is made of more than that only


def free_space_problem(folder: Path, needed: int = 0) -> str | None:
    """The line to show when `needed` more bytes in `folder` would leave the disk too little; None while all is well."""
    if (free := free_bytes(folder)) - needed >= SPARE:
        return None
    wish = f"约需 {needed / MB:,.0f} MB，并要留下" if needed else "至少要留下"
    return f"磁盘空间不够：{folder} 所在的磁盘只剩 {free / MB:,.0f} MB，{wish} {SPARE // MB} MB，请腾出空间后重试"


def free_bytes(folder: Path) -> int:
    """What its owner may still write there."""
    return shutil.disk_usage(folder).free


def size_of(folder: Path) -> int:
    """Bytes on the disk of all that is in it."""
    return sum(path.lstat().st_blocks for path in folder.rglob("*")) * 512


class Reserve:
    """The file held back. Only the keeper looks after it."""

    def __init__(self, path: Path):
        self.path = path

    def look_after(self) -> None:
        """Cheap, for every other second."""
        free = free_bytes(self.path.parent)
        if self.path.exists():
            if free < FULL:
                self.path.unlink()
        elif free > RESERVE + SPARE:
            with suppress(OSError):  # the room is gone meanwhile
                self._make()

    def _make(self) -> None:
        """Under another name until it is whole. Filled, not only made long: a hole holds nothing back."""
        new = self.path.with_suffix(".new")
        try:
            with open(new, "wb", opener=open_private) as file:
                if hasattr(os, "posix_fallocate"):
                    os.posix_fallocate(file.fileno(), 0, RESERVE)
                else:
                    for _ in range(RESERVE // MB):
                        file.write(bytes(MB))
            new.replace(self.path)
        except OSError:
            new.unlink(missing_ok=True)
            raise
