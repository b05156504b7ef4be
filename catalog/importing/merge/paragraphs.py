"""Three-way merge of a text by its paragraphs: what it was, and what two made of it, people or a document.

The merge of diff3 (Khanna, Kunal & Pierce, "A formal investigation of diff3", 2007) with paragraphs for lines, and two
differences. A paragraph that was rewritten is still that paragraph: therefore neighbours that two people rewrote are no
conflict. And what was moved is looked for: nothing comes twice, and nothing that one side only moved is lost.

A paragraph is the Markdown between blank lines, or a heading (`markdown.split_blocks`).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import pairwise

from catalog.text import markdown

_REWRITTEN = 0.35  # likeness from which a paragraph is another one rewritten
_THE_SAME = 0.6  # likeness from which two paragraphs beside each other would say one thing twice
_MOST_PAIRS = 10_000  # of paragraphs compared by likeness: a second of computing
_SHORTEST = 4  # letters: what is shorter is compared as it is
_MOST_PLACES = 100  # of a pair of letters among many paragraphs: a more frequent one tells nothing
_NEAREST = 8  # paragraphs that a paragraph is compared with, of many

Paragraphs = tuple[str, ...]


@dataclass(frozen=True)
class Region:
    """What both changed, each differently, as Markdown; any of the three may be empty. `before` and `after`: keys of
    the paragraphs around `mine` in the merged text, empty at its ends.
    """

    base: str
    theirs: str
    mine: str
    before: str
    after: str


@dataclass(frozen=True)
class MergedText:
    """Where there are conflicts, the text has `mine`."""

    text: str
    conflicts: tuple[Region, ...]


def merge_texts(base: str, theirs: str, mine: str) -> MergedText:
    """Takes what only one side changed. What both changed differently stays as it is in `mine`, and is a conflict."""
    if theirs in (base, mine):
        return MergedText(mine, ())
    if mine == base:
        return MergedText(theirs, ())
    texts = [paragraphs_of(text) for text in (base, theirs, mine)]
    regions = _regions(*texts)
    _hold_back(regions, texts[1], texts[2])
    merged = [paragraph for region in regions for paragraph in region.merged]
    # As it was written, where it is one of the two.
    written = {texts[1]: theirs, texts[2]: mine}
    return MergedText(written.get(tuple(merged), _text(merged)), tuple(_conflicts(regions, merged)))


def replaced(text: str, region: Region) -> str | None:
    """The text with what `region` has of the other side in the place of its `mine`; None if that place isn't found, or
    may be several.
    """
    paragraphs, mine = paragraphs_of(text), paragraphs_of(region.mine)
    last = len(paragraphs) - len(mine)
    places = [at for at in range(last + 1) if paragraphs[at : at + len(mine)] == mine]

    def fitting(at: int) -> int:
        around = (_key_at(paragraphs, at - 1), _key_at(paragraphs, at + len(mine)))
        return sum(here == there for here, there in zip(around, (region.before, region.after), strict=True))

    if not mine or len(places) > 1:
        best = max(map(fitting, places), default=0)
        places = [at for at in places if best and fitting(at) == best]
    if len(places) != 1:
        return None
    at = places[0]
    return _text((*paragraphs[:at], *paragraphs_of(region.theirs), *paragraphs[at + len(mine) :]))


def paragraphs_of(text: str) -> Paragraphs:
    return tuple(block.strip("\n") for block in markdown.split_blocks(text) if block.strip())


@dataclass
class _Region:
    """A stretch of the base, which may be empty, and what each side has in its place. `held`: not taken from `theirs`
    though `mine` is as the base.
    """

    base: Paragraphs
    theirs: Paragraphs
    mine: Paragraphs
    held: bool = False

    @property
    def mine_changed(self) -> bool:
        return self.mine != self.base

    @property
    def taken(self) -> bool:
        """From `theirs`, who alone changed it."""
        return not self.mine_changed and self.theirs != self.base and not self.held

    @property
    def merged(self) -> Paragraphs:
        return self.theirs if self.taken else self.mine

    @property
    def in_conflict(self) -> bool:
        return self.theirs not in (self.base, self.mine) and not self.taken

    @property
    def brought(self) -> list[str]:
        return _more(self.theirs, self.base)

    @property
    def dropped(self) -> list[str]:
        return _more(self.base, self.theirs)

    @property
    def edited(self) -> list[str]:
        """What `mine` no longer has, and what it has instead."""
        return [*_more(self.base, self.mine), *_more(self.mine, self.base)]


@dataclass
class _Side:
    """One side against the base. `cells`: of each paragraph of the base what became of it, None where it was deleted.
    `gaps`: what was added before each, and at the end.
    """

    cells: list[str | None]
    gaps: list[list[str]] = field(default_factory=list)

    def at(self, slot: int) -> Paragraphs:
        """Slots are the gaps and paragraphs of the base in turn: gap 0 is slot 0, paragraph 0 slot 1, gap 1 slot 2 …"""
        place, is_cell = divmod(slot, 2)
        if not is_cell:
            return tuple(self.gaps[place])
        cell = self.cells[place]
        return () if cell is None else (cell,)

    def changes(self, base: Paragraphs) -> Iterator[tuple[int, int]]:
        """Ranges of slots, ends included, each of one change: paragraphs that were only rewritten stand by themselves,
        what was added or deleted beside a changed one belongs to it, as where one was split or two were joined.
        """
        first = last = None
        for slot in range(2 * len(base) + 1):
            if self.at(slot) == ((base[slot // 2],) if slot % 2 else ()):
                continue
            beside = last is not None and (slot - last == 1 or (slot - last == 2 and slot % 2))
            if beside and (self._reshapes(slot) or self._reshapes(last)):
                last = slot
                continue
            if first is not None:
                yield first, last
            first = last = slot
        if first is not None:
            yield first, last

    def _reshapes(self, slot: int) -> bool:
        return slot % 2 == 0 or not self.at(slot)


def _regions(base: Paragraphs, theirs: Paragraphs, mine: Paragraphs) -> list[_Region]:
    """The whole base, cut into what at least one side changed and what lies between."""
    sides = [_side(base, text) for text in (theirs, mine)]
    joined: list[list[int]] = []
    for first, last in sorted(change for side in sides for change in side.changes(base)):
        if joined and first <= joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], last)
        else:
            joined.append([first, last])

    def of(slots: range) -> _Region:
        texts = [tuple(paragraph for slot in slots for paragraph in side.at(slot)) for side in sides]
        return _Region(tuple(base[slot // 2] for slot in slots if slot % 2), *texts)

    regions, start = [], 0
    for first, last in joined:
        regions += [of(range(start, first)), of(range(first, last + 1))]
        start = last + 1
    return [*regions, of(range(start, 2 * len(base) + 1))]


def _side(base: Paragraphs, text: Paragraphs) -> _Side:
    side = _Side([None] * len(base), [[] for _ in range(len(base) + 1)])
    # What stands very often in a long text is no mark to go by: so it is by difflib's own measure.
    for kind, first, last, start, end in SequenceMatcher(None, base, text).get_opcodes():
        if kind == "equal":
            side.cells[first:last] = text[start:end]
            continue
        pairs = _rewritten(base[first:last], text[start:end])
        gap = first
        for place in range(start, end):
            if (cell := pairs.get(place - start)) is None:
                side.gaps[gap].append(text[place])
            else:
                side.cells[first + cell] = text[place]
                gap = first + cell + 1
    return side


def _rewritten(old: Sequence[str], new: Sequence[str]) -> dict[int, int]:
    """place in `new` → place in `old`, in the order of both: the pairs that are most alike, in sum, and between two of
    them as many as there are, where both have as many.
    """
    pairs = _most_alike(old, new) if 1 < len(old) * len(new) <= _MOST_PAIRS else {}
    i = j = 0
    for after, before in [*pairs.items(), (len(new), len(old))]:
        if before - i == after - j:
            pairs |= zip(range(j, after), range(i, before), strict=True)
        i, j = before + 1, after + 1
    return pairs


def _most_alike(old: Sequence[str], new: Sequence[str]) -> dict[int, int]:
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    alike = [[_likeness(before, after) for after in new] for before in old]
    for i in range(len(old) - 1, -1, -1):
        for j in range(len(new) - 1, -1, -1):
            pair = alike[i][j] + best[i + 1][j + 1] if alike[i][j] >= _REWRITTEN else 0.0
            best[i][j] = max(pair, best[i + 1][j], best[i][j + 1])
    pairs, i, j = {}, 0, 0
    while i < len(old) and j < len(new):
        if best[i][j] == best[i + 1][j]:
            i += 1
        elif best[i][j] == best[i][j + 1]:
            j += 1
        else:
            pairs[j] = i
            i, j = i + 1, j + 1
    return pairs


def _hold_back(regions: Sequence[_Region], theirs: Paragraphs, mine: Paragraphs) -> None:
    """Leaves to a person what would say a thing twice, bring back what was deleted or rewritten elsewhere, or lose what
    was only moved. With nothing taken the text is `mine`, so this comes to an end.
    """
    edited = _Sayings(paragraph for region in regions for paragraph in region.edited)
    _hold(regions, lambda region: edited.say_any_of(region.brought))
    counts = [Counter(map(markdown.piece_key, text)) for text in (theirs, mine)]
    while True:
        merged = Counter(markdown.piece_key(paragraph) for region in regions for paragraph in region.merged)
        keys = counts[0].keys() | counts[1].keys()
        twice = {key for key in keys if merged[key] > max(counts[0][key], counts[1][key])}
        lost = {key for key in keys if merged[key] < min(counts[0][key], counts[1][key])}
        waiting = _Sayings(paragraph for region in regions if region.in_conflict for paragraph in region.brought)
        if not _hold(
            regions,
            lambda region, twice=twice, lost=lost, waiting=waiting: (
                any(markdown.piece_key(paragraph) in twice for paragraph in region.brought)
                or any(markdown.piece_key(paragraph) in lost for paragraph in region.dropped)
                or waiting.say_any_of(_more(region.dropped, region.brought))
            ),
        ):
            return


def _hold(regions: Iterable[_Region], doubtful: Callable[[_Region], bool]) -> bool:
    """Whether there was any."""
    held = [region for region in regions if region.taken and doubtful(region)]
    for region in held:
        region.held = True
    return bool(held)


def _conflicts(regions: Iterable[_Region], merged: Sequence[str]) -> Iterator[Region]:
    at = 0
    for region in regions:
        end = at + len(region.merged)
        if region.in_conflict:
            texts = [_text(paragraphs) for paragraphs in (region.base, region.theirs, region.mine)]
            yield Region(*texts, _key_at(merged, at - 1), _key_at(merged, end))
        at = end


def _more(some: Sequence[str], others: Sequence[str]) -> list[str]:
    """What `some` have that the others have not, or not as often."""
    left, more = Counter(others), []
    for paragraph in some:
        if left[paragraph]:
            left[paragraph] -= 1
        else:
            more.append(paragraph)
    return more


class _Sayings:
    """What some paragraphs say, of which there may be thousands."""

    def __init__(self, paragraphs: Iterable[str]):
        self._paragraphs = list(paragraphs)
        self._texts = {paragraph.strip() for paragraph in self._paragraphs}
        self._places: dict[str, list[int]] = {}
        for place, paragraph in enumerate(self._paragraphs):
            for pair in _pairs(paragraph):
                places = self._places.setdefault(pair, [])
                if len(places) < _MOST_PLACES:
                    places.append(place)

    def say_any_of(self, paragraphs: Iterable[str]) -> bool:
        return any(self._say(paragraph) for paragraph in paragraphs)

    def _say(self, paragraph: str) -> bool:
        if paragraph.strip() in self._texts:
            return True
        shared = Counter(place for pair in _pairs(paragraph) for place in self._places.get(pair, ()))
        nearest = (self._paragraphs[place] for place, _ in shared.most_common(_NEAREST))
        return any(_likeness(paragraph, other) >= _THE_SAME for other in nearest)


def _likeness(one: str, other: str) -> float:
    """From 0 to 1: the share of pairs of letters that both have (Dice's coefficient), each as often as it stands."""
    pairs, others = _pairs(one), _pairs(other)
    total = pairs.total() + others.total()
    if min(pairs.total(), others.total()) < _SHORTEST:
        return float(one.strip() == other.strip())
    return 2 * (pairs & others).total() / total


@lru_cache(maxsize=1024)
def _pairs(text: str) -> Counter[str]:
    letters = [char for char in text if char.isalnum()]
    return Counter(one + other for one, other in pairwise(letters))


def _key_at(paragraphs: Sequence[str], place: int) -> str:
    return markdown.piece_key(paragraphs[place]) if 0 <= place < len(paragraphs) else ""


def _text(paragraphs: Iterable[str]) -> str:
    return "\n\n".join(paragraphs)
