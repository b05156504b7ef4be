"""The preview of a batch: its import, taken back; what it did to each case is kept as the batch's items."""

import hashlib
import json
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import TextIO

from django.conf import settings
from django.db import transaction

from catalog.importing.database.batches import copy_in
from catalog.importing.database.run import rehearse_import
from catalog.importing.database.sources import Report
from catalog.importing.drafts import ImportProblem
from catalog.importing.files import rows_name
from catalog.importing.terms import Change, Outcome, TakenFor, Terms
from catalog.text import limits
from intake.beat import Beat
from intake.models import BatchFile, BatchItem, ImportBatch

_AT_ONCE = 500
# Never taken unasked.
_UNCHOSEN = {Change.DUPLICATE}


class Listener(Terms):
    """Writes each outcome to a file: of 22,000 long cases the texts are more than a process should hold."""

    indexed = False

    def __init__(self, spool: TextIO, taken_for: TakenFor):
        self.spool, self.taken_for = spool, taken_for
        self.problems: dict[str, str] = {}

    def hear(self, outcome: Outcome) -> None:
        json.dump(asdict(outcome), self.spool, ensure_ascii=False)
        self.spool.write("\n")

    def refuse(self, name: str, problem: ImportProblem) -> None:
        self.problems[plain_name(name)] = _at_its_place(name, problem)


def plain_name(name: str) -> str:
    """As the catalogue calls a file: a table without what its packing adds."""
    return rows_name(Path(name)) or name


def _at_its_place(name: str, problem: ImportProblem) -> str:
    """The file itself needs no naming."""
    return str(ImportProblem(problem.message, file="" if problem.file == name else problem.file, line=problem.line))


def read(batch: ImportBatch) -> None:
    """From 读取中 to 待确认. What an editor has left out of an earlier preview stays left out."""
    left_out = set(batch.items.filter(chosen=False).values_list("ref", flat=True))
    with unpacked(batch.files.all()) as paths, tempfile.TemporaryFile("w+", encoding="utf-8") as spool:
        listener = Listener(spool, batch.taken_for or None)
        with Beat(batch) as beat:
            reports = rehearse_import(paths, settings.SEEDS_DIR, progress=beat, terms=listener)
        spool.seek(0)
        with transaction.atomic():
            batch.items.all().delete()
            _keep_items(batch, map(json.loads, spool), left_out)
            keep_reports(batch, reports, listener.problems)
            batch.state = ImportBatch.State.WAITING if batch.items.exists() else ImportBatch.State.FAILED
            if batch.state == ImportBatch.State.FAILED:
                batch.message = "没有一个文件可以导入，问题见下面的文件一栏。"
            batch.save(update_fields=["state", "message"])


@contextmanager
def unpacked(files: Iterable[BatchFile]) -> Iterator[list[Path]]:
    """The files of a batch in a folder of their own, under their names."""
    with tempfile.TemporaryDirectory(prefix="import-") as folder:
        paths = []
        for file in files:
            if file.size and not file.chunks.exists():  # see intake/erasing
                raise ImportProblem("原件已经删去，请重新上传。", file=file.name)
            paths.append(path := Path(folder) / file.name)
            with open(path, "wb") as stream:
                for piece in file.read():
                    stream.write(piece)
        yield paths


def mark_of(change: str, case: int | None, old: dict, new: dict, kept: Iterable[str]) -> str:
    """The same for the same outcome. Which of two cases gets the number that both want depends on which are left out:
    that makes no difference here.
    """
    values = [{name: value for name, value in side.items() if name != "number"} for side in (dict(old), dict(new))]
    kind = "known" if change in (Change.CHANGED, Change.UNCHANGED) else change
    text = json.dumps([kind, case, *values, list(kept)], ensure_ascii=False, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _keep_items(batch: ImportBatch, outcomes: Iterable[dict], left_out: set[str]) -> None:
    position = 0
    while some := list(islice(outcomes, _AT_ONCE)):
        rows = []
        for outcome in some:
            position += 1
            outcome["old"], outcome["new"] = dict(outcome["old"]), dict(outcome["new"])
            outcome["title"] = outcome["title"][: limits.TITLE]
            case = outcome.pop("case")
            values = {name: outcome[name] for name in ("change", "old", "new", "kept")}
            row = BatchItem(batch=batch, position=position, case_key=case, mark=mark_of(case=case, **values), **outcome)
            row.chosen = row.ref not in left_out and row.change not in _UNCHOSEN
            rows.append(row)
        copy_in(rows)


def keep_reports(batch: ImportBatch, reports: Iterable[Report], problems: dict[str, str]) -> None:
    by_source = {report.source: report for report in reports}
    for file in batch.files.all():
        report = by_source.get(plain_name(file.name))
        file.problem = problems.get(plain_name(file.name), "")
        file.report = _report(report) if report else {}
        file.save(update_fields=["problem", "report"])


def _report(report: Report) -> dict:
    return {
        "counts": dict(report.counts),
        "bad_row_count": report.bad_row_count,
        "bad_rows": list(report.bad_rows),
        "unknown_columns": list(report.unknown_columns),
    }
