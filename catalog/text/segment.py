"""Two views of a folded text: words, and pairs of neighbouring characters.

Words rank well; pairs find what stands inside or across words (处理 in 待处理), so the index holds both. A query is cut
by jieba, as a reader would cut it. A text is not cut: every word of the dictionary that stands in it counts, those
inside and across others too (jieba's full mode), so that whatever word a query asks for, the index answers exactly,
and a name that an editor adds leaves no text to be cut again.
"""

import re
from collections.abc import Iterable
from functools import cache
from itertools import pairwise
from pathlib import Path

from catalog.text.dictionary import SharingTokenizer, word_frequencies
from catalog.text.normalise import fold, simplified

# Longer "words" are unspaced Latin runs (addresses, keys); a lexeme of PostgreSQL ends at 2,046 bytes.
LONGEST_WORD = 64
_LATIN = re.compile(r"[a-z0-9]{3,}")
_YEARS = [f"{year}年" for year in range(1980, 2050)]


class Segmenter:
    """jieba's search mode over its own dictionary plus `names`, the trade's words (in any spelling).

    All segmenters of a process share the dictionary; each keeps its names alone, and costs as much as these. Words are
    cut by the dictionary alone, not guessed from character statistics: what is not in the dictionary and no
    name falls into single characters, alike in every text and query, and its bigrams find it.
    """

    def __init__(self, names: Iterable[str] = (), *, trade_words: bool = True):
        self._jieba = SharingTokenizer(*_dictionary())
        for word in _trade_words() if trade_words else ():
            self._jieba.add_word(word)
        for name in sorted({fold(name) for name in names}):
            if len(name) > 1:
                self._jieba.add_word(name)

    def cut(self, text: str) -> list[str]:
        """A folded text in pieces: words, none inside another, and what is between them."""
        return self._jieba.lcut(text, HMM=False)

    def parts(self, word: str) -> list[str]:
        """A word as search mode has it: the shorter words inside it, then itself."""
        return self._jieba.lcut_for_search(word, HMM=False) if len(word) > 2 else [word]


def pairs(text: str) -> list[str]:
    """Every two neighbouring characters of a folded text, and its last character alone.

    So each character of the text begins a lexeme, and one character is asked for as a beginning.
    """
    return [*map("".join, pairwise(text)), text[-1]] if text else []


def long_words(text: str) -> list[str]:
    """The words of three or more characters that stand in a folded text, in order, as often as they do.

    Exactly those strings for which `is_long_word` holds.
    """
    heads, known = _long_words()
    found = []
    for start in range(len(text) - 2):
        longest = heads.get(text[start : start + 3])
        if longest:
            found += [
                word
                for end in range(start + 3, min(start + longest, len(text)) + 1)
                if (word := text[start:end]) in known
            ]
    return found


def is_long_word(text: str) -> bool:
    return text in _long_words()[1]


@cache
def plain() -> Segmenter:
    """Knows no word of the trade and no name: for what these consist of."""
    return Segmenter(trade_words=False)


def prepare() -> None:
    """Reads now what would be read on first use: a second or two."""
    plain()
    _long_words()


def dictionary_words() -> frozenset[str]:
    return _long_words()[1]


def latin_words(text: str) -> list[str]:
    """Whole Latin words and numbers of three or more characters. For ranking: `ban` stands in `webank` too."""
    return [word for word in _LATIN.findall(text) if len(word) <= LONGEST_WORD]


def is_word(word: str) -> bool:
    """Whether a piece of a cut text is a lexeme: no blanks, no marks."""
    return len(word) <= LONGEST_WORD and any(map(str.isalnum, word))


@cache
def _dictionary() -> tuple[dict[str, int], int]:
    """jieba's word frequencies, once a process, with the words as folded texts spell them (着名, t恤).

    A spelling of its own (显着 beside 显著) is as frequent as all of them.
    """
    frequencies, total = word_frequencies()
    table = simplified()
    for word, frequency in list(frequencies.items()):
        # The first test is quick; of half a million entries it leaves some thousands.
        if frequency and word.translate(table).lower() != word and (folded := fold(word)) != word:
            frequencies[folded] = frequencies.get(folded, 0) + frequency
            total += frequency
            for end in range(1, len(folded)):
                frequencies.setdefault(folded[:end], 0)
    return frequencies, total


@cache
def _long_words() -> tuple[dict[str, int], frozenset[str]]:
    """(first three characters -> length of the longest word that begins so, all long words)."""
    frequencies, _ = _dictionary()
    known = {word for word, frequency in frequencies.items() if frequency and 3 <= len(word) <= LONGEST_WORD}
    known.update(word for word in _trade_words() if len(word) >= 3)
    known = frozenset(
        word for word in known | {*_YEARS, *map(str, range(1980, 2050))} if not _LATIN.fullmatch(word) or word.isdigit()
    )
    heads: dict[str, int] = {}
    for word in known:
        heads[word[:3]] = max(len(word), heads.get(word[:3], 0))
    return heads, known


@cache
def _trade_words() -> list[str]:
    lines = (Path(__file__).parent / "trade_words.txt").read_text(encoding="utf-8").splitlines()
    return [fold(word) for line in lines if not line.startswith("#") for word in line.split()]
