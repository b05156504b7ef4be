"""p95 over the number of cases, a line an engine, from the newest result of each number of cases."""

import json
from collections import defaultdict
from pathlib import Path

from bench.search.measure import OWN, Sample
from bench.search.report import percentile

# The fonts at hand may have no Chinese.
NAMES = {OWN: "this catalogue", "朴素做法": "plain recipe (tsvector)"}
TITLES = {"page": "the whole page", "top": "count and best 20"}


def plot(results: Path, target: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams |= {"font.family": "sans-serif", "svg.hashsalt": "bench", "svg.fonttype": "none"}
    from matplotlib import pyplot

    figure, parts = pyplot.subplots(1, 2, figsize=(10, 4), sharey=True, layout="constrained")
    for part, (question, title) in zip(parts, TITLES.items(), strict=True):
        for engine, points in _lines(results, question).items():
            part.plot(*zip(*sorted(points.items()), strict=True), marker="o", label=NAMES.get(engine, engine))
        part.set(xscale="log", yscale="log", title=title, xlabel="cases")
        part.grid(alpha=0.3)
        part.legend(frameon=False)
    parts[0].set_ylabel("p95, ms")
    target.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(target, metadata={"Date": None} if target.suffix == ".svg" else None)


def _lines(results: Path, question: str) -> dict[str, dict[int, float]]:
    """By engine: p95 in milliseconds by number of cases."""
    lines = defaultdict(dict)
    for path in sorted(results.glob("*.json")):  # named by time: the newest of a number of cases wins
        result = json.loads(path.read_text(encoding="utf-8"))
        by_engine = defaultdict(list)
        for sample in (Sample(**row) for row in result["samples"]):
            if sample.question == question:
                by_engine[sample.engine].append(sample)
        for engine, samples in by_engine.items():
            lines[engine][result["cases"]] = percentile(samples, 0.95)
    return lines
