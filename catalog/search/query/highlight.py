"""Marks of a query's hits, on the text as it was written.

Text and query are folded; hits are looked for in the folded text and carried back through the offset map. So marks
stand where the query is in the other script, has other blanks, or names a bank by another of its names.

On a page that is read from hit to hit, a `Marker` numbers them.
"""

import html
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from weakref import WeakKeyDictionary

import numpy as np
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from catalog.search.names.lexicon import Lexicon, latest
from catalog.search.query.syntax import read
from catalog.search.query.terms import groups
from catalog.text.normalise import BLANK, fold_in_place, normalise

Span = tuple[int, int]
# The opening tag of a hit's mark. The hit is given by a key that no other hit of the text has.
_Tag = Callable[[tuple], str]
ELLIPSIS = "…"
_LOOKED_AT = 100_000  # characters of a text for a snippet: a list has forty, made after the search's time is measured
_SENTENCE_END = re.compile(r"[。！？；!?;\n]")
_TAG = re.compile(r"(<!--.*?-->|<[^>]*>)", re.DOTALL)
_TAG_NAME = re.compile(r"</?([a-zA-Z][a-zA-Z0-9]*)")
_INLINE = frozenset(
    {"a", "abbr", "b", "br", "code", "em", "i", "mark", "s", "small", "span", "strong", "sub", "sup", "u"}
)


def _plain_tag(hit: tuple) -> str:
    return "<mark>"


def mark(text: str, query: str) -> SafeString:
    """`text` escaped for HTML, with every hit of `query` in <mark>."""
    return _marked(text, spans(text, query))


class Marker:
    """Marks the texts of a page one after the other and numbers the hits through: <mark id="hit-1" data-hit="1">.

    Of a hit that runs over inline tags the first part has the id, and every part the number. `count`: hits so far.
    """

    def __init__(self, query: str):
        self.query, self.count = query, 0

    def text(self, text: str) -> SafeString:
        return _marked(text, spans(text, self.query), self._numbering())

    def html(self, content: str) -> SafeString:
        return _marked_html(content, self.query, self._numbering())

    def _numbering(self) -> _Tag:
        """The tags of one text, in which a hit's key is its place."""
        numbers: dict[tuple, int] = {}

        def tag(hit: tuple) -> str:
            if hit in numbers:
                return f'<mark data-hit="{numbers[hit]}">'
            self.count += 1
            numbers[hit] = self.count
            return f'<mark id="hit-{self.count}" data-hit="{self.count}">'

        return tag


def snippet(texts: Iterable[str], query: str, length: int = 120) -> SafeString:
    """The passage of about `length` characters that has most of the query, marked; the beginning if none has any.

    `texts` in the order of preference, such as summary, then body: of equal passages the first is taken. They are asked
    for one by one: where nothing is to be looked for, only the first is.
    """
    texts = filter(str.strip, texts)
    needles = _needles(query)
    best, best_score = (next(texts, ""), 0), 0.0
    for text in chain([best[0]], texts if needles else []):
        score, start = _best_window(_quick_hits(text[:_LOOKED_AT], needles), length)
        if score > best_score:
            best, best_score = (text, start), score
    text, first = best
    start, end = _window(text, first, length)
    passage = text[start:end]
    marked = _marked(passage, _merged(_hits(passage, needles)))
    before = ELLIPSIS if text[:start].strip() else ""
    after = ELLIPSIS if text[end:].strip() else ""
    return mark_safe(before + marked.strip() + after)


def weigh(texts: Iterable[str], query: str, length: int = 120) -> list[tuple[float, int]]:
    """Of each text (score of its best passage, number of hits), as `snippet` chooses a passage. Hits that only differ
    in the width of a character or the like are not among them.
    """
    needles = _needles(query)
    hits = [_quick_hits(text, needles) for text in texts]
    return [(_best_window(found, length)[0], len(found)) for found in hits]


def _quick_hits(text: str, needles: tuple[str, ...]) -> list[tuple[int, int, str]]:
    """`_hits` for choosing a passage of a long text: characters are folded one for one, so that places are the same."""
    if not needles:
        return []
    folded, _ = fold_in_place(text)
    # A blank may stand between any two characters, as in a line of a document that was set wide.
    places = np.flatnonzero(np.frombuffer(folded.encode("utf-32-le", "surrogatepass"), "<u4") != ord(BLANK)).tolist()
    hits = []
    for first, end, _ in _found(folded.replace(BLANK, ""), [needle.replace(BLANK, "") for needle in needles]):
        start, stop = places[first], places[end - 1] + 1
        hits.append((start, stop, folded[start:stop]))
    return hits


def spans(text: str, query: str) -> list[Span]:
    """Where the hits stand in `text`: in order, apart from each other."""
    return _merged(_hits(text, _needles(query)))


# Per lexicon the needles of the queries asked last. A page marks a hundred texts for one query. Goes with the lexicon.
_kept: WeakKeyDictionary[Lexicon, dict[str, tuple[str, ...]]] = WeakKeyDictionary()
_MOST_KEPT = 64


def _needles(query: str) -> tuple[str, ...]:
    lexicon = latest()
    kept = _kept.setdefault(lexicon, {})
    needles = kept.get(query)
    if needles is None:
        if len(kept) >= _MOST_KEPT:
            kept.clear()
        needles = kept[query] = _needles_of(query, lexicon)
    return needles


def _needles_of(query: str, lexicon: Lexicon) -> tuple[str, ...]:
    """The folded strings to mark, the longest first: terms, their words, and the other names of what they name."""
    needles: dict[str, None] = {}
    for group in groups([clause for clause in read(query) if not clause.field], lexicon):
        for term in group.terms if not group.excluded else ():
            needles[term.text] = None
            for word in term.words if not term.exact else ():
                needles.update(dict.fromkeys(form for form in [word.text, *word.parts, *word.names] if len(form) > 1))
    return tuple(sorted(needles, key=len, reverse=True))


def _hits(text: str, needles: tuple[str, ...]) -> list[tuple[int, int, str]]:
    """(start, end, needle) in order."""
    if not needles:
        return []
    normal = normalise(text)
    return [(*normal.span(start, end), needle) for start, end, needle in _found(normal.text, needles)]


def _found(text: str, needles: Sequence[str]) -> list[tuple[int, int, str]]:
    """(start, end, needle) in order and apart; of several needles that begin at a place the first of `needles`.

    No regular expression: one of a long query takes longer to compile than this, and `re` keeps hundreds of them.
    """
    beginnings: dict[int, str] = {}
    for needle in needles:
        place = text.find(needle)
        while place >= 0:
            beginnings.setdefault(place, needle)
            place = text.find(needle, place + 1)
    hits: list[tuple[int, int, str]] = []
    for place in sorted(beginnings):
        if not hits or place >= hits[-1][1]:
            hits.append((place, place + len(beginnings[place]), beginnings[place]))
    return hits


def _merged(hits: Iterable[tuple]) -> list[Span]:
    """Hits that touch or share a character (two may come from one ㍿) become one."""
    merged: list[Span] = []
    for start, end, *_ in hits:
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def _clipped(hits: list[Span], start: int, end: int) -> list[tuple[int, int, Span]]:
    """The parts of the hits inside [start, end), counted from `start`, each with the whole hit."""
    return [(max(a, start) - start, min(b, end) - start, (a, b)) for a, b in hits if a < end and b > start]


def _marked(text: str, hits: list[Span], tag: _Tag = _plain_tag) -> SafeString:
    return _with_marks(text, [(start, end, tag((start, end))) for start, end in hits])


def _marked_html(content: str, query: str, tag: _Tag) -> SafeString:
    tokens = _TAG.split(content)
    for number, block in enumerate(_blocks(tokens)):
        texts = [html.unescape(tokens[i]) for i in block]
        hits = spans("".join(texts), query)
        offset = 0
        for i, text in zip(block, texts, strict=True):
            if hits:
                parts = _clipped(hits, offset, offset + len(text))
                tokens[i] = _with_marks(text, [(start, end, tag((number, *hit))) for start, end, hit in parts])
            offset += len(text)
    return mark_safe("".join(tokens))


def _with_marks(text: str, marks: list[tuple[int, int, str]]) -> SafeString:
    """`marks`: (start, end, the tag that opens it)."""
    parts, done = [], 0
    for start, end, tag in marks:
        parts += [escape(text[done:start]), tag, escape(text[start:end]), "</mark>"]
        done = end
    return mark_safe("".join([*parts, escape(text[done:])]))


def _best_window(hits: list[tuple[int, int, str]], length: int) -> tuple[float, int]:
    """(score, place of the first hit) of the window with the most different needles; long ones tell more than short."""
    best, last = (0.0, 0), 0
    for first, (start, _, _) in enumerate(hits):
        last = max(last, first)
        while last < len(hits) and hits[last][1] <= start + length:
            last += 1
        inside = [needle for _, _, needle in hits[first:last]]
        score = sum(len(needle) for needle in set(inside)) + 0.1 * min(len(inside), 9)
        if score > best[0]:
            best = score, start
    return best


def _window(text: str, hit: int, length: int) -> Span:
    """`length` characters around the hit, from the beginning of its sentence where that is near."""
    lead = length // 3
    start = max(0, hit - lead)
    if start and (ends := list(_SENTENCE_END.finditer(text, start, hit))):
        start = ends[-1].end() if hit - ends[-1].end() > 8 else ends[0].end()
    start = max(0, min(start, len(text) - length))
    return start, start + length


def _blocks(tokens: list[str]) -> Iterator[list[int]]:
    """The places of texts (every other token) that no tag but inline ones stands between."""
    block: list[int] = []
    for i, token in enumerate(tokens):
        if i % 2 == 0:
            block.append(i)
        elif not ((name := _TAG_NAME.match(token)) and name[1].lower() in _INLINE):
            yield block
            block = []
    yield block
