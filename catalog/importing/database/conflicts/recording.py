"""Conflicts as rows: each stays until a person settles it, and what was settled does not come back."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from catalog.importing.database.batches import copy_in
from catalog.importing.database.conflicts.merging import ConflictDraft
from catalog.models import Conflict

_UPDATED = ["theirs", "mine", "region", "before", "after"]


def record_conflicts(drafts: Mapping[int, Sequence[ConflictDraft]], fresh: Mapping[int, Mapping[str, object]]) -> None:
    """Both by the keys of the cases that are written: what both changed, and what the source says now. An open conflict
    takes the source's newest value.
    """
    rows = defaultdict(list)
    for row in Conflict.objects.filter(case__in=list(drafts)):
        rows[row.case_id].append(row)
    made, changed = [], []
    for case, found in drafts.items():
        new, updated = _of_case(case, found, rows[case], fresh[case])
        made += new
        changed += updated
    if changed:
        Conflict.objects.bulk_update(changed, _UPDATED)
    copy_in(made)


def _of_case(
    case: int, drafts: Sequence[ConflictDraft], rows: Sequence[Conflict], fresh: Mapping[str, object]
) -> tuple[list[Conflict], list[Conflict]]:
    """(new rows, rows to be updated)."""
    still = [row for row in rows if row.settled_at is None]
    settled = [row for row in rows if row.settled_at is not None]
    wholes = {row.field: row for row in still if not row.is_part}
    changed: dict[int, Conflict] = {}
    for row in wholes.values():
        if row.field in fresh and row.theirs != fresh[row.field]:
            row.theirs = fresh[row.field]
            changed[row.pk] = row
    parts = [row for row in still if row.is_part]
    regions = {(row.field, row.region) for row in parts}
    made = []
    for draft in drafts:
        if whole := wholes.get(draft.field):  # which covers its parts
            if draft.place is None and whole.mine != draft.mine:
                whole.mine = draft.mine
                changed[whole.pk] = whole
            continue
        row = _open_one(draft, parts)
        if row is None:
            if any(_says_again(draft, old) for old in settled):
                continue
            row = Conflict(case_id=case, field=draft.field, base=draft.base)
            made.append(row)
        else:
            parts.remove(row)
            regions.discard((row.field, row.region))
            changed[row.pk] = row
        row.theirs, row.mine = draft.theirs, draft.mine
        if draft.place:
            row.before, row.after = draft.place.before, draft.place.after
            row.region = _region(draft, regions)
            regions.add((row.field, row.region))
    return made, list(changed.values())


def _open_one(draft: ConflictDraft, parts: Iterable[Conflict]) -> Conflict | None:
    """The open conflict about the same place: of the same text of the editor's, or of the source's before."""
    if draft.place is None:
        return None
    rows = [row for row in parts if row.field == draft.field]
    around = (draft.place.before, draft.place.after)
    same = [row for row in rows if row.mine == draft.mine and (row.mine or (row.before, row.after) == around)]
    later = [row for row in rows if draft.base and row.theirs == draft.base]
    return next(iter([*same, *later]), None)


def _says_again(draft: ConflictDraft, settled: Conflict) -> bool:
    if settled.field != draft.field or settled.theirs != draft.theirs or settled.is_part != (draft.place is not None):
        return False
    # That paragraphs were deleted tells nothing of which.
    return settled.theirs != "" or not settled.is_part or settled.mine == draft.mine


def _region(draft: ConflictDraft, taken: set[tuple[str, str]]) -> str:
    text = "\0".join([draft.place.before, draft.mine, draft.place.after])
    digest = hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
    region, number = digest, 1
    while (draft.field, region) in taken:
        number += 1
        region = f"{digest}-{number}"
    return region
