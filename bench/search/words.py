"""The words that all peers index and are asked for: jieba's search mode over folded text, as a query is cut.

They have no segmentation for Chinese of their own, so they are given words parted by blanks.
"""

import time
from collections.abc import Iterable
from functools import cache

from bench.search.corpus import Document, Material
from catalog.text.normalise import fold
from catalog.text.segment import Segmenter, is_word, pairs


class Cutter:
    def __init__(self, material: Material):
        names = [name for bank, _, _, products in material.banks for name in (bank, *products)]
        self._segmenter = Segmenter(names)
        # Made cases share their sentences, so each is cut once; what cutting costs is measured by `seconds_to_cut`.
        self._kept = cache(self._cut)
        self._pairs = cache(_pairs)

    def words(self, text: str) -> list[str]:
        """The words of a text, none inside another."""
        return [word for word in self._segmenter.cut(fold(text)) if is_word(word)]

    def search_words(self, text: str) -> list[str]:
        """The same with the shorter words inside each before it: what stands in an index, and what a phrase is of."""
        return [part for word in self.words(text) for part in self._segmenter.parts(word)]

    def document_words(self, document: Document) -> str:
        return " ".join(
            self._cut(text) if text == str(document.number) else self._kept(text) for text in document.texts if text
        )

    def document_pairs(self, document: Document) -> str:
        """Its neighbouring characters, by which runs are found that are no words."""
        return " ".join(self._pairs(text) for text in document.texts if text)

    def seconds_to_cut(self, documents: Iterable[Document]) -> float:
        """Seconds a document that cutting takes when nothing is known of it beforehand, in one process."""
        texts = ["\n".join(document.texts) for document in documents]
        start = time.perf_counter()
        for text in texts:
            self._cut(text)
        return (time.perf_counter() - start) / len(texts)

    def _cut(self, text: str) -> str:
        return " ".join(self.search_words(text))


def _pairs(text: str) -> str:
    return " ".join(pair for pair in pairs(fold(text)) if pair.isalnum())
