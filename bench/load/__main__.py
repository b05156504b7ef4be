"""Loads a running site, on this machine alone, and says how long a normal reader waits meanwhile.

    python manage.py serve --bind 127.0.0.1:8000
    python -m bench.load http://127.0.0.1:8000 slow_heads --connections 300 --seconds 60
    python -m bench.load http://127.0.0.1:8000 slow_bodies | idle | flood
    python -m bench.load http://127.0.0.1:8000 rates

slow_heads    requests whose heads never end (300)
slow_bodies   forms that come a byte at a time (300)
idle          connections on which nothing is asked (2500)
flood         the longest questions, one after the other (16)
rates         answers a second with 8, 32, 64 and 128 kept connections, beside a plain Django page of the same size

The exit code is 1 where the reader's p99 is more than `--most` times the quiet one (2; for flood 3), or where a rate is
more than a tenth below the best one.
"""

import argparse
import asyncio
import subprocess
import sys
from urllib.parse import quote, urlsplit

from bench.load.attacks import ATTACKS
from bench.load.client import Connection, Place
from bench.load.reader import rate, read
from serving.ports import raise_file_limit

CONNECTIONS = {"slow_heads": 300, "slow_bodies": 300, "idle": 2500, "flood": 16}
MOST = {"slow_heads": 2.0, "slow_bodies": 2.0, "idle": 2.0, "flood": 3.0}
RATES = (8, 32, 64, 128)
SPREAD = 0.1
PAGE = f"/cases/?q={quote('普惠金融 贷款')}"
SETTLE = 3.0  # seconds after an attack has begun


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("site", metavar="URL")
    parser.add_argument("what", choices=[*ATTACKS, "rates"])
    parser.add_argument("--connections", type=int)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--most", type=float)
    options = parser.parse_args()
    if urlsplit(options.site).hostname not in ("127.0.0.1", "localhost", "::1"):
        parser.error("only a site on this machine")
    raise_file_limit()
    place = Place.of(options.site)
    if options.what == "rates":
        return asyncio.run(rates(place, options.seconds))
    count = options.connections or CONNECTIONS[options.what]
    most = options.most or MOST[options.what]
    return asyncio.run(attack(place, options.what, count, options.seconds, most))


async def attack(place: Place, name: str, count: int, seconds: float, most: float) -> int:
    await read(place, 3)  # what is asked first is not yet warm
    quiet = await read(place, min(seconds, 30))
    print(f"quiet: {quiet}", flush=True)
    task = asyncio.create_task(ATTACKS[name](place, count))
    await asyncio.sleep(SETTLE)
    busy = await read(place, seconds)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    times = busy.percentile(0.99) / max(quiet.percentile(0.99), 1)
    print(f"{name} by {count}: {busy}; p99 {times:.1f} times the quiet one")
    return int(times > most or set(busy.statuses) != {200})


async def rates(place: Place, seconds: float) -> int:
    connection = Connection(place)
    _, size = await connection.get(PAGE)
    connection.close()
    size *= 8  # it came compressed; the text of a page is some eight times as long
    worst = await _rates("the list", place, PAGE, seconds)
    with subprocess.Popen(
        [sys.executable, "-m", "bench.load.plain", str(size)], stdout=subprocess.PIPE, text=True
    ) as plain:
        try:
            await _rates(
                f"a plain Django page of {size} bytes", Place.of(plain.stdout.readline().strip()), "/", seconds
            )
        finally:
            plain.terminate()
    return int(worst < 1 - SPREAD)


async def _rates(name: str, place: Place, path: str, seconds: float) -> float:
    """The slowest rate, as a part of the best."""
    await rate(place, path, 8, 3)
    found = {}
    for connections in RATES:
        found[connections], statuses = await rate(place, path, connections, seconds)
        print(f"{name}, {connections} connections: {found[connections]:.1f} a second, {dict(statuses)}", flush=True)
    return min(found.values()) / max(found.values())


if __name__ == "__main__":
    sys.exit(main())
