"""A small HTTP client of asyncio: thousands of connections in one process, and nothing done behind one's back."""

import asyncio
from dataclasses import dataclass
from urllib.parse import urlsplit

PATIENCE = 60.0  # seconds for one answer


@dataclass(frozen=True)
class Place:
    """Where the site is, as `http://host:port`."""

    host: str
    port: int

    @classmethod
    def of(cls, address: str) -> "Place":
        parts = urlsplit(address)
        return cls(parts.hostname or "127.0.0.1", parts.port or 80)


class Connection:
    """One kept connection; opened anew when the site has closed it."""

    def __init__(self, place: Place):
        self.place = place
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def get(self, path: str) -> tuple[int, int]:
        """Status and the body's length in bytes."""
        return await asyncio.wait_for(self._get(path), PATIENCE)

    async def _get(self, path: str) -> tuple[int, int]:
        if self._streams is None:
            self._streams = await asyncio.open_connection(self.place.host, self.place.port)
        reader, writer = self._streams
        writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        status = int(head.split(None, 2)[1])
        headers = dict(line.lower().split(": ", 1) for line in head.splitlines()[1:] if ": " in line)
        length = await _read_body(reader, headers)
        if headers.get("connection") == "close":
            self.close()
        return status, length

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


async def _read_body(reader: asyncio.StreamReader, headers: dict[str, str]) -> int:
    if headers.get("transfer-encoding") != "chunked":
        length = int(headers.get("content-length", 0))
        await reader.readexactly(length)
        return length
    total = 0
    while size := int(await reader.readline(), 16):
        await reader.readexactly(size + 2)
        total += size
    await reader.readline()
    return total
