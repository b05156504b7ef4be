"""What an index was made with. An index of another version may miss what it should find: it has to be rebuilt."""

import hashlib
import json
import unicodedata
from functools import cache

from catalog.models import Case, SearchEntry, SearchIndex
from catalog.search.index import bm25
from catalog.search.index.lexemes import Document, lexemes
from catalog.text.normalise import fold, folding_rules
from catalog.text.segment import dictionary_words

# Raised when entries are written in another way that nothing below shows.
FORMAT = 4

_SAMPLE = "「普惠金融」助力小微企業；園區Ｅ貸 7.9 億元，2020 年 Bank of China 汙水處理。\n知识产权质押"


@cache
def current() -> str:
    """A hash of the folding rules, the dictionary, the weights' parameters and what becomes of a sample."""
    sample = lexemes(Document({"title": [fold(_SAMPLE)], "body": [fold(_SAMPLE * 2)]}, ["\x01bank:1"]))
    parts = [
        FORMAT,
        unicodedata.unidata_version,
        folding_rules(),
        sorted(dictionary_words()),
        [bm25.BOOST, bm25.K1, bm25.B, bm25.PIVOT, bm25.SHORT],
        sorted((lexeme, round(weight, 6)) for lexeme, weight in sample.weights.items()),
        sample.every,
    ]
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False, sort_keys=True).encode("utf-8")).hexdigest()


def begin() -> None:
    """Notes the version of an index of which nothing is written yet."""
    if not SearchIndex.objects.exists() and not SearchEntry.objects.exists():
        SearchIndex.objects.get_or_create(pk=1, defaults={"version": current()})


def is_current() -> bool:
    """Whether the index was made as this code would make it, and has every case."""
    version = SearchIndex.objects.values_list("version", flat=True).first()
    if version is None and SearchEntry.objects.exists():
        return False
    return version in (None, current()) and not Case.objects.filter(search_entry=None).exists()
