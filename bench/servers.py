"""The same pages from the same code on several PostgreSQL servers, side by side.

    python -m bench.servers [--rounds 20] [--threads 4] [embedded] postgres://… …

Each catalogue should have been filled alike (`manage.py prepare` with the same DATABASE_URL). A process for each
server answers as a worker does, with the settings of pages and their pool. They take turns, a round of all pages each,
so that whatever else the machine does strikes all of them; the first round counts for none.

Printed are pages a second, for every page and of all together, and each server's share of the first one's. The exit
code is 1 where a share of all pages is below `--least`.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import django

from bench.tables import table

EMBEDDED = "embedded"
ANSWER = "answer"  # the word that makes this module a process of `_answer`
PAGES = {
    "首页": "/",
    "检索": f"/cases/?q={quote('普惠金融 贷款')}",
    "检索一个常见的词": f"/cases/?q={quote('银行')}",
    "检索不成词的片段": f"/cases/?q={quote('行创新')}",
    "有错字的检索": f"/cases/?q={quote('普会金融')}",
    "按年筛选": "/cases/?year=none",
    "全部案例，第二页": "/cases/?page=2",
    "产品": "/products/",
    "来源": "/sources/",
    "输入建议": f"/suggestions/?q={quote('zhishi')}",
    "接口": f"/api/cases/?q={quote('贷款')}",
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("servers", nargs="+", metavar="URL", help=f"`{EMBEDDED}`, or the address of a server")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--threads", type=int, default=4, help="pages that are asked for at once")
    parser.add_argument("--least", type=float, default=0.8)
    options = parser.parse_args()
    workers = [_Worker(url, options.threads) for url in options.servers]
    try:
        for worker in workers:
            worker.round()
        # The next server begins each time: none always comes after the same one.
        rounds = [[] for _ in workers]
        for number in range(options.rounds):
            for place in range(len(workers)):
                place = (place + number) % len(workers)
                rounds[place].append(workers[place].round())
    finally:
        for worker in workers:
            worker.end()
    return _report(rounds, options.least)


def _report(rounds: list[list[dict[str, float]]], least: float) -> int:
    """`rounds`: for each server the seconds of every page, round by round."""
    rows = []
    for page in [*PAGES, "全部"]:
        rates = [1 / statistics.median(seconds[page] for seconds in server) for server in rounds]
        cells = [cell for rate in rates for cell in (f"{rate:.1f}", f"{rate / rates[0]:.2f}")]
        rows.append([page, *cells])
    head = [cell for place in range(len(rounds)) for cell in (f"服务器 {place + 1}：页/秒", "比 1")]
    print(table(["页面", *head], rows))
    return int(min(rate / rates[0] for rate in rates) < least)


class _Worker:
    """A process that answers pages on one server."""

    def __init__(self, url: str, threads: int):
        environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        if url != EMBEDDED:
            environment["DATABASE_URL"] = url
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.servers", ANSWER, str(threads)],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def round(self) -> dict[str, float]:
        """Seconds a page, by page and for all of them."""
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def end(self) -> None:
        self._process.communicate()


def _answer(threads: int) -> None:
    """Asks for each page of the site, `threads` times at once, whenever a line comes in; a line of JSON goes out."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from catalog.search import read_ahead
    from config.wsgi import application

    read_ahead()
    with ThreadPoolExecutor(threads) as pool:
        for _ in sys.stdin:
            seconds = {name: _ask(pool, threads, application, path) for name, path in PAGES.items()}
            print(json.dumps(seconds | {"全部": sum(seconds.values()) / len(seconds)}), flush=True)


def _ask(pool: ThreadPoolExecutor, threads: int, application: Callable, path: str) -> float:
    begun = time.perf_counter()
    list(pool.map(_page, [application] * threads, [path] * threads))
    return (time.perf_counter() - begun) / threads


def _page(application: Callable, path: str) -> None:
    from django.test import RequestFactory

    answers = []
    environ = RequestFactory(headers={"host": "localhost"}).get(path).environ
    response = application(environ, lambda status, headers: answers.append(status))
    try:
        b"".join(response)
    finally:
        response.close()
    assert answers == ["200 OK"], (path, answers)


if __name__ == "__main__":
    if sys.argv[1:2] == [ANSWER]:
        _answer(int(sys.argv[2]))
        sys.exit()
    sys.exit(main())
