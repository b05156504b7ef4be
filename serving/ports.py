"""What the site takes from the system: a port, sockets in a folder, and as many open files as it may have."""

import contextlib
import errno
import os
import resource
import socket
from collections.abc import Iterator
from pathlib import Path

from embedded_postgres.errors import SetupError

LEAST_FILES = 256
MOST_FILES = 65_536


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


def open_socket(folder: Path, name: str, backlog: int) -> socket.socket:
    """A listening socket `name` in `folder`, in the place of one that was left there.

    Bound by its bare name: the path of a socket may have some hundred bytes at most, and the folder's may be longer.
    """
    (folder / name).unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with _inside(folder):
        listener.bind(name)
    listener.listen(backlog)
    return listener


def bracketed(host: str) -> str:
    """As an address wants it: an IPv6 host in brackets."""
    return f"[{host}]" if ":" in host else host


def raise_file_limit() -> int:
    """Let this process and its children open as many files as they may; how many that is.

    Every connection is one. With too few the site would run, and refuse its readers.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(MOST_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    if wanted < LEAST_FILES:
        raise SetupError(f"一个进程只许打开 {wanted} 个文件，至少要 {LEAST_FILES} 个：请用 ulimit -n 4096 提高后重试")
    return wanted


@contextlib.contextmanager
def _inside(folder: Path) -> Iterator[None]:
    before = os.open(".", os.O_RDONLY)
    os.chdir(folder)
    try:
        yield
    finally:
        os.fchdir(before)
        os.close(before)
