"""How a text sounds: toneless pinyin and initials of folded (simplified) text, and Latin input cut into syllables.

The readings are pypinyin's data files, read without importing the package, which would keep all of them in memory.
Its characters list every reading ever recorded; which of them are alive is told by its dictionary of phrases.
ü is v, as it is typed.
"""

import json
import unicodedata
from collections import Counter, defaultdict
from functools import cache, lru_cache
from importlib.util import find_spec
from itertools import product
from math import prod
from pathlib import Path
from typing import NamedTuple

from catalog.text.normalise import simplified

# A reading that a character has in fewer of its phrases is a rarity (行 heng, 大 tai).
_LEAST_SHARE = 0.03
_MOST_KEYS = 8
_LONGEST_SYLLABLE = 6
_LONGEST_PHRASE = 8
# What regional accents and hasty fingers do not tell apart.
_CONFUSED = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"))
# Words of the trade whose readings the public dictionary lacks or would get wrong by its characters.
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
    """`characters`: the live readings of each, the usual one first. `phrases`: words that are not read so.

    `lengths`: how long the phrases are that begin with a character, the longest first.
    """

    characters: dict[str, tuple[str, ...]]
    phrases: dict[str, tuple[str, ...]]
    lengths: dict[str, tuple[int, ...]]


def syllables(text: str) -> list[str]:
    """The usual reading of a folded text, a syllable a character; whatever has no reading stands for itself."""
    return [options[0] for options in _options(text)]


def sound(text: str) -> str:
    """`syllables`, joined: 复工贷 fugongdai."""
    return "".join(syllables(text))


def initials(text: str) -> str:
    """普惠金融 phjr; Latin words and numbers stay whole."""
    return "".join(syllable[0] if is_read(character) else syllable for character, syllable in _read(text))


class Keys(NamedTuple):
    """Every way to type a text by its sound, the usual one first."""

    sounds: list[str]
    initials: list[str]


def keys(text: str, most: int = _MOST_KEYS) -> Keys:
    """At most so many of each: 还本 is huanben, hb; 还 alone is huan and hai, 重 alone z and c."""
    options = _options(text)
    return Keys(_combined(options, most), _combined([*map(_firsts, options)], most))


def sounds(text: str, most: int = _MOST_KEYS) -> list[str]:
    return _combined(_options(text), most)


def blurred(sound: str) -> str:
    """What sounds share that are easily taken for one another: zh and z, ang and an."""
    for precise, vague in _CONFUSED:
        sound = sound.replace(precise, vague)
    return sound


def is_read(character: str) -> bool:
    return character in readings().characters


@lru_cache(maxsize=4096)
def segment(latin: str) -> tuple[str, ...]:
    """Lower-case letters as syllables, as few as can be; nothing if they are no pinyin. ' is a border: xi'an."""
    best: list[tuple[str, ...] | None] = [()]
    for end in range(1, len(latin) + 1):
        if latin[end - 1] == "'":
            best.append(best[end - 1])
            continue
        found = None
        for start in range(max(0, end - _LONGEST_SYLLABLE), end):
            before = best[start]
            if before is not None and latin[start:end] in all_syllables() and (not found or len(before) < len(found)):
                found = (*before, latin[start:end])
        best.append(found)
    return best[-1] or ()


def typed(latin: str) -> str:
    """Typed pinyin in the spelling of `sounds`: lower case, no borders, ü as v (lüe and lue are lve)."""
    text = latin.casefold().replace("u:", "v").replace("ü", "v").replace("'", "").replace("’", "")
    return text.replace("lue", "lve").replace("nue", "nve")


@cache
def all_syllables() -> frozenset[str]:
    return frozenset(reading for options in readings().characters.values() for reading in options if reading.isalpha())


@cache
def readings() -> Readings:
    table = simplified()
    raw = {
        chr(int(code)): [*dict.fromkeys(map(_toneless, options.split(",")))]
        for code, options in _data("pinyin_dict.json").items()
    }
    phrases = {word: tuple(_toneless(options[0]) for options in found) for word, found in _phrases()}
    counts: dict[str, Counter] = defaultdict(Counter)
    for word, syllables in phrases.items():
        for character, syllable in zip(word, syllables, strict=True):
            counts[character][syllable] += 1
    characters = {
        character: _alive(options, counts[character])
        for character, options in raw.items()
        # Folded text has no others.
        if ord(character) not in table and character <= "\u9fff"
    }
    phrases |= {word: tuple(syllables.split()) for word, syllables in _TRADE.items()}
    special = {
        word: syllables
        for word, syllables in phrases.items()
        if any(characters.get(c, ()) != (syllable,) for c, syllable in zip(word, syllables, strict=True))
    }
    lengths = defaultdict(set)
    for word in special:
        lengths[word[0]].add(len(word))
    return Readings(characters, special, {first: tuple(sorted(found)[::-1]) for first, found in lengths.items()})


def _phrases():
    table = simplified()
    for word, found in _data("phrases_dict.json").items():
        if len(word) == len(found) <= _LONGEST_PHRASE:
            yield word.translate(table), found


def _alive(options: list[str], counts: Counter) -> tuple[str, ...]:
    total = sum(counts.values())
    ranked = sorted(options, key=lambda option: (-counts[option], options.index(option)))
    return (ranked[0], *(option for option in ranked[1:] if counts[option] > max(1, total * _LEAST_SHARE)))


@cache
def _toneless(reading: str) -> str:
    """nǚ as nv."""
    letters = unicodedata.normalize("NFD", reading).replace("u\u0308", "v")
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _data(name: str) -> dict:
    package = Path(find_spec("pypinyin").origin).parent
    return json.loads((package / name).read_text(encoding="utf-8"))


def _options(text: str) -> list[tuple[str, ...]]:
    """The readings of each character in its place: a phrase settles those of its characters."""
    characters, phrases, lengths = readings()
    found = [characters.get(character) or (character,) for character in text]
    place = 0
    while place < len(text):
        for length in lengths.get(text[place], ()):
            if syllables := phrases.get(text[place : place + length]):
                found[place : place + length] = [(syllable,) for syllable in syllables]
                place += length
                break
        else:
            place += 1
    return found


@lru_cache(maxsize=4096)
def _firsts(choices: tuple[str, ...]) -> tuple[str, ...]:
    """What stands for itself is one character, and its own first."""
    return tuple(dict.fromkeys(option[0] for option in choices))


def _read(text: str) -> list[tuple[str, str]]:
    return list(zip(text, syllables(text), strict=True))


def _combined(options: list[tuple[str, ...]], most: int) -> list[str]:
    """All combinations if they are few; else the usual readings, and those with one other."""
    count = prod(map(len, options))
    if count == 1:
        return ["".join([choices[0] for choices in options])]
    if count <= most:
        return list(dict.fromkeys(map("".join, product(*options))))
    usual = [choices[0] for choices in options]
    found = ["".join(usual)]
    for place, choices in enumerate(options):
        for other in choices[1:]:
            found.append("".join([*usual[:place], other, *usual[place + 1 :]]))
    return list(dict.fromkeys(found))[:most]
