"""The server's socket, and a path to it that is short enough.

The socket lies in the cluster's own folder, where no system clears old files, and the server is told its place from
its own folder on, so that no length matters to it. Who connects needs a path of at most 103 bytes (107 on Linux).
Where the folder's own is longer, a link in the system's folder for temporary files leads there: its name is noted
beside the socket, and it is made again under the same name whenever it is gone.
"""

import os
import shutil
import stat
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from embedded_postgres.account import Account, open_private
from embedded_postgres.locks import FileLock

PORT = "5432"  # only a part of the socket's name
LINK_PREFIX = "anliku-pg-"
_LONGEST = 103 - len(f"/.s.PGSQL.{PORT}")  # bytes of the folder's path


class SocketFolder:
    """`root`/socket, which only the server's account may enter: that takes the place of a password."""

    def __init__(self, root: Path):
        self.path = root / "socket"
        self._note = root / "socket.link"
        self._lock = root / "socket.lock"

    def make(self) -> None:
        """Anew: what a server that was killed has left there says nothing, the file in its data does."""
        shutil.rmtree(self.path, ignore_errors=True)
        self.path.mkdir(mode=0o700)

    def seen_from(self, data: Path) -> str:
        """As the server calls it, which works in `data`: that may be a link to another disk."""
        return os.path.relpath(self.path.resolve(), data.resolve())

    def stands(self) -> bool:
        """Whether a socket is there to connect to; someone may have cleared it away."""
        return (self.path / f".s.PGSQL.{PORT}").exists()

    def way(self, owner: Account) -> Path:
        """The folder's path, or a link to it when that is too long; both stay the same as long as the folder does."""
        target = self.path.absolute()
        if len(os.fsencode(target)) <= _LONGEST:
            return target
        link = self._noted()
        if link and _leads(link, target, owner):
            return link
        lock = FileLock(self._lock)
        while not lock.seize():  # someone else is just making it
            time.sleep(0.01)
        try:
            link = self._noted()
            return link if link and _leads(link, target, owner) else self._make_link(link, target, owner)
        finally:
            lock.release()

    def remove_way(self) -> None:
        """Once the server has stopped. The note stays, and with it the name."""
        if link := self._noted():
            with suppress(OSError):
                link.unlink()
                link.parent.rmdir()

    def _noted(self) -> Path | None:
        with suppress(FileNotFoundError):
            return Path(os.fsdecode(self._note.read_bytes())) if self._note.stat().st_size else None
        return None

    def _make_link(self, former: Path | None, target: Path, owner: Account) -> Path:
        """Under the former name, unless a stranger has taken it: others may still use that."""
        folder = former.parent if former else None
        if folder is None or not _own(folder, owner):
            folder = _make_folder(folder)
        if owner.switch:
            os.chown(folder, owner.uid, owner.gid)
        link, new = folder / "s", folder / "new"
        new.unlink(missing_ok=True)
        new.symlink_to(target)
        new.replace(link)
        with open(self._note, "wb", opener=open_private) as note:
            note.write(os.fsencode(link))
        return link


def remove_former_folder(path: str) -> None:
    """Formerly every start made a folder in the system's temporary one."""
    if Path(path).name.startswith(LINK_PREFIX):
        shutil.rmtree(path, ignore_errors=True)


def _make_folder(wanted: Path | None) -> Path:
    """A private folder; of a random name, which nobody can have taken before, unless `wanted` is free."""
    if wanted:
        with suppress(OSError):
            wanted.mkdir(mode=0o700)
            return wanted
    temporary = tempfile.gettempdir()
    parent = temporary if len(os.fsencode(temporary)) <= _LONGEST - 20 else "/tmp"
    return Path(tempfile.mkdtemp(prefix=LINK_PREFIX, dir=parent))


def _own(folder: Path, owner: Account) -> bool:
    """Whether nobody but the account (or root, who is asking) can have put anything there."""
    with suppress(OSError):
        entry = folder.lstat()
        owners = {owner.uid, os.geteuid()}
        return stat.S_ISDIR(entry.st_mode) and entry.st_uid in owners and not entry.st_mode & 0o077
    return False


def _leads(link: Path, target: Path, owner: Account) -> bool:
    with suppress(OSError):
        return _own(link.parent, owner) and os.readlink(link) == str(target)
    return False
