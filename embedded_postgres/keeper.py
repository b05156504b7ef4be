"""python -m embedded_postgres.keeper FOLDER: starts the server, watches it, stops it after its last user.

Returns 0 as soon as the server takes connections, 1 with one line on stdout when it cannot; a fork
of it stays behind as the keeper. Whoever finds a keeper at work already just waits for it.
"""

import os
import signal
import sys
import time
import traceback
from contextlib import suppress
from pathlib import Path

from embedded_postgres import upgrade
from embedded_postgres.cluster import Cluster
from embedded_postgres.errors import SetupError, explain_os_error
from embedded_postgres.locks import FileLock
from embedded_postgres.programs import MAJOR
from embedded_postgres.server import Failures, Server

WATCH = 0.25  # seconds between two looks at the users and at the server
CHORES = 2  # seconds between two looks at the disk and at the length of the log
PATIENCE = 150  # seconds for another keeper to have its server ready
STEADY = 5  # seconds after which a server that ends has not failed to start
MOST_DEATHS = 3  # counted of one that does start, but for a full disk: after a kill nobody need wait long


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
        try:
            _Keeper(cluster, pipe).keep()
        except SetupError as error:
            _answer(pipe, str(error))
        except Exception as error:
            cluster.write_log(traceback.format_exc())
            _answer(pipe, f"内置数据库的看护进程出错：{error!r}（详见 {cluster.log}）")
    return 0


class _Keeper:
    """The keeper's whole life; writes "ready" or the line to show to `pipe`, once, and closes it."""

    def __init__(self, cluster: Cluster, pipe):
        self.cluster, self.pipe = cluster, pipe
        self.keeper, self.users, self.ready = map(
            FileLock, (cluster.keeper_lock, cluster.users_lock, cluster.ready_lock)
        )
        self.failures = 0  # without the server's having run for a while in between

    def keep(self) -> None:
        if not self._become_keeper():
            return _answer(self.pipe, "ready")
        self.failures = self.cluster.failures.times()
        while True:
            server = self._start()
            if server is None:
                if not self.pipe.closed:
                    return _answer(self.pipe, self.line)  # whoever started this one knows best what to do
            elif self._serve(server):
                return None
            if self._nobody_comes_until_next_try():
                return None

    def _become_keeper(self) -> bool:
        """False when another keeper has the server ready; SetupError when that one can't."""
        deadline = time.monotonic() + PATIENCE
        while not self.keeper.seize():
            if self.cluster.is_ready():
                return False
            if line := self.cluster.failures.current():
                raise SetupError(line)
            if time.monotonic() > deadline:
                raise SetupError("内置数据库还没有就绪（异常停止之后要先恢复），请稍后重试")
            time.sleep(0.05)
        self.keeper.sign()
        return True

    def _start(self) -> Server | None:
        """A running server; None when there is none to be had, `line` says why."""
        try:
            server = self.cluster.find()
            if server and self.cluster.version() == MAJOR:
                return server
            if server:
                server.stop()
            self.cluster.reserve.look_after()
            upgrade.take_over(self.cluster)
            return self.cluster.start()
        except SetupError as error:
            self._note_failure(str(error))
        except OSError as error:
            self._note_failure(f"无法启动内置数据库：{explain_os_error(error) or error}")
        return None

    def _serve(self, server: Server) -> bool:
        """Until the server ends, which it does not do by itself, or until its last user has left: then True."""
        started = time.monotonic()
        try:
            while not self.ready.seize():  # someone is just probing it
                time.sleep(0.01)
            self.cluster.failures.clear()
            _answer(self.pipe, "ready")
            if self._watch(server):
                return True
        finally:
            # First this: whoever comes now must not take the server for ready.
            self.ready.release()
            server.stop()
            self.cluster.socket.remove_way()
        if time.monotonic() - started > STEADY:
            self.failures = 0
        elif not self.cluster.disk_is_full():
            self.failures = min(self.failures, MOST_DEATHS - 1)
        self._note_failure(self.cluster.last_words())
        return False

    def _watch(self, server: Server) -> bool:
        chores = 0.0
        while server.is_alive() and self.cluster.is_reachable():
            if self.users.seize():
                return True
            if time.monotonic() > chores:
                chores = time.monotonic() + CHORES
                with suppress(OSError):  # on a full disk there is no room for either, and the server goes on
                    self.cluster.reserve.look_after()
                    self.cluster.shorten_log()
            time.sleep(WATCH)
        return False

    def _note_failure(self, line: str) -> None:
        self.failures += 1
        self.line = line
        self.cluster.failures.note(line, self.failures)

    def _nobody_comes_until_next_try(self) -> bool:
        """Waits for the next try, or for room on a disk that was full; True when there are no users left meanwhile."""
        was_full = self.cluster.disk_is_full()
        deadline = time.monotonic() + Failures.wait_after(self.failures)
        while time.monotonic() < deadline and not (was_full and not self.cluster.disk_is_full()):
            if self.users.seize():
                return True
            time.sleep(WATCH)
        return False


def _answer(pipe, text: str) -> None:
    if not pipe.closed:
        pipe.write(text)
        pipe.close()


def _detach() -> None:
    """Let go of the caller's pipes and folder."""
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    os.close(null)


if __name__ == "__main__":
    sys.exit(main())
