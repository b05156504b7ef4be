"""The rows by which titles are suggested. Kept by signals; writes that send none are followed by `index_titles`."""

from collections.abc import Iterable
from itertools import pairwise

from django.db.models import F, Q
from django.db.models.signals import post_save

from catalog.models import Case, CaseTitle
from catalog.text import pinyin
from catalog.text.normalise import fold

# A title begins with its beginning: more of it than this nobody types to have it suggested.
_LONGEST = 200
_BATCH = 1_000


def connect() -> None:
    """Called once, by `CatalogConfig.ready`."""
    post_save.connect(_case_saved, Case, dispatch_uid="titles")


def index_titles(cases: Iterable[int] | None = None) -> int:
    """Writes the rows of these cases, or of all, whose title has changed; returns how many."""
    found = Case.objects.filter(Q(typed_title=None) | ~Q(typed_title__title=F("title")))
    if cases is not None:
        found = found.filter(pk__in=list(cases))
    rows, written = [], 0
    for key, title in found.order_by("pk").values_list("pk", "title").iterator(chunk_size=_BATCH):
        rows.append(row(key, title))
        if len(rows) == _BATCH:
            written += _write(rows)
            rows = []
    return written + _write(rows)


def row(case: int, title: str) -> CaseTitle:
    folded = fold(title)[:_LONGEST]
    return CaseTitle(
        case_id=case,
        title=title,
        folded=folded,
        sound=pinyin.sound(_spoken(folded)),
        initials=pinyin.initials(_spoken(folded)),
        pairs=sorted({a + b for a, b in pairwise(folded)}),
    )


def _spoken(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def _write(rows: list[CaseTitle]) -> int:
    fields = ["title", "folded", "sound", "initials", "pairs"]
    CaseTitle.objects.bulk_create(rows, update_conflicts=True, unique_fields=["case"], update_fields=fields)
    return len(rows)


def _case_saved(instance: Case, raw: bool = False, **kwargs) -> None:
    if not raw:
        index_titles([instance.pk])
