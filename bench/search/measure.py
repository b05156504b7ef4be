"""All engines in turn, query by query and round by round, so that a machine's moods strike them alike."""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from statistics import median

from bench.search.engines import BrokenOff, Question
from bench.search.queries import Query

OWN = "案例库"
PATIENCE = 3.0  # seconds that an engine may take for a query in all; past that it is not asked again


@dataclass
class Sample:
    """What an engine took for a query, in milliseconds. The first time is not among them, unless there is no other."""

    engine: str
    question: str  # page or top
    kind: str
    typed: str
    found: int | None = None
    broken_off: bool = False  # given up by the engine: it would have taken longer
    milliseconds: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        return median(self.milliseconds)

    def as_json(self) -> dict:
        return asdict(self)


def measure(
    queries: Sequence[Query],
    questions: dict[tuple[str, str], Question],
    rounds: int,
    progress: Callable[[int], object] = lambda done: None,
) -> list[Sample]:
    """`questions` by engine and name. `progress` hears of each query that all have been asked, `rounds` + 1 times."""
    _warm_up(queries, questions)
    samples = {
        (key, place): Sample(*key, query.kind, query.typed)
        for place, query in enumerate(queries)
        for key in questions
        if _can_ask(key, query)
    }
    spent = dict.fromkeys(samples, 0.0)
    for turn in range(rounds + 1):
        for place, query in enumerate(queries):
            keys = [key for key in questions if (key, place) in samples and spent[key, place] < PATIENCE]
            first = (turn + place) % len(keys) if keys else 0
            for key in keys[first:] + keys[:first]:
                sample = samples[key, place]
                start = time.perf_counter()
                try:
                    sample.found = questions[key](query)
                except BrokenOff:
                    sample.broken_off = True
                seconds = time.perf_counter() - start
                spent[key, place] += seconds
                if turn == 1:
                    sample.milliseconds.clear()
                sample.milliseconds.append(seconds * 1000)
            progress(1)
    return list(samples.values())


def _warm_up(queries: Sequence[Query], questions: dict[tuple[str, str], Question]) -> None:
    """One query of each kind: what an engine makes once and then keeps is not a part of any query's time."""
    for query in {query.kind: query for query in queries}.values():
        for key, ask in questions.items():
            if _can_ask(key, query):
                with suppress(BrokenOff):
                    ask(query)


def _can_ask(key: tuple[str, str], query: Query) -> bool:
    return bool(query.wanted) or key[0] == OWN
