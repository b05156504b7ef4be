"""Time and memory of reading documents, beside one pass of the word segmenter over the same text.

    python -m bench.import_documents [PATH ...]        default: seeds/

Each measurement is a process of its own, so that its peak memory is its own; the two take turns, and the ratio is taken
pair by pair, because a machine's speed drifts. Nothing is written to a database.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

from config.friendly import PROJECT


def read_all(paths: list[Path]) -> None:
    from catalog.importing.decoding import read_document
    from catalog.importing.files import find_documents
    from catalog.importing.readers import read
    from catalog.importing.reference import load_reference

    reference = load_reference(PROJECT / "seeds")
    for path in find_documents(paths):
        read(read_document(path), reference)


def segment_all(paths: list[Path]) -> None:
    from catalog.importing.decoding import read_document
    from catalog.importing.files import find_documents
    from catalog.text.dictionary import tokenizer

    for path in find_documents(paths):
        tokenizer().lcut("\n".join(read_document(path).lines))


TASKS = {"read": read_all, "segment": segment_all}


def measured(task: str, paths: list[Path]) -> dict:
    """Seconds and peak memory (MB) of a task in a process of its own."""
    command = [sys.executable, "-m", "bench.import_documents", "--task", task, *map(str, paths)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="*", type=Path, default=[PROJECT / "seeds"])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--task", choices=TASKS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.task:
        start = time.perf_counter()
        TASKS[options.task](options.paths)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({"seconds": time.perf_counter() - start, "megabytes": peak}))
        return
    pairs = [(measured("read", options.paths), measured("segment", options.paths)) for _ in range(options.runs)]
    print(f"{'':10}{'seconds':>10}{'MB':>8}   (median of {options.runs})")
    for place, name in enumerate(("read", "segment")):
        seconds, megabytes = (
            statistics.median(pair[place][unit] for pair in pairs) for unit in ("seconds", "megabytes")
        )
        print(f"{name:10}{seconds:10.2f}{megabytes:8.0f}")
    for unit in ("seconds", "megabytes"):
        ratios = sorted(read[unit] / other[unit] for read, other in pairs)
        print(f"ratio of {unit}: median {statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})")


if __name__ == "__main__":
    main()
