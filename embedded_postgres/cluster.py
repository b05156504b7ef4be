"""The embedded cluster's folder: make it, find its running server, start one.

Only the keeper calls what changes anything here; its lock makes it the only one.
"""

import locale
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

from embedded_postgres import account
from embedded_postgres.disk import FULL, Reserve, free_bytes
from embedded_postgres.errors import SetupError
from embedded_postgres.locks import FileLock
from embedded_postgres.programs import clean_environment, find_programs
from embedded_postgres.server import Failures, Server, launch, works_in
from embedded_postgres.sockets import PORT, SocketFolder, remove_former_folder

ROLE = "anliku"
DATABASE = "anliku"
LOG_LIMIT = 5_000_000  # bytes
KEEPER_PATIENCE = 60  # seconds, in which it stops the server


class Cluster:
    """One PostgreSQL cluster in the folder `root`. No path is kept in it, so the folder may be moved."""

    def __init__(self, root: Path):
        self.root = root
        self.data = root / "data"
        self.log = root / "server.log"
        self.users_lock = root / "users.lock"
        self.keeper_lock = root / "keeper.lock"
        self.ready_lock = root / "ready.lock"
        self.socket = SocketFolder(root)
        self.failures = Failures(root / "failures")
        self.reserve = Reserve(root / "reserve")

    def owner(self) -> account.Account:
        return account.server_account(self.root, self.data)

    def hand_over(self, owner: account.Account) -> None:
        """All in the folder belongs to the account that the server runs as, the locks and logs included."""
        if owner.switch:
            for folder in (self.root, self.data):
                if folder.exists():
                    account.hand_over(owner, folder)

    def address(self) -> dict[str, str]:
        """Django's HOST, PORT and USER of the running server. They stay the same as long as the folder does."""
        former = self._former_socket_folder()
        return {"HOST": former or str(self.socket.way(self.owner())), "PORT": PORT, "USER": ROLE}

    def is_ready(self) -> bool:
        """Whether a keeper says that the server takes connections, and it can be reached."""
        return FileLock(self.ready_lock).is_seized() and self.is_reachable()

    def is_reachable(self) -> bool:
        """Whether the running server's socket is there; one that was cleared away is gone until the next start."""
        return self.socket.stands() or self._former_socket_folder() is not None

    def find(self) -> Server | None:
        """The running server, if there is one."""
        import psutil

        try:
            process = psutil.Process(int(self._pid_file()[0]))
        except (FileNotFoundError, IndexError, ValueError, psutil.Error):
            return None
        return Server(process, self._former_socket_folder() or "") if works_in(process, self.data) else None

    def start(self) -> Server:
        """Start the server, making its cluster first if there is none; returns when it takes connections."""
        programs = find_programs()
        self.shorten_log()
        if self.version() is None:
            self._create()
        self.data.chmod(0o700)  # PostgreSQL refuses a folder that others may enter
        self._drop_old_traces()
        self.socket.make()
        with open(self.log, "ab+", opener=account.open_private) as log:
            begin = log.tell()
            server = launch(programs / "postgres", self.data, self.socket.seen_from(self.data), log, self._is_ready)
            if server is None:
                log.seek(begin)
                raise SetupError(self._failure("启动", log.read().decode("utf-8", "replace")))
        return server

    def stop(self) -> bool:
        """End the server, whoever uses it, and the keeper, who would start it anew. Whether there was one."""
        import psutil

        server = self.find()
        with suppress(psutil.Error):
            if pid := FileLock(self.keeper_lock).signer():
                keeper = psutil.Process(pid)
                keeper.terminate()
                keeper.resume()
                keeper.wait(KEEPER_PATIENCE)
        if server:
            server.stop()
        return server is not None

    def disk_is_full(self) -> bool:
        return free_bytes(self.root) < FULL

    def last_words(self) -> str:
        """The line to show about a server that has ended by itself."""
        # Asked first: on a full disk the reason stands in no log.
        if self.disk_is_full():
            return f"磁盘已满，内置数据库停了：请腾出空间（{self.root}）"
        return f"内置数据库意外停止，马上再启动（日志 {self.log}）"

    def version(self) -> int | None:
        """The major version of the data; None where there are none yet."""
        with suppress(FileNotFoundError, ValueError):
            return int((self.data / "PG_VERSION").read_text())
        return None

    def write_log(self, text: str) -> None:
        with suppress(OSError), open(self.log, "a", encoding="utf-8", opener=account.open_private) as log:
            log.write(text)

    def shorten_log(self) -> None:
        """Its end is kept in a second file, of which there is one; the server goes on writing to the first."""
        with suppress(FileNotFoundError):
            if self.log.stat().st_size > LOG_LIMIT:
                with open(f"{self.log}.1", "wb", opener=account.open_private) as former, open(self.log, "rb+") as log:
                    log.seek(-LOG_LIMIT, 2)
                    shutil.copyfileobj(log, former)
                    log.truncate(0)

    def run(self, command: list, folder: Path, deed: str, stdin: str = "") -> str:
        """What a program of PostgreSQL prints. SetupError says that `deed` has failed, and why."""
        result = subprocess.run(
            command,
            cwd=folder,
            env=clean_environment(),
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        )
        self.write_log(result.stdout)
        if result.returncode:
            raise SetupError(self._failure(deed, result.stdout))
        return result.stdout

    def initialise(self, folder: Path, *options: str) -> None:
        """An empty cluster in `folder`, which is made anew."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        initdb = [
            *(find_programs() / "initdb", "-D", ".", "-U", ROLE, "--no-instructions"),
            *("--auth-local=trust", "--auth-host=reject", "--encoding=UTF8"),
            # The order of texts comes from PostgreSQL itself: the same on every system.
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", f"--lc-ctype={_utf8_locale()}"),
        ]
        self.run([*initdb, *options], folder, "建立")

    def _pid_file(self) -> list[str]:
        """PostgreSQL's lines: pid, data folder, start time, port, socket folder, addresses, memory, state."""
        return [line.strip() for line in (self.data / "postmaster.pid").read_text("utf-8").splitlines()]

    def _former_socket_folder(self) -> str | None:
        """That of a server which a former version of this code has started, in the system's temporary folder."""
        with suppress(FileNotFoundError, IndexError):
            folder = self._pid_file()[4]
            return folder if folder.startswith("/") else None
        return None

    def _is_ready(self, pid: int) -> bool:
        with suppress(FileNotFoundError, IndexError):
            lines = self._pid_file()
            return lines[0] == str(pid) and lines[7] == "ready"
        return False

    def _create(self) -> None:
        """Under another name until it is whole: a cut-short initdb leaves no half cluster behind."""
        staging = self.root / "data.new"
        try:
            self.initialise(staging)
            create_database = f"CREATE DATABASE {DATABASE}\n"
            self.run(
                [find_programs() / "postgres", "--single", "-D", ".", "postgres"], staging, "建立", create_database
            )
            staging.rename(self.data)
        except BaseException:
            shutil.rmtree(staging, ignore_errors=True)
            raise

    def _drop_old_traces(self) -> None:
        """What a server that was killed left behind."""
        import psutil

        remove_former_folder(self._former_socket_folder() or "")
        with suppress(FileNotFoundError, IndexError, ValueError, psutil.Error):
            # PostgreSQL clears its own stale file, unless there is a process of that number: another program that
            # has got it since, or the dead server, which nobody has buried yet.
            if not works_in(psutil.Process(int(self._pid_file()[0])), self.data):
                (self.data / "postmaster.pid").unlink()

    def _failure(self, deed: str, output: str) -> str:
        # On a full disk a program cannot write down why it ends, or not to the end of the line.
        if "No space left on device" in output or self.disk_is_full():
            return f"磁盘已满，内置数据库无法{deed}：{self.root}"
        lines = [line for line in output.splitlines() if "FATAL:" in line or "error:" in line] or output.splitlines()
        reason = lines[-1].strip() if lines else "没有输出"
        return f"内置数据库无法{deed}：{reason}（日志 {self.log}）"


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
