"""A normal reader, and how long he waits."""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import quote

from bench.load.client import Connection, Place

PAGES = (
    "/",
    f"/cases/?q={quote('普惠金融 贷款')}",
    "/banks/",
    f"/suggestions/?q={quote('知识')}",
    f"/cases/?q={quote('供应链')}",
    f"/api/cases/?q={quote('复工')}",
)
PAUSE = 0.1  # seconds between two pages


@dataclass
class Waits:
    """Seconds of each answer, and how many there were of each status (or fault)."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter = field(default_factory=Counter)

    def percentile(self, part: float) -> float:
        """In milliseconds."""
        ordered = sorted(self.seconds) or [0.0]
        return 1000 * ordered[min(len(ordered) - 1, int(len(ordered) * part))]

    def __str__(self) -> str:
        figures = f"p50 {self.percentile(0.5):.0f} ms, p99 {self.percentile(0.99):.0f} ms"
        return f"{len(self.seconds)} pages, {figures}, {dict(self.statuses)}"


async def read(place: Place, seconds: float) -> Waits:
    """Page after page, each on a connection of its own, as who comes for the first time."""
    waits, end, number = Waits(), time.monotonic() + seconds, 0
    while time.monotonic() < end:
        connection, begun = Connection(place), time.monotonic()
        try:
            status, _ = await connection.get(PAGES[number % len(PAGES)])
            waits.statuses[status] += 1
        except (OSError, asyncio.IncompleteReadError, TimeoutError) as error:
            waits.statuses[type(error).__name__] += 1
        waits.seconds.append(time.monotonic() - begun)
        connection.close()
        number += 1
        await asyncio.sleep(PAUSE)
    return waits


async def rate(place: Place, path: str, connections: int, seconds: float) -> tuple[float, Counter]:
    """Answers a second over so many kept connections, each of which asks again as soon as it is answered."""
    statuses: Counter = Counter()
    end = time.monotonic() + seconds

    async def ask_on(connection: Connection) -> None:
        while time.monotonic() < end:
            try:
                status, _ = await connection.get(path)
            except (OSError, asyncio.IncompleteReadError, TimeoutError) as error:
                status = type(error).__name__
                connection.close()
            statuses[status] += 1
        connection.close()

    begun = time.monotonic()
    await asyncio.gather(*(ask_on(Connection(place)) for _ in range(connections)))
    return statuses[200] / (time.monotonic() - begun), statuses
