"""What batches hold of a case or a file that is to be gone for good: its texts, and the file that it came in."""

from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from catalog.history import Traces
from intake.models import BatchFile, BatchItem, FileChunk, ImportBatch
from intake.reading import plain_name

GONE = "原件里有彻底删除的内容，已经删去；其余的要导入，请重新上传"
_TELLING = 4  # characters of a title: shorter ones stand in many a sentence


def forget(sender, traces: Traces, **kwargs) -> None:
    """A batch that waits with such a file can't be accepted any more."""
    named = Q(ref__in=traces.refs) | Q(title__in=traces.titles) if traces.keys else Q()
    items = BatchItem.objects.filter(Q(case_key__in=traces.keys) | (Q(source__in=traces.files) & named))
    batches = set(items.values_list("batch", flat=True))
    places = set(items.values_list("batch", "source"))
    files = [
        file.pk
        for file in BatchFile.objects.filter(Q(batch__in=batches) | Q(name__in=traces.files)).only("name", "batch")
        if (file.batch_id, plain_name(file.name)) in places
        or (not traces.keys and plain_name(file.name) in traces.files)
    ]
    items.update(title="（已彻底删除）", old={}, new={}, kept=[], doubts=[], mark="", chosen=False)
    FileChunk.objects.filter(file__in=files).delete()
    BatchFile.objects.filter(pk__in=files).update(problem=GONE, report={})
    waiting = ImportBatch.objects.filter(files__in=files, state__in=["reading", "waiting", "importing"])
    ImportBatch.objects.filter(pk__in=waiting.values("pk")).update(
        state=ImportBatch.State.CANCELLED, finished_at=timezone.now(), message=GONE
    )
    for title in traces.titles:
        if len(title) >= _TELLING:
            told = BatchItem.objects.annotate(told=Cast("doubts", TextField())).filter(told__contains=title)
            told.update(doubts=[])
            ImportBatch.objects.filter(message__contains=title).update(message="")
