"""python -m embedded_postgres.keeper FOLDER: starts the server, watches it, stops it after its last user.

Returns 0 as soon as the server takes connections, 1 with one line on stdout when it cannot; a fork
of it stays behind as the keeper. Whoever finds a keeper at work already just waits for it.
"""

import os
import signal
import sys
import time
import traceback
from pathlib import Path

from embedded_postgres.cluster import Cluster
from embedded_postgres.errors import SetupError, explain_os_error
from embedded_postgres.locks import FileLock

WATCH = 0.25  # seconds between two looks at the users and at the server
PATIENCE = 150  # seconds for another keeper to have its server ready: longer than a start may take


def main() -> int:
    cluster = Cluster(Path(sys.argv[1]))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    reader, writer = os.pipe()
    if os.fork():
        # The caller may be killed while it waits here; the keeper goes on and tidies up after itself.
        os.close(writer)
        with open(reader, encoding="utf-8") as pipe:
            answer = pipe.read()
        if answer == "ready":
            return 0
        print(answer or "内置数据库的看护进程意外退出")
        return 1
    os.close(reader)
    _detach()
    with open(writer, "w", encoding="utf-8") as pipe:
        keep(cluster, pipe)
    return 0


def keep(cluster: Cluster, pipe) -> None:
    """The keeper's whole life; writes "ready" or the line to show to `pipe`, once, and closes it."""

    def answer(text: str) -> None:
        if not pipe.closed:
            pipe.write(text)
            pipe.close()

    keeper, users, ready = (FileLock(path) for path in (cluster.keeper_lock, cluster.users_lock, cluster.ready_lock))
    try:
        if not _become_keeper(keeper, ready):
            return answer("ready")
        server = cluster.find() or cluster.start()
        try:
            while not ready.seize():  # someone is just probing it
                time.sleep(0.01)
            answer("ready")
            while server.is_alive() and not users.seize():
                time.sleep(WATCH)
        finally:
            # First this: whoever comes now must not take the server for ready.
            ready.release()
            server.stop()
    except SetupError as error:
        answer(str(error))
    except OSError as error:
        answer(f"无法启动内置数据库：{explain_os_error(error) or error}")
    except Exception as error:
        cluster.write_log(traceback.format_exc())
        answer(f"无法启动内置数据库：{error!r}（详见 {cluster.log}）")


def _become_keeper(keeper: FileLock, ready: FileLock) -> bool:
    """False when another keeper has the server ready."""
    deadline = time.monotonic() + PATIENCE
    while not keeper.seize():
        if ready.is_seized():
            return False
        if time.monotonic() > deadline:
            raise SetupError("内置数据库迟迟没有就绪，请稍后重试")
        time.sleep(0.05)
    return True


def _detach() -> None:
    """Let go of the caller's pipes and folder."""
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    os.close(null)


if __name__ == "__main__":
    sys.exit(main())
