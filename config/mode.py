"""Whether the site is open, closed for a while, or only read: a file that every process looks at, database or not.

It is written by `manage.py maintenance` and holds no secret.
"""

import json
import os
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from django.conf import settings

from config.friendly import SetupError

MINUTES = 10  # that a reader is told to wait


class Mode(StrEnum):
    OPEN = "off"
    CLOSED = "on"
    READ_ONLY = "read-only"


@dataclass(frozen=True)
class State:
    """`message`: what readers are told besides; `minutes`: after how many they may come back."""

    mode: Mode = Mode.OPEN
    message: str = ""
    minutes: int = MINUTES


_known: tuple[tuple, State] = (), State()


def current_state() -> State:
    """As the file says now: a look at its date a call. A file that cannot be read was meant to close the site."""
    global _known
    try:
        status = _file().stat()
    except FileNotFoundError:
        return State()
    except OSError:
        return State(Mode.CLOSED)
    mark = status.st_ino, status.st_mtime_ns, status.st_size
    if _known[0] != mark:
        _known = mark, _read()
    return _known[1]


def change_state(state: State) -> None:
    """For all processes at once, from their next request on."""
    file = _file()
    if state.mode == Mode.OPEN:
        file.unlink(missing_ok=True)
        return
    file.parent.mkdir(exist_ok=True)
    # Readers of the file see the old state or the new one, never half of it.
    beside = file.with_name(f"{file.name}.{os.getpid()}")
    beside.write_text(json.dumps(asdict(state), ensure_ascii=False), encoding="utf-8")
    beside.chmod(0o644)  # whoever serves reads it, whoever closed the site
    beside.replace(file)


def refuse_writing() -> None:
    """`SetupError` where the site is only read."""
    if current_state().mode == Mode.READ_ONLY:
        raise SetupError("网站现在只读，什么也没有写；先运行 manage.py maintenance off")


def _read() -> State:
    try:
        fields = json.loads(_file().read_text(encoding="utf-8"))
        return State(Mode(fields["mode"]), str(fields["message"]), int(fields["minutes"]))
    except (OSError, ValueError, TypeError, KeyError):
        return State(Mode.CLOSED)


def _file() -> Path:
    return Path(settings.MAINTENANCE_FILE)
