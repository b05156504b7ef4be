"""What the catalogue has words for, laid out so that a slip finds the word that was meant.

Built from (folded term, number of cases) pairs: words, phrases, names. Two sorted lists, of the terms and of the terms
read backwards, answer "what begins so and ends so"; a sorted list of sounds and one of initials answer pinyin. No table
of deletions: for terms this short the lists are as fast, at a fifth of the memory.
"""

import math
import re
from array import array
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from itertools import pairwise

from catalog.text import pinyin
from catalog.text.normalise import is_chinese

LONGEST_TERM = 16
_MOST_KEYS = 4
# Characters that join words and belong to none.
JOINTS = frozenset("的了着过和与及或为对把被让给从向到在是有不也都就而还又很将以于等其此该这那之所由且但若如则后")
# Others that stand alone in any sentence.
PARTICLES = JOINTS | frozenset(
    "没最更太好能会要可上下里外前中内大小多少高低新老每各个家人户次元年月日天时钱点哪谁我你他她它们吗呢吧啊么再先只怎样"
    "几两一二三四五六七八九十百千万亿用做当去来说看想请叫"
)
_TERM = re.compile(r"\w(?:[\w ·&+.-]*\w)?")
# Past any character that stands in a term.
_AFTER = "\U0010ffff"


class Vocabulary:
    """`terms`: any order, repeats add up. `pairs`: further neighbouring characters that stand in the texts.

    `holds(run)`: whether the texts have a folded run as it is; without it, what begins or ends a term is held.
    Immutable. With 200,000 terms it is built in some seconds, on first use of each part or at once by `prepare`.
    """

    def __init__(
        self,
        terms: Iterable[tuple[str, int]],
        pairs: Iterable[str] = (),
        holds: Callable[[str], bool] | None = None,
    ):
        self.frequency: dict[str, int] = {}
        for term, count in terms:
            if len(term) <= LONGEST_TERM and _TERM.fullmatch(term):
                self.frequency[term] = self.frequency.get(term, 0) + count
        # As sorted numbers: half a million of them would be a set of 60 MB.
        codes = {_code(pair) for pair in pairs if len(pair) == 2}
        inside: set[str] = set()
        for term in self.frequency:
            inside.update(map("".join, pairwise(term)))
        codes.update(map(_code, inside))
        self._pairs = array("Q", sorted(codes))
        self._holds = holds

    def prepare(self) -> None:
        """Builds what would be built on first use."""
        _ = self._sorted, self._typed, self._of_length, self._backwards_of_length

    def __contains__(self, term: str) -> bool:
        return term in self.frequency

    def __len__(self) -> int:
        return len(self.frequency)

    def weight(self, term: str) -> float:
        """0 for what stands in one case only, rising slowly."""
        return math.log(max(1, self.frequency.get(term, 1)))

    def has_pair(self, pair: str) -> bool:
        code = _code(pair)
        place = bisect_left(self._pairs, code)
        return place < len(self._pairs) and self._pairs[place] == code

    def holds(self, run: str) -> bool:
        """Whether the run stands in the catalogue as written."""
        certain = self.certainly_holds(run)
        if certain is not None:
            return certain
        return self._holds(run) if self._holds else self._inside_a_term(run)

    def certainly_holds(self, run: str) -> bool | None:
        """`holds` without a look at the texts; None where it takes one."""
        if run in self.frequency:
            return True
        return None if all(map(self.has_pair, map("".join, pairwise(run)))) else False

    def sounding(self, sound: str) -> list[str]:
        """Terms that may sound so, accents and hasty fingers allowed for."""
        return _equal(self._sounds, pinyin.blurred(sound))

    def abbreviated(self, initials: str) -> list[str]:
        """Chinese terms with these initials, most frequent first."""
        return sorted(_equal(self._initials, initials), key=self.order)

    def between(self, before: str, after: str, length: int) -> Iterator[str]:
        """Terms of a length that begin and end so; not both of `before` and `after` are empty."""
        if len(before) >= len(after):
            for term in _prefixed(self._of_length.get(length, []), before):
                if term.endswith(after):
                    yield term
        else:
            for backwards in _prefixed(self._backwards_of_length.get(length, []), after[::-1]):
                if backwards.endswith(before[::-1]):
                    yield backwards[::-1]

    def beginning(self, start: str, most: int = 200) -> list[str]:
        """Terms that begin so, in Chinese or letters, by typed sound or by initials."""
        terms = dict.fromkeys(_some(_prefixed(self._sorted, start), most))
        if start.isascii():
            blurred = pinyin.blurred(pinyin.typed(start))
            terms |= dict.fromkeys(_some((term for _, term in _prefixed_keys(self._sounds, blurred)), most))
            terms |= dict.fromkeys(_some((term for _, term in _prefixed_keys(self._initials, start)), most))
        return list(terms)

    def order(self, term: str) -> tuple:
        """Sorts terms: most frequent first, then shorter, then by character, so that the same query has one answer."""
        return -self.frequency.get(term, 0), len(term), term

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(self.frequency)

    @cached_property
    def _of_length(self) -> dict[int, list[str]]:
        terms = defaultdict(list)
        for term in self._sorted:
            terms[len(term)].append(term)
        return terms

    @cached_property
    def _backwards_of_length(self) -> dict[int, list[str]]:
        return {length: sorted(term[::-1] for term in terms) for length, terms in self._of_length.items() if length > 3}

    @property
    def _sounds(self) -> list[tuple[str, str]]:
        return self._typed[0]

    @property
    def _initials(self) -> list[tuple[str, str]]:
        return self._typed[1]

    @cached_property
    def _typed(self) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
        """(sound, term) and (initials, term), sorted."""
        sounds: set[tuple[str, str]] = set()
        initials: set[tuple[str, str]] = set()
        for term in self.frequency:
            if len(term) > 1 and any(map(is_chinese, term)):
                keys = pinyin.keys(term, _MOST_KEYS)
                sounds.update((pinyin.blurred(sound), term) for sound in keys.sounds)
                initials.update((typed, term) for typed in keys.initials)
        return sorted(sounds), sorted(initials)

    def _inside_a_term(self, run: str) -> bool:
        """At its beginning or end."""
        return any(_prefixed(self._sorted, run)) or any(
            any(_prefixed(terms, run[::-1])) for terms in self._backwards_of_length.values()
        )


def _code(pair: str) -> int:
    return ord(pair[0]) << 21 | ord(pair[1])


def _equal(pairs: list[tuple[str, str]], key: str) -> list[str]:
    terms = []
    for place in range(bisect_left(pairs, (key,)), len(pairs)):
        if pairs[place][0] != key:
            break
        terms.append(pairs[place][1])
    return terms


def _prefixed(terms: list[str], start: str) -> Iterator[str]:
    for place in range(bisect_left(terms, start), bisect_left(terms, start + _AFTER)):
        yield terms[place]


def _prefixed_keys(pairs: list[tuple[str, str]], start: str) -> Iterator[tuple[str, str]]:
    for place in range(bisect_left(pairs, (start,)), bisect_left(pairs, (start + _AFTER,))):
        yield pairs[place]


def _some(items: Iterator[str], most: int) -> Iterator[str]:
    return (item for item, _ in zip(items, range(most), strict=False))


# --- Phrases ----------------------------------------------------------------------------------------------------------

_SHORTEST_PHRASE, _LONGEST_PHRASE = 3, 10
_MOST_WORDS = 4
_LINES = re.compile(r"[^\w·&+]+")


def phrases(texts: Iterable[str], cut: Callable[[str], list[str]], least: int = 2) -> Counter[str]:
    """Runs of two to four words and the number of folded texts they stand in, from `least` up: 普惠金融, 复工贷.

    `cut` cuts a text into words. A phrase neither begins nor ends with what stands in any sentence. Some thousands of
    texts say what the trade's phrases are; more only take longer.
    """
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update({phrase for line in _LINES.split(text) for phrase in _phrases(cut(line))})
    return Counter({phrase: count for phrase, count in counts.items() if count >= least})


def _phrases(words: list[str]) -> Iterator[str]:
    for start, first in enumerate(words):
        phrase = first
        if first in JOINTS or not first.strip():
            continue
        for word in words[start + 1 : start + _MOST_WORDS]:
            if word in JOINTS or not word.strip():
                break
            phrase += word
            if len(phrase) > _LONGEST_PHRASE:
                break
            if len(phrase) >= _SHORTEST_PHRASE and any(map(is_chinese, phrase)) and not phrase[0].isdigit():
                yield phrase
