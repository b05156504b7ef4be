"""The system account that the server runs as. PostgreSQL refuses root, so root needs another one."""

import os
import pwd
import stat
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from config.friendly import SetupError

SERVICE = "anliku"


@dataclass(frozen=True)
class Account:
    """`switch` says that the caller is root and has to step down to uid and gid."""

    uid: int
    gid: int
    switch: bool

    def popen_options(self) -> dict:
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.switch else {}


def server_account(data: Path) -> Account:
    """Ourselves; for root whoever owns the data already, else the account `anliku`, made when absent."""
    owner = data.stat() if data.exists() else None
    if os.geteuid() != 0:
        if owner and owner.st_uid != os.geteuid():
            raise SetupError(f"{data} 属于用户 {_name(owner.st_uid)}，请以该用户或 root 运行")
        return Account(os.geteuid(), os.getegid(), switch=False)
    # A copy made by root belongs to root: it is handed over like a new one.
    if owner and owner.st_uid != 0:
        return Account(owner.st_uid, owner.st_gid, switch=True)
    entry = _service_entry()
    return Account(entry.pw_uid, entry.pw_gid, switch=True)


def open_the_way(owner: Account, *paths: Path) -> None:
    """Let the server's account pass through the folders above `paths`, where it may not yet.

    Passing (x) only, never reading: /root stays unlisted. Without it root's own checkout in /root
    could not be served.
    """
    if not owner.switch:
        return
    for path in paths:
        for folder in path.resolve().parents:
            mode = folder.stat().st_mode
            if not mode & stat.S_IXOTH and folder.stat().st_uid != owner.uid:
                folder.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)


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
