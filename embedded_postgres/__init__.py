"""The embedded PostgreSQL: started by whoever needs it first, stopped after its last user.

Three lock files in its folder do the book-keeping:

  users.lock   shared by every process that uses the server, for as long as it lives
  keeper.lock  held alone by the keeper, a small process apart that starts and stops the server
  ready.lock   held alone by the keeper while the server takes connections

The keeper starts a server that has died anew, and stops it once it gets users.lock alone. As the kernel drops the
locks of a dead process, neither kill -9 nor a crash leaves a wrong count or a stray server behind.

This package is also the Django database engine `embedded_postgres` (see base.py). README.md tells how to use it.
"""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

from embedded_postgres.account import Account, open_the_code, open_the_way, refuse_strangers
from embedded_postgres.cluster import DATABASE, ROLE, Cluster
from embedded_postgres.disk import free_space_problem
from embedded_postgres.errors import SetupError, explain_os_error
from embedded_postgres.locks import FileLock
from embedded_postgres.programs import find_programs

__all__ = [
    "DATABASE",
    "ROLE",
    "SetupError",
    "ensure_embedded_server",
    "free_space_problem",
    "release_embedded_server",
]

PATIENCE = 90  # seconds: the server's stop, or its recovery after a crash

_guard = threading.Lock()
_users: dict[Path, FileLock] = {}


def _renew_guard() -> None:
    """After a fork: the thread that held it in the parent does not exist here."""
    global _guard
    _guard = threading.Lock()


os.register_at_fork(after_in_child=_renew_guard)


def ensure_embedded_server(root: Path) -> dict[str, str]:
    """Start the server in the folder `root` unless it runs; HOST, PORT and USER to connect with.

    The calling process counts as a user until it ends or calls release_embedded_server.
    Cheap when the server runs, so that it may be called before every connection. The answer stays the same over a
    restart of the server, as long as the folder is not moved.
    Raises SetupError with one line to show. While the server can't be started it does so at once, until the next try
    is due; only a process that has just come tries in any case.
    """
    root = Path(root)
    cluster = Cluster(root)
    with _guard:
        try:
            root.mkdir(parents=True, exist_ok=True)
            refuse_strangers(root, cluster.data)
            owner = cluster.owner()
            cluster.hand_over(owner)
            has_just_come = _join_users(root)
            if not cluster.is_ready():
                if not has_just_come and (line := cluster.failures.current()):
                    raise SetupError(line)
                _run_keeper(cluster, owner)
            return cluster.address()
        except OSError as error:
            raise SetupError(f"无法启动内置数据库：{explain_os_error(error) or error}") from error


def release_embedded_server(root: Path, wait: float = 20) -> bool:
    """Stop using the server; True when it has stopped, False when others still use it."""
    cluster = Cluster(Path(root))
    with _guard:
        if (users := _users.pop(cluster.root, None)) is None:
            return False
        users.release()
    keeper = FileLock(cluster.keeper_lock)
    ready = FileLock(cluster.ready_lock)
    started = time.monotonic()
    while time.monotonic() - started < wait:
        if not keeper.is_seized():
            if cluster.find() is None:
                return True
            _run_keeper(cluster, cluster.owner())  # the one before was killed: who else would stop the server?
        # The keeper looks four times a second; past that a server still ready has other users.
        if time.monotonic() - started > 1.5 and ready.is_seized():
            return False
        time.sleep(0.05)
    return False


def _join_users(root: Path) -> bool:
    """Whether this process has only now become one of them."""
    if root in _users:
        if not _users[root].is_lost():
            return False
        _users.pop(root).release()
    users = FileLock(Cluster(root).users_lock)
    deadline = time.monotonic() + PATIENCE
    while not users.share():  # a server is just being stopped
        if time.monotonic() > deadline:
            raise SetupError(f"内置数据库迟迟没有停下：{root}")
        time.sleep(0.05)
    _users[root] = users
    return True


def _run_keeper(cluster: Cluster, owner: Account) -> None:
    """Returns when the server takes connections; the keeper, which is the server's account's, lives on by itself."""
    for folder in (*open_the_way(owner, cluster.data, find_programs()), *open_the_code(owner)):
        cluster.write_log(f"{folder} 加上了 o+x 权限：数据库不能以 root 运行，它的用户要能走到这里\n")
    result = subprocess.run(
        [sys.executable, "-m", "embedded_postgres.keeper", str(cluster.root.absolute())],
        cwd=Path(__file__).parent.parent,  # where the package lies: -m finds it from there
        env={**os.environ, **owner.environment(), "PYTHONIOENCODING": "utf-8", "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,  # Ctrl-C in the terminal is not meant for it
        **owner.popen_options(),
    )
    if result.returncode:
        lines = (result.stdout + result.stderr).strip().splitlines()
        raise SetupError(lines[-1] if lines else "内置数据库的看护进程没有起来")
