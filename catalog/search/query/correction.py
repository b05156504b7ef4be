"""Slips of the keyboard in a query, put right by what the catalogue has words for.

A noisy channel as a shortest path: a run of characters is read from left to right, each piece either kept as typed or
replaced by a term of the catalogue, and the cheapest reading wins. Kept words are cheap, characters that make no word
dear, and so are neighbours that never stand side by side in the catalogue; a replacement costs what its slip is
unlikely: same sound, then similar shape, then anything else. Long terms that sound the same are hardly ever chance.

Runs that the catalogue holds as written are left alone, whatever else might have been meant.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from catalog.search.deadlines import check
from catalog.search.query.syntax import LONGEST_QUERY, MOST_PIECES
from catalog.search.query.vocabulary import PARTICLES, Vocabulary
from catalog.text import pinyin
from catalog.text.normalise import is_chinese, normalise

# Costs, in units of a common word kept. Chosen on slips made from terms of the trade.
_WORD = 1.0
_FOREIGN_WORD = 1.5
_PARTICLE = 0.6
_LONE = 1.7
_STRANGERS = 0.5
_COMMON = 0.04
_MOST_COMMON = 0.4
_REPLACED = 0.8
_REPLACED_LONG = 0.3
_HOMOPHONE = 0.45
_HOMOPHONE_LONG = 0.3
_BLURRED = 0.75
_LOOKALIKE = 0.8
_SWAPPED = 1.0
_OTHER = 1.8
_ONE_MORE_OR_LESS = 1.1
_DOUBLED = 0.6

_LONGEST_RUN = 32
_LONGEST_WINDOW = 10
# Arbitrary slips are believed of terms with at least so much left to know them by, and not in the midst of a sentence.
_LEAST_FOR_ANY = 4
_SENTENCE = 9
_LEAST_IN_SENTENCE = 3
_SHORTEST_INITIALS, _LONGEST_INITIALS = 3, 10
# Runs of which one query may ask whether the texts have them: a long one of random words would ask for hundreds.
_MOST_LOOKS = 50

_RUN = re.compile(r"[^\W_]+(?:[ ·'&.+-][^\W_]+)*")
# What folding takes for another character, where it is the right one: 著作, 显著; 覆盖, 颠覆.
_AUTHORED = re.compile("着(?=[作名称述])|(?<=[显卓昭原名专论编译巨])着")
_COVERED = re.compile("复(?=[盖灭辙])|(?<=[颠倾])复")
_LATIN = re.compile(r"[a-z'ü]+(?: [a-z'ü]+)*")
_QUOTED = re.compile(r'["“”„＂][^"“”„＂]*["“”„＂]?')
_EXCLUDED = re.compile(r"(?:^|(?<=\s))[-－−]\S+")
_FIELD = re.compile(r"(?:银行|机构|章节|章|产品|年份|年|bank|category|product|year)[:：]\S*", re.IGNORECASE)


@dataclass(frozen=True)
class Correction:
    """`query`: as typed, but for the replacements; these are (as typed, what it became), in order."""

    query: str
    replacements: tuple[tuple[str, str], ...]


def correct(
    query: str, vocabulary: Vocabulary, is_word: Callable[[str], bool] = lambda word: False
) -> Correction | None:
    """The query as it was probably meant, or nothing if it may well be meant as it is.

    `is_word` knows words that the catalogue lacks but the language has: they are no slips. Exact phrases, exclusions
    and fields of the query language stay as typed. Of a query the beginning is read, as by the search.
    """
    query = query[:LONGEST_QUERY]
    texts = _Texts(vocabulary)
    untouchable = [match.span() for pattern in (_QUOTED, _EXCLUDED, _FIELD) for match in pattern.finditer(query)]
    replacements: list[tuple[int, int, str]] = []
    for start, end in _tokens(query)[:MOST_PIECES]:
        check()
        if any(a < end and start < b for a, b in untouchable):
            continue
        token = query[start:end]
        normal = normalise(token)
        for match in _RUN.finditer(normal.text):
            first, last = match.span()
            if last - first <= _LONGEST_RUN:
                shouted, spoken = token.isupper(), len(normal.text) >= _SENTENCE
                context = _Context(vocabulary, is_word, texts, shouted=shouted, spoken=spoken)
                for a, b, term in _replaced(match.group(), context):
                    a, b = normal.span(first + a, first + b)
                    replacements.append((start + a, start + b, term))
    if not replacements:
        return None
    corrected, at = [], 0
    for start, end, term in replacements:
        corrected += [query[at:start], term]
        at = end
    as_typed = tuple((query[start:end], term) for start, end, term in replacements)
    return Correction("".join([*corrected, query[at:]]), as_typed)


class _Texts:
    """Which runs stand in the catalogue as typed. The texts are looked at once a run, at most `_MOST_LOOKS` times."""

    def __init__(self, vocabulary: Vocabulary):
        self.vocabulary = vocabulary
        self._held: dict[str, bool] = {}

    def hold(self, run: str) -> bool:
        """True too for a run that is not looked for any more: it is taken as meant."""
        certain = self.vocabulary.certainly_holds(run)
        if certain is not None:
            return certain
        if run not in self._held and len(self._held) < _MOST_LOOKS:
            check()
            self._held[run] = self.vocabulary.holds(run)
        return self._held.get(run, True)


@dataclass(frozen=True)
class _Context:
    """What a run is corrected by. `shouted`: it was typed in capitals; `spoken`: it is part of a sentence."""

    vocabulary: Vocabulary
    is_word: Callable[[str], bool]
    texts: _Texts
    shouted: bool
    spoken: bool


def _tokens(query: str) -> list[tuple[int, int]]:
    """(start, end) of what blanks separate; but pinyin typed with blanks (fu gong dai) is one token."""
    tokens: list[tuple[int, int]] = []
    spelled = False
    for match in re.finditer(r"\S+", query):
        start, end = match.span()
        before, spelled = spelled, _is_pinyin(match.group())
        if before and spelled:
            start = tokens.pop()[0]
        tokens.append((start, end))
    return tokens


def _is_pinyin(text: str) -> bool:
    latin = pinyin.typed(text).replace(" ", "")
    return len(latin) <= _LONGEST_RUN and bool(_LATIN.fullmatch(latin)) and bool(pinyin.segment(latin))


def _replaced(run: str, context: _Context) -> list[tuple[int, int, str]]:
    """(start, end, replacement) of the run's parts."""
    if len(run) < 2 or context.texts.hold(run):
        return []
    if any("a" <= character <= "z" for character in run):
        return _spelled_out(run, context)
    if not any(map(is_chinese, run)):
        return []
    return _Decoder(run, context).replacements()


# --- Latin ------------------------------------------------------------------------------------------------------------


def _spelled_out(run: str, context: _Context) -> list[tuple[int, int, str]]:
    """Pinyin or initials in the run as Chinese; where there are none, the run is read as Chinese with some letters."""
    whole = pinyin.typed(run)
    if any(map(is_chinese, run)):
        mixed = [term for term in _candidates(whole, context) if _completes(run, term)]
        if mixed:
            return _changed(run, min(mixed, key=context.vocabulary.order))
    replacements = []
    for match in _LATIN.finditer(run):
        typed = match.group()
        latin = pinyin.typed(typed).replace(" ", "")
        if len(latin) < 2 or typed in context.vocabulary or context.is_word(typed):
            continue
        before, after = run[: match.start()][-1:], run[match.end() :][:1]
        if meant := _decoded(latin, before, after, context):
            replacements.append((*match.span(), meant))
    if not replacements and any(map(is_chinese, run)):
        return _Decoder(run, context).replacements()
    return replacements


def _candidates(latin: str, context: _Context) -> list[str]:
    """Terms read as the mixed or Latin run; initials stand for terms of three characters or more."""
    letters = "".join(pinyin.sound(character) if is_chinese(character) else character for character in latin)
    terms = context.vocabulary.sounding(letters)
    if not context.shouted:
        short = "".join(pinyin.initials(character) if is_chinese(character) else character for character in latin)
        if _SHORTEST_INITIALS <= len(short) <= _LONGEST_INITIALS:
            terms += context.vocabulary.abbreviated(short)
    return terms


def _completes(run: str, term: str) -> bool:
    """Whether the term keeps the run's Chinese characters, in order, at its borders too."""
    pattern = "".join(
        re.escape(piece) if is_chinese(piece[0]) else ".+" for piece in re.findall(r"[a-z']+|[^a-z']", run)
    )
    return re.fullmatch(pattern, term) is not None


def _decoded(latin: str, before: str, after: str, context: _Context) -> str:
    vocabulary = context.vocabulary

    def fit(term: str) -> tuple:
        joins = (not before or vocabulary.has_pair(before + term[0])) + (
            not after or vocabulary.has_pair(term[-1] + after)
        )
        return (-joins, *vocabulary.order(term))

    if pinyin.segment(latin):
        if terms := vocabulary.sounding(latin):
            exact = [term for term in terms if latin in pinyin.sounds(term)]
            return min(exact or terms, key=fit)
        if words := _several(latin, vocabulary):
            return "".join(words)
    if context.shouted or not _SHORTEST_INITIALS <= len(latin) <= _LONGEST_INITIALS:
        return ""
    return min(vocabulary.abbreviated(latin), key=fit, default="")


def _several(latin: str, vocabulary: Vocabulary) -> list[str]:
    """Pinyin of several terms one after the other, as few and as frequent as can be."""
    cuts = [0]
    for syllable in pinyin.segment(latin):
        cuts.append(cuts[-1] + len(syllable))
    best: list[tuple[float, list[str]] | None] = [(0.0, [])]
    for end in range(1, len(cuts)):
        cheapest = None
        for start in range(max(0, end - 8), end):
            before = best[start]
            if before is None:
                continue
            terms = vocabulary.sounding(latin[cuts[start] : cuts[end]])
            if not terms:
                continue
            term = min(terms, key=vocabulary.order)
            cost = before[0] + _kept(term, vocabulary)
            if cheapest is None or cost < cheapest[0]:
                cheapest = (cost, [*before[1], term])
        best.append(cheapest)
    whole = best[-1]
    return whole[1] if whole else []


# --- Chinese ----------------------------------------------------------------------------------------------------------


class _Decoder:
    """The cheapest way to read a run of characters (Viterbi's algorithm over its pieces)."""

    def __init__(self, run: str, context: _Context):
        self.run = run
        self.vocabulary, self.is_word = context.vocabulary, context.is_word
        self.texts, self.spoken = context.texts, context.spoken
        self.strange = [not self.vocabulary.has_pair(a + b) for a, b in pairwise(run)]

    def replacements(self) -> list[tuple[int, int, str]]:
        if not any(self.strange) and len(self.run) < _LEAST_FOR_ANY:
            return []
        best: list[tuple[float, list[tuple[int, int, str]]]] = [(0.0, [])]
        for end in range(1, len(self.run) + 1):
            check()
            options = []
            for start in range(max(0, end - _LONGEST_WINDOW), end):
                cost, replaced = best[start]
                if start and self.strange[start - 1]:
                    cost += _STRANGERS
                window = self.run[start:end]
                if (kept := self._keeping(window)) is not None:
                    options.append((cost + kept, replaced))
                for extra, term in self._replacing(start, end):
                    options.append((cost + extra, [*replaced, (start, end, term)]))
            best.append(min(options, key=lambda option: (option[0], len(option[1]), option[1])))
        return [part for start, end, term in best[-1][1] for part in _changed(self.run[start:end], term, start)]

    def _keeping(self, window: str) -> float | None:
        if len(window) == 1:
            return _PARTICLE if window in PARTICLES or not is_chinese(window) else _LONE
        if window in self.vocabulary:
            return _kept(window, self.vocabulary)
        return _FOREIGN_WORD if self.is_word(window) else None

    def _replacing(self, start: int, end: int) -> Iterator[tuple[float, str]]:
        window = self.run[start:end]
        # What strange neighbours make doubtful; a long term that sounds the same needs no more than itself.
        strange = [place - start for place in range(start, end - 1) if self.strange[place]]
        if not strange and len(window) < _LEAST_FOR_ANY:
            return
        if self.spoken and len(window) < _LEAST_IN_SENTENCE:
            return
        candidates = list(self._candidates(window, strange, self._apart(start, end)))
        # Asked last, for it may cost a look at the texts.
        if candidates and not self.is_word(window) and not self.texts.hold(window):
            yield from candidates

    def _candidates(self, window: str, strange: list[int], apart: bool) -> Iterator[tuple[float, str]]:
        yield from self._same_sound(window)
        yield from self._typed_twice(window)
        if strange:
            yield from self._similar_shape(window, strange)
            if apart and not self.spoken:
                yield from self._any_slip(window, strange)

    def _apart(self, start: int, end: int) -> bool:
        """Whether the window stands by itself between words, so that a character of it is nobody else's."""
        sides = [side for side in (self.run[:start], self.run[end:]) if side]
        return all(len(side) > 1 and (side in self.vocabulary or self.is_word(side)) for side in sides)

    def _same_sound(self, window: str) -> Iterator[tuple[float, str]]:
        terms = dict.fromkeys(term for sound in pinyin.sounds(window) for term in self.vocabulary.sounding(sound))
        for term in terms:
            if len(term) != len(window) or term == window:
                continue
            changed = [(a, b) for a, b in zip(window, term, strict=True) if a != b]
            # Nothing left as typed is chance, unless it is long.
            if len(changed) == len(term) < 3:
                continue
            long = len(term) >= _LEAST_FOR_ANY
            same = _HOMOPHONE_LONG if long else _HOMOPHONE
            slips = sum(same if _alike(a, b) else _BLURRED for a, b in changed)
            yield _kept(term, self.vocabulary) + (_REPLACED_LONG if long else _REPLACED) + slips, term

    def _typed_twice(self, window: str) -> Iterator[tuple[float, str]]:
        for place, (a, b) in enumerate(pairwise(window)):
            if a == b and (term := window[:place] + window[place + 1 :]) in self.vocabulary and len(term) > 2:
                yield self._cost(term, _DOUBLED), term

    def _similar_shape(self, window: str, strange: list[int]) -> Iterator[tuple[float, str]]:
        for place in _touching_all(window, strange):
            for other in lookalikes().get(window[place], ()):
                if (term := window[:place] + other + window[place + 1 :]) in self.vocabulary:
                    yield self._cost(term, _LOOKALIKE), term

    def _any_slip(self, window: str, strange: list[int]) -> Iterator[tuple[float, str]]:
        """One character another, too many or missing, or two in the wrong order."""
        vocabulary, length = self.vocabulary, len(window)
        if length >= _LEAST_FOR_ANY:
            for place in _touching_all(window, strange):
                before, after = window[:place], window[place + 1 :]
                for term in vocabulary.between(before, after, length):
                    yield self._cost(term, _OTHER), term
                if (term := before + after) in vocabulary:
                    yield self._cost(term, _ONE_MORE_OR_LESS), term
        if length >= 3:
            for place in range(length - 1):
                term = window[:place] + window[place + 1] + window[place] + window[place + 2 :]
                if all(abs(at - place) <= 1 for at in strange) and term in vocabulary:
                    yield self._cost(term, _SWAPPED), term
            for gap in strange if len(strange) == 1 else ():
                for term in vocabulary.between(window[: gap + 1], window[gap + 1 :], length + 1):
                    yield self._cost(term, _ONE_MORE_OR_LESS), term

    def _cost(self, term: str, slip: float) -> float:
        believed = len(term) >= _LEAST_FOR_ANY and slip <= _SWAPPED
        return _kept(term, self.vocabulary) + (_REPLACED_LONG if believed else _REPLACED) + slip


def _touching_all(window: str, strange: list[int]) -> list[int]:
    """The characters that have a part in every pair of strangers."""
    return [place for place in range(len(window)) if all(place in (at, at + 1) for at in strange)]


def _kept(term: str, vocabulary: Vocabulary) -> float:
    return _WORD - min(_MOST_COMMON, _COMMON * vocabulary.weight(term))


def _alike(a: str, b: str) -> bool:
    """Whether two characters share a reading exactly."""
    characters = pinyin.readings().characters
    return not set(characters.get(a, ())).isdisjoint(characters.get(b, ()))


def _changed(typed: str, term: str, offset: int = 0) -> list[tuple[int, int, str]]:
    return [(offset, offset + len(typed), shown(term))] if typed != term else []


def shown(term: str) -> str:
    """A folded term as it is written: folding takes 著 for 着 and 覆 for 复."""
    return _COVERED.sub("覆", _AUTHORED.sub("著", term))


@cache
def lookalikes() -> dict[str, str]:
    """Per character those of similar shape, the most similar first; see the file's head."""
    text = (Path(__file__).parent / "lookalikes.txt").read_text(encoding="utf-8")
    return {line[0]: line[1:] for line in text.splitlines() if line and line[0] != "#"}
