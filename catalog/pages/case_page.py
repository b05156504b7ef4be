"""The texts of a case as pages show them: whole on its own page, by a snippet in a list.

A long body is read in parts: only one of them is rendered, however long the others are.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from django.core.paginator import Paginator
from django.utils.safestring import SafeString

from catalog.models import Case
from catalog.pages.provenance import Passage, passages
from catalog.search import Marker, SearchTimeout, search_deadline, snippet, weigh
from catalog.text import markdown
from catalog.text.parts import heading_of, parts_of

SNIPPET_LENGTH = 120  # characters: three lines on a desk, five on a phone
_PATIENCE = 1.0  # seconds for finding the query in all parts of a long case


@dataclass(frozen=True)
class Part:
    """A part of a long body in the list of them. `hits` of the query, roughly; 0 where they are not counted."""

    number: int
    title: str
    hits: int = 0
    is_current: bool = False


@dataclass(frozen=True)
class CasePage:
    """The texts of a case as HTML, in the order in which they are read; the `hits` of a query numbered through them.

    A short case has one part and no list of `parts`. The summary stands in the first part, the captions in the last.
    """

    title: SafeString
    subtitle: SafeString
    summary: SafeString
    passages: list[Passage]
    captions: list[SafeString]
    hits: int
    number: int = 1  # of the part, from 1
    total: int = 1
    parts: Sequence[Part | None] = ()  # None: some are left out of the list

    @classmethod
    def of(cls, case: Case, query: str, part: str | None = None) -> "CasePage":
        """`part`: the number that the address gives; without one, that with the passage that a list shows."""
        texts = parts_of(case.body)
        if len(texts) == 1:
            return cls._of(case, query, texts, 1, ())
        weights = _weights(case, texts, query)
        number = _best(weights) + 1 if part is None else Paginator(texts, 1).get_page(part).number
        return cls._of(case, query, texts, number, _listed(texts, number, [hits for _, hits in weights]))

    @classmethod
    def _of(cls, case: Case, query: str, texts: Sequence[str], number: int, parts: Sequence[Part | None]) -> "CasePage":
        marker, total = Marker(query), len(texts)
        title, subtitle = map(marker.text, (case.title, case.subtitle))
        summary = marker.text(case.summary if number == 1 else "")
        anchor = "p" if number == 1 else f"p{number}-"
        rendered = passages(case, texts[number - 1], texts[: number - 1], anchor)
        body = [replace(passage, html=marker.html(passage.html)) for passage in rendered]
        captions = [marker.text(caption) for caption in case.captions] if number == total else []
        return cls(title, subtitle, summary, body, captions, marker.count, number, total, parts)

    @property
    def is_found(self) -> bool:
        """Whether the query stands in any part."""
        return bool(self.hits or self._others)

    @property
    def before(self) -> int | None:
        """The number of the part before; `after` likewise."""
        return self.number - 1 if self.number > 1 else None

    @property
    def after(self) -> int | None:
        return self.number + 1 if self.number < self.total else None

    @property
    def part_of_last_hit(self) -> Part | None:
        """The nearest part before this one in which the query stands; `part_of_next_hit` likewise after it."""
        return next((part for part in reversed(self._others) if part.number < self.number), None)

    @property
    def part_of_next_hit(self) -> Part | None:
        return next((part for part in self._others if part.number > self.number), None)

    @property
    def _others(self) -> list[Part]:
        return [part for part in self.parts if part and part.hits]


def _weights(case: Case, texts: Sequence[str], query: str) -> list[tuple[float, int]]:
    """Of each part, as `weigh` gives it; all alike where nothing is asked, or it takes too long."""
    none = [(0.0, 0)] * len(texts)
    if not query:
        return none
    first, last = f"{case.full_title}\n{case.summary}\n", "\n".join(["", *case.captions])
    whole = [first + texts[0], *texts[1:-1], texts[-1] + last]
    try:
        with search_deadline(_PATIENCE):
            return weigh(whole, query, SNIPPET_LENGTH)
    except SearchTimeout:
        return none


def _best(weights: Sequence[tuple[float, int]]) -> int:
    """The place of the first text with the best passage."""
    scores = [score for score, _ in weights]
    return scores.index(max(scores))


def _listed(texts: Sequence[str], number: int, hits: Sequence[int]) -> list[Part | None]:
    """The parts around the one that is shown, those at the ends, and those next to it in which the query stands."""
    near = Paginator(texts, 1).get_elided_page_range(number, on_each_side=10, on_ends=2)
    shown = {page for page in near if isinstance(page, int)}
    with_hits = [place for place, found in enumerate(hits, 1) if found]
    shown.update(max(([place] for place in with_hits if place < number), default=[]))
    shown.update(min(([place] for place in with_hits if place > number), default=[]))
    listed: list[Part | None] = []
    for page in sorted(shown):
        if listed and listed[-1].number < page - 1:
            listed.append(None)
        listed.append(Part(page, heading_of(texts[page - 1]), hits[page - 1], page == number))
    return listed


def case_snippet(case: Case, query: str) -> SafeString:
    """The passage that shows best why the case matches, its hits in <mark>; its beginning where nothing was asked."""
    return snippet(_texts(case, query), query, SNIPPET_LENGTH)


def _texts(case: Case, query: str) -> Iterator[str]:
    """In the order in which they are preferred; of a long body the part that has most of the query."""
    yield case.summary
    parts = parts_of(case.body)
    weights = weigh(parts, query, SNIPPET_LENGTH) if len(parts) > 1 else [(0.0, 0)]
    yield markdown.plain_text(parts[_best(weights)])
    yield from case.captions
