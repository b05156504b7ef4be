"""What the longest questions cost a worker: processor time, and memory that it keeps.

    python -m bench.long_queries [--count 300] [--seed 1] [--most 60]

On the catalogue of the settings (DATABASE_URL, else the embedded server), which `manage.py prepare` has filled. This
process answers as a worker does, one question after the other: paragraphs of the cases, whole, shuffled, cut in words,
alternatives, exclusions and quoted pieces, all as long as a query is read; as lists, as pages of a case with its marks,
by the API and as suggestions.

Printed are seconds of processor time by kind, and the resident memory (MB) before, after the first tenth and at the
end. The exit code is 1 if the end is more than `--most` MB above the first tenth, or a question was not answered
(503 is an answer).
"""

import argparse
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator

import psutil

from bench.catalogue import open_catalogue
from bench.tables import table


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--most", type=int, default=60, metavar="MB")
    options = parser.parse_args()
    open_catalogue()
    ask = _worker()
    start = early = _resident()
    seconds: dict[str, list[float]] = defaultdict(list)
    statuses: Counter[int] = Counter()
    for number, (kind, query) in enumerate(_queries(options.count, options.seed), 1):
        for page, status, used in ask(query):
            seconds[f"{kind}，{page}"].append(used)
            statuses[status] += 1
        if number == max(1, options.count // 10):
            early = _resident()
    end = _resident()
    rows = [
        [name, str(len(used)), f"{sorted(used)[len(used) // 2]:.3f}", f"{max(used):.3f}"]
        for name, used in sorted(seconds.items(), key=lambda row: -max(row[1]))
    ]
    print(table(["问", "次", "中位（秒）", "最长（秒）"], rows))
    print(f"内存：开始 {start:.0f} MB，十分之一以后 {early:.0f} MB，最后 {end:.0f} MB")
    print("回答：" + "  ".join(f"{status}: {number}" for status, number in sorted(statuses.items())))
    # 503 says that a search was broken off: an answer, of a machine that is busy.
    return int(end - early > options.most or not statuses.keys() <= {200, 503})


def _worker() -> Callable[[str], Iterator[tuple[str, int, float]]]:
    """The call asks a query in each way: the page, the status and the seconds of processor time."""
    from django.test import Client

    from catalog.models import Case
    from catalog.search import read_ahead

    read_ahead()
    client = Client(headers={"host": "localhost"}, raise_request_exception=False)
    case = Case.objects.public().first()
    assert case  # `open_catalogue` has looked
    pages = {"列表": "/cases/", "案例": case.get_absolute_url(), "接口": "/api/cases/", "建议": "/suggestions/"}

    def ask(query: str) -> Iterator[tuple[str, int, float]]:
        for name, address in pages.items():
            begun = time.process_time()
            status = client.get(address, {"q": query}).status_code
            yield name, status, time.process_time() - begun

    return ask


def _queries(count: int, seed: int) -> Iterator[tuple[str, str]]:
    """(kind, query); the same seed makes the same of the same cases."""
    from catalog.models import Case
    from catalog.search import LONGEST_QUERY

    chance = random.Random(seed)
    bodies = list(Case.objects.public().order_by("pk").values_list("body", flat=True)[:500])
    for _ in range(count):
        text = "".join(" ".join(chance.choice(bodies).split()) for _ in range(3))
        start = chance.randrange(max(1, len(text) - LONGEST_QUERY))
        kind, make = chance.choice(list(_KINDS.items()))
        yield kind, make(text[start : start + LONGEST_QUERY], chance)[:LONGEST_QUERY]


def _pieces(text: str, length: int) -> list[str]:
    letters = "".join(filter(str.isalnum, text))
    return [letters[start : start + length] for start in range(0, len(letters), length)]


_KINDS: dict[str, Callable[[str, random.Random], str]] = {
    "段落": lambda text, chance: text,
    "打乱的字": lambda text, chance: "".join(chance.sample(text, len(text))),
    "隔开的词": lambda text, chance: " ".join(_pieces(text, chance.randint(2, 9))),
    "隔开的字": lambda text, chance: " ".join(_pieces(text, 1)),
    "或": lambda text, chance: "|".join(_pieces(text, chance.randint(1, 6))),
    "不含": lambda text, chance: " ".join(f"-{piece}" for piece in _pieces(text, chance.randint(1, 6))),
    "引号": lambda text, chance: " ".join(f'"{piece}"' for piece in _pieces(text, chance.randint(1, 9))),
    "打乱的长词": lambda text, chance: " ".join(_pieces("".join(chance.sample(text, len(text))), 31)),
}


def _resident() -> float:
    """The resident memory of this process in MB."""
    return psutil.Process().memory_info().rss / 1e6


if __name__ == "__main__":
    sys.exit(main())
