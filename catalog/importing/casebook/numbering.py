"""Scores whether numbers are in order: headings `1.` `2.`, `（一）` below them, and 一是…二是… inside paragraphs."""

import re
from collections.abc import Iterable, Mapping

from catalog.importing.casebook.frames import Item

Mark = tuple[int, int]  # (level, value)
State = Mapping[int, int]  # level -> last value; 0 at the beginning of a level; unknown if the level is missing

SECTION, SUBSECTION, CHAIN, LIST = 1, 2, 3, 4
FRESH: State = {SECTION: 0, SUBSECTION: 0, CHAIN: 0, LIST: 0}

_CHAIN = re.compile(r"(?:^|[。；：，、;])([一二三四五六七八九])是(?!否)")
_DIGITS = "一二三四五六七八九"
FOLLOWS = {SECTION: 2.0, SUBSECTION: 1.0, CHAIN: 1.0, LIST: 1.0}
BREAKS = {SECTION: -2.5, SUBSECTION: -1.5, CHAIN: -1.5, LIST: -1.5}


def marks_of(item: Item) -> list[Mark]:
    """The numbers of an item in order: its own, or those of the chain inside it."""
    number = item.number
    if number and item.begins_paragraph >= 0:
        level, value = number
        if level == SECTION and item.kind != "heading":
            level = LIST
        return [(level, value)]
    text = item.rows[0].plain
    return [(CHAIN, _DIGITS.index(match[1]) + 1) for match in _CHAIN.finditer(text)]


def walk(marks: Iterable[Mark], state: State) -> tuple[float, State]:
    """(score in nats of the numbers going on from `state`, the state after them)."""
    state_after = dict(state)
    score = 0.0
    for level, value in marks:
        last = state_after.get(level)
        if last is not None:
            one_missing = (
                level == CHAIN and value == last + 2
            )  # a line break cut the link between, so that it is not a mark
            if value == last + 1:
                score += FOLLOWS[level] if value > 1 else 0.5
            elif level == SECTION or (value > 1 and not one_missing):
                score += BREAKS[level]
        state_after[level] = value
        for lower in range(level + 1, LIST + 1):
            state_after[lower] = 0
    return score, state_after
