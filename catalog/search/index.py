"""The only writer of the search entries."""

from collections.abc import Iterable

from django.db import transaction

from catalog.models import Case, SearchEntry
from catalog.search.document import document
from catalog.search.lexicon import Lexicon, current
from catalog.search.vector import vector

BATCH = 200


def index_cases(cases: Iterable[int]) -> int:
    """Writes the entries of the cases with these keys as the database has them now; returns how many.

    Keys of cases that are gone are passed over. The cases are locked while their entry is written, so that two
    writers who change different parts of a case cannot leave an entry that lacks one of the changes.
    """
    keys = sorted(set(cases))
    return sum(_index_batch(keys[start : start + BATCH]) for start in range(0, len(keys), BATCH))


@transaction.atomic
def _index_batch(keys: list[int]) -> int:
    locked = Case.objects.filter(pk__in=keys).order_by("pk").select_for_update(no_key=True)
    # A statement of its own: the next one then reads what the writer we waited for has committed.
    keys = list(locked.values_list("pk", flat=True))
    lexicon = current()
    entries = [entry(case, lexicon) for case in Case.objects.filter(pk__in=keys).indexed_text()]
    SearchEntry.objects.bulk_create(
        entries, update_conflicts=True, unique_fields=["case"], update_fields=["vector", "text"]
    )
    return len(entries)


def entry(case: Case, lexicon: Lexicon) -> SearchEntry:
    content = document(case)
    return SearchEntry(case=case, vector=vector(content, lexicon.segmenter), text=content.text)
