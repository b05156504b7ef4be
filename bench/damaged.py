"""Damaged and huge files, imported one by one: each is read or refused in one Chinese line, and refusing costs little.

    python -m bench.damaged [--count 5000] [--seed 1] [--keep FOLDER]

Files are made of the documents in seeds/ and of rows made of them: cut, with flipped bits, spliced, shuffled, in
another encoding, with odd values; and bombs: lines of 200 MB, archives that unpack to gigabytes, holes, devices, pipes,
JSON and Markdown without end. The same seed makes the same files. Each is imported twice, as a trial (`--dry-run`) and
in earnest, into a scratch database on the server of the settings, which is dropped at the end; what came in is taken
back.

Printed are how many were read and refused, the slowest, the peak memory (MB) of this process and of those that it
started, and every fault: another exception than a refusal, a refusal of more than a line or without the file's name, a
catalogue that differs after a refusal. The exit code is 1 if there was one, or a process took more than 600 MB.
"""

import argparse
import gzip
import json
import os
import random
import re
import resource
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path

import django

MOST_MEMORY = 600  # MB
PROSE = "工商银行深圳市分行日前推出“复工贷”，支持小微企业复工复产，首批企业已经拿到贷款。\n"
_ENCODINGS = ("utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be", "utf-7", "utf-32")
_ODD = (
    "NaN",
    "Infinity",
    "1e999",
    "-0",
    "null",
    "true",
    "[]",
    "{}",
    '"\\ud800"',
    '"\\u0000"',
    "[" * 5_000,
    "9" * 6_000,
)
_MARKS = ('"', '""', ",", ";", "\t", "\r", "\n", "\0", "{", "}", "[", "\\", "\ufeff", "\u2028", "#", "|", "》", "……")

Change = Callable[[bytes, random.Random], bytes]


def cut(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(len(content))]


def flip(content: bytes, chance: random.Random) -> bytes:
    damaged = bytearray(content)
    for _ in range(chance.choice((1, 3, 30))):
        damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
    return bytes(damaged)


def splice(content: bytes, chance: random.Random) -> bytes:
    start, end, place = (chance.randrange(len(content)) for _ in range(3))
    return content[:place] + content[min(start, end) : max(start, end)] + content[place:]


def shuffle(content: bytes, chance: random.Random) -> bytes:
    lines = content.split(b"\n")
    if chance.random() < 0.5:
        chance.shuffle(lines)
        return b"\n".join(lines)
    return b"\n".join(line for line in lines if chance.random() < 0.8)


def mark(content: bytes, chance: random.Random) -> bytes:
    for _ in range(chance.choice((1, 2, 20))):
        place = chance.randrange(len(content) + 1)
        content = content[:place] + (chance.choice(_MARKS) * chance.choice((1, 1, 1, 5_000))).encode() + content[place:]
    return content


def encode(content: bytes, chance: random.Random) -> bytes:
    """In another encoding, or as if it had been in another."""
    text = content.decode("utf-8", "replace")
    if chance.random() < 0.5:
        return text.encode(chance.choice(_ENCODINGS), "replace")
    wrong = chance.choice(("gb18030", "latin-1", "big5", "utf-16"))
    return text.encode("utf-8").decode(wrong, "replace").encode("utf-8")


def swap_values(content: bytes, chance: random.Random) -> bytes:
    """Another value in the place of a JSON text or a cell."""
    pieces = re.split(rb'("[^"\n]*")', content)
    for _ in range(chance.choice((1, 5))):
        pieces[chance.randrange(len(pieces))] = chance.choice(_ODD).encode()
    return b"".join(pieces)


def repeat(content: bytes, chance: random.Random) -> bytes:
    line = chance.choice(content.split(b"\n")) or b"x"
    return content + line * min(20_000, 3_000_000 // len(line))


CHANGES: tuple[Change, ...] = (cut, flip, splice, shuffle, mark, encode, swap_values, repeat)


def _filled(path: Path, piece: bytes, times: int, begin: bytes = b"") -> None:
    """A file of one piece again and again; an archive where its name says so."""
    with gzip.open(path, "wb", 9) if path.suffix == ".gz" else open(path, "wb") as file:
        file.write(begin)
        for _ in range(times):
            file.write(piece)


def _hole(path: Path) -> None:
    with open(path, "wb") as file:
        file.truncate(10**12)


_MB = 1_000_000
BOMBS: dict[str, Callable[[Path], object]] = {
    "hole.jsonl": _hole,
    "hole.txt": _hole,
    "zero.jsonl": lambda path: path.symlink_to("/dev/zero"),
    "zero.txt": lambda path: path.symlink_to("/dev/zero"),
    "pipe.csv": os.mkfifo,
    "loop.txt": lambda path: path.symlink_to(path),
    "line.jsonl": lambda path: _filled(path, b"x" * _MB, 200, b'{"title":"'),
    "line.csv": lambda path: _filled(path, b"x" * _MB, 200, b"title,text\na,"),
    "quote.csv": lambda path: _filled(path, b"x\n" * 500_000, 200, b'title,text\na,"'),
    "columns.csv": lambda path: _filled(path, b"a," * 500_000, 3, b"title,"),
    "cells.csv": lambda path: _filled(path, b"a," * 500_000, 7, b"title,text\n"),
    "bomb.jsonl.gz": lambda path: _filled(path, b"x" * _MB, 1_000, b'{"title":"'),
    "bomb.csv.gz": lambda path: _filled(path, b"\n" * _MB, 1_000, b"title,text\n"),
    "rows.jsonl.gz": lambda path: _filled(path, b'{"title":1}\n' * 80_000, 100),
    "deep.jsonl": lambda path: _filled(path, b"[" * _MB, 7, b'{"title":'),
    "lists.jsonl": lambda path: _filled(path, b"[]," * 330_000, 7, b'{"products":['),
    "keys.jsonl": lambda path: _filled(path, b'{"title":"' + b"x" * 999_980 + b'"}\n', 30),
    "blank.jsonl": lambda path: _filled(path, b" " * 7 * _MB + b"\n", 5, b'{"title":"a"}\n'),
    "line.txt": lambda path: _filled(path, b"x" * _MB, 200),
    "prose.txt": lambda path: _filled(path, PROSE.encode(), 60_000),
    "long.txt": lambda path: _filled(path, PROSE.encode().strip() * 800, 1),
    "lines.txt": lambda path: _filled(path, "短行\n".encode(), 190_000, PROSE.encode()),
    "blank.txt": lambda path: _filled(path, b"\n" * _MB, 7, PROSE.encode()),
    "heads.txt": lambda path: _filled(path, "一、标题\n".encode(), 60_000, PROSE.encode()),
    "brackets.txt": lambda path: _filled(path, "（".encode() * 20_000 + b"\n", 10, PROSE.encode() * 10),
    "nest.txt": lambda path: _filled(path, (">" * 50_000 + "\n").encode(), 10, PROSE.encode() * 10),
    "spaces.txt": lambda path: _filled(path, b" " * 90_000 + b"\n", 50, PROSE.encode() * 10),
    "binary.txt": lambda path: _filled(path, bytes(range(256)) * 4_000, 5),
    "headings.jsonl": lambda path: _rows(path, [{"title": "标题", "body": "# 一\n" * 19_990}]),
    "table.jsonl": lambda path: _rows(
        path, [{"title": "表", "body": "|甲" * 100 + "|\n" + "|---" * 100 + "|\n|" * 900}]
    ),
    "marks.jsonl": lambda path: _rows(path, [{"title": "号", "body": mark * 490_000} for mark in "#\\|-*`_[<&"]),
    "most.jsonl": lambda path: _rows(path, [{"title": f"最长{n}", "text": PROSE * 12_000} for n in range(4)]),
}


def _rows(path: Path, rows: list[dict]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def sound_files(seeds: Path) -> dict[str, bytes]:
    """What is damaged: the documents, the casebook among them, and rows of them in every form."""
    import csv

    from catalog.importing.database.exporting import preview

    files = {path.name: path.read_bytes() for path in sorted(seeds.glob("*.txt"))}
    articles = [path for path in sorted(seeds.glob("*.txt")) if path.stat().st_size < 100_000]
    given = {"corrected": False, "strict": False, "refused": print, "passed_over": print}
    rows = list(preview(articles, seeds, **given))
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    table = StringIO()
    names = ("title", "bank", "date", "text", "products")
    writer = csv.writer(table)
    writer.writerow(names)
    for row in rows:
        writer.writerow([row["title"], row["bank"], row["published_on"], row["body"], "；".join(row["products"])])
    files |= {"rows.jsonl": lines, "rows.csv": table.getvalue().encode()}
    return files | {"packed.jsonl.gz": gzip.compress(lines), "packed.csv.gz": gzip.compress(files["rows.csv"])}


def damaged_files(sound: dict[str, bytes], seed: int, count: int) -> Iterator[tuple[str, bytes]]:
    """Names and contents. A casebook takes seconds to read, so it is one of a hundred."""
    chance = random.Random(seed)
    names = list(sound)
    shares = [1 if len(sound[name]) > 100_000 else 15 for name in names]
    for number in range(count):
        (name,) = chance.choices(names, shares)
        content = sound[name]
        if name.endswith(".gz") and chance.random() < 0.7:  # damage inside of a sound archive
            content = gzip.compress(_changed(gzip.decompress(content), chance), 1)
        else:
            content = _changed(content, chance)
        yield f"{number:05}-{name}", content


def _changed(content: bytes, chance: random.Random) -> bytes:
    for _ in range(chance.choice((1, 1, 2))):
        content = chance.choice(CHANGES)(content, chance) or b"\n"
    return content


class Trials:
    """Imports files and counts what comes of it."""

    def __init__(self, seeds: Path):
        self.seeds = seeds
        self.counts: Counter[str] = Counter()
        self.slowest: list[tuple[float, str]] = []
        self.faults: list[str] = []
        self.begin = _state()

    def run(self, path: Path) -> None:
        from django.db import transaction

        begun = time.perf_counter()
        for trial in (True, False):
            with transaction.atomic():
                outcome = self._import(path, trial)
                self.counts[("trial " if trial else "import ") + outcome] += 1
                if (trial or outcome != "read") and _written() and _state() != self.begin:
                    self.faults.append(f"{path.name}: the catalogue differs")
                transaction.set_rollback(True)
        self.slowest = sorted([(time.perf_counter() - begun, path.name), *self.slowest], reverse=True)[:5]

    def _import(self, path: Path, trial: bool) -> str:
        from django.core.management import CommandError, call_command

        out, err = StringIO(), StringIO()
        try:
            call_command("import_cases", str(path), dry_run=trial, verbosity=0, stdout=out, stderr=err)
        except CommandError as error:
            told = err.getvalue().strip() if trial else str(error)
            if "\n" in told and not trial:
                self.faults.append(f"{path.name}: more than one line: {told[:200]!r}")
            if path.name.removesuffix(".gz") not in told or not re.search(r"[一-鿿]", told) or "Error" in told:
                self.faults.append(f"{path.name}: no place, or not in Chinese: {told[:200]!r}")
            return "refused"
        except Exception as error:
            self.faults.append(f"{path.name}: {type(error).__name__}: {str(error)[:200]!r}")
            return "broken"
        return "read"


def _written() -> bool:
    """Whether this transaction has written any row of the catalogue, taken back or not: asking costs nothing."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) > 0 FROM pg_stat_xact_user_tables")
        return bool(cursor.fetchone()[0])


def _state() -> list:
    from django.db import connection

    tables = ("case", "source", "bank", "bankalias", "category", "product", "productalias", "doubt")
    tables += ("conflict", "searchentry")
    asked = " UNION ALL ".join(
        f"SELECT '{table}', count(*), md5(string_agg(t::text, '' ORDER BY t::text)) FROM catalog_{table} t"
        for table in tables
    )
    with connection.cursor() as cursor:
        cursor.execute(asked)
        return cursor.fetchall()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="where files with a fault are kept")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    connection.settings_dict["TEST"]["NAME"] = "anliku_damaged"
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    begun = time.perf_counter()
    try:
        call_command("import_cases", verbosity=0, stdout=StringIO())  # a catalogue in which something can be lost
        trials = Trials(settings.SEEDS_DIR)
        with tempfile.TemporaryDirectory() as folder:
            _run_all(trials, Path(folder), options)
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)
    return _report(trials, time.perf_counter() - begun)


def _run_all(trials: Trials, folder: Path, options: argparse.Namespace) -> None:
    for name, make in BOMBS.items():
        make(folder / name)
        _run_one(trials, folder / name, options.keep)
        print(f"{name}: {_memory()} MB", flush=True)
    sound = sound_files(trials.seeds)
    for name, content in damaged_files(sound, options.seed, options.count):
        (folder / name).write_bytes(content)
        _run_one(trials, folder / name, options.keep)


def _run_one(trials: Trials, path: Path, keep: Path | None) -> None:
    faults = len(trials.faults)
    trials.run(path)
    if keep and len(trials.faults) > faults and path.is_file():
        keep.mkdir(exist_ok=True)
        shutil.copy(path, keep)
    path.unlink()


def _memory() -> int:
    """The most that this process, or one that it started, has had in memory (MB)."""
    peaks = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return round(max(peaks) / (1024 if sys.platform == "linux" else 1024 * 1024))


def _report(trials: Trials, seconds: float) -> int:
    print(", ".join(f"{outcome}: {number}" for outcome, number in sorted(trials.counts.items())))
    print(f"{seconds:.0f} s; slowest: " + ", ".join(f"{name} {took:.1f} s" for took, name in trials.slowest))
    print(f"peak memory: {_memory()} MB")
    for fault in trials.faults:
        print("FAULT", fault)
    return int(bool(trials.faults) or _memory() > MOST_MEMORY)


if __name__ == "__main__":
    sys.exit(main())
