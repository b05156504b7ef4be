"""Toneless pinyin and initials of folded (simplified) text, and the cutting of typed pinyin into syllables.

The readings come from pypinyin's data files. Its character table lists every reading ever recorded; which of them are
in use is decided by counting them in its dictionary of phrases. ü is written v, as it is typed.
"""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import product
from math import prod
from typing import NamedTuple

from catalog.text.dictionary import character_readings, phrase_readings
from catalog.text.normalise import simplified

# A reading that a character has in a smaller share of its phrases is not in use (行 heng, 大 tai).
_LEAST_SHARE = 0.03
_MOST_KEYS = 8
_LONGEST_SYLLABLE = 6
_LONGEST_PHRASE = 8
_LONGEST_KEPT = 40  # letters
# Sounds that regional accents and typing errors mix up: (precise, blurred).
_CONFUSED = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"))
# Banking words that pypinyin's phrases lack, and that would get a wrong reading from their characters.
_TRADE = {
    "还本": "huan ben",
    "还息": "huan xi",
    "还贷": "huan dai",
    "还款": "huan kuan",
    "应还": "ying huan",
    "转贷": "zhuan dai",
    "调薪": "tiao xin",
    "行内": "hang nei",
    "行外": "hang wai",
    "总行": "zong hang",
    "分行": "fen hang",
    "支行": "zhi hang",
    "工行": "gong hang",
    "农行": "nong hang",
    "中行": "zhong hang",
    "建行": "jian hang",
    "交行": "jiao hang",
    "招行": "zhao hang",
    "央行": "yang hang",
    "人行": "ren hang",
    "商行": "shang hang",
    "开行": "kai hang",
    "发行": "fa xing",
    "农发行": "nong fa hang",
    "广发行": "guang fa hang",
    "浦发行": "pu fa hang",
    "百行": "bai hang",
    "行长": "hang zhang",
    "助长": "zhu zhang",
    "长者": "zhang zhe",
    "厦门": "xia men",
    "专供": "zhuan gong",
    "供应": "gong ying",
    "供给": "gong ji",
    "应急": "ying ji",
    "应用": "ying yong",
    "应付": "ying fu",
    "应收": "ying shou",
    "投放": "tou fang",
    "重组": "chong zu",
    "重启": "chong qi",
    "重构": "chong gou",
    "征信": "zheng xin",
    "参股": "can gu",
    "大厦": "da sha",
    "给付": "ji fu",
    "会计": "kuai ji",
    "单一": "dan yi",
    "传记": "zhuan ji",
    "量身": "liang shen",
    "数字": "shu zi",
    "朝阳": "chao yang",
}


class Readings(NamedTuple):
    """`characters`: (character -> its readings in use, the most usual first).

    `phrases`: (phrase -> its syllables), where these are not simply the only readings of its characters.
    `lengths`: (first character -> lengths of the phrases that begin with it, the longest first).
    """

    characters: dict[str, tuple[str, ...]]
    phrases: dict[str, tuple[str, ...]]
    lengths: dict[str, tuple[int, ...]]


def syllables(text: str) -> list[str]:
    """The most usual reading of a folded text, one syllable per character; a character without a reading stays."""
    return [options[0] for options in _reading_options(text)]


def sound(text: str) -> str:
    """`syllables` joined: 复工贷 is fugongdai."""
    return "".join(syllables(text))


def initials(text: str) -> str:
    """The first letters of the syllables: 普惠金融 is phjr. Latin words and numbers stay whole."""
    return "".join(syllable[0] if is_read(character) else syllable for character, syllable in _with_syllables(text))


class Keys(NamedTuple):
    """The ways to type a text in pinyin, full and by initials, the most usual first."""

    sounds: list[str]
    initials: list[str]


def keys(text: str, most: int = _MOST_KEYS) -> Keys:
    """The keys of a folded text, at most `most` of each kind: 还本 has huanben and hb; 还 alone huan and hai."""
    options = _reading_options(text)
    return Keys(_combinations(options, most), _combinations([*map(_first_letters, options)], most))


def sounds(text: str, most: int = _MOST_KEYS) -> list[str]:
    """The full pinyin of a folded text in its possible readings, at most `most`, the most usual first."""
    return _combinations(_reading_options(text), most)


def blurred(sound: str) -> str:
    """The key that easily confused sounds share: zh becomes z, ang becomes an."""
    for precise, vague in _CONFUSED:
        sound = sound.replace(precise, vague)
    return sound


def is_read(character: str) -> bool:
    """Whether the character has a reading."""
    return character in readings().characters


def segment(latin: str) -> tuple[str, ...]:
    """Lower-case letters cut into the fewest pinyin syllables; empty if they are no pinyin. xi'an is cut at the '."""
    # Only short ones are asked for again, and only these are kept: a long query's take thirty kilobytes.
    return _kept_segments(latin) if len(latin) <= _LONGEST_KEPT else _segments(latin)


def _segments(latin: str) -> tuple[str, ...]:
    best: list[tuple[str, ...] | None] = [()]
    for end in range(1, len(latin) + 1):
        if latin[end - 1] == "'":
            best.append(best[end - 1])
            continue
        shortest = None
        for start in range(max(0, end - _LONGEST_SYLLABLE), end):
            head = best[start]
            if head is not None and latin[start:end] in all_syllables() and (not shortest or len(head) < len(shortest)):
                shortest = (*head, latin[start:end])
        best.append(shortest)
    return best[-1] or ()


_kept_segments = lru_cache(maxsize=4096)(_segments)


def typed(latin: str) -> str:
    """Pinyin as a user typed it, in the spelling of `sounds`: lower case, no apostrophes, lüe and lue as lve."""
    text = latin.casefold().replace("u:", "v").replace("ü", "v").replace("'", "").replace("’", "")
    return text.replace("lue", "lve").replace("nue", "nve")


@cache
def all_syllables() -> frozenset[str]:
    return frozenset(reading for options in readings().characters.values() for reading in options if reading.isalpha())


@cache
def readings() -> Readings:
    """The table of all readings, built once per process."""
    table = simplified()
    all_readings = {
        character: [*dict.fromkeys(map(_toneless, options))] for character, options in character_readings().items()
    }
    phrases = {word: tuple(_toneless(options[0]) for options in choices) for word, choices in _phrases()}
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for word, syllables in phrases.items():
        for character, syllable in zip(word, syllables, strict=True):
            counts[character][syllable] += 1
    characters = {
        character: _readings_in_use(options, counts[character])
        for character, options in all_readings.items()
        # Folded text has no traditional characters; beyond U+9FFF are compatibility forms, which it has not either, and
        # rarities.
        if ord(character) not in table and character <= "\u9fff"
    }
    phrases |= {word: tuple(syllables.split()) for word, syllables in _TRADE.items()}
    irregular = {
        word: syllables
        for word, syllables in phrases.items()
        if any(characters.get(c, ()) != (syllable,) for c, syllable in zip(word, syllables, strict=True))
    }
    length_sets: dict[str, set[int]] = defaultdict(set)
    for word in irregular:
        length_sets[word[0]].add(len(word))
    lengths = {first: tuple(sorted(length_set)[::-1]) for first, length_set in length_sets.items()}
    return Readings(characters, irregular, lengths)


def _phrases() -> Iterator[tuple[str, list[list[str]]]]:
    """pypinyin's phrases in simplified spelling, without the long ones and those not of one syllable a character."""
    table = simplified()
    for word, choices in phrase_readings().items():
        if len(word) == len(choices) <= _LONGEST_PHRASE:
            yield word.translate(table), choices


def _readings_in_use(options: list[str], counts: Counter[str]) -> tuple[str, ...]:
    """The readings of a character that its phrases use, most frequent first. `counts`: reading -> number of phrases."""
    total = sum(counts.values())
    by_frequency = sorted(options, key=lambda option: (-counts[option], options.index(option)))
    return (by_frequency[0], *(option for option in by_frequency[1:] if counts[option] > max(1, total * _LEAST_SHARE)))


@cache
def _toneless(reading: str) -> str:
    """A reading without its tone mark: nǚ is nv."""
    letters = unicodedata.normalize("NFD", reading).replace("u\u0308", "v")
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _reading_options(text: str) -> list[tuple[str, ...]]:
    """The possible readings of each character of a text; inside a known phrase only the reading it has there."""
    characters, phrases, lengths = readings()
    choices = [characters.get(character) or (character,) for character in text]
    place = 0
    while place < len(text):
        for length in lengths.get(text[place], ()):
            if syllables := phrases.get(text[place : place + length]):
                choices[place : place + length] = [(syllable,) for syllable in syllables]
                place += length
                break
        else:
            place += 1
    return choices


@lru_cache(maxsize=4096)
def _first_letters(choices: tuple[str, ...]) -> tuple[str, ...]:
    """The different first letters of the readings of one character."""
    return tuple(dict.fromkeys(option[0] for option in choices))


def _with_syllables(text: str) -> list[tuple[str, str]]:
    return list(zip(text, syllables(text), strict=True))


def _combinations(options: list[tuple[str, ...]], most: int) -> list[str]:
    """All combinations of readings if there are at most `most`.

    Else `most` of these: the usual readings together, and the usual readings with one character read differently.
    """
    count = prod(map(len, options))
    if count == 1:
        return ["".join([choices[0] for choices in options])]
    if count <= most:
        return list(dict.fromkeys(map("".join, product(*options))))
    usual = [choices[0] for choices in options]
    combinations = ["".join(usual)]
    for place, choices in enumerate(options):
        for other in choices[1:]:
            combinations.append("".join([*usual[:place], other, *usual[place + 1 :]]))
    return list(dict.fromkeys(combinations))[:most]
