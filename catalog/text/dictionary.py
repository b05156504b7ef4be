"""The one reader of the data that jieba and OpenCC come with.

Both are read from the packages themselves. Left to itself jieba reports its loading on every start, and keeps its
dictionary in the system's temporary folder under a name that any account could have written first.
"""

from functools import cache
from math import log
from pathlib import Path

import jieba
import opencc


def word_frequencies() -> tuple[dict[str, int], int]:
    """jieba's words with how often each was counted (0 for what only begins one), and the sum of all counts.

    Read anew at each call, some half a second, and 60 MB: the caller may change what it gets, and should keep it.
    """
    tokenizer = jieba.Tokenizer()
    with tokenizer.get_dict_file() as file:
        return tokenizer.gen_pfdict(file)


class _Layers:
    """Frequencies by word in two dictionaries, of which the upper one alone is written to. What jieba asks of a dict,
    and faster than a `ChainMap`.
    """

    __slots__ = ("own", "shared")

    def __init__(self, shared: dict[str, int]):
        self.own: dict[str, int] = {}
        self.shared = shared

    def __contains__(self, word: str) -> bool:
        return word in self.own or word in self.shared

    def __getitem__(self, word: str) -> int:
        return self.own[word] if word in self.own else self.shared[word]

    def __setitem__(self, word: str, frequency: int) -> None:
        self.own[word] = frequency

    def get(self, word: str, default: int | None = None) -> int | None:
        frequency = self.own.get(word)
        return self.shared.get(word, default) if frequency is None else frequency


class SharingTokenizer(jieba.Tokenizer):
    """jieba's tokenizer over a dictionary that it shares with others; the words that are added are its own.

    It cuts as jieba does. The two methods below are what jieba spends its time on; each word is looked up among the
    own words, then among the shared ones.
    """

    def __init__(self, frequencies: dict[str, int], total: int):
        """`frequencies` as `word_frequencies` has them: read, never written to. `total`: the sum of them."""
        super().__init__()
        self.FREQ, self.total = _Layers(frequencies), total
        self.initialized = True

    def get_DAG(self, sentence: str) -> dict[int, list[int]]:
        """Per character the last characters of all words that begin with it; itself where none does."""
        own, shared = self.FREQ.own.get, self.FREQ.shared.get
        ends_of, length = {}, len(sentence)
        for start in range(length):
            ends, end, piece = [], start, sentence[start]
            while end < length:
                frequency = own(piece)
                if frequency is None and (frequency := shared(piece)) is None:
                    break
                if frequency:
                    ends.append(end)
                end += 1
                piece = sentence[start : end + 1]
            ends_of[start] = ends or [start]
        return ends_of

    def calc(self, sentence: str, DAG: dict[int, list[int]], route: dict[int, tuple[float, int]]) -> None:
        """Fills `route`: per character the logarithm of the best reading's probability from there on, and the last
        character of that reading's first word. Of equal ones the longer word.
        """
        own, shared = self.FREQ.own.get, self.FREQ.shared.get
        log_total = log(self.total)
        route[len(sentence)] = (0.0, 0)
        for start in range(len(sentence) - 1, -1, -1):
            best = None
            for end in DAG[start]:
                word = sentence[start : end + 1]
                reading = log(own(word) or shared(word) or 1) - log_total + route[end + 1][0], end
                if best is None or reading > best:
                    best = reading
            route[start] = best


@cache
def tokenizer() -> jieba.Tokenizer:
    """Shared by all readers. Nobody adds words to it: what a catalogue adds for its search changes no reading."""
    shared = jieba.Tokenizer()
    shared.FREQ, shared.total = word_frequencies()
    shared.initialized = True
    return shared


def conversions(name: str) -> dict[str, list[str]]:
    """A dictionary of OpenCC: what is converted, and what it may become, the usual one first."""
    path = Path(opencc.__file__).parent / "dictionary" / f"{name}.txt"
    rows = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if "\t" in line)
    return {key: values.split() for key, values in rows}
