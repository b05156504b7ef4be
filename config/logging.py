"""What the processes of the site write down of themselves: one log, var/log/site.log, and the same to the terminal.

A line tells what went wrong, in which request (its id, method and path, the number of the account), never who asked
what: no query, no form, no cookie, no address. The front's access log is its own.
"""

import json
import logging
import logging.handlers
import os
import re
import sys
import time
import traceback
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.exceptions import SuspiciousOperation

from catalog.text.normalise import fold

LONGEST_MESSAGE, LONGEST_TRACEBACK = 2_000, 20_000  # characters
MOST_VALUES = 1_000  # of a request, that are looked for in a message
MOST_ALIKE, MINUTE = 30, 60.0  # records of one place in the code, in so many seconds
HIDDEN = "[…]"
# Answers that the access log tells of, and that say nothing of the site: wrong addresses and methods.
_READERS_SLIPS = {404, 405, 410, 416, 429}

OUR_ROOMS = ("accounts", "catalog", "config", "intake", "jobs", "operations", "serving")

# The request in hand of this thread, for records that do not carry one.
current_request: ContextVar[Any] = ContextVar("current_request", default=None)


def log_settings(folder: Path, as_json: bool) -> dict:
    """LOGGING for Django: everything from `site.log` in the folder up, and warnings of whatever library."""
    formatter = "config.logging.JsonFormatter" if as_json else "config.logging.LineFormatter"
    shared = {"formatter": "site", "filters": ["chosen", "alike"]}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"site": {"()": formatter}},
        "filters": {"chosen": {"()": "config.logging.Chosen"}, "alike": {"()": "config.logging.FewAlike"}},
        "handlers": {
            "terminal": {"class": "logging.StreamHandler", **shared},
            "file": {"class": "config.logging.SiteLog", "filename": str(folder / "site.log"), **shared},
        },
        "root": {"handlers": ["terminal", "file"], "level": "WARNING"},
        "loggers": {
            # Django's own handlers go: they print where DEBUG is on, and mail whole requests.
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            # gunicorn's own handler goes too: a worker that hangs or dies is the site's affair.
            "gunicorn.error": {"handlers": ["terminal", "file"], "level": "WARNING", "propagate": False},
            # Whoever waits for a connection that cannot be made is told so, and logs it.
            "psycopg.pool": {"level": "ERROR"},
            **{name: {"level": "INFO"} for name in OUR_ROOMS},
        },
    }


class Chosen(logging.Filter):
    """Leaves out what is a slip of a reader's, and what was refused on purpose."""

    def filter(self, record: logging.LogRecord) -> bool:
        status = getattr(record, "status_code", None)
        if record.name != "django.request" or status is None:
            return True
        refused = status == 503 and getattr(record_request(record), "refused_on_purpose", False)
        return status not in _READERS_SLIPS and not refused


class FewAlike(logging.Filter):
    """Of records from one place in the code so many a minute; the next one after that says how many were left out.

    So neither a fault of every page nor a stranger who provokes warnings fills the disk.
    """

    def __init__(self) -> None:
        super().__init__()
        self.counts: dict[tuple, tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        # Each handler asks; the record is counted once.
        if not hasattr(record, "kept"):
            record.kept, record.left_out = self.count(_place(record), time.monotonic())
        return record.kept

    def count(self, place: tuple, now: float) -> tuple[bool, int]:
        """Whether one more from there is written, and how many were left out before it."""
        began, count = self.counts.get(place, (now, 0))
        if now - began < MINUTE:
            self.counts[place] = began, count + 1
            return count < MOST_ALIKE, 0
        # A copy at one go: other threads count meanwhile.
        self.counts = {key: value for key, value in list(self.counts.items()) if now - value[0] < MINUTE}
        self.counts[place] = now, 1
        return True, max(0, count - MOST_ALIKE)


class SiteLog(logging.handlers.WatchedFileHandler):
    """A file that all processes append to, for the site's account alone; opened anew after it was moved aside.

    That it cannot be written breaks nothing: it is said on the terminal, once a minute.
    """

    complained = -MINUTE

    def __init__(self, filename: str) -> None:
        super().__init__(filename, encoding="utf-8", delay=True, errors="backslashreplace")

    def _open(self):
        return open(self.baseFilename, self.mode, encoding=self.encoding, errors=self.errors, opener=_open_private)

    def emit(self, record: logging.LogRecord) -> None:
        try:
            super().emit(record)
        except OSError:  # the file, rather than the record
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:
        error, now = sys.exc_info()[1], time.monotonic()
        if now - self.complained >= MINUTE:
            self.complained = now
            print(f"日志写不进 {self.baseFilename}：{error}", file=sys.stderr)


def _open_private(path: str, flags: int) -> int:
    """A new file belongs to whoever owns its folder, although root writes first; a link is not followed there."""
    folder = Path(path).parent
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    flags |= os.O_NOFOLLOW
    try:
        number = os.open(path, flags | os.O_EXCL, 0o600)
    except FileExistsError:
        return os.open(path, flags, 0o600)
    if os.geteuid() == 0:
        owner = folder.stat()
        os.fchown(number, owner.st_uid, owner.st_gid)
    return number


@dataclass(frozen=True)
class Entry:
    """A record as it is written: without what tells of persons, and with no end of it left open."""

    time: str
    level: str
    logger: str
    message: str
    process: int
    request_id: str = ""
    method: str = ""
    path: str = ""
    user: int | None = None
    details: str = ""  # a traceback, or what the record has of its own

    @classmethod
    def of(cls, record: logging.LogRecord) -> "Entry":
        request = record_request(record)
        message = hide_persons(record.getMessage(), request, addresses=record.name != _HOST_LOGGER)
        if left_out := getattr(record, "left_out", 0):
            message += f"（在这之前的一分钟里，同样的另有 {left_out} 条没有写）"
        exception = record.exc_info[1] if record.exc_info else None
        details = traceback_text(exception, request) if exception else getattr(record, "details", "")
        user = getattr(request, "_cached_user", None)  # only if it is known already: a log asks no database
        return cls(
            time=datetime.fromtimestamp(record.created).astimezone().isoformat(timespec="milliseconds"),
            level=record.levelname,
            logger=record.name,
            message=message,
            process=record.process or 0,
            request_id=getattr(request, "id", ""),
            method=(getattr(request, "method", None) or "")[:20],
            path=getattr(request, "path", "")[:300],
            user=getattr(user, "pk", None),
            details=_shortened(details, LONGEST_TRACEBACK),
        )


class LineFormatter(logging.Formatter):
    """A line a record; a traceback or a plan follows it, set in, so that no text can pass for a record of its own."""

    def format(self, record: logging.LogRecord) -> str:
        entry = Entry.of(record)
        place = [entry.request_id, entry.method, entry.path, f"账号 {entry.user}" if entry.user else ""]
        where = " ".join(filter(None, place))
        head = f"{entry.time} {entry.level} {entry.logger} [{entry.process}] {where and f'[{where}] '}{entry.message}"
        lines = [_printable(head), *(f"    {_printable(line)}" for line in entry.details.splitlines())]
        return "\n".join(lines)


class JsonFormatter(logging.Formatter):
    """A record as one line of JSON; what it has not is left out."""

    def format(self, record: logging.LogRecord) -> str:
        fields = {name: value for name, value in vars(Entry.of(record)).items() if value not in ("", None)}
        extra = getattr(record, "fields", {})
        return json.dumps(fields | extra, ensure_ascii=False, default=str)


def record_request(record: logging.LogRecord) -> Any:
    """The request that a record is of, if any."""
    request = getattr(record, "request", None) or current_request.get()
    return request if hasattr(request, "META") else None


_HOST_LOGGER = "django.security.DisallowedHost"  # the address that it names is the site's, as it was called
_ADDRESSES = re.compile(
    r"\b\d{1,3}(?:\.\d{1,3}){3}\b|(?<![\w:])(?:[0-9a-fA-F]{0,4}:){3,7}[0-9a-fA-F]{0,4}(?![\w:])|::1"
)
_NAMED = re.compile(r"(?i)\b(username|user_agent|ip_address|password|email)(['\"]?\s*[:=]\s*)('[^']*'|\"[^\"]*\"|\S+)")
_FOREIGN = re.compile(r"[^\W\x00-\x7f]{2,}")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_QUOTED = re.compile(r"'[^'\n]*[^\x00-\x7f'\n][^'\n]*'|\"[^\"\n]*[^\x00-\x7f\"\n][^\"\n]*\"|“[^”\n]*”")


def hide_persons(text: str, request: Any = None, *, addresses: bool = True) -> str:
    """The text without what the request was given, without mail addresses, and without network `addresses`.

    A long text is shortened first: nobody may keep a process busy with what he makes it write.
    """
    text = _shortened(text, LONGEST_MESSAGE)
    values = _given(request)
    for value in values:
        text = text.replace(value, HIDDEN)
    # What was cut off or folded before it came into a message.
    given = "\0".join([*values, *map(fold, values)])
    text = _FOREIGN.sub(lambda run: HIDDEN if run[0] in given else run[0], text)
    text = _NAMED.sub(rf"\1\2{HIDDEN}", text)
    text = _MAIL.sub(HIDDEN, text)
    return _ADDRESSES.sub(HIDDEN, text) if addresses else text


def hide_values(text: str, request: Any = None) -> str:
    """The message of an exception, which may quote what was asked for or stands in the database."""
    first, *_ = text.split("\nDETAIL:", 1)[0].split("\nLINE 1:", 1)
    return _QUOTED.sub(f"'{HIDDEN}'", hide_persons(first, request))


def traceback_text(exception: BaseException, request: Any = None) -> str:
    """As Python prints it; the messages of exceptions, but not our own code, are cleared of values."""
    parts = traceback.TracebackException.from_exception(exception, compact=True).format()
    return "".join(part if part.lstrip().startswith("File ") else hide_values(part, request) for part in parts)


def _given(request: Any) -> list[str]:
    """What a reader gave with a request, the longest first: parameters, form and cookies, if they were read."""
    if request is None:
        return []
    forms = [_parameters(request), getattr(request, "_post", None) or {}, request.COOKIES]
    given = (value[:LONGEST_MESSAGE] for form in forms for value in _values(form))
    values = {part for value in islice(given, MOST_VALUES) for part in (value, *value.split())}
    user = getattr(request, "_cached_user", None)
    values.add(user.get_username() if user is not None else "")
    # What is short stands in any text by chance.
    return sorted((value for value in values if len(value) >= (4 if value.isascii() else 2)), key=len, reverse=True)


def _parameters(request: Any) -> Any:
    try:
        return request.GET
    except SuspiciousOperation:  # more than are read, which may be what the record is about
        return {}


def _values(form: Any) -> list[str]:
    lists: Callable = getattr(form, "lists", None) or (lambda: ((key, [value]) for key, value in form.items()))
    return [value for _, values in lists() for value in values]


def _place(record: logging.LogRecord) -> tuple:
    """Where in the code a record comes from; for an error that was caught, where that came from."""
    exception = record.exc_info[1] if record.exc_info else None
    frame = exception.__traceback__ if exception else None
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    where = (frame.tb_frame.f_code.co_filename, frame.tb_lineno) if frame else ()
    return (record.name, record.levelno, record.pathname, record.lineno, type(exception), *where)


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most // 2]} …… {text[-most // 2 :]}"


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)
