"""Memory of a server's worker while editors change the names of banks.

    python -m bench.memory [--changes 200] [--most 60]

On the catalogue of the settings (DATABASE_URL, else the embedded server), which `manage.py prepare` has filled. Another
connection gives a bank one alias after the other. After each change this process answers as a worker does: a search, a
search with a slip, the page of a case with its marks, and suggestions. At the end the alias is gone again.

Printed are the resident memory (MB) after a warm-up of ten changes, the most, and that of the end; and how long the
first search after a change takes (milliseconds). The exit code is 1 where the end is more than `--most` MB above the
start.
"""

import argparse
import gc
import os
import statistics
import sys
import time
from collections.abc import Callable
from urllib.parse import quote

import django
import psutil
import psycopg

WARM_UP = 10
QUERY, SLIP, PREFIX = "普惠金融 贷款", "普会金融", "zhishi"
ALIAS = "别名量测"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--changes", type=int, default=200)
    parser.add_argument("--most", type=int, default=60, metavar="MB")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    answer = _worker()
    start, most, seconds = 0.0, 0.0, []
    with _Editor() as editor:
        for number in range(WARM_UP + options.changes):
            if number == WARM_UP:
                start = most = _resident()
            editor.change(f"{ALIAS}{number}")
            seconds.append(answer())
            most = max(most, _resident())
    gc.collect()
    end = _resident()
    first = [1000 * second for second in seconds[WARM_UP:]]
    print(f"{options.changes} changes: start {start:.0f} MB, most {most:.0f} MB, end {end:.0f} MB ({end - start:+.0f})")
    print(f"first search after a change: median {statistics.median(first):.0f} ms, longest {max(first):.0f} ms")
    return int(end - start > options.most)


def _worker() -> Callable[[], float]:
    """Answers a worker's requests; the call returns the seconds that the first of them took."""
    from django.test import Client

    from catalog.models import Case
    from catalog.search.maintenance import warm

    warm.read_ahead()
    case = Case.objects.public().first()
    if case is None:
        sys.exit("the catalogue is empty: run manage.py prepare")
    client = Client(headers={"host": "localhost"})
    search = f"/cases/?q={quote(QUERY)}"
    others = [
        f"/cases/?q={quote(SLIP)}",
        f"{case.get_absolute_url()}?q={quote(QUERY)}",
        f"/suggestions/?q={quote(PREFIX)}",
    ]

    def answer() -> float:
        begun = time.perf_counter()
        assert client.get(search).status_code == 200
        seconds = time.perf_counter() - begun
        for path in others:
            assert client.get(path).status_code == 200, path
        return seconds

    return answer


class _Editor:
    """Changes an alias of the first bank, by a connection of its own. As a context: the alias is deleted at the end."""

    def __enter__(self) -> "_Editor":
        from django.db import connection

        connection.ensure_connection()
        address = connection.get_connection_params()
        self._connection = psycopg.connect(
            **{key: address[key] for key in ("host", "port", "user", "password", "dbname") if address.get(key)},
            autocommit=True,
        )
        return self

    def change(self, name: str) -> None:
        self._forget()
        self._connection.execute(
            "INSERT INTO catalog_bankalias (bank_id, name) SELECT min(id), %s FROM catalog_bank", [name]
        )

    def __exit__(self, *error) -> None:
        self._forget()
        self._connection.close()

    def _forget(self) -> None:
        self._connection.execute("DELETE FROM catalog_bankalias WHERE name LIKE %s", [f"{ALIAS}%"])


def _resident() -> float:
    """The resident memory of this process in MB."""
    return psutil.Process().memory_info().rss / 1e6


if __name__ == "__main__":
    sys.exit(main())
