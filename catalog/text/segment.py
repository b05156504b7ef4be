"""The lexemes of a folded text: words, and bigrams (pairs of neighbouring characters).

Words rank well; bigrams match what stands inside or across words (处理 in 待处理), so the index holds both. A query is
segmented by jieba. A text is not segmented: every dictionary word that stands in it is a lexeme, also inside and across
other words (jieba's full mode). So the index can answer any word of a query exactly, and no text has to be indexed
again when an editor adds a name.
"""

import re
from collections.abc import Iterable
from functools import cache
from itertools import pairwise
from pathlib import Path

from catalog.text.dictionary import SharingTokenizer, word_frequencies
from catalog.text.normalise import fold, simplified

# In characters. Longer "words" are Latin runs such as URLs; PostgreSQL allows a lexeme 2,046 bytes.
LONGEST_WORD = 64
_LATIN = re.compile(r"[a-z0-9]{3,}")
_YEARS = [f"{year}年" for year in range(1980, 2050)]


class Segmenter:
    """jieba's search mode over its own dictionary plus `trade_words.txt` plus `names` (in any spelling).

    All segmenters of a process share the dictionary; each keeps only its names, and costs as much as these. jieba's
    statistical guess of unknown words is off: what is neither in the dictionary nor a name falls into single
    characters, the same way in every text and query, and is matched by its bigrams.
    """

    def __init__(self, names: Iterable[str] = (), *, trade_words: bool = True):
        self._jieba = SharingTokenizer(*_dictionary())
        for word in _trade_words() if trade_words else ():
            self._jieba.add_word(word)
        for name in sorted({fold(name) for name in names}):
            if len(name) > 1:
                self._jieba.add_word(name)

    def cut(self, text: str) -> list[str]:
        """A folded text cut into consecutive pieces: words, and the marks and blanks between them."""
        return self._jieba.lcut(text, HMM=False)

    def parts(self, word: str) -> list[str]:
        """The shorter words inside a word, then the word itself (jieba's search mode)."""
        return self._jieba.lcut_for_search(word, HMM=False) if len(word) > 2 else [word]


def pairs(text: str) -> list[str]:
    """The bigrams of a folded text, and its last character alone.

    So every character of the text begins a lexeme, and a query of one character is a prefix query.
    """
    return [*map("".join, pairwise(text)), text[-1]] if text else []


def long_words(text: str) -> list[str]:
    """Every occurrence of a word of three or more characters in a folded text, in order of its start.

    These are exactly the substrings for which `is_long_word` is true.
    """
    heads, words = _long_words()
    matches = []
    for start in range(len(text) - 2):
        longest = heads.get(text[start : start + 3])
        if longest:
            matches += [
                word
                for end in range(start + 3, min(start + longest, len(text)) + 1)
                if (word := text[start:end]) in words
            ]
    return matches


def is_long_word(text: str) -> bool:
    """Whether the string is a word of three or more characters that every text is indexed by."""
    return text in _long_words()[1]


@cache
def plain() -> Segmenter:
    """A segmenter with jieba's words only, to cut the words of the trade and names themselves into their parts."""
    return Segmenter(trade_words=False)


def prepare() -> None:
    """Loads the dictionaries now (a second or two) instead of on first use."""
    plain()
    _long_words()


def dictionary_words() -> frozenset[str]:
    """All strings for which `is_long_word` is true."""
    return _long_words()[1]


def latin_words(text: str) -> list[str]:
    """Whole Latin words and numbers of three or more characters. Ranking needs them: `ban` also matches `webank`."""
    return [word for word in _LATIN.findall(text) if len(word) <= LONGEST_WORD]


def is_word(word: str) -> bool:
    """Whether a piece of a segmented text can be a lexeme: it has a letter or digit and is not too long."""
    return len(word) <= LONGEST_WORD and any(map(str.isalnum, word))


@cache
def _dictionary() -> tuple[dict[str, int], int]:
    """jieba's word frequencies and their sum, read once per process, with the folded spellings added (着名, t恤).

    The frequency of a folded spelling (显着) includes those of all spellings that fold to it (显著).
    """
    frequencies, total = word_frequencies()
    table = simplified()
    for word, frequency in list(frequencies.items()):
        # The translation is a fast filter: of half a million entries only some thousands need the slow `fold`.
        if frequency and word.translate(table).lower() != word and (folded := fold(word)) != word:
            frequencies[folded] = frequencies.get(folded, 0) + frequency
            total += frequency
            for end in range(1, len(folded)):
                frequencies.setdefault(folded[:end], 0)
    return frequencies, total


@cache
def _long_words() -> tuple[dict[str, int], frozenset[str]]:
    """(first three characters -> length of the longest long word with that beginning, all long words)."""
    frequencies, _ = _dictionary()
    candidates = {word for word, frequency in frequencies.items() if frequency and 3 <= len(word) <= LONGEST_WORD}
    candidates.update(word for word in _trade_words() if len(word) >= 3)
    candidates.update(_YEARS, map(str, range(1980, 2050)))
    words = frozenset(word for word in candidates if not _LATIN.fullmatch(word) or word.isdigit())
    heads: dict[str, int] = {}
    for word in words:
        heads[word[:3]] = max(len(word), heads.get(word[:3], 0))
    return heads, words


@cache
def _trade_words() -> list[str]:
    lines = (Path(__file__).parent / "trade_words.txt").read_text(encoding="utf-8").splitlines()
    return [fold(word) for line in lines if not line.startswith("#") for word in line.split()]
