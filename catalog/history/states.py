"""What rows were at a moment, and the versions of a row.

An event holds a row as it was before it (see `catalog.models.history`). The row at a position is therefore in the first
event after it, or is the row itself; a long column that this event leaves out is looked for in those that follow.
A position is a number of the one sequence of all events.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Model

from catalog.history.recording import Kind
from catalog.models import (
    Bank,
    BankAlias,
    BankAliasEvent,
    BankEvent,
    Case,
    CaseEvent,
    CaseProductEvent,
    Category,
    CategoryEvent,
    HistoryEvent,
    Product,
    ProductAlias,
    ProductAliasEvent,
    ProductEvent,
    Source,
    SourceEvent,
)

NOW = 2**63 - 1  # a position after all events


@dataclass(frozen=True)
class Ties:
    """What else belongs to a row: a set of values of another table. `name`: in a state; `owner`, `value`: columns."""

    name: str
    model: type[Model]
    events: type[HistoryEvent]
    owner: str
    value: str


EVENTS: dict[type[Model], type[HistoryEvent]] = {
    Case: CaseEvent,
    Bank: BankEvent,
    Category: CategoryEvent,
    Product: ProductEvent,
    Source: SourceEvent,
}
TIES = {
    Case: Ties("products", Case.products.through, CaseProductEvent, "case_id", "product_id"),
    Bank: Ties("aliases", BankAlias, BankAliasEvent, "bank_id", "name"),
    Product: Ties("aliases", ProductAlias, ProductAliasEvent, "product_id", "name"),
}
State = dict[str, Any]


@dataclass
class Version:
    """A row after what one context did to it. `position` is that of its last event; `context` is None only of the
    version from before the history began, or of one that was written past Django and has lost its context.
    """

    position: int
    at: datetime | None
    context: UUID | None
    metadata: dict[str, Any] = field(default_factory=dict)
    labels: set[str] = field(default_factory=set)

    @property
    def kind(self) -> str:
        kind = self.metadata.get("kind", "")
        return Kind(kind).label if kind in Kind.values else kind

    @property
    def who(self) -> str:
        return author_of(self.metadata)

    @property
    def why(self) -> str:
        return "；".join(filter(None, [self.metadata.get("reason"), "、".join(self.metadata.get("files", []))]))

    @property
    def deed(self) -> str:
        """What was done to the row itself."""
        if "delete" in self.labels:
            return "删除"
        return "建立" if "insert" in self.labels else "修改"


def author_of(metadata: dict[str, Any]) -> str:
    """Who wrote, as a context tells: an account of the site, else a role of the database with its program."""
    if metadata.get("kind") == Kind.SQL:
        return f"{metadata.get('role', '')}（{metadata.get('program') or '程序未说明'}）"
    return metadata.get("username", "")


def versions(model: type[Model], key: int) -> list[Version]:
    """Those of the row, newest first; the last is what the row was before the history began, if it was."""
    found: dict[UUID | None, Version] = {}
    own = EVENTS[model].objects.filter(pgh_obj_id=key)
    rows = [(True, *row) for row in _heads(own)]
    if ties := TIES.get(model):
        rows += [(False, *row) for row in _heads(ties.events.objects.filter(**{ties.owner: key}))]
    for is_own, position, at, label, context, metadata in sorted(rows, key=lambda row: row[1]):
        version = found.setdefault(context, Version(position, at, context, metadata or {}))
        version.position = position
        if is_own:
            version.labels.add(label)
    ordered = sorted(found.values(), key=lambda version: -version.position)
    began = min((row for row in rows if row[0]), key=lambda row: row[1], default=None)
    if began is None or began[3] != "insert":
        ordered.append(Version(0, None, None))
    return ordered


def _heads(events) -> Iterator[tuple]:
    columns = ("pgh_id", "pgh_created_at", "pgh_label", "pgh_context_id", "pgh_context__metadata")
    return events.order_by("pgh_id").values_list(*columns).iterator()


def state_at(model: type[Model], key: int, position: int = NOW) -> State | None:
    """The row's columns by name after the event at `position`, and its ties as a set; None if there was no row."""
    events = EVENTS[model]
    names = [column.attname for column in events._meta.fields if not column.name.startswith("pgh_")]
    later = events.objects.filter(pgh_obj_id=key, pgh_id__gt=position).order_by("pgh_id")
    current = model._base_manager.filter(pk=key).values(*names).first()
    following = later.values("pgh_label", *names).first()
    if following is None:
        state = current
    elif following["pgh_label"] == "insert":
        state = None
    else:
        state = {name: following[name] for name in names}
        for name in events.sparse:
            if following["pgh_label"] == "update" and state[name] is None:
                noted = later.filter(**{f"{name}__isnull": False}).values_list(name, flat=True).first()
                state[name] = noted if noted is not None else (current or {}).get(name)
    if state is not None and (ties := TIES.get(model)):
        state[ties.name] = _ties_at(ties, key, position)
    return state


def _ties_at(ties: Ties, key: int, position: int) -> set:
    held = set(ties.model._base_manager.filter(**{ties.owner: key}).values_list(ties.value, flat=True))
    later = ties.events.objects.filter(**{ties.owner: key}, pgh_id__gt=position).order_by("-pgh_id")
    for label, value in later.values_list("pgh_label", ties.value):
        if label == "insert":
            held.discard(value)
        else:
            held.add(value)
    return held


def state_before(key: int, context: UUID, model: type[Model] = Case) -> State | None:
    """The row as it was before what was done to it in a context; None if there was none."""
    positions = list(EVENTS[model].objects.filter(pgh_obj_id=key, pgh_context=context).values_list("pgh_id", flat=True))
    if ties := TIES.get(model):
        of_ties = ties.events.objects.filter(**{ties.owner: key}, pgh_context=context)
        positions += of_ties.values_list("pgh_id", flat=True)
    return state_at(model, key, min(positions, default=NOW + 1) - 1)


@dataclass(frozen=True)
class Changes:
    """What one context did to the rows of a model, by their keys: what it made and then deleted is in none of these."""

    created: frozenset[int]
    changed: frozenset[int]
    deleted: frozenset[int]


def changes_of(context: UUID, model: type[Model] = Case) -> Changes:
    first, last = {}, {}
    events = EVENTS[model].objects.filter(pgh_context=context).order_by("pgh_id")
    for key, label in events.values_list("pgh_obj_id", "pgh_label").iterator():
        first.setdefault(key, label)
        last[key] = label
    touched = set(first)
    if ties := TIES.get(model):
        touched |= set(ties.events.objects.filter(pgh_context=context).values_list(ties.owner, flat=True))
    created = {key for key in first if first[key] == "insert" and last[key] != "delete"}
    deleted = {key for key in first if first[key] != "insert" and last[key] == "delete"}
    gone = {key for key in first if first[key] == "insert" and last[key] == "delete"}
    return Changes(frozenset(created), frozenset(touched - created - deleted - gone), frozenset(deleted))
