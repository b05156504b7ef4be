"""One case: what of a source's new values can be taken beside an editor's."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from catalog.importing.database.resolved import is_digest, marks_of
from catalog.importing.merge import Region, merge_texts
from catalog.models import Case
from catalog.text import limits

TEXTS = ("summary", "body")  # that are merged by paragraphs
_MOST_PARTS = 200  # of one text that a person is asked about one by one
# How sure a reader was of a chapter is nothing to an editor who has confirmed it; places follow the text.
_NOT_ASKED = {"category_confidence", "provenance"}


@dataclass(frozen=True)
class ConflictDraft:
    """See `Conflict`. `place`: of a part of the text; None for the whole field."""

    field: str
    base: object
    theirs: object
    mine: object
    place: Region | None = None


def merge_edited(
    row: Case,
    fields: Iterable[str],
    fresh: Mapping[str, object],
    last: Mapping[str, object],
    current: Mapping[str, object],
) -> tuple[dict[str, str], list[ConflictDraft]]:
    """(texts to write, what both changed). `fields` are those in which both an editor and the source have something
    new. `last` are the marks of the last import.
    """
    texts, conflicts = {}, []
    for name in fields:
        if name in _NOT_ASKED:
            continue
        base = _known_base(row, name, last[name])
        merged = merge_texts(base, fresh[name], current[name]) if name in TEXTS and base is not None else None
        if merged is None or len(merged.conflicts) > _MOST_PARTS or limits.overlong_text(name, merged.text):
            conflicts.append(ConflictDraft(name, base, fresh[name], current[name]))
            continue
        if merged.text != current[name]:
            texts[name] = merged.text
        conflicts += [
            ConflictDraft(name, region.base, region.theirs, region.mine, region) for region in merged.conflicts
        ]
    return texts, conflicts


def base_of(row: Case, fresh: Mapping[str, object]) -> dict[str, str] | None:
    """What `Case.base` is to be once the row has been written: the source's text of each field that has another."""
    base = dict(row.base or {})
    for name in TEXTS:
        if name in fresh:
            base.pop(name, None)
            if getattr(row, name) != fresh[name]:
                base[name] = fresh[name]
    return base or None


def _known_base(row: Case, name: str, mark: object) -> object:
    """What the last import said; None if nothing that was kept is that. Of cases that were edited before `base` was
    there it may be a later text.
    """
    for value in ((row.base or {}).get(name), row.imported.get(name), mark):
        if value is not None and not is_digest(value) and marks_of({name: value})[name] == mark:
            return value
    return None
