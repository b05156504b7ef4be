"""Those who hold connections or ask what takes long. Each is a coroutine that goes on until it is cancelled."""

import asyncio
import random
from contextlib import suppress
from urllib.parse import quote

from bench.load.client import Connection, Place

TRICKLE = 5.0  # seconds between two bytes: less than any limit of the front's
HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
BODY = b"POST /script/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n"
LONGEST_QUERY = 1_000  # characters that a query is read of


async def slow_heads(place: Place, count: int) -> None:
    """Requests whose heads never end."""
    await _all(_trickle(place, HEAD) for _ in range(count))


async def slow_bodies(place: Place, count: int) -> None:
    """Forms whose bodies come a byte at a time."""
    await _all(_trickle(place, BODY) for _ in range(count))


async def idle(place: Place, count: int) -> None:
    """Connections on which nothing is asked."""
    await _all(_trickle(place, b"") for _ in range(count))


async def flood(place: Place, count: int) -> None:
    """The longest questions, one after the other on each connection."""
    await _all(_ask_on(place, random.Random(number)) for number in range(count))


ATTACKS = {"slow_heads": slow_heads, "slow_bodies": slow_bodies, "idle": idle, "flood": flood}


async def _all(coroutines) -> None:
    async with asyncio.TaskGroup() as group:
        for coroutine in coroutines:
            group.create_task(coroutine)


async def _trickle(place: Place, begin: bytes) -> None:
    """Whenever the site closes the connection, another one is opened."""
    while True:
        with suppress(OSError):
            reader, writer = await asyncio.open_connection(place.host, place.port)
            try:
                writer.write(begin)
                while begin:
                    await asyncio.sleep(TRICKLE)
                    writer.write(b"x")
                    await writer.drain()
                await reader.read()
            finally:
                writer.close()
        await asyncio.sleep(0.1)


async def _ask_on(place: Place, chance: random.Random) -> None:
    connection = Connection(place)
    while True:
        query = "".join(chr(chance.randint(0x4E00, 0x9FA5)) for _ in range(LONGEST_QUERY))
        try:
            await connection.get(f"/cases/?q={quote(query)}")
        except (OSError, asyncio.IncompleteReadError, TimeoutError):
            connection.close()
