"""What a query asks for: its terms, the words in them, and the banks and products they name."""

from dataclasses import dataclass

from catalog.search.lexicon import Lexicon
from catalog.search.normalise import fold, is_chinese
from catalog.search.segment import bigrams, is_word

# A pasted page is answered by its beginning.
LONGEST_QUERY = 1_000
_LONGEST_NAME = 8

# Words of questions, of no use for finding unless they are all there is.
_IDLE_WORDS = """
怎么 怎样 如何 什么 为什么 哪些 哪个 哪家 哪里 谁 是否 有没有 能否 可以 吗 呢 的 了 着 是 有 在
和 与 及 或 为 对 把 被 让 给 从 向 到 等 请 我 想 我们 他们 它们 这 那 这个 那个 一个 一种
关于 有关 通过 进行 之 其 也 都 就 而
"""
_IDLE = frozenset(_IDLE_WORDS.split())


@dataclass(frozen=True)
class Word:
    """A word of a term.

    `parts` are lexemes that a text with the word has, `owners` those of the banks and products it names, `names` all
    that these go by.
    """

    text: str
    parts: list[str]
    owners: list[str]
    names: list[str]


@dataclass(frozen=True)
class Term:
    """What stands between two blanks of a query, folded, or a name with its blanks."""

    text: str
    words: list[Word]


def parse(query: str, lexicon: Lexicon) -> list[Term]:
    """The terms in order, none twice and none empty; any string is a query."""
    tokens = query[:LONGEST_QUERY].split()
    found, start = {}, 0
    while start < len(tokens):
        end = _end_of_name(tokens, start, lexicon)
        if text := fold(" ".join(tokens[start:end])):
            found.setdefault(text, _term(text, lexicon))
        start = end
    return list(found.values())


def _end_of_name(tokens: list[str], start: int, lexicon: Lexicon) -> int:
    """The longest name that begins here: it may have blanks (China Construction Bank) or be typed with some."""
    for end in range(min(len(tokens), start + _LONGEST_NAME), start + 1, -1):
        if fold(" ".join(tokens[start:end])) in lexicon.by_name:
            return end
    return start + 1


def _term(text: str, lexicon: Lexicon) -> Term:
    if text in lexicon.by_name:
        return Term(text, [_name(text, lexicon)])
    pieces = lexicon.segmenter.cut(text)
    words = dict.fromkeys(_telling(pieces) or filter(is_word, pieces))
    return Term(text, [_name(word, lexicon) if word in lexicon.by_name else _word(word, lexicon) for word in words])


def _telling(pieces: list[str]) -> list[str]:
    """The words that say what is sought.

    A character alone is in nearly every case: it is taken together with the one before it, or else after it, so that
    复工贷, cut as 复工 and 贷, asks for 复工 and 工贷.
    """
    found = []
    for i, piece in enumerate(pieces):
        if not _tells(piece):
            continue
        if len(piece) == 1 and is_chinese(piece):
            if i > 0 and _tells(pieces[i - 1]):
                piece = pieces[i - 1][-1] + piece
            elif i + 1 < len(pieces) and _tells(pieces[i + 1]):
                piece += pieces[i + 1][0]
        found.append(piece)
    return found


def _tells(piece: str) -> bool:
    return is_word(piece) and piece not in _IDLE


def _word(text: str, lexicon: Lexicon) -> Word:
    return Word(text, [text] if len(text) <= 2 else lexicon.segmenter.parts(text), [], [])


def _name(text: str, lexicon: Lexicon) -> Word:
    """Asked for as a run: its words (中国, 工商, 银行) are those of many. One with blanks only as itself."""
    parts = [] if " " in text else [text] if text.isascii() else list(dict.fromkeys(bigrams(text))) or [text]
    return Word(text, parts, lexicon.by_name[text], lexicon.synonyms(text))
