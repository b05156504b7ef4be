"""Readers who ask for pages all the time, and what they were answered."""

import random
import re
import threading
import time
from collections import Counter
from dataclasses import dataclass
from http.client import HTTPException
from urllib.parse import quote

from bench.breaking.site import Site

ADDRESSES = [
    "/",
    "/cases/",
    "/cases/?page=2",
    *(
        f"/cases/?q={quote(query)}"
        for query in ("小微企业", "知识产权质押", "复工贷", "“延期还本付息”", "银行:工行 贷款")
    ),
    "/banks/",
    "/chapters/",
    "/products/",
    "/sources/",
    f"/api/cases/?q={quote('贷款')}",
    f"/suggestions/?q={quote('融资')}",
]
_TITLE = re.compile(rb"<title>(.*?)</title>", re.DOTALL)


@dataclass(frozen=True)
class Answer:
    """`kind`: right, unavailable (a plain 503), broken (no whole answer) or wrong."""

    at: float
    address: str
    kind: str
    detail: str = ""
    seconds: float = 0.0


class Readers:
    """Each thread asks for one page after the other; `answers` grows until `stop`."""

    def __init__(self, site: Site, number: int = 4, seed: int = 1):
        self.site, self.answers = site, []
        self._titles = {address: _title(site.get(address)[2]) for address in ADDRESSES}
        self._stopped = threading.Event()
        self._threads = [threading.Thread(target=self._read, args=(seed + n,), daemon=True) for n in range(number)]

    def __enter__(self) -> "Readers":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join(30)

    def since(self, moment: float) -> list[Answer]:
        return [answer for answer in self.answers if answer.at >= moment]

    def _read(self, seed: int) -> None:
        chance = random.Random(seed)
        while not self._stopped.is_set():
            answer = self._ask(chance.choice(ADDRESSES))
            self.answers.append(answer)
            if answer.kind != "right":
                time.sleep(0.05)  # as a reader waits a moment, and a refused connection costs none

    def _ask(self, address: str) -> Answer:
        at = time.monotonic()
        try:
            status, headers, body = self.site.get(address)
        except (OSError, HTTPException) as error:
            return Answer(at, address, "broken", repr(error), time.monotonic() - at)
        seconds = time.monotonic() - at
        if status == 200 and _title(body) == self._titles[address] and _is_whole(address, body):
            return Answer(at, address, "right", seconds=seconds)
        if status == 503 and headers.get("retry-after") and b"Traceback" not in body:
            return Answer(at, address, "unavailable", seconds=seconds)
        return Answer(at, address, "wrong", f"{status} {body[:300]!r}", seconds)


def tally(answers: list[Answer]) -> Counter:
    return Counter(answer.kind for answer in answers)


def _title(body: bytes) -> bytes:
    match = _TITLE.search(body)
    return match[1] if match else b""


def _is_whole(address: str, body: bytes) -> bool:
    body = body.rstrip()
    if address.startswith("/api/"):
        return body.endswith(b"}")
    return body.endswith(b"</html>") if not address.startswith("/suggestions/") else True
