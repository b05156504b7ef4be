"""The one reader of the data that jieba and OpenCC come with.

Both are read from the packages themselves. Left to itself jieba reports its loading on every start, and keeps its
dictionary in the system's temporary folder under a name that any account could have written first.
"""

from functools import cache
from pathlib import Path

import jieba
import opencc


def word_frequencies() -> tuple[dict[str, int], int]:
    """jieba's words with how often each was counted (0 for what only begins one), and the sum of all counts.

    Read anew at each call, some half a second: the caller may change what it gets.
    """
    tokenizer = jieba.Tokenizer()
    with tokenizer.get_dict_file() as file:
        return tokenizer.gen_pfdict(file)


def make_tokenizer(frequencies: dict[str, int], total: int) -> jieba.Tokenizer:
    """A tokenizer over these words, which it takes over."""
    made = jieba.Tokenizer()
    made.FREQ, made.total = frequencies, total
    made.initialized = True
    return made


@cache
def tokenizer() -> jieba.Tokenizer:
    """Shared by all readers. Nobody adds words to it: what a catalogue adds for its search changes no reading."""
    return make_tokenizer(*word_frequencies())


def conversions(name: str) -> dict[str, list[str]]:
    """A dictionary of OpenCC: what is converted, and what it may become, the usual one first."""
    path = Path(opencc.__file__).parent / "dictionary" / f"{name}.txt"
    rows = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if "\t" in line)
    return {key: values.split() for key, values in rows}
