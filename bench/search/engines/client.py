"""A browser's part: one connection to a local server, kept open; and servers as processes."""

import http.client
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlencode

# Servers close a connection that has been silent for two seconds.
_SILENCE = 1.0
_TIMEOUT = 180


class Client:
    def __init__(self, port: int):
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT)
        self._used = 0.0

    def get(self, path: str, parameters: list[tuple[str, object]]) -> str:
        if time.monotonic() - self._used > _SILENCE:
            self._connection.close()  # the next request opens it again
        self._connection.request("GET", f"{path}?{urlencode(parameters)}")
        response = self._connection.getresponse()
        body = response.read().decode()
        self._used = time.monotonic()
        if response.status != 200:
            raise RuntimeError(f"{response.status} for {path}?{urlencode(parameters)}")
        return body


@contextmanager
def server(command: list, **streams) -> Iterator[subprocess.Popen]:
    """A process in the background, ended with the block. What it prints into a pipe has to be read."""
    process = subprocess.Popen(list(map(str, command)), text=True, **streams)
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=30)
