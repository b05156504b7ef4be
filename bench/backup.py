"""A backup while the site is used, and its restore: how long each takes, and whether the answers are the same.

    python -m bench.backup [--readers 2] [--searches 50]

On the catalogue of the settings (DATABASE_URL, else the embedded server). Readers search without a pause, each a
process, and an editor saves one case after the other, while a backup is made; then the database is restored from it.
Printed are the size of the database and of the file, the seconds of both, what a search took (milliseconds, median and
p99) without and beside the backup, and in how many of the searches the answer after the restore is another than
before. The exit code is 1 where there is any. The database that was replaced is dropped.
"""

import argparse
import multiprocessing
import random
import statistics
import sys
import time
from threading import Event, Thread

from bench.catalogue import keys_shown, open_catalogue

QUIET = 5.0  # seconds of searches without a backup
SHOWN = 20  # cases of an answer


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--readers", type=int, default=2)
    parser.add_argument("--searches", type=int, default=50)
    options = parser.parse_args()
    open_catalogue()
    from operations.backup import drop_former, former_databases, make_backup, restore_backup

    questions = made_questions(options.searches)
    before = answers(questions)
    with Readers(options.readers, questions) as readers:
        time.sleep(QUIET)
        quiet = readers.took()
        with Editor():
            began = time.perf_counter()
            backup = make_backup(tell=print)
            making = time.perf_counter() - began
        beside = readers.took()
    earlier = set(former_databases())
    began = time.perf_counter()
    restore_backup(backup.path)
    restoring = time.perf_counter() - began
    for name in set(former_databases()) - earlier:
        drop_former(name)
    after = answers(questions)
    other = sum(after[question] != before[question] for question in questions)
    size = backup.path.stat().st_size
    print(f"{backup.manifest.cases:,} cases, {backup.manifest.size / 1e6:,.0f} MB; the file {size / 1e6:,.0f} MB")
    print(f"backup {making:.1f} s, restore {restoring:.1f} s")
    print(f"a search: {described(quiet)} without, {described(beside)} beside the backup")
    print(f"{other} of {len(questions)} answers are others after the restore")
    return int(other > 0)


def made_questions(number: int) -> list[str]:
    """Two runs of characters of a title, each of another case."""
    from catalog.models import Case

    chance = random.Random(number)
    titles = list(Case.objects.public().order_by("pk").values_list("title", flat=True))
    chosen = chance.choices([title for title in titles if len(title) > 5], k=number)
    return [f"{title[:3]} {title[-3:]}" if chance.random() < 0.5 else title[1:6] for title in chosen]


def answers(questions: list[str]) -> dict[str, list[int]]:
    return {question: keys_shown(question, SHOWN) for question in questions}


def described(seconds: list[float]) -> str:
    if len(seconds) < 2:
        return "–"
    p99 = statistics.quantiles(seconds, n=100)[98]
    return f"{1000 * statistics.median(seconds):.0f} / {1000 * p99:.0f} ms"


class Readers:
    """Processes that search for as long as the block lasts."""

    def __init__(self, number: int, questions: list[str]):
        context = multiprocessing.get_context("spawn")
        self._times = context.Queue()
        self._processes = [context.Process(target=_read, args=(questions, self._times)) for _ in range(number)]

    def took(self) -> list[float]:
        """Seconds of each search since the last call."""
        times = []
        while not self._times.empty():
            times.append(self._times.get())
        return times

    def __enter__(self) -> "Readers":
        for process in self._processes:
            process.start()
        for _ in self._processes:
            self._times.get()  # the first search, which loads everything
        return self

    def __exit__(self, *_) -> None:
        for process in self._processes:
            process.kill()
            process.join()


def _read(questions: list[str], times) -> None:
    open_catalogue()
    while True:
        for question in questions:
            began = time.perf_counter()
            keys_shown(question, SHOWN)
            times.put(time.perf_counter() - began)


class Editor:
    """Saves one case after the other, each as it is, for as long as the block lasts."""

    def __init__(self):
        self._stop = Event()
        self._thread = Thread(target=self._save)

    def _save(self) -> None:
        from django.db import connection

        from catalog.models import Case

        while not self._stop.wait(0.2):
            Case.objects.order_by("?").first().save()
        connection.close()

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_) -> None:
        self._stop.set()
        self._thread.join()


if __name__ == "__main__":
    sys.exit(main())
