"""The one reader of the data files that jieba, OpenCC and pypinyin ship.

The files are read from the installed packages. jieba's own loader is not used: it logs at every start, and it caches
the dictionary in the system's temporary folder under a predictable name, which any local account could have written.
pypinyin is never imported: importing it would keep all of its tables in memory.
"""

import json
from functools import cache
from importlib.metadata import distribution
from math import log
from pathlib import Path
from typing import Any

import jieba
import opencc


def word_frequencies() -> tuple[dict[str, int], int]:
    """jieba's dictionary: (word -> count, sum of all counts). A count of 0 marks a prefix of words that is no word.

    Every call reads the file again (half a second, 60 MB), so the caller owns the result and may change it.
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
            readings = []
            for end in DAG[start]:
                word = sentence[start : end + 1]
                readings.append((log(own(word) or shared(word) or 1) - log_total + route[end + 1][0], end))
            route[start] = max(readings)


@cache
def tokenizer() -> jieba.Tokenizer:
    """The tokenizer that all document readers share. No word may be added to it: the names that a catalogue adds for
    its search must not change what an import reads.
    """
    shared = jieba.Tokenizer()
    shared.FREQ, shared.total = word_frequencies()
    shared.initialized = True
    return shared


def conversions(name: str) -> dict[str, list[str]]:
    """OpenCC's dictionary `name`: (text to convert -> its possible conversions, the most usual first)."""
    path = Path(opencc.__file__).parent / "dictionary" / f"{name}.txt"
    rows = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if "\t" in line)
    return {key: values.split() for key, values in rows}


def character_readings() -> dict[str, list[str]]:
    """pypinyin's characters: (character -> every recorded reading with its tone mark, the most usual first)."""
    return {chr(int(code)): readings.split(",") for code, readings in _pypinyin_table("pinyin_dict.json").items()}


def phrase_readings() -> dict[str, list[list[str]]]:
    """pypinyin's phrases: (phrase -> per syllable its readings with tone marks, the most usual first)."""
    return _pypinyin_table("phrases_dict.json")


def _pypinyin_table(name: str) -> dict[str, Any]:
    path = Path(str(distribution("pypinyin").locate_file(f"pypinyin/{name}")))
    return json.loads(path.read_text(encoding="utf-8"))
