"""Which case of a source a statement of its new edition is: known by what it says, not by its number.

The number, or the row's own, is one trait among others: where an edition leaves a case out, every later one has its
neighbour's number.
"""

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from catalog.text.names import name_key
from catalog.text.sketch import Sketch, likeness

SAME = 0.5  # likeness from which on two are one case
SURE = 0.7  # and below which an editor is to look at it
# All titles are compared with all others up to so many pairs, beyond it only those that share something.
_PAIRS = 250_000
_OTHER_BANK = 0.15  # taken off
_NUMBERED_ALIKE = 0.05  # added, where both have one number, and more where somebody has given it
_NUMBERED_BY_HAND = 0.2
_FIGURES = re.compile(r"[\d一二三四五六七八九十]+")


@dataclass(frozen=True)
class Traits:
    """What a case is known by. `titles`: all that it has had. `ref`: what its source calls it; `own`: by a number that
    somebody has given it, not by its place. `text`: None where it is not known.
    """

    ref: str
    titles: tuple[str, ...]
    text: Sketch | None
    bank: str | None = None
    own: bool = False


def match(known: Mapping[str, Traits], met: Mapping[str, Traits]) -> dict[str, tuple[str, float]]:
    """For each of `met` that is one of `known`: which, and how sure (0 to 1). None is taken twice."""
    pairs = []
    repeated = _repeated(known.values()) | _repeated(met.values())
    for one, other in _candidates(known, met):
        if (score := _score(known[one], met[other], repeated)) >= SAME:
            pairs.append((-score, known[one].ref != met[other].ref, one, other))
    found: dict[str, tuple[str, float]] = {}
    taken = set()
    for score, _, one, other in sorted(pairs):
        if other not in found and one not in taken:
            found[other] = one, min(1.0, -score)
            taken.add(one)
    return found | _by_own_number(known.keys() - taken, known, met.keys() - found.keys(), met)


def _by_own_number(
    free: Iterable[str], known: Mapping[str, Traits], unmet: Iterable[str], met: Mapping[str, Traits]
) -> dict[str, tuple[str, float]]:
    """A number that somebody has given a row stays the row's, however much of it was rewritten, unless the two have
    nothing in common.
    """
    by_ref = {known[one].ref: one for one in free}
    found = {}
    for other in unmet:
        traits = met[other]
        one = by_ref.get(traits.ref) if traits.own else None
        if one is not None and not _have_nothing_in_common(known[one], traits):
            found[other] = one, SURE
    return found


def _have_nothing_in_common(one: Traits, other: Traits) -> bool:
    alike = one.text and other.text and likeness(one.text, other.text)
    return alike is not None and alike < 0.05 and _alike_titles(one, other) < 0.3


def _candidates(known: Mapping[str, Traits], met: Mapping[str, Traits]) -> Iterator[tuple[str, str]]:
    """The pairs that are worth comparing."""
    if len(known) * len(met) <= _PAIRS:
        yield from ((one, other) for other in met for one in known)
        return
    having: dict[object, list[str]] = defaultdict(list)
    for one, traits in known.items():
        for trait in _indexed(traits):
            having[trait].append(one)
    most = max(20, len(known) // 100)  # what more of them have tells nothing
    for other, traits in met.items():
        shared = Counter(one for trait in _indexed(traits) if len(having[trait]) <= most for one in having[trait])
        yield from ((one, other) for one, _ in shared.most_common(20))


def _indexed(traits: Traits) -> Iterator[object]:
    yield from _keys(traits)
    if traits.text:
        yield from traits.text.hashes.tolist()


def _repeated(cases: Iterable[Traits]) -> set[str]:
    """Titles that stand over several cases (概述, 背景) and tell none of them."""
    return {key for key, times in Counter(key for case in cases for key in _keys(case)).items() if times > 1}


def _score(one: Traits, other: Traits, repeated: Container[str]) -> float:
    titles = _alike_titles(one, other)
    text = likeness(one.text, other.text) if one.text and other.text else None
    more = 0.0 if one.ref != other.ref else _NUMBERED_BY_HAND if other.own else _NUMBERED_ALIKE
    if one.bank and other.bank and one.bank != other.bank:
        more -= _OTHER_BANK
    if text is None:
        # A title alone: only a whole one tells, and 第一期 is not 第二期.
        return titles + 2 * more if titles == 1 or (titles >= 0.8 and _same_figures(one, other)) else 0
    if text < 0.05 and any(key in repeated for key in _keys(other)):
        return more
    return max(text, (titles + text) / 2) + more


def _same_figures(one: Traits, other: Traits) -> bool:
    return any(_FIGURES.findall(_key(a)) == _FIGURES.findall(_key(b)) for a in one.titles for b in other.titles)


def _alike_titles(one: Traits, other: Traits) -> float:
    return max((_alike(_key(a), _key(b)) for a in one.titles for b in other.titles), default=0)


def _alike(one: str, other: str) -> float:
    """Dice's coefficient of their pairs of characters."""
    if one == other:
        return 1.0 if one else 0.0
    pairs, others = _pairs(one), _pairs(other)
    total = pairs.total() + others.total()
    return 2 * (pairs & others).total() / total if total else 0.0


@lru_cache(maxsize=4_000)
def _pairs(title: str) -> Counter[str]:
    return Counter(map("".join, itertools.pairwise(title)))


def _keys(traits: Traits) -> set[str]:
    return set(map(_key, traits.titles))


@lru_cache(maxsize=10_000)
def _key(title: str) -> str:
    return "".join(filter(str.isalnum, name_key(title)))
