"""The one reader of the data files that jieba, OpenCC and pypinyin ship.

The files are read from the installed packages. jieba's own loader is not used: it logs at every start, and it caches
the dictionary in the system's temporary folder under a predictable name, which any local account could have written.
pypinyin is never imported: importing it would keep all of its tables in memory.
"""

import json
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import jieba
import opencc


def word_frequencies() -> tuple[dict[str, int], int]:
    """jieba's dictionary: (word -> count, sum of all counts). A count of 0 marks a prefix of words that is no word.

    Every call reads the file again (about half a second), so the caller owns the result and may change it.
    """
    tokenizer = jieba.Tokenizer()
    with tokenizer.get_dict_file() as file:
        return tokenizer.gen_pfdict(file)


def make_tokenizer(frequencies: dict[str, int], total: int) -> jieba.Tokenizer:
    """A jieba tokenizer over `frequencies` (see `word_frequencies`), which it keeps and may change."""
    tokenizer = jieba.Tokenizer()
    tokenizer.FREQ, tokenizer.total = frequencies, total
    tokenizer.initialized = True
    return tokenizer


@cache
def tokenizer() -> jieba.Tokenizer:
    """The tokenizer that all document readers share. No word may be added to it: the names that a catalogue adds for
    its search must not change what an import reads."""
    return make_tokenizer(*word_frequencies())


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
