"""Judged queries, and how well an order of cases answers one. Pure: an order comes in, figures go out.

A file of judged queries is a JSON list of {"q", "kind", "rel": [{"title", "source", "grade"}]}, other keys aside. A
grade is 0 (beside the point) to 3 (what was looked for). A judged case is named by its whole title or, where that is
null, by the name of its document. A query that looks for one known case has that one, of grade 3.

    DCG@10 = Σ over places 1 to 10  (2^grade - 1) / log2(place + 1)
    NDCG@10 = DCG@10 / DCG@10 of the judged cases in the best order
    RR@10 = 1 / place of the first case of grade 3 within ten places, else 0

DCG and NDCG after Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR techniques", 2002, with the gain of
Burges et al., "Learning to rank using gradient descent", 2005.
"""

import json
import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

DEPTH = 10
BEST = 3
_NOISE = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Listed:
    """A case of an answer: its whole title, and the name of its document or ""."""

    title: str
    source: str


@dataclass(frozen=True)
class JudgedCase:
    title: str | None
    source: str | None
    grade: int

    def is_case(self, listed: Listed) -> bool:
        """Blanks, punctuation, case and width of a title do not count."""
        if self.title:
            return _bare(self.title) == _bare(listed.title)
        return bool(self.source) and self.source == listed.source


@dataclass(frozen=True)
class JudgedQuery:
    text: str
    kind: str
    cases: tuple[JudgedCase, ...]

    @property
    def grades(self) -> list[int]:
        return [case.grade for case in self.cases]


def load(path: Path) -> list[JudgedQuery]:
    """The judged queries of a file. Raises ValueError for one without any case worth finding."""
    queries = []
    for row in json.loads(path.read_text(encoding="utf-8")):
        cases = tuple(JudgedCase(case["title"], case["source"], case["grade"]) for case in row["rel"])
        if not any(case.grade for case in cases):
            raise ValueError(f"{path.name}：“{row['q']}”没有值得找的案例")
        queries.append(JudgedQuery(row["q"], row["kind"], cases))
    return queries


def grades_of(listed: Iterable[Listed], judged: Iterable[JudgedCase]) -> list[int]:
    """The grade of each listed case; 0 for one that nobody judged, and where a judged case is listed again."""
    left, grades = list(judged), []
    for case in listed:
        match = next((judged_case for judged_case in left if judged_case.is_case(case)), None)
        if match:
            left.remove(match)
        grades.append(match.grade if match else 0)
    return grades


def ndcg(grades: Sequence[int], judged: Iterable[int]) -> float:
    """NDCG@10, 0 to 1. `grades` of the listed cases, best first; `judged`: all grades of the query, one above 0."""
    return _dcg(grades) / _dcg(sorted(judged, reverse=True))


def reciprocal_rank(grades: Sequence[int]) -> float:
    """RR@10, 0 to 1. `grades` of the listed cases, best first."""
    return 1 / (grades.index(BEST) + 1) if BEST in grades[:DEPTH] else 0.0


def _dcg(grades: Sequence[int]) -> float:
    return sum((2**grade - 1) / math.log2(place + 1) for place, grade in enumerate(grades[:DEPTH], 1))


def _bare(title: str) -> str:
    return _NOISE.sub("", unicodedata.normalize("NFKC", title)).lower()
