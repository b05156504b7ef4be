"""The system account that the server runs as. PostgreSQL refuses root, so root needs another one."""

import os
import pwd
import stat
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from embedded_postgres.errors import SetupError

SERVICE = "anliku"


@dataclass(frozen=True)
class Account:
    """`switch` says that the caller is root and has to step down to uid and gid."""

    uid: int
    gid: int
    switch: bool

    def popen_options(self) -> dict:
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.switch else {}


def refuse_strangers(*folders: Path) -> None:
    """One clear line before the first file that may not be opened. Root may go on with anyone's data."""
    for folder in folders:
        if folder.exists() and os.geteuid() not in (0, folder.stat().st_uid):
            raise SetupError(f"{folder} 属于用户 {_name(folder.stat().st_uid)}，请以该用户或 root 运行")


def server_account(root: Path, data: Path) -> Account:
    """Ourselves; for root whoever owns the data or its folder already, else the account `anliku`, made when absent."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), switch=False)
    for folder in (data, root):
        # What belongs to root, as a copy made by root does, is handed over like a new one.
        if folder.exists() and folder.stat().st_uid != 0:
            return Account(folder.stat().st_uid, folder.stat().st_gid, switch=True)
    entry = _service_entry()
    return Account(entry.pw_uid, entry.pw_gid, switch=True)


def open_the_way(owner: Account, *paths: Path) -> list[Path]:
    """Let the server's account pass through the folders above `paths`, where it may not yet; which ones these were.

    Passing (x) only, never reading: /root stays unlisted. Without it root's own checkout in /root
    could not be served.
    """
    opened = []
    if not owner.switch:
        return opened
    for path in paths:
        for folder in path.resolve().parents:
            mode = folder.stat().st_mode
            if not mode & stat.S_IXOTH and folder.stat().st_uid != owner.uid:
                folder.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)
                opened.append(folder)
    return opened


def hand_over(owner: Account, folder: Path) -> None:
    """Give a folder of root's, with all in it, to the server's account; nobody else may enter it."""
    if owner.switch and folder.stat().st_uid != owner.uid:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, owner.uid, owner.gid, follow_symlinks=False)
    folder.chmod(0o700)


def _service_entry() -> pwd.struct_passwd:
    if entry := _lookup(SERVICE):
        return entry
    command = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    with suppress(FileNotFoundError):
        subprocess.run([*command, "--shell", "/usr/sbin/nologin", SERVICE], capture_output=True, check=False)
    if entry := _lookup(SERVICE):  # made by us, or by another start at the same time
        return entry
    raise SetupError(f"PostgreSQL 不能以 root 运行，又无法建立系统用户 {SERVICE}：请改用普通用户运行")


def _lookup(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
