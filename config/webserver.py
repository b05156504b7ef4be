"""The site under gunicorn, in the calling process and its forks."""

import errno
import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path

from gunicorn.app.base import BaseApplication

from config.friendly import SetupError


def parse_bind(bind: str) -> tuple[str, int]:
    """Host and port of "host:port"; an IPv6 host may stand in brackets."""
    host, _, port = bind.rpartition(":")
    if not port.isdecimal() or int(port) > 65535:
        raise SetupError(f"端口应是 0–65535 的数字：{port}")
    return host.strip("[]") or "127.0.0.1", int(port)


def open_port(host: str, port: int) -> socket.socket:
    """A listening socket, or SetupError with what to do."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=2048)
    except socket.gaierror:
        raise SetupError(f"主机名无法解析：{host}") from None
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            reason = f"端口 {port} 已被占用：请停止占用它的程序，或换一个端口，例如 make run PORT={port % 65535 + 1}"
        elif error.errno == errno.EACCES:
            reason = f"没有权限使用端口 {port}：请换一个 1024 以上的端口，例如 make run PORT=8000"
        else:
            reason = f"无法监听地址 {host}:{port}：{os.strerror(error.errno)}"
        raise SetupError(reason) from None


class Site(BaseApplication):
    """Serves on `listener`, which it takes over, until told to stop; `announce`s when it takes requests."""

    def __init__(self, listener: socket.socket, announce: Callable[[], None]):
        self.listener = listener
        self.announce = announce
        # Under nohup a closed terminal is to change nothing.
        self.stops_on_hangup = signal.getsignal(signal.SIGHUP) != signal.SIG_IGN
        super().__init__()

    def load_config(self):
        settings = {
            "bind": f"fd://{self.listener.detach()}",  # gunicorn closes it itself
            "worker_class": "gthread",
            "workers": int(os.environ.get("WEB_CONCURRENCY") or 2),
            "threads": 4,
            "preload_app": True,
            "timeout": 60,
            "graceful_timeout": 10,
            "limit_request_line": 8190,  # nine bytes a Chinese character: room for as much as a query is read of
            "loglevel": "warning",
            "control_socket_disable": True,
            "when_ready": self.ready,
        }
        # The workers' signs of life go to memory where there is such a folder: a slow disk must not kill them.
        if Path("/dev/shm").is_dir():
            settings["worker_tmp_dir"] = "/dev/shm"
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self):
        from catalog.search import read_ahead
        from config.wsgi import application

        read_ahead()  # before the workers fork: they share it, and no reader waits for it
        return application

    def ready(self, arbiter):
        if self.stops_on_hangup:
            # gunicorn would reload on it, and so outlive the terminal it was started in.
            signal.signal(signal.SIGHUP, lambda *_: os.kill(arbiter.pid, signal.SIGTERM))
        self.announce()
