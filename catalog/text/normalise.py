"""One spelling for everything that is searched: texts and queries go through the same `normalise`.

A folded text is in NFKC, lower case and simplified Chinese (Hong Kong and Taiwan variants are converted too). It has
one kind of quotation mark, dash and middle dot, no invisible characters, and no blanks except a single one between two
words of letters or digits. The conversion to simplified Chinese goes character by character, never by phrase: so a
text that is only half converted still matches, and every folded character has a known place in the original.
"""

import re
import sys
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from catalog.text.dictionary import conversions

BLANK = " "
# Different characters that are printed for the same mark and that NFKC keeps apart.
_MARKS = str.maketrans(
    {
        **dict.fromkeys("“”„‟«»「」『』﹁﹂﹃﹄〝〞", '"'),
        **dict.fromkeys("‘’‚‛`´", "'"),
        **dict.fromkeys("‐‑‒–—―−─", "-"),
        **dict.fromkeys("•‧∙⋅・･●", "·"),
        **dict.fromkeys("〜∼", "~"),
    }
)
# Unicode categories that are dropped: controls, format characters, surrogates, private use, unassigned.
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn"}


@dataclass(frozen=True, slots=True)
class Normal:
    """Folded `text`; character i of it came from `original[starts[i]:ends[i]]`."""

    text: str
    starts: list[int]
    ends: list[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """(start, end) in the original of the folded text[start:end], which must not be empty."""
        return self.starts[start], self.ends[end - 1]


def normalise(text: str) -> Normal:
    """The folded form of `text` with the place of every character in it.

    Accepts any string, with NUL and lone surrogates too. Idempotent: folding a folded text changes nothing.
    """
    folded_text, complete = fold_in_place(text)
    return _without_needless_blanks(folded_text) if complete else _normalise_clusters(text)


def fold_in_place(text: str) -> tuple[str, bool]:
    """(text, complete): every character whose folded form is one character is replaced by it, the others stay.

    So all offsets stay the same, and no blank is removed. `complete` tells whether every character was replaced. It is
    one lookup in a NumPy table per text, fast enough to do for all bodies of a page of results.
    """
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
    folded_codes = _IN_PLACE[codes]
    if not folded_codes.all():
        for code in set(codes[folded_codes == 0].tolist()):
            _IN_PLACE[code] = _folded_code(chr(code))
        folded_codes = _IN_PLACE[codes]
    is_unfolded = folded_codes == _NOT_IN_PLACE
    complete = not is_unfolded.any()
    if not complete:
        folded_codes = np.where(is_unfolded, codes, folded_codes)
    return folded_codes.tobytes().decode("utf-32-le", "surrogatepass"), complete


def _folded_code(character: str) -> int:
    folded = _FOLD[character]
    return ord(folded) if len(folded) == 1 and not _COMBINES[character] else _NOT_IN_PLACE


def _without_needless_blanks(text: str) -> Normal:
    """The normal form of a text that `fold_in_place` has folded completely: only blanks are still to be removed."""
    parts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    copied_to = 0  # the text before it is in `parts`
    for run in _BLANKS.finditer(text):
        start, end = run.span()
        parts.append(text[copied_to:start])
        starts += range(copied_to, start)
        ends += range(copied_to + 1, start + 1)
        if start > 0 and end < len(text) and _uses_blanks(text[start - 1]) and _uses_blanks(text[end]):
            parts.append(BLANK)
            starts.append(start)
            ends.append(end)
        copied_to = end
    parts.append(text[copied_to:])
    starts += range(copied_to, len(text))
    ends += range(copied_to + 1, len(text) + 1)
    return Normal("".join(parts), starts, ends)


def _normalise_clusters(text: str) -> Normal:
    output, starts, ends = [], [], []
    blank = None
    previous = ""
    for start, end, cluster in _clusters(text):
        characters = _FOLD[cluster]
        if characters == BLANK:
            blank = (start, end) if blank is None else (blank[0], end)
            continue
        for character in characters:
            if blank is not None:
                if _uses_blanks(previous) and _uses_blanks(character):
                    output.append(BLANK)
                    starts.append(blank[0])
                    ends.append(blank[1])
                blank = None
            output.append(character)
            starts.append(start)
            ends.append(end)
            previous = character
    return Normal("".join(output), starts, ends)


def fold(text: str) -> str:
    """The text of `normalise` without the places, in a third of the time."""
    if not text.isascii() and any(map(_COMBINES.__getitem__, text)):
        return normalise(text).text
    return _NEEDLESS_BLANK.sub("", _BLANKS.sub(BLANK, text.translate(_BY_CODE)).strip(BLANK))


def _clusters(text: str) -> Iterator[tuple[int, int, str]]:
    """Yields (start, end, characters): single characters, or a base with its combining marks, which NFKC may join."""
    if text.isascii() or not any(map(_COMBINES.__getitem__, text)):
        for place, character in enumerate(text):
            yield place, place + 1, character
        return
    start = 0
    for place in range(1, len(text) + 1):
        # At most 16 characters, so that a text of nothing but combining marks does not become a single cluster.
        if place == len(text) or not _COMBINES[text[place]] or place - start >= 16:
            yield start, place, text[start:place]
            start = place


def _uses_blanks(character: str) -> bool:
    """Whether the character is a letter or digit of a script that separates words by blanks."""
    return character.isalnum() and not is_chinese(character)


def is_chinese(character: str) -> bool:
    """Whether the character is a Han character or kana: scripts without blanks between words."""
    return "\u2e80" <= character <= "\u9fff" or "\uf900" <= character <= "\ufaff" or character >= "\U00020000"


class _Cache(dict[Any, Any]):
    """Filled on first use, and begun anew when it is full: texts of any characters must not fill a server's memory."""

    MOST = 20_000  # Chinese texts have some thousands of different characters

    def __setitem__(self, key: Any, value: Any) -> None:
        if len(self) >= self.MOST:
            self.clear()
        super().__setitem__(key, value)


class _ByCode(_Cache):
    """Code point -> folded form of the character, for `str.translate`."""

    def __missing__(self, code: int) -> str:
        folded = self[code] = _FOLD[chr(code)]
        return folded


class _Combines(_Cache):
    """Character -> whether NFKC may join it to the character before it."""

    def __missing__(self, character: str) -> bool:
        # Besides the marks: the vowels and finals of decomposed Korean.
        joins = unicodedata.combining(character) != 0 or "\u1160" <= character <= "\u11ff"
        self[character] = joins
        return joins


class _Fold(_Cache):
    """Cluster -> folded form; only single characters are kept."""

    def __missing__(self, cluster: str) -> str:
        folded = cluster
        # The folded form may itself have to be folded (ﷺ, ㏂, 臺 in a compatibility form): repeat until it is stable.
        for _ in range(4):
            refolded = _fold_once(folded)
            if refolded == folded:
                break
            folded = refolded
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
    # A combining mark without its base would join the character before it.
    while bare and _COMBINES[bare[0]]:
        bare = bare[1:]
    return bare.translate(_MARKS).translate(simplified())


# OpenCC converts these as traditional (么 to 幺) or rare (抬 to 擡) forms; in simplified text they are everyday.
_SIMPLIFIED_ALREADY = frozenset("么抬")
# Traditional text has two characters where simplified has one (批復 and 批覆, 借助 and 藉助), and a converter needs
# phrases to choose. 覆 is everyday in simplified text too: 覆盖 becomes 复盖 there, in texts and queries alike.
_SAME_IN_ONE_SCRIPT = dict(zip("覆藉揹伕幷暱彷薰馀锺讬谘钜", "复借背夫并昵仿熏余钟托咨巨", strict=True))
_COMBINES = _Combines()
_FOLD = _Fold()
_BY_CODE = _ByCode()
# Folded code point by code point; 0 where it has not been computed yet, `_NOT_IN_PLACE` where the folded form is not
# one character.
_NOT_IN_PLACE = sys.maxunicode + 1
_IN_PLACE = np.zeros(sys.maxunicode + 1, np.uint32)
_BLANKS = re.compile(f"{BLANK}+")
# A blank beside a character for which `_uses_blanks` is false. `\w` is what `isalnum` accepts, and the underscore,
# which is therefore listed with the Chinese characters.
_CHINESE = "\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0010ffff"
_NEEDLESS_BLANK = re.compile(rf"(?<=[^\w{BLANK}]|[_{_CHINESE}]) | (?=[^\w{BLANK}]|[_{_CHINESE}])")


@cache
def simplified() -> dict[int, str]:
    """(code point of a traditional, Hong Kong or Taiwan character -> its simplified character), for `str.translate`."""
    tables = [_pairs(name) for name in ("HKVariantsRev", "TWVariantsRev", "TSCharacters")] + [_SAME_IN_ONE_SCRIPT]

    def simplify(character: str) -> str:
        for table in tables:
            if character in _SIMPLIFIED_ALREADY:
                break
            character = table.get(character, character)
        return character

    # OpenCC keeps 瞭 because of 瞭望; but in 瞭解, which is far more frequent, it is 了.
    code_table = {ord("擡"): "抬", ord("瞭"): "了"}
    for character in {key for table in tables for key in table}:
        target = simplify(character)
        for _ in range(4):
            target = simplify(target)
        if target != character:
            code_table[ord(character)] = target
    return code_table


def folding_rules() -> list[object]:
    """All tables that folding depends on besides Unicode itself, so that an index can notice a change of them."""
    return [sorted(simplified().items()), sorted(_MARKS.items()), sorted(_INVISIBLE)]


def _pairs(name: str) -> dict[str, str]:
    """(character -> its most usual conversion) of an OpenCC dictionary; phrases are left out."""
    return {key: values[0] for key, values in conversions(name).items() if len(key) == 1}
