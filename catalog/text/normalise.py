"""One spelling for everything that is searched: texts and queries go through the same `normalise`.

NFKC, lower case, simplified Chinese (Hong Kong and Taiwan spellings included), one kind of quotation mark, dash and
middle dot; no blanks but single ones between two words of letters or digits; no invisible characters. The conversion
goes character by character and never by phrase, so that half-converted text meets all its spellings and every folded
character knows where it came from.
"""

import re
import sys
import unicodedata
from dataclasses import dataclass
from functools import cache

import numpy as np

from catalog.text.dictionary import conversions

BLANK = " "
# What different houses and scripts print for the same mark, after NFKC.
_MARKS = str.maketrans(
    {
        **dict.fromkeys("“”„‟«»「」『』﹁﹂﹃﹄〝〞", '"'),
        **dict.fromkeys("‘’‚‛`´", "'"),
        **dict.fromkeys("‐‑‒–—―−─", "-"),
        **dict.fromkeys("•‧∙⋅・･●", "·"),
        **dict.fromkeys("〜∼", "~"),
    }
)
# Neither shown nor searched for: controls, format characters, surrogates, private use, unassigned.
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn"}


@dataclass(frozen=True, slots=True)
class Normal:
    """Folded `text`; character i of it came from `original[starts[i]:ends[i]]`."""

    text: str
    starts: list[int]
    ends: list[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where the folded text[start:end] (not empty) stands in the original."""
        return self.starts[start], self.ends[end - 1]


def normalise(text: str) -> Normal:
    """Any string whatever, NUL and lone surrogates included. Idempotent: folding a folded text changes nothing."""
    folded, all_folded = fold_in_place(text)
    return _without_needless_blanks(folded) if all_folded else _normalise_clusters(text)


def fold_in_place(text: str) -> tuple[str, bool]:
    """The text with each character folded that becomes one character, at the same place, and whether all do: that is
    without taking blanks away. One look into a table a text, so that a page can do it to all bodies of a list.
    """
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
    folded = _IN_PLACE[codes]
    if not folded.all():
        for code in set(codes[folded == 0].tolist()):
            _IN_PLACE[code] = _folded_code(chr(code))
        folded = _IN_PLACE[codes]
    others = folded == _NOT_IN_PLACE
    all_folded = not others.any()
    if not all_folded:
        folded = np.where(others, codes, folded)
    return folded.tobytes().decode("utf-32-le", "surrogatepass"), all_folded


def _folded_code(character: str) -> int:
    folded = _FOLD[character]
    return ord(folded) if len(folded) == 1 and not _COMBINES[character] else _NOT_IN_PLACE


def _without_needless_blanks(text: str) -> Normal:
    """Of a text that is folded in place."""
    parts, starts, ends, done = [], [], [], 0
    for run in _BLANKS.finditer(text):
        start, end = run.span()
        parts.append(text[done:start])
        starts += range(done, start)
        ends += range(done + 1, start + 1)
        if start > 0 and end < len(text) and _spaced(text[start - 1]) and _spaced(text[end]):
            parts.append(BLANK)
            starts.append(start)
            ends.append(end)
        done = end
    parts.append(text[done:])
    starts += range(done, len(text))
    ends += range(done + 1, len(text) + 1)
    return Normal("".join(parts), starts, ends)


def _normalise_clusters(text: str) -> Normal:
    folded, starts, ends = [], [], []
    blank = None
    before = ""
    for start, end, cluster in _clusters(text):
        characters = _FOLD[cluster]
        if characters == BLANK:
            blank = (start, end) if blank is None else (blank[0], end)
            continue
        for character in characters:
            if blank is not None:
                if _spaced(before) and _spaced(character):
                    folded.append(BLANK)
                    starts.append(blank[0])
                    ends.append(blank[1])
                blank = None
            folded.append(character)
            starts.append(start)
            ends.append(end)
            before = character
    return Normal("".join(folded), starts, ends)


def fold(text: str) -> str:
    """The folded text alone, in a third of the time."""
    if not text.isascii() and any(map(_COMBINES.__getitem__, text)):
        return normalise(text).text
    return _NEEDLESS_BLANK.sub("", _BLANKS.sub(BLANK, text.translate(_BY_CODE)).strip(BLANK))


def _clusters(text: str):
    """(start, end, characters): single characters, but a base and its combining marks are one, as for NFKC."""
    if text.isascii() or not any(map(_COMBINES.__getitem__, text)):
        for place, character in enumerate(text):
            yield place, place + 1, character
        return
    start = 0
    for place in range(1, len(text) + 1):
        # A cluster is bounded, so that a text of nothing but marks is not one.
        if place == len(text) or not _COMBINES[text[place]] or place - start >= 16:
            yield start, place, text[start:place]
            start = place


def _spaced(character: str) -> bool:
    """Whether the character belongs to a script that separates words by blanks, and so keeps them."""
    return character.isalnum() and not is_chinese(character)


def is_chinese(character: str) -> bool:
    """Han characters and kana: scripts without blanks between words."""
    return "\u2e80" <= character <= "\u9fff" or "\uf900" <= character <= "\ufaff" or character >= "\U00020000"


class _ByCode(dict):
    """The folded form of a character by its code, for `str.translate`."""

    def __missing__(self, code: int) -> str:
        folded = self[code] = _FOLD[chr(code)]
        return folded


class _Combines(dict):
    """Whether NFKC may join a character to the one before it."""

    def __missing__(self, character: str) -> bool:
        # Besides the marks: the vowels and finals of decomposed Korean.
        joins = unicodedata.combining(character) != 0 or "\u1160" <= character <= "\u11ff"
        self[character] = joins
        return joins


class _Fold(dict):
    """The folded form of a cluster, computed on first sight."""

    def __missing__(self, cluster: str) -> str:
        folded = cluster
        # Folding may uncover something to fold (ﷺ, ㏂, 臺 in a compatibility form): until nothing changes.
        for _ in range(4):
            again = _fold_once(folded)
            if again == folded:
                break
            folded = again
        if len(cluster) == 1:
            self[cluster] = folded
        return folded


def _fold_once(cluster: str) -> str:
    compatible = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", cluster).casefold())
    visible = "".join(
        BLANK if character.isspace() else character
        for character in compatible
        if character.isspace() or unicodedata.category(character) not in _INVISIBLE
    )
    bare = visible if visible == BLANK else visible.replace(BLANK, "")
    # A mark whose base is gone would join whatever comes before it.
    while bare and _COMBINES[bare[0]]:
        bare = bare[1:]
    return bare.translate(_MARKS).translate(simplified())


# The dictionaries take these for traditional (么 for 幺) or rare (抬 for 擡); in simplified text they are everyday.
_SIMPLIFIED_ALREADY = frozenset("么抬")
# Traditional text has both where simplified has one (批復 and 批覆, 借助 and 藉助), and a converter chooses by phrases.
# 覆 is everyday in simplified text too: there 覆盖 is folded to 复盖, as in the query.
_SAME_IN_ONE_SCRIPT = dict(zip("覆藉揹伕幷暱彷薰馀锺讬谘钜", "复借背夫并昵仿熏余钟托咨巨", strict=True))
_COMBINES = _Combines()
_FOLD = _Fold()
_BY_CODE = _ByCode()
# The code of the folded form by the code of a character; 0 where it was not asked for yet.
_NOT_IN_PLACE = sys.maxunicode + 1
_IN_PLACE = np.zeros(sys.maxunicode + 1, np.uint32)
_BLANKS = re.compile(f"{BLANK}+")
# Beside a character that is not `_spaced`. Of the letters and digits that `isalnum` knows, these are all but the
# underscore, which `\w` counts among them.
_CHINESE = "\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0010ffff"
_NEEDLESS_BLANK = re.compile(rf"(?<=[^\w{BLANK}]|[_{_CHINESE}]) | (?=[^\w{BLANK}]|[_{_CHINESE}])")


@cache
def simplified() -> dict[int, str]:
    """For `str.translate`: every traditional, Hong Kong and Taiwan character to its simplified one."""
    steps = [_pairs(name) for name in ("HKVariantsRev", "TWVariantsRev", "TSCharacters")] + [_SAME_IN_ONE_SCRIPT]

    def convert(character: str) -> str:
        for step in steps:
            if character in _SIMPLIFIED_ALREADY:
                break
            character = step.get(character, character)
        return character

    # The dictionaries leave 瞭 as it is, for 瞭望; as 瞭解 it is everyday.
    table = {ord("擡"): "抬", ord("瞭"): "了"}
    for character in {key for step in steps for key in step}:
        target = convert(character)
        for _ in range(4):
            target = convert(target)
        if target != character:
            table[ord(character)] = target
    return table


def folding_rules() -> list:
    """All that folding depends on besides Unicode itself, for a comparison."""
    return [sorted(simplified().items()), sorted(_MARKS.items()), sorted(_INVISIBLE)]


def _pairs(name: str) -> dict[str, str]:
    """A character dictionary of OpenCC, by its usual conversions."""
    return {key: values[0] for key, values in conversions(name).items() if len(key) == 1}
