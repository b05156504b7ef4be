"""How well the search answers judged queries: NDCG@10 and MRR@10 by kind of query.

    python -m bench.judge [FILE ...] [--all]        default: every file of bench/judged

The judged queries are about the cases of seeds/, and are asked of the catalogue as a page asks them. See `judgements`
for the files and the figures. After a change of weights: `manage.py rebuild_index`, then this.
"""

import argparse
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from bench.catalogue import keys_shown, open_catalogue, public_cases
from bench.judgements import DEPTH, JudgedQuery, Listed, grades_of, load, ndcg, reciprocal_rank
from bench.tables import table

JUDGED = Path(__file__).parent / "judged"
SHORT = 0.9  # an answer of less NDCG falls short
ALL = "合计"

Search = Callable[[str], list[Listed]]


@dataclass(frozen=True)
class Answer:
    """`listed`: how many of the first ten places have a case."""

    kind: str
    query: str
    ndcg: float
    reciprocal_rank: float
    listed: int


def judge(query: JudgedQuery, search: Search) -> Answer:
    listed = search(query.text)[:DEPTH]
    grades = grades_of(listed, query.cases)
    return Answer(query.kind, query.text, ndcg(grades, query.grades), reciprocal_rank(grades), len(listed))


def figures(answers: list[Answer]) -> list[list[str]]:
    """A row a kind, and one of all: the kind, NDCG@10, MRR@10, the number of queries and of those without a case."""
    rows = []
    for kind in [*dict.fromkeys(answer.kind for answer in answers), ALL]:
        chosen = [answer for answer in answers if kind in (answer.kind, ALL)]
        values = mean(answer.ndcg for answer in chosen), mean(answer.reciprocal_rank for answer in chosen)
        empty = sum(not answer.listed for answer in chosen)
        rows.append([kind, *(f"{value:.4f}" for value in values), str(len(chosen)), str(empty)])
    return rows


def missing(queries: Iterable[JudgedQuery], cases: Iterable[Listed]) -> int:
    """How many judged cases the catalogue does not have."""
    cases = list(cases)
    judged = {(case.title, case.source): case for query in queries for case in query.cases}
    return sum(not any(map(case.is_case, cases)) for case in judged.values())


def main() -> None:
    from tqdm import tqdm

    parser = argparse.ArgumentParser(
        prog="python -m bench.judge", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="*", type=Path, default=sorted(JUDGED.glob("*.json")), metavar="FILE")
    parser.add_argument("--all", action="store_true", help="list every query whose answer falls short")
    options = parser.parse_args()
    try:
        judged = {path: load(path) for path in options.files}
    except (OSError, ValueError, KeyError, TypeError) as error:
        sys.exit(f"读不了评判过的查询：{error}")
    open_catalogue()
    cases = public_cases()

    def search(query: str) -> list[Listed]:
        return [cases[key] for key in keys_shown(query, DEPTH)]

    for path, queries in judged.items():
        answers = [judge(query, search) for query in tqdm(queries, desc=path.stem, leave=False, disable=None)]
        print(table([path.stem, "NDCG@10", "MRR@10", "问", "没有结果"], figures(answers)))
        if lacking := missing(queries, cases.values()):
            print(f"注意：评判过的案例里有 {lacking} 个不在目录里（目录应含 seeds/ 的全部文档），数字因此偏低")
        if options.all:
            for answer in answers:
                if answer.ndcg < SHORT:
                    print(f"  {answer.ndcg:.2f}  {answer.kind}  {answer.query}")
        print()


if __name__ == "__main__":
    main()
