"""python -m serving.workers …: a pool of workers under gunicorn, behind the front.

The supervisor holds its socket and hands down a descriptor of it. `--application module:function` names what returns
the WSGI application; it is called once, before the workers fork, so that they share what it has loaded.
"""

import argparse
import importlib
import os
import sys
import time
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path

from gunicorn.app.base import BaseApplication
from gunicorn.http.errors import ParseException
from gunicorn.workers.gthread import ThreadWorker

from serving import error_pages
from serving.word_of_front import WordOfFront

SOCKET = 3  # the descriptor where systemd, and so gunicorn, wants it
ORPHAN_PATIENCE = 60  # seconds
TIMEOUT = 30  # seconds without a sign of life, after which a worker is replaced


class OnePiece:
    """A connection on which what is sent waits until the answer is whole.

    gunicorn sends the head and each piece of the body by itself: of a worker that was killed in between, the front
    would have begun an answer that it can no longer take back. So it has all or nothing, and asks another worker.
    """

    def __init__(self, connection):
        self._connection = connection
        self._pieces: list[bytes] = []

    def __getattr__(self, name):
        return getattr(self._connection, name)

    def sendall(self, data: bytes) -> None:
        self._pieces.append(bytes(data))

    def sendfile(self, *arguments, **options) -> int:
        self.send()
        return self._connection.sendfile(*arguments, **options)

    def send(self) -> None:
        pieces, self._pieces = self._pieces, []
        self._connection.sendall(b"".join(pieces))


class Worker(ThreadWorker):
    """Works on for a while without its master: until the supervisor, who starts another one, tells it to end.

    It answers in one piece, and in Chinese, too, where a request cannot be read or an answer cannot be made.
    """

    orphaned_at: float | None = None

    def is_parent_alive(self):
        if os.getppid() == self.ppid:
            return True
        self.orphaned_at = self.orphaned_at or time.monotonic()
        return time.monotonic() - self.orphaned_at < ORPHAN_PATIENCE

    def handle_request(self, req, conn):
        connection = conn.sock
        conn.sock = answer = OnePiece(connection)
        try:
            is_kept = super().handle_request(req, conn)
            answer.send()
            return is_kept
        finally:
            conn.sock = connection

    def handle_error(self, req, client, addr, exc):
        unreadable = isinstance(exc, ParseException)
        if not unreadable:
            self.log.error("Error handling a request", exc_info=exc)
        status = HTTPStatus.BAD_REQUEST if unreadable else HTTPStatus.INTERNAL_SERVER_ERROR
        body = error_pages.page(status, number="—").encode()
        head = (
            f"HTTP/1.1 {status.value} {status.phrase}",
            "Content-Type: text/html; charset=utf-8",
            f"Content-Length: {len(body)}",
            *(f"{name}: {value}" for name, value in error_pages.headers().items()),
            "Connection: close",
        )
        with suppress(OSError):  # nobody is there to read it
            client.sendall("\r\n".join((*head, "", "")).encode() + body)


class Workers(BaseApplication):
    def __init__(self, options: argparse.Namespace):
        self.options = options
        super().__init__()

    def load_config(self):
        options = self.options
        settings = {
            "worker_class": Worker,
            "workers": options.workers,
            "threads": options.threads,
            # A worker takes no request that it cannot answer now: another one may have a thread free.
            "worker_connections": options.threads,
            "keepalive": 0,
            "preload_app": True,
            "timeout": TIMEOUT,
            "graceful_timeout": 10,
            "max_requests": options.requests,
            "max_requests_jitter": options.requests // 5,
            # The front has limits for all of these, and pages in Chinese.
            "limit_request_line": 0,
            "limit_request_fields": 32_768,
            "limit_request_field_size": 65_536,
            "forwarder_headers": "",
            "loglevel": "warning",
            "control_socket_disable": True,
            "post_worker_init": self.ready,
        }
        # The workers' signs of life go to memory where there is such a folder: a slow disk must not kill them.
        if Path("/dev/shm").is_dir():
            settings["worker_tmp_dir"] = "/dev/shm"
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self):
        module, _, function = self.options.application.partition(":")
        return WordOfFront(getattr(importlib.import_module(module), function)())

    def ready(self, worker):
        """Who has started us waits for a byte of each worker, the first time; later nobody reads them."""
        with suppress(BlockingIOError):
            os.write(self.options.ready, b"r")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--application", required=True, metavar="MODULE:FUNCTION")
    parser.add_argument("--workers", type=int, required=True)
    parser.add_argument("--threads", type=int, required=True, help="of each worker")
    parser.add_argument("--requests", type=int, required=True, help="that a worker answers before it is replaced")
    parser.add_argument("--nice", type=int, default=0)
    parser.add_argument("--socket", type=int, required=True, metavar="DESCRIPTOR", help="listening")
    parser.add_argument("--ready", type=int, required=True, metavar="DESCRIPTOR", help="written to once by each worker")
    options = parser.parse_args()
    os.nice(options.nice)
    # As from systemd: gunicorn takes the socket and, when it ends, leaves its file where it is.
    if options.ready == SOCKET:
        options.ready = os.dup(options.ready)
    if options.socket != SOCKET:
        os.dup2(options.socket, SOCKET)
        os.close(options.socket)
    os.environ |= {"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid())}
    sys.argv[1:] = []  # gunicorn would read them as its own
    Workers(options).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
