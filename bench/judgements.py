"""Judged queries and how well an order of cases answers them. Pure: orders come in, figures go out.

Topics are graded 0 to 3: NDCG@10 with gain 2^grade - 1 (Järvelin and Kekäläinen, 2002) and the reciprocal rank of the
first case of grade 3. Known items are queries that look for one case: reciprocal rank of it within the first ten.
"""

import json
import math
import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

DEPTH = 10
KINDS = ("short", "phrase", "paraphrase", "other")
_NOISE = re.compile(r"[\W_]+")

# A found case as (title, name of its source).
Found = tuple[str, str]
Search = Callable[[str], list[Found]]


@dataclass(frozen=True)
class Answer:
    """How well a query was answered, from 0 to 1; `first` is the reciprocal rank of the first best case."""

    kind: str
    query: str
    value: float
    first: float
    found: int


def judge_topics(path: Path, search: Search) -> Iterable[Answer]:
    for topic in _read(path):
        rows = search(topic["q"])
        gains = {}
        for wanted in topic["rel"]:
            place = _place(rows, wanted["title"], wanted["source"])
            if place:
                gains[place] = 2 ** wanted["grade"] - 1
        ideal = sorted((2 ** wanted["grade"] - 1 for wanted in topic["rel"]), reverse=True)[:DEPTH]
        best = [_place(rows, one["title"], one["source"]) for one in topic["rel"] if one["grade"] == 3]
        first = min(filter(None, best), default=None)
        value = _discounted(gains.items()) / _discounted(enumerate(ideal, 1))
        yield Answer(topic["kind"], topic["q"], value, 1 / first if first else 0.0, len(rows))


def judge_known_items(path: Path, search: Search) -> Iterable[Answer]:
    for case in _read(path):
        title, source = (case["title"], None) if "no" in case else (None, case["source"])
        for number, query in enumerate(case["queries"]):
            rows = search(query)
            place = _place(rows, title, source)
            value = 1 / place if place else 0.0
            yield Answer(f"known-{KINDS[min(number, 3)]}", query, value, value, len(rows))


def mean(values: Iterable[float]) -> float:
    values = list(values)
    return sum(values) / len(values) if values else 0.0


def _read(path: Path) -> list[dict]:
    return json.loads(path.read_text(encoding="utf-8"))


def _place(rows: list[Found], title: str | None, source: str | None) -> int | None:
    for place, (found_title, found_source) in enumerate(rows[:DEPTH], 1):
        if (title and _key(found_title) == _key(title)) or (not title and source and source in found_source):
            return place
    return None


def _discounted(gains: Iterable[tuple[int, int]]) -> float:
    return sum(gain / math.log2(place + 1) for place, gain in gains)


def _key(text: str) -> str:
    return _NOISE.sub("", unicodedata.normalize("NFKC", text or "")).lower()
