"""Two views of a folded text: the words jieba cuts it into, and its pairs of neighbouring characters.

Words rank well; bigrams find what stands inside or across words (处理 in 待处理), so the index holds both.
"""

from collections.abc import Iterable
from functools import cache

import jieba

from catalog.search.normalise import fold, simplified

# Longer "words" are unspaced Latin runs (addresses, keys); a lexeme of PostgreSQL ends at 2,046 bytes.
LONGEST_WORD = 64
_BREAKS = frozenset(" \n")


class Segmenter:
    """jieba's search mode over its own dictionary plus `names`, the trade's words (in any spelling).

    Words are cut by the dictionary alone, not guessed from character statistics: what is not in the dictionary and no
    name falls into single characters, alike in every text and query, and its bigrams find it.
    """

    def __init__(self, names: Iterable[str] = ()):
        frequencies, total = _dictionary()
        self._jieba = jieba.Tokenizer()
        self._jieba.FREQ = frequencies.copy()
        self._jieba.total = total
        self._jieba.initialized = True
        for name in sorted({fold(name) for name in names}):
            if len(name) > 1:
                self._jieba.add_word(name)

    def cut(self, text: str) -> list[str]:
        """A folded text in pieces: words, none inside another, and what is between them."""
        return self._jieba.lcut(text, HMM=False)

    def parts(self, word: str) -> list[str]:
        """A word as search mode has it: the shorter words inside it, then itself."""
        return self._jieba.lcut_for_search(word, HMM=False) if len(word) > 2 else [word]

    def words(self, text: str) -> list[str]:
        """The words of a folded text, and those inside them, in order."""
        return [word for word in self._jieba.cut_for_search(text, HMM=False) if is_word(word)]


def bigrams(text: str) -> list[str]:
    """Every two neighbouring characters of a folded text, but none across a blank or a line."""
    return [text[i : i + 2] for i in range(len(text) - 1) if text[i] not in _BREAKS and text[i + 1] not in _BREAKS]


def words(text: str) -> list[str]:
    """`Segmenter.words` with the names that the database has now."""
    from catalog.search.lexicon import current

    return current().segmenter.words(text)


def is_word(word: str) -> bool:
    """Whether a piece of a cut text is a lexeme: no blanks, no marks."""
    return len(word) <= LONGEST_WORD and any(map(str.isalnum, word))


@cache
def _dictionary() -> tuple[dict[str, int], int]:
    """jieba's word frequencies, once a process, with the words as folded texts spell them (着名, t恤).

    Read from the package. jieba's own cache is a shared file in the system's temporary folder, which anyone could have
    written.
    """
    tokenizer = jieba.Tokenizer()
    with tokenizer.get_dict_file() as file:
        frequencies, total = tokenizer.gen_pfdict(file)
    table = simplified()
    for word, frequency in list(frequencies.items()):
        # The first test is quick; of half a million entries it leaves some thousands.
        if frequency and word.translate(table).lower() != word and (folded := fold(word)) != word:
            # A spelling of its own (显着 beside 显著) is as frequent as all of them.
            frequencies[folded] = frequencies.get(folded, 0) + frequency
            total += frequency
            for end in range(1, len(folded)):
                frequencies.setdefault(folded[:end], 0)
    return frequencies, total
