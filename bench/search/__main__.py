"""python -m bench.search: builds what is not built yet, measures, prints tables, writes a file of results."""

import argparse
import hashlib
import json
import os
import sys
from contextlib import ExitStack
from dataclasses import asdict
from importlib import import_module
from inspect import getsource
from pathlib import Path

from config.friendly import PROJECT, SetupError

FOLDER = PROJECT / "var" / "bench"
OWN, *PEERS = ENGINES = ("catalogue", "plain", "fts5", "tantivy", "datasette")
CUT_SAMPLE = 300  # cases by which the cost of cutting is measured


def main() -> None:
    options = _options()
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.search.settings"
    os.environ["BENCH_DATABASE"] = f"bench_{options.cases}"
    import django

    django.setup()
    if options.plot:
        from bench.search.plot import plot

        plot(FOLDER / "results", options.plot)
    else:
        _run(options)


def _run(options: argparse.Namespace) -> None:
    from tqdm import tqdm

    from bench.search import report
    from bench.search.corpus import documents, load_material
    from bench.search.engines import Corpus
    from bench.search.measure import measure
    from bench.search.queries import queries
    from bench.search.words import Cutter

    material = load_material(PROJECT / "seeds", FOLDER / "material.json")
    corpus = Corpus(material, options.cases, FOLDER / str(options.cases), Cutter(material))
    corpus.folder.mkdir(parents=True, exist_ok=True)
    engines = [import_module(f"bench.search.engines.{name}") for name in ENGINES if name in (OWN, *options.peers)]
    built = {engine.name: _built(engine, corpus, options.rebuild) for engine in engines}
    cutting = corpus.cutter.seconds_to_cut(documents(material, 1, min(CUT_SAMPLE, options.cases) + 1))
    print(report.building(options.cases, built, cutting), end="\n\n", flush=True)
    asked = queries(material, corpus.cutter, options.cases)
    with ExitStack() as stack:
        questions = {
            (engine.name, name): question
            for engine in engines
            for name, question in stack.enter_context(engine.opened(corpus)).items()
        }
        with tqdm(total=len(asked) * (options.rounds + 1), unit="query", disable=None) as bar:
            samples = measure(asked, questions, options.rounds, bar.update)
    print(report.speed(samples))
    kept = {name: asdict(build) for name, build in built.items()}
    print(f"\n{report.save(FOLDER / 'results', options.cases, kept, cutting, samples).relative_to(PROJECT)}")


def _built(engine, corpus, rebuild: list[str]):
    """Builds, or takes what was built of the same corpus by the same code."""
    from bench.search.engines import Built

    short = engine.__name__.rpartition(".")[2]
    kept = corpus.folder / f"{short}.built.json"
    mark = _mark(engine, corpus)
    if kept.exists() and short not in rebuild and "all" not in rebuild:
        record = json.loads(kept.read_text(encoding="utf-8"))
        if record.pop("mark") == mark:
            return Built(**record)
    kept.unlink(missing_ok=True)
    print(f"建库：{engine.name} ……", file=sys.stderr, flush=True)
    built = engine.build(corpus)
    kept.write_text(json.dumps({"mark": mark, **asdict(built)}, ensure_ascii=False), encoding="utf-8")
    return built


def _mark(engine, corpus) -> str:
    """Changes with the corpus and with what builds the index of it."""
    from django.db.migrations.loader import MigrationLoader

    from catalog.search.index import version

    parts = [corpus.material.fingerprint, str(corpus.cases)]
    if engine.__name__.endswith(OWN):
        parts += [getsource(engine.build), version.current(), *map(str, sorted(MigrationLoader(None).disk_migrations))]
    else:
        parts.append(getsource(engine))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000, help="how many (1,000 to 1,000,000; default 10,000)")
    parser.add_argument("--rounds", type=int, default=5, help="how often each query is asked (default 5)")
    parser.add_argument("--peers", nargs="*", choices=PEERS, default=PEERS, help="besides the catalogue (default all)")
    parser.add_argument(
        "--rebuild", nargs="*", choices=[*ENGINES, "all"], default=[], help="build anew what has been built"
    )
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw p95 over N from all results, nothing else")
    options = parser.parse_args()
    if not 1_000 <= options.cases <= 1_000_000:
        parser.error("--cases has to be 1,000 to 1,000,000")
    return options


if __name__ == "__main__":
    try:
        main()
    except SetupError as error:
        sys.exit(str(error))
