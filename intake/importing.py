"""The import of what was accepted of a batch."""

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from catalog.history import Kind, changes_of, recording, undo
from catalog.importing.database.locking import one_import_at_a_time
from catalog.importing.database.run import import_documents
from catalog.importing.drafts import ImportProblem
from catalog.importing.terms import Change, Outcome, Terms
from catalog.models import Case, Conflict, Source
from intake.beat import Beat
from intake.models import BatchItem, ImportBatch
from intake.reading import keep_reports, mark_of, plain_name, unpacked

_TOLD = 5  # titles
_UNDONE_TOLD = 20  # lines about what was not taken back


class Outdated(Exception):
    """The import would do something else than was shown. Its text says what, in Chinese."""


class Accepted(Terms):
    """What was accepted, as it was shown. `differing`: titles of the cases of which something else would become."""

    def __init__(self, batch: ImportBatch, may_publish: bool):
        self.public = batch.public and may_publish
        self.taken_for = batch.taken_for or None
        items = batch.items.values_list("ref", "mark", "chosen", "case_key", "change")
        closed = set() if may_publish else _public_cases(batch)
        self._marks = {ref: mark for ref, mark, *_ in items}
        self._left_out = {ref for ref, _, chosen, case, _ in items if not chosen or case in closed}
        self._left_out -= {ref for ref, _, _, _, change in items if change == Change.UNCHANGED}
        refused = batch.files.exclude(problem="").values_list("name", "problem")
        self.problems = {plain_name(name): problem for name, problem in refused}
        self.differing: list[str] = []
        self.written = 0

    def takes(self, ref: str) -> bool:
        return ref not in self._left_out

    @property
    def takes_all(self) -> bool:
        return not self._left_out

    def hear(self, outcome: Outcome) -> None:
        self.written += outcome.change in (Change.NEW, Change.CHANGED, Change.CONFLICT, Change.DUPLICATE)
        mark = mark_of(outcome.change, outcome.case, dict(outcome.old), dict(outcome.new), outcome.kept)
        if self._marks.get(outcome.ref) != mark:
            self.differing.append(outcome.title)

    def refuse(self, name: str, problem: ImportProblem) -> None:
        if plain_name(name) not in self.problems:
            raise Outdated(f"{name} 现在不能导入了（{problem.message}）")


def _public_cases(batch: ImportBatch) -> set[int]:
    """Of those that the batch changes: only who may publish changes what readers see."""
    keys = batch.items.exclude(case_key=None).values("case_key")
    return set(Case.objects.public().filter(pk__in=keys).values_list("pk", flat=True))


def import_batch(batch: ImportBatch, may_publish: bool) -> None:
    """From 导入中 to 已导入, in one transaction with all that it writes to the catalogue: a killed import leaves the
    catalogue and the batch as they were before. `Outdated` where it would do something else than was shown.
    """
    # With those that are refused: what is inferred of the others depends on all that were read.
    files = batch.files.all()
    with unpacked(files) as paths, Beat(batch) as beat, one_import_at_a_time(waits=True), transaction.atomic():
        terms = Accepted(batch, may_publish)
        with recording(Kind.IMPORT, batch=batch.pk, **_named(batch.accepted_by)) as batch.context:
            reports = import_documents(paths, settings.SEEDS_DIR, again=True, progress=beat, terms=terms)
        if terms.differing:
            raise Outdated(_difference(terms.differing))
        beat.stop()
        keep_reports(batch, reports, terms.problems)
        batch.state, batch.finished_at = ImportBatch.State.DONE, timezone.now()
        batch.message = f"写入了 {terms.written} 个案例。"
        batch.save(update_fields=["state", "finished_at", "message", "context"])


def undo_batch(batch: ImportBatch) -> None:
    """From 撤销中 to 已撤销, in one transaction with all that it takes back: a killed one leaves the catalogue and the
    batch as they were before. What somebody has changed since stays, and is told.
    """
    with Beat(batch) as beat, one_import_at_a_time(waits=True), transaction.atomic():
        with recording(Kind.UNDO, batch=batch.pk, **_named(batch.undone_by)):
            undone = undo(batch.context)
        beat.stop()
        told = [f"删去 {undone.deleted} 个、改回 {undone.changed} 个、恢复 {undone.restored} 个案例。"]
        collided = batch.items.filter(change=Change.CONFLICT).values("case_key")
        if waiting := Conflict.objects.open().filter(case__in=collided).count():
            told.append(f"{waiting} 处冲突仍待处理：编辑稿没有动过，来源的新文本还在冲突里。")
        told += undone.said[:_UNDONE_TOLD]
        if len(undone.said) > _UNDONE_TOLD:
            told.append(f"另有 {len(undone.said) - _UNDONE_TOLD} 处没有撤销。")
        batch.state, batch.finished_at, batch.message = ImportBatch.State.UNDONE, timezone.now(), "\n".join(told)
        batch.save(update_fields=["state", "finished_at", "message"])


def needs_publishing(batch: ImportBatch) -> bool:
    """Whether readers would see that the batch is undone."""
    if batch.context is None:
        return False
    written = changes_of(batch.context)
    return Case.objects.public().filter(pk__in=written.created | written.changed).exists()


def drafts_of(batch: ImportBatch) -> QuerySet[Case]:
    """The cases that the batch made and readers do not see; of a source that was withdrawn none goes back by itself."""
    made = changes_of(batch.context).created
    return Case.objects.filter(pk__in=made, status=Case.Status.DRAFT).exclude(source__status=Source.Status.WITHDRAWN)


def _named(user) -> dict[str, object]:
    """As the history calls somebody."""
    return {"user": user.pk, "username": user.get_username()} if user else {}


def _difference(titles: list[str]) -> str:
    named = "、".join(f"“{title}”" for title in titles[:_TOLD])
    more = f"等 {len(titles)} 个案例" if len(titles) > _TOLD else ""
    return f"{named}{more}的结果和预览的不同"


def chosen_items(batch: ImportBatch):
    """What an import would write."""
    changes = [Change.NEW, Change.CHANGED, Change.CONFLICT, Change.DUPLICATE]
    return BatchItem.objects.filter(batch=batch, chosen=True, change__in=changes)
