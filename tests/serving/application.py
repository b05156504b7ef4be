"""What the workers of the tests answer: how a request has reached them."""

import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs

TOLD = ("REMOTE_ADDR", "wsgi.url_scheme", "HTTP_HOST", "HTTP_X_REQUEST_ID", "HTTP_X_FORWARDED_FOR", "REQUEST_METHOD",
        "HTTP_X_FORWARDED_HOST", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "SCRIPT_NAME", "QUERY_STRING")  # fmt: skip


def load() -> Callable:
    """As slow as LOADING says."""
    time.sleep(float(os.environ.get("LOADING", 0)))
    return answer


def answer(environ, start_response):
    asked = {name: values[0] for name, values in parse_qs(environ["QUERY_STRING"]).items()}
    time.sleep(float(asked.get("seconds", 0)))
    if mark := asked.get("killed_once"):
        _kill_once(Path(mark))
    told = {name: environ[name] for name in TOLD if name in environ}
    told |= {"pid": os.getpid(), "pool": os.getppid(), "body": len(environ["wsgi.input"].read())}
    hoard.append(bytearray(int(asked.get("megabytes", 0)) * 1_000_000))
    text = json.dumps(told) + " " * int(asked.get("blanks", 0))
    start_response(asked.get("status", "200 OK"), [("Content-Type", "application/json")])
    if mark := asked.get("killed_midway"):
        return _in_two_pieces(text.encode(), Path(mark))
    return [text.encode()]


hoard: list[bytearray] = []


def _in_two_pieces(body: bytes, mark: Path):
    yield body[:10]
    _kill_once(mark)
    yield body[10:]


def _kill_once(mark: Path) -> None:
    """The worker is killed while it answers: the first time, not again where the file is there."""
    attempts = mark.read_text() if mark.exists() else ""
    mark.write_text(attempts + "x")
    if not attempts:
        os.kill(os.getpid(), signal.SIGKILL)
