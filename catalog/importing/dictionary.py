"""jieba's dictionary, read once a process and from the package itself.

Left to itself jieba reports its loading on every start, and keeps its dictionary in the system's temporary folder under
a name that any account could have written first.
"""

from functools import cache

import jieba


@cache
def tokenizer() -> jieba.Tokenizer:
    """Shared by all readers. Nobody adds words to it: what a catalogue adds for its search changes no reading."""
    made = jieba.Tokenizer()
    with made.get_dict_file() as file:
        made.FREQ, made.total = made.gen_pfdict(file)
    made.initialized = True
    return made
