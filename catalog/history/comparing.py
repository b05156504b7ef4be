"""The differences of two states of a row, for a person to read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from diff_match_patch import diff_match_patch
from django.db.models import Field, Model
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString

from catalog.history.states import EVENTS, TIES, State
from catalog.models import Product, Source

SECONDS = 1.0  # for the differences of one text; of very different ones they are then coarser
AROUND = 60  # characters of what is the same before and behind a difference
# What a reader of the history does not know: kept for imports.
_UNSHOWN = {"imported", "base", "created_at", "provenance", "key"}
_TIE_LABELS = {"products": "产品", "aliases": "别名"}


@dataclass(frozen=True)
class Difference:
    name: str
    label: str
    shown: SafeString


def differences(model: type[Model], before: State | None, after: State | None) -> list[Difference]:
    """Field by field, in the order of the model; a state that is None has nothing in any."""
    before, after = before or {}, after or {}
    found = []
    for column in EVENTS[model]._meta.fields:
        name = column.attname
        if column.name.startswith("pgh_") or column.name in _UNSHOWN:
            continue
        old, new = before.get(name), after.get(name)
        if old != new and (old or new or old is False or new is False):
            shown = text_difference(_text(column, old), _text(column, new))
            found.append(Difference(column.name, str(column.verbose_name), shown))
    if ties := TIES.get(model):
        old, new = before.get(ties.name) or set(), after.get(ties.name) or set()
        if old != new:
            names = row_names(Product, old ^ new) if ties.name == "products" else {value: value for value in old ^ new}
            shown = [("del", names[value]) for value in sorted(old - new)]
            shown += [("ins", names[value]) for value in sorted(new - old)]
            pieces = format_html_join("、", "<{0}>{1}</{0}>", shown)
            found.append(Difference(ties.name, _TIE_LABELS[ties.name], pieces))
    return found


def text_difference(before: str, after: str) -> SafeString:
    """By character, in pieces that make sense; of what is the same in a long text only what stands around."""
    if not before or not after:
        return _piece(-1 if before else 1, before or after)
    engine = diff_match_patch()
    engine.Diff_Timeout = SECONDS
    pieces = engine.diff_main(before, after)
    engine.diff_cleanupSemantic(pieces)
    last = len(pieces) - 1
    return format_html_join(
        "",
        "{}",
        (
            (_piece(sign, text if sign else _shortened(text, place == 0, place == last)),)
            for place, (sign, text) in enumerate(pieces)
        ),
    )


def _piece(sign: int, text: str) -> SafeString:
    if not sign:
        return conditional_escape(text)
    return format_html("<{0}>{1}</{0}>", "ins" if sign > 0 else "del", text) if text else SafeString("")


def _shortened(text: str, begins: bool, ends: bool) -> str:
    """What is the same before, between or behind differences."""
    head, tail = 0 if begins else AROUND, 0 if ends else AROUND
    if len(text) <= head + tail + 20:
        return text
    return f"{text[:head]} …… {text[len(text) - tail :] if tail else ''}"


def _text(column: Field, value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "\n".join(map(str, value))
    if column.choices:
        return str(dict(column.flatchoices).get(value, value))
    if column.is_relation:
        return row_names(column.related_model, {value})[value]
    return str(value)


def title_of(model: type[Model], state: State) -> str:
    """What a row was called."""
    if state.get("title"):
        return "——".join(filter(None, [state["title"], state.get("subtitle")]))
    return state.get("name") or model._meta.verbose_name


def row_names(model: type[Model], keys: set[int]) -> dict[int, str]:
    """What rows are called, by key; of those that are gone what they were called last."""
    if not keys:
        return {}
    rows = model._base_manager.filter(pk__in=keys)
    found = {row.pk: str(row) for row in (rows.defer("lines", "imported", "withheld") if model is Source else rows)}
    events = EVENTS[model].objects.filter(pgh_obj_id__in=keys - found.keys(), pgh_label="delete")
    gone = {key: f"{name}（已删除）" for key, name in events.order_by("pgh_id").values_list("pgh_obj_id", "name")}
    return {key: f"（已不存在，{key}）" for key in keys} | gone | found
