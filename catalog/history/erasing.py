"""彻底删除: a case or a whole source is gone from everything that this database holds of it. What rooms that stand on
the catalogue hold of it they take out themselves (`erased`).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import F, Q
from django.dispatch import Signal
from django.utils import timezone
from pghistory.models import Context

from catalog.history.states import EVENTS
from catalog.models import Case, CaseEvent, CaseProductEvent, Doubt, Edition, Source, SourceEvent
from catalog.search import refresh_phrases, settle_own

# Asked with `since`: the receivers give the names of what outside of the database may still hold what was there then.
holders_asked = Signal()
# Sent in the transaction, with `traces`: what else is held of these has to go too.
erased = Signal()


@dataclass(frozen=True)
class Traces:
    """By what erased cases are known elsewhere: their keys, what their sources call them, their titles, and the names
    of the files that they came in.
    """

    keys: frozenset[int]
    refs: frozenset[str]
    titles: frozenset[str]
    files: frozenset[str]

    @classmethod
    def of(cls, cases: Collection["Case | CaseEvent"], keys: Collection[int]) -> "Traces":
        sources = {case.source_id for case in cases if case.source_id}
        called = {(case.imported or {}).get("source_ref") or case.ref for case in cases}
        whole = {f"{case.title}——{case.subtitle}" for case in cases if case.subtitle}
        return cls(
            frozenset(keys),
            frozenset(filter(None, called | {case.ref for case in cases})),
            frozenset(filter(None, whole | {case.title for case in cases})),
            frozenset(Source.objects.filter(pk__in=sources).values_list("file_name", flat=True)),
        )


@dataclass
class Erased:
    """`cases`: how many; `lines`: of sources, that were blanked; `since`: when the oldest of it came in; `holders`:
    names of what still holds it, outside of the database.
    """

    cases: int = 0
    lines: int = 0
    since: datetime | None = None
    holders: list[str] = field(default_factory=list)


@transaction.atomic
def erase_cases(keys: Collection[int]) -> Erased:
    """Cases that are there or were deleted: with their history, drafts, doubts, traces in the admin's log, and the
    lines of their sources. Their refs stay with the source, so that no import brings them back.
    """
    keys = set(keys)
    live = list(Case.objects.filter(pk__in=keys).select_for_update())
    gone = CaseEvent.objects.filter(pgh_obj_id__in=keys - {case.pk for case in live}, pgh_label="delete")
    times = [case.created_at for case in live] + [event.created_at for event in gone if event.created_at]
    result = Erased(
        len({row.pk for row in live} | {event.pgh_obj_id for event in gone}), since=min(times, default=None)
    )
    erased.send(sender=Erased, traces=Traces.of([*live, *gone], keys))
    by_source = defaultdict(list)
    for case in [*live, *gone]:
        if case.source_id:
            by_source[case.source_id].append(case)
    for source, cases in by_source.items():
        result.lines += _blank(source, cases, keys)
    Doubt.objects.filter(case__in=keys).delete()
    Edition.objects.filter(case_id__in=keys).delete()
    Case.objects.filter(pk__in=keys).delete()
    # The deletion has only now told the sources what to withhold, and the history what there was.
    for source, cases in by_source.items():
        _forget_titles(source, cases)
    _forget_events([CaseEvent.objects.filter(pgh_obj_id__in=keys), CaseProductEvent.objects.filter(case_id__in=keys)])
    _forget_log(Case, keys)
    settle_own()
    refresh_phrases()  # that readers are offered, word for word from the texts
    result.holders = holders_of(result.since)
    return result


@transaction.atomic
def erase_source(key: int) -> Erased:
    """A document with all cases that ever came of it."""
    source = Source.objects.select_for_update().defer("lines").get(pk=key)
    deleted = CaseEvent.objects.filter(source_id=key).values_list("pgh_obj_id", flat=True)
    elsewhere = Case.objects.filter(pk__in=deleted).exclude(source=key).values_list("pk", flat=True)
    keys = set(source.cases.values_list("pk", flat=True)) | (set(deleted) - set(elsewhere))
    result = erase_cases(keys)
    result.since = min(filter(None, [result.since, source.created_at]))
    erased.send(sender=Erased, traces=Traces(frozenset(), frozenset(), frozenset(), frozenset({source.file_name})))
    source.doubts.all().delete()
    source.delete()
    _forget_events([SourceEvent.objects.filter(pgh_obj_id=key)])
    _forget_log(Source, {key})
    result.holders = holders_of(result.since)
    return result


def _blank(key: int, cases: Iterable[Case | CaseEvent], erased: set[int]) -> int:
    """Blanks the lines of a source that the cases stood in and no other does; returns how many."""
    source = Source.objects.select_for_update().only("lines").filter(pk=key).first()
    if source is None or not source.lines:
        return 0
    others = Case.objects.filter(source=key).exclude(pk__in=erased).values_list("provenance", flat=True)
    kept = {number for provenance in others for number in _numbers(provenance)}
    numbers = set()
    for case in cases:
        numbers |= _numbers(case.provenance or [])
        if case.first_line and case.last_line:
            numbers |= set(range(case.first_line, min(case.last_line, len(source.lines)) + 1))
        titles = {"".join(title.split()) for title in (case.title, case.subtitle) if title and len(title) > 3}
        numbers |= {
            number
            for number, line in enumerate(source.lines, 1)
            if any(title in "".join(line.split()) for title in titles)
        }
    lines = list(source.lines)
    blanked = [number for number in numbers - kept if number <= len(lines) and lines[number - 1]]
    for number in blanked:
        lines[number - 1] = ""
    Source.objects.filter(pk=key).update(lines=lines, updated_at=timezone.now())
    return len(blanked)


def _numbers(provenance: list[dict]) -> set[int]:
    ranges = [lines for piece in provenance for lines in piece.get("lines", [])]
    return {
        number
        for lines in ranges
        if len(lines) == 2 and all(isinstance(end, int) for end in lines) and 0 < lines[1] - lines[0] + 1 < 1_000_000
        for number in range(max(1, lines[0]), lines[1] + 1)
    }


def _forget_titles(key: int, cases: Iterable[Case | CaseEvent]) -> None:
    """What is withheld of the cases goes on without their titles: where their lines were, an import may bring back."""
    refs = {case.ref for case in cases if case.ref}
    titles = {(case.title, case.subtitle) for case in cases}
    source = Source.objects.select_for_update().only("withheld").get(pk=key)
    withheld = []
    for entry in source.withheld:
        if entry["ref"] in refs:
            withheld.append(entry | {"title": "", "subtitle": ""})
        elif entry["ref"] or (entry.get("title"), entry.get("subtitle")) not in titles:
            withheld.append(entry)
    Source.objects.filter(pk=key).update(withheld=withheld)


def _forget_events(querysets: Iterable) -> None:
    """With the words of their contexts; a context of which nothing else was recorded goes too."""
    contexts = set()
    for events in querysets:
        contexts |= set(events.values_list("pgh_context_id", flat=True))
        events.delete()
    still = {
        context
        for events in [*EVENTS.values(), CaseProductEvent]
        for context in events.objects.filter(pgh_context_id__in=contexts).values_list("pgh_context_id", flat=True)
    }
    Context.objects.filter(pk__in=contexts - still).delete()
    for context in Context.objects.filter(Q(metadata__has_key="reason"), pk__in=still):
        context.metadata.pop("reason")
        context.save(update_fields=["metadata"])


def _forget_log(model, keys: Iterable[int]) -> None:
    kind = ContentType.objects.get_for_model(model)
    LogEntry.objects.filter(content_type=kind, object_id__in=[str(key) for key in keys]).update(
        object_repr=F("object_id"), change_message=""
    )


def holders_of(since: datetime | None) -> list[str]:
    """What outside of the database may hold what was in it since then."""
    answers = holders_asked.send(sender=Erased, since=since)
    return sorted({name for _, names in answers for name in names})
