"""The groups of processes that a site has started, written down, so that none of them is ever left behind.

Each is a session of its own, led by the process that was started. The kernel gives its number to no other process as
long as anything of it lives.
"""

import json
import os
import signal
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

RECORD = "processes-"
# Seconds: a clock that was set meanwhile moves the time at which a process began.
CLOCK_TOLERANCE = 5


@dataclass(frozen=True)
class Group:
    """`number`: its leader's, and its own; `began`: seconds since the epoch."""

    number: int
    began: float

    @classmethod
    def led_by(cls, pid: int) -> "Group":
        return cls(pid, psutil.Process(pid).create_time())

    def members(self) -> list[psutil.Process]:
        """Its processes, the leader or what he left behind."""
        return members_of([self])

    def send(self, request: signal.Signals) -> None:
        for process in self.members():
            with suppress(psutil.Error):
                process.send_signal(request)


class Record:
    """The file in which one supervisor keeps the groups it has started."""

    def __init__(self, path: Path):
        self.path = path

    def write(self, groups: Iterable[Group]) -> None:
        """At once or not at all: whoever reads it sees a whole list."""
        new = self.path.with_suffix(".new")
        new.write_text(json.dumps([asdict(group) for group in groups]), "ascii")
        new.replace(self.path)

    def groups(self) -> list[Group]:
        with suppress(OSError, ValueError, TypeError):
            return [Group(**entry) for entry in json.loads(self.path.read_text("ascii"))]
        return []


def record_of(run: Path, supervisor: int) -> Record:
    return Record(run / f"{RECORD}{supervisor}.json")


def end_leftovers(run: Path) -> None:
    """End what earlier supervisors of this folder, all of them gone, have left."""
    for path in run.glob(f"{RECORD}*.json"):
        end(Record(path).groups(), patience=1)
        path.unlink(missing_ok=True)


def end(groups: list[Group], patience: float) -> None:
    """Ask all of them to end, and after `patience` seconds make them."""
    for group in groups:
        group.send(signal.SIGTERM)
    deadline = time.monotonic() + patience
    while members_of(groups) and time.monotonic() < deadline:
        time.sleep(0.05)
    for group in groups:
        group.send(signal.SIGKILL)


def members_of(groups: Iterable[Group]) -> list[psutil.Process]:
    """All living processes of the groups; it looks at each process of the system once."""
    wanted = {group.number: group for group in groups}
    members = []
    if not wanted:
        return members
    for pid in psutil.pids():
        with suppress(OSError, psutil.Error):
            group = wanted.get(os.getsid(pid))
            if group is None:
                continue
            process = psutil.Process(pid)
            if _belongs(process, group) and process.status() != psutil.STATUS_ZOMBIE:
                members.append(process)
    return members


def _belongs(process: psutil.Process, group: Group) -> bool:
    """Not so if the number was given out anew since."""
    if process.pid == group.number:
        return abs(process.create_time() - group.began) < CLOCK_TOLERANCE
    return process.create_time() > group.began - CLOCK_TOLERANCE
