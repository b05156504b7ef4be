"""The whole site: the front, the workers behind it, and the lane for long questions; kept alive until told to stop."""

import os
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from embedded_postgres.errors import SetupError
from serving.front import CONFIGURATION, Front, Own, find_nginx
from serving.memory import MemoryLimit
from serving.ports import bracketed, open_socket
from serving.rotation import rotate
from serving.supervisor import Chore, Program, Stopped, Supervisor

THREADS = 4  # of a worker: while one waits for the database, others compute
WEB_QUEUE = 2048  # requests that wait for a worker
LANE_THREADS = 2
LANE_QUEUE = 8  # long questions that wait; beyond it the answer is 503 at once
LANE_NICE = 10
# Requests that a worker answers before another takes its place, and what memory it has gathered goes back.
WEB_REQUESTS, LANE_REQUESTS = 20_000, 200


class SignsOfLife:
    """A pipe into which each worker of a pool writes a byte when it takes requests."""

    def __init__(self, workers: int):
        self.workers = workers
        self.missing = workers
        self.reader, self.writer = os.pipe()
        for descriptor in (self.reader, self.writer):
            os.set_blocking(descriptor, False)

    def forget(self) -> None:
        """Those of workers that were there before."""
        self.are_all_there()
        self.missing = self.workers

    def are_all_there(self) -> bool:
        with suppress(BlockingIOError):
            self.missing -= len(os.read(self.reader, 65_536))
        return self.missing <= 0


class Failed(Exception):
    """What had to be done before the site could start has failed, and said why. `code`: its exit code."""

    def __init__(self, code: int):
        self.code = code


@dataclass
class Site:
    """`listener` is the port, open; `var` holds the folders run and log, its own account's.

    `static` is the folder of files at /static/, which `prepare` may fill.
    `prepare` is the command that makes the site ready, `application` names what returns the WSGI application.
    `background` is the command that works in the background, if there is such a one; it may end at any time.
    """

    listener: socket.socket
    front: Front
    var: Path
    static: Path
    prepare: list[str]
    application: str
    own: Own = field(default_factory=Own)
    files: int = 1024
    workers: int = 2
    worker_memory: int = 600  # MB
    background: list[str] | None = None
    background_memory: int = 2500  # MB, of all its processes together

    @property
    def run_folder(self) -> Path:
        return self.var / "run"

    @property
    def log_folder(self) -> Path:
        return self.var / "log"

    def run(self, hold: Callable[[], None], announce: Callable[[str], None]) -> None:
        """Returns when it was told to stop. `hold` is called before the first program that needs the database.

        Raises SetupError with one line when it cannot start, Failed when `prepare` has said why.
        """
        for folder in (self.run_folder, self.log_folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.chmod(0o700)
        with Supervisor(self.run_folder) as supervisor:
            try:
                self._run(supervisor, hold, announce)
            except Stopped:
                return

    def _run(self, supervisor: Supervisor, hold: Callable[[], None], announce: Callable[[str], None]) -> None:
        for name in ("web.sock", "lane.sock", "static"):
            (self.run_folder / name).unlink(missing_ok=True)
        (self.run_folder / "static").symlink_to(self.static.absolute())
        front = self._front()
        supervisor.start(front)
        if not supervisor.wait_for(front):
            raise SetupError(f"nginx 没有起来：{self._last_words()}")
        supervisor.on_reopen = lambda: _send(front, signal.SIGUSR1)
        supervisor.chores.append(Chore(60, lambda: self._rotate(front)))
        hold()
        if code := supervisor.finish(Program("准备", self.prepare)):
            raise Failed(code)
        web_socket = open_socket(self.run_folder, "web.sock", WEB_QUEUE)
        lane_socket = open_socket(self.run_folder, "lane.sock", LANE_QUEUE)
        web = self._workers("网站进程", web_socket, self.workers, THREADS, WEB_REQUESTS)
        lane = self._workers("长检索进程", lane_socket, 1, LANE_THREADS, LANE_REQUESTS, LANE_NICE)
        supervisor.start(web)
        supervisor.start(lane)
        if not (supervisor.wait_for(web) and supervisor.wait_for(lane)):
            raise SetupError("网站进程没有起来：请看上面的错误")
        limit = MemoryLimit(self.worker_memory)
        supervisor.chores.append(Chore(5, lambda: _look_at(limit, web, lane)))
        if self.background:
            self._start_background(supervisor, Program("后台进程", self.background, renews=True, patience=2))
        announce(self._address())
        supervisor.keep()

    def _start_background(self, supervisor: Supervisor, program: Program) -> None:
        """The site does not wait for it: readers need it not."""
        supervisor.start(program)
        limit = MemoryLimit(self.background_memory)

        def look() -> None:
            if program.process is not None and program.is_alive:
                limit.look_at_all_of(program.process.pid)

        supervisor.chores.append(Chore(2, look))

    # --- Its programs -----------------------------------------------------------------------------------------------

    def _front(self) -> Program:
        host, port = self.listener.getsockname()[:2]
        self.front.write(self.run_folder, f"{bracketed(host)}:{port}", self.files, self.own)
        nginx = find_nginx(os.environ)
        number = self.listener.fileno()
        return Program(
            "前端",
            [str(nginx), "-p", "./", "-c", CONFIGURATION, "-e", "../log/nginx.log"],
            folder=self.run_folder,
            # By this variable nginx takes over sockets that are open already.
            environment=os.environ | {"NGINX": f"{number};"},
            descriptors=(number,),
            stop=signal.SIGQUIT,
            patience=7,
            quiet=True,  # what it has to say stands in its log
            before=lambda: self._pid_file.unlink(missing_ok=True),
            is_ready=self._pid_file.exists,
        )

    def _workers(
        self, name: str, listener: socket.socket, workers: int, threads: int, requests: int, nice: int = 0
    ) -> Program:
        signs = SignsOfLife(workers)
        options: Mapping[str, object] = {
            "application": self.application, "workers": workers, "threads": threads, "requests": requests, "nice": nice,
            "socket": listener.fileno(), "ready": signs.writer,
        }  # fmt: skip
        command = [sys.executable, "-m", "serving.workers"]
        command += [part for option, value in options.items() for part in (f"--{option}", str(value))]
        return Program(
            name,
            command,
            descriptors=(listener.fileno(), signs.writer),
            before=signs.forget,
            is_ready=signs.are_all_there,
            overlaps=True,  # to load all that they need takes some seconds
        )

    def _rotate(self, front: Program) -> None:
        if rotate(self.log_folder):
            _send(front, signal.SIGUSR1)

    def _address(self) -> str:
        host, port = self.listener.getsockname()[:2]
        return f"{self.front.scheme}://{bracketed(host)}:{port}"

    @property
    def _pid_file(self) -> Path:
        return self.run_folder / "nginx.pid"

    def _last_words(self) -> str:
        log = self.log_folder / "nginx.log"
        lines = log.read_text("utf-8", "replace").splitlines() if log.exists() else []
        return lines[-1].partition("[emerg] ")[2] or lines[-1] if lines else "没有输出"


def _send(program: Program, request: signal.Signals) -> None:
    if program.process is not None and program.is_alive:
        program.process.send_signal(request)


def _look_at(limit: MemoryLimit, *pools: Program) -> None:
    for pool in pools:
        if pool.process is not None and pool.is_alive:
            limit.look(pool.process.pid)
