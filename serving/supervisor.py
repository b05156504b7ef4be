"""Keeps programs alive: starts them, starts them anew when they end, and ends them all with itself.

Each program leads a session of its own, so that Ctrl-C in the terminal is the supervisor's alone, and so that nothing
that a program has started can be left behind. Should the supervisor be killed, the kernel (on Linux) and serving.watch
(everywhere) end them.
"""

import ctypes
import math
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from embedded_postgres.errors import SetupError
from embedded_postgres.locks import FileLock
from serving.processes import Group, end, end_leftovers, record_of

PROJECT = Path(__file__).resolve().parent.parent  # where `python -m serving.…` finds the package
HEALTHY = 10  # seconds of life, after which an end is no failure to start
LONGEST_PAUSE = 15  # seconds between two starts of what keeps failing
LEAVE_PATIENCE = 10  # seconds for what a dead program has left behind to finish its work
STOPS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Stopped(Exception):
    """Someone wants the supervisor to stop."""


@dataclass
class Program:
    """`name` is for messages; `descriptors` are handed down; `stop` asks its leader to end, and to finish first.

    `is_ready` says whether it works, once it has been started. Where `overlaps`, what a dead leader has left goes on
    working until the next one is ready.
    """

    name: str
    command: list[str]
    folder: Path = PROJECT
    environment: dict[str, str] | None = None
    descriptors: tuple[int, ...] = ()
    stop: signal.Signals = signal.SIGTERM
    patience: float = 12  # seconds to finish
    quiet: bool = False  # says nothing worth reading on the terminal
    before: Callable[[], None] = lambda: None  # called before each start
    is_ready: Callable[[], bool] = lambda: True
    overlaps: bool = False
    renews: bool = False  # ends of itself, with 0, where it wants to be started anew
    process: subprocess.Popen | None = field(default=None, init=False)
    group: Group | None = field(default=None, init=False)
    began: float = field(default=0.0, init=False)
    failures: int = field(default=0, init=False)
    resumes: float = field(default=0.0, init=False)  # when it is to be started anew

    @property
    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        self.before()
        output = subprocess.DEVNULL if self.quiet else None
        self.process = subprocess.Popen(
            self.command,
            cwd=self.folder,
            env=self.environment,
            pass_fds=self.descriptors,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            umask=0o077,  # logs and sockets are for the site's account alone
            start_new_session=True,
            preexec_fn=_end_with_parent,
        )
        self.began = time.monotonic()
        self.group = Group.led_by(self.process.pid)


@dataclass
class Leaving:
    """A group whose leader is dead: asked to end once `successor` is ready, killed at `until` (by time.monotonic)."""

    group: Group
    stop: signal.Signals
    successor: Program | None
    until: float


@dataclass
class Chore:
    """Something to do every so many seconds."""

    seconds: float
    do: Callable[[], None]
    due: float = 0.0


class Supervisor:
    """As a context: on entry it is the only one of the folder `run`, at the end nothing that it started is left."""

    def __init__(self, run: Path):
        self.run = run
        self.chores: list[Chore] = []
        self.on_reopen: Callable[[], None] = lambda: None
        self._lock = FileLock(run / "supervisor.lock")
        self._record = record_of(run, os.getpid())
        self._programs: list[Program] = []
        self._leaving: list[Leaving] = []
        self._requests: list[int] = []
        self._watch: subprocess.Popen | None = None
        self._former: dict[int, object] = {}

    def __enter__(self) -> "Supervisor":
        if not self._lock.seize():
            raise SetupError(f"这个文件夹里的案例库已在运行：请先停止它（{self.run}）")
        end_leftovers(self.run)
        self._wakeup, self._wakeup_end = os.pipe()
        for descriptor in (self._wakeup, self._wakeup_end):
            os.set_blocking(descriptor, False)
        signal.set_wakeup_fd(self._wakeup_end, warn_on_full_buffer=False)
        for request in (*STOPS, signal.SIGUSR1, signal.SIGCHLD):
            # Under nohup a closed terminal is to change nothing.
            if request != signal.SIGHUP or signal.getsignal(request) != signal.SIG_IGN:
                self._former[request] = signal.signal(request, self._note)
        return self

    def __exit__(self, *error) -> None:
        try:
            self._stop()
        finally:
            signal.set_wakeup_fd(-1)
            for request, handler in self._former.items():
                signal.signal(request, handler)
            os.close(self._wakeup)
            os.close(self._wakeup_end)
            self._lock.release()

    def start(self, program: Program) -> None:
        """Start it and keep it alive from now on."""
        self._programs.append(program)
        self._start(program)

    def finish(self, program: Program) -> int:
        """Run it to its end; its exit code. What is kept alive is so meanwhile."""
        program.start()
        self._programs.append(program)
        self._write_record()
        while program.is_alive:
            self._tick(keep=program)
        code = program.process.returncode
        self._programs.remove(program)
        self._end_of(program)
        return code

    def wait_for(self, program: Program, seconds: float = 120) -> bool:
        """Whether it is ready, before it ends or the time is over."""
        deadline = time.monotonic() + seconds
        while not program.is_ready():
            if not program.is_alive or time.monotonic() > deadline:
                return False
            self._tick(keep=program, timeout=0.05)
        return True

    def keep(self) -> None:
        """Keep all alive until someone wants a stop; then Stopped."""
        while True:
            self._tick()

    # --- One turn ---------------------------------------------------------------------------------------------------

    def _tick(self, keep: Program | None = None, timeout: float = 1.0) -> None:
        """Wait for something to happen, and see to it; `keep` is not started anew: someone waits for it."""
        self._sleep(timeout)
        while self._requests:
            request = self._requests.pop(0)
            if request in STOPS:
                raise Stopped
            if request == signal.SIGUSR1:
                self.on_reopen()
        now = time.monotonic()
        if self._watch is None or self._watch.poll() is not None:
            self._try(self._start_watch)
        for program in self._programs:
            if program is not keep and not program.is_alive:
                self._revive(program, now)
        self._see_off(now)
        for chore in self.chores:
            if now >= chore.due:
                chore.due = now + chore.seconds
                self._try(chore.do)

    def _sleep(self, timeout: float) -> None:
        if not self._requests:
            select.select([self._wakeup], [], [], timeout)
        with suppress(BlockingIOError):
            while os.read(self._wakeup, 4096):
                pass

    def _note(self, request: int, frame: object) -> None:
        if request != signal.SIGCHLD:
            self._requests.append(request)

    def _start(self, program: Program) -> None:
        program.start()
        self._write_record()
        if self._watch is None:
            self._try(self._start_watch)

    def _revive(self, program: Program, now: float) -> None:
        if program.process is not None:
            program.failures = 0 if now - program.began > HEALTHY else program.failures + 1
            pause = 0 if program.failures < 2 else min(LONGEST_PAUSE, 2 ** (program.failures - 2))
            program.resumes = now + pause
            when = f"{pause} 秒后" if pause else "马上"
            if program.process.returncode or not program.renews:
                _say(f"{program.name}停了（{_how(program.process.returncode)}），{when}重新启动")
            self._end_of(program)
        if now >= program.resumes:
            try:
                self._start(program)
            except OSError as error:  # no memory, no process, no file is free just now
                program.resumes = now + LONGEST_PAUSE
                _say(f"{program.name}启动不了（{error.strerror}），{LONGEST_PAUSE} 秒后再试")

    def _end_of(self, program: Program) -> None:
        """Its leader has ended; others of its group may have work to finish."""
        if program.group is not None:
            left = Leaving(program.group, program.stop, program if program.overlaps else None, math.inf)
            if not program.overlaps:
                self._ask_to_leave(left)
            self._leaving.append(left)
        program.process = program.group = None
        self._write_record()

    def _ask_to_leave(self, left: Leaving) -> None:
        left.group.send(left.stop)
        left.successor, left.until = None, time.monotonic() + LEAVE_PATIENCE

    def _see_off(self, now: float) -> None:
        for left in list(self._leaving):
            if left.successor is not None and left.successor.is_alive and left.successor.is_ready():
                self._ask_to_leave(left)
            if now > left.until:
                left.group.send(signal.SIGKILL)
            if now > left.until or not left.group.members():
                self._leaving.remove(left)
                self._write_record()

    def _write_record(self) -> None:
        self._try(lambda: self._record.write(self._groups()))

    def _try(self, do: Callable[[], object]) -> None:
        """Without room on the disk, without another process or file, the site goes on; what is wrong is said."""
        try:
            do()
        except OSError as error:
            _say(f"看护：{error}")

    def _groups(self) -> list[Group]:
        return [
            *(program.group for program in self._programs if program.group),
            *(left.group for left in self._leaving),
        ]

    def _start_watch(self) -> None:
        if self._watch is not None and self._watch.stdin:
            self._watch.stdin.close()
        self._watch = subprocess.Popen(
            [sys.executable, "-m", "serving.watch", str(self._record.path)],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            start_new_session=True,
        )

    # --- The end ----------------------------------------------------------------------------------------------------

    def _stop(self) -> None:
        """First what was started first: once the front has ended, nobody asks those behind it. Each may finish."""
        self._requests.clear()
        for some in (self._programs[:1], self._programs[1:]):
            alive = [program for program in some if program.is_alive]
            for program in alive:
                program.process.send_signal(program.stop)
            for program in alive:
                self._await_end(program)
        end(self._groups(), patience=1)
        for program in self._programs:
            if program.process is not None:
                program.process.wait()
        self._write_record()
        if self._watch is not None:
            self._watch.stdin.close()
            self._watch.wait()
        self._record.path.unlink(missing_ok=True)

    def _await_end(self, program: Program) -> None:
        deadline = time.monotonic() + program.patience
        while program.is_alive and time.monotonic() < deadline and not self._is_hurried():
            self._sleep(0.2)

    def _is_hurried(self) -> bool:
        """Whether someone has asked once more."""
        return any(request in STOPS for request in self._requests)


def _how(code: int) -> str:
    return f"信号 {signal.Signals(-code).name}" if code < 0 else f"退出码 {code}"


def _say(line: str) -> None:
    """The terminal may be gone."""
    with suppress(OSError):
        print(line, file=sys.stderr, flush=True)


_PR_SET_PDEATHSIG = 1
_prctl = getattr(ctypes.CDLL(None), "prctl", None) if sys.platform == "linux" else None


def _end_with_parent() -> None:
    """Runs in the child, before the program: Linux is to end it with its parent."""
    if _prctl is not None:
        _prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
