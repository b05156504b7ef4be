"""The system account that the server runs as. PostgreSQL refuses root, so root needs another one."""

import os
import pwd
import stat
import subprocess
import sys
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

    @property
    def name(self) -> str:
        return _name(self.uid)

    def popen_options(self) -> dict:
        """What makes a child of root's the account's own: its user and groups. Its environment is apart."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.switch else {}

    def environment(self) -> dict[str, str]:
        """What the environment of such a child has to say: in root's home it may not look for settings."""
        if not self.switch:
            return {}
        home = _home(self.uid)
        return {"HOME": home, "USER": self.name, "LOGNAME": self.name}


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


def open_the_code(owner: Account, *paths: Path) -> list[Path]:
    """The same for all that a Python process of the account runs: the interpreter, its packages, this one, `paths`.

    Refuses code that the account could not read: a checkout that root made with a strict umask.
    """
    if not owner.switch:
        return []
    package = Path(__file__).parent
    for code in (package, *package.glob("*.py")):
        if not _may_read(owner, code.stat()):
            raise SetupError(
                f"用户 {owner.name} 读不到 {code}：请运行 chmod -R go+rX {package.parent}，或改用普通用户运行"
            )
    interpreter = Path(sys.executable)
    return open_the_way(owner, package, interpreter, *map(Path, (sys.prefix, sys.base_prefix)), *paths)


def hand_over(owner: Account, folder: Path) -> None:
    """Give a folder of root's, with all in it, to the server's account; nobody else may enter it.

    Of a folder that is the account's already, what root has put into it: `cp` run by root, for one.
    """
    folder = folder.resolve()
    if owner.switch:
        if folder.stat().st_uid != owner.uid:
            _give(owner, folder)
        for entry in os.scandir(folder):
            with suppress(FileNotFoundError):  # the server may be at work there
                if entry.stat(follow_symlinks=False).st_uid == 0:
                    _give(owner, Path(entry.path))
    folder.chmod(0o700)


def step_down(owner: Account) -> None:
    """This process, root until now, is the account's from here on, with all its children; there is no way back."""
    if owner.switch:
        os.setgroups([])
        os.setgid(owner.gid)
        os.setuid(owner.uid)
        os.environ.update(owner.environment())


def open_private(path: str | Path, flags: int) -> int:
    """A descriptor of a file that only its account may open, made when absent. Also an opener for `open`.

    What root makes belongs to whom the folder belongs: the server's account has to open it too.
    """
    is_root = os.geteuid() == 0
    flags |= os.O_CLOEXEC | (os.O_NOFOLLOW if is_root else 0)  # root is not to be led elsewhere by the account
    try:
        descriptor = os.open(path, flags | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return os.open(path, flags | os.O_CREAT, 0o600)  # someone may have removed it since
    if is_root:
        folder = Path(path).parent.stat()
        os.fchown(descriptor, folder.st_uid, folder.st_gid)
    return descriptor


def _give(owner: Account, path: Path) -> None:
    """With all in it, but no file of two names: whoever may write there could have named another's file so."""
    inside = (Path(folder, name) for folder, folders, files in os.walk(path) for name in (*folders, *files))
    for each in (path, *inside):
        with suppress(FileNotFoundError):
            entry = each.lstat()
            if stat.S_ISDIR(entry.st_mode) or entry.st_nlink == 1:
                os.chown(each, owner.uid, owner.gid, follow_symlinks=False)


def _may_read(owner: Account, entry: os.stat_result) -> bool:
    """By the plain rights alone: as the account's own, as its group's, or as everyone's."""
    if entry.st_uid == owner.uid:
        return bool(entry.st_mode & stat.S_IRUSR)
    if entry.st_gid == owner.gid:
        return bool(entry.st_mode & stat.S_IRGRP)
    return bool(entry.st_mode & stat.S_IROTH)


def _service_entry() -> pwd.struct_passwd:
    if entry := _lookup(SERVICE):
        return entry
    command = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    with suppress(FileNotFoundError):
        subprocess.run([*command, "--shell", "/usr/sbin/nologin", SERVICE], capture_output=True, check=False)
    if entry := _lookup(SERVICE):  # made by us, or by another start at the same time
        return entry
    raise SetupError(f"数据库不能以 root 运行，又无法建立系统用户 {SERVICE}：请改用普通用户运行")


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


def _home(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_dir
    except KeyError:
        return "/"
