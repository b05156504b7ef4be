"""What is asked, by kind: chosen from the first cases of a corpus, so that corpora of all sizes are asked the same.

A query is said twice: as a reader types it, for the catalogue, and in words, for the peers. Where a peer could not take
what was typed (a slip, pinyin, the other script, another name), it is given what was meant; where it has no way to ask
(pieces of words), nothing.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from math import log
from random import Random

from pypinyin import lazy_pinyin

from bench.search.corpus import Document, Material, documents
from bench.search.words import Cutter
from catalog.search.query.terms import IDLE
from catalog.text.script import to_traditional

OF_EACH = 5
CHOSEN_FROM = 10_000  # cases
PAGE = 20

Phrase = tuple[str, ...]

_WORD = re.compile(r"[\u4e00-\u9fff]{2,4}")
_LETTERS = re.compile(r"(?=.*[a-z])[a-z0-9]{3,12}")
_CLAUSE = re.compile(r"[\u4e00-\u9fff]+")

SLIPS = {
    "知识产全质押": "知识产权质押",
    "普慧金融": "普惠金融",
    "供应连金融": "供应链金融",
    "绿色债卷": "绿色债券",
    "疫情防空": "疫情防控",
}
PINYIN = ("普惠金融", "供应链", "知识产权", "绿色债券", "疫情防控")
OTHER_NAMES = {"ICBC": "工商银行", "ABC": "农业银行", "中行": "中国银行", "CCB": "建设银行", "国开行": "国家开发银行"}
UNHEARD_OF = ("量子纠缠", "火山爆发", "zzqxv", "南极企鹅", "交响乐团")
CHARACTERS = ("贷", "税", "农", "疫", "绿")


@dataclass(frozen=True)
class Query:
    """`typed` and `facets` are the catalogue's. `wanted`: all of these, of each any one, each a run of words; `never`:
    none of these. Without `wanted` it is no question for the peers. `bank` and `category` are names.
    """

    kind: str
    typed: str
    wanted: tuple[tuple[Phrase, ...], ...] = ()
    never: tuple[Phrase, ...] = ()
    bank: str = ""
    category: str = ""
    year: int | None = None
    facets: tuple[tuple[str, str], ...] = ()  # what the catalogue's address says besides the text
    page: int = 1
    newest: bool = False

    @property
    def skipped(self) -> int:
        return (self.page - 1) * PAGE


def queries(material: Material, cutter: Cutter, cases: int) -> list[Query]:
    return _Chooser(material, cutter, min(cases, CHOSEN_FROM)).all()


def _all_of(words) -> tuple[tuple[Phrase, ...], ...]:
    return tuple(((word,),) for word in words)


def _any_of(words) -> tuple[tuple[Phrase, ...], ...]:
    return (tuple((word,) for word in words),)


class _Chooser:
    def __init__(self, material: Material, cutter: Cutter, cases: int):
        self.material, self.cutter, self.cases = material, cutter, cases
        self.frequencies = Counter()
        for document in documents(material, 1, cases + 1):
            self.frequencies.update(set(cutter.document_words(document).split()))
        self.telling = [word for word in self.frequencies if _WORD.fullmatch(word) and IDLE.isdisjoint({word, *word})]
        self.common = sorted(self.telling, key=lambda word: (-self.frequencies[word], word))
        self.middle, self.rare = self._about(0.05, 3 * OF_EACH), self._about(0.001, 2 * OF_EACH)
        self.clauses = [clause for text in material.sentences for clause in _CLAUSE.findall(text)]

    def all(self) -> list[Query]:
        kinds: dict[str, Callable[[], Iterator[Query]]] = {
            "罕见词": lambda: self._words(self.rare),
            "一般词": lambda: self._words(self.middle),
            "常用词": lambda: self._words(self.common),
            "两个常用词": lambda: self._pairs(self.common, self.common[OF_EACH:]),
            "常用词加罕见词": lambda: self._pairs(self.common, self.rare),
            "三个词": self._of_one_case,
            "长问句": self._questions,
            "短语": lambda: self._phrases(5, 8),
            "长短语": lambda: self._phrases(14, 24),
            "排除": self._exclusions,
            "任一": self._alternatives,
            "机构的别名": self._other_names,
            "限定银行": lambda: self._of_bank("银行"),
            "限定年份": self._of_year,
            "选一个分面": self._one_facet,
            "选两个分面": self._two_facets,
            "繁体": self._traditional,
            "不成词的片段": self._pieces,
            "一个字": lambda: (Query("", character) for character in CHARACTERS),
            "字母数字": lambda: self._words(self._about(0.02, OF_EACH, _LETTERS)),
            "错字": lambda: (Query("", typed, self._phrase(meant)) for typed, meant in SLIPS.items()),
            "拼音": lambda: (Query("", "".join(lazy_pinyin(word)), self._phrase(word)) for word in PINYIN),
            "没有结果": lambda: (Query("", word, _all_of(self.cutter.words(word))) for word in UNHEARD_OF),
            "放宽": self._never_together,
            "第二页": lambda: (replace(query, page=2) for query in self._words(self.common)),
            "按日期": lambda: (replace(query, newest=True) for query in self._words(self.common)),
        }
        return [
            replace(query, kind=kind) for kind, choose in kinds.items() for query in islice(choose(), OF_EACH)
        ]  # fmt: skip

    def _about(self, share: float, number: int, form: re.Pattern = _WORD) -> list[str]:
        """The words that stand in about such a share of the cases, nearest first."""
        words = self.telling if form is _WORD else [word for word in self.frequencies if form.fullmatch(word)]
        return sorted(words, key=lambda word: (abs(log(self.frequencies[word] / self.cases / share)), word))[:number]

    def _words(self, words: list[str]) -> Iterator[Query]:
        return (Query("", word, _all_of([word])) for word in words)

    def _pairs(self, first: list[str], second: list[str]) -> Iterator[Query]:
        return (
            Query("", f"{word} {other}", _all_of([word, other])) for word, other in zip(first, second, strict=False)
        )

    def _of_one_case(self) -> Iterator[Query]:
        for document in self._some_documents():
            words = sorted(self._words_between(document, 0.005, 0.2))
            chosen = Random(document.number).sample(words, 3)
            yield Query("", " ".join(chosen), _all_of(chosen))

    def _questions(self) -> Iterator[Query]:
        """Clauses of several cases, one after the other, until there are 16 words."""
        for document in self._some_documents():
            chance, typed, words = Random(document.number), "", []
            while len(words) < 16:
                clause = chance.choice(self.clauses)
                if 4 <= len(clause) <= 12:
                    typed += clause
                    words += [word for word in self.cutter.words(clause) if word not in IDLE and word not in words]
            yield Query("", f"{typed}？", _any_of(words))

    def _phrases(self, shortest: int, longest: int) -> Iterator[Query]:
        fitting = [clause for clause in self.clauses if shortest <= len(clause) <= longest]
        for clause in Random(shortest).sample(fitting, OF_EACH):
            yield Query("", f'"{clause}"', self._phrase(clause))

    def _phrase(self, text: str) -> tuple[tuple[Phrase, ...], ...]:
        return ((tuple(self.cutter.search_words(text)),),)

    def _exclusions(self) -> Iterator[Query]:
        for word, other in zip(self.common, self.middle, strict=False):
            yield Query("", f"{word} -{other}", _all_of([word]), never=((other,),))

    def _alternatives(self) -> Iterator[Query]:
        for word, other in zip(self.middle, self.middle[OF_EACH:], strict=False):
            yield Query("", f"{word} | {other}", _any_of([word, other]))

    def _other_names(self) -> Iterator[Query]:
        return (Query("", typed, self._phrase(name)) for typed, name in OTHER_NAMES.items())

    def _of_bank(self, field: str) -> Iterator[Query]:
        for word, (bank, *_) in zip(self.common, self.material.banks, strict=False):
            yield Query("", f"{word} {field}:{bank}", _all_of([word]), bank=bank)

    def _of_year(self) -> Iterator[Query]:
        for word, year in zip(self.common, range(2018, 2024), strict=False):
            yield Query("", f"{word} 年份:{year}", _all_of([word]), year=year)

    def _one_facet(self) -> Iterator[Query]:
        for word, (bank, _, code, _) in zip(self.common, self.material.banks, strict=False):
            yield Query("", word, _all_of([word]), bank=bank, facets=(("bank", code),))

    def _two_facets(self) -> Iterator[Query]:
        for query, (category, code) in zip(self._one_facet(), self.material.chapters, strict=False):
            yield replace(query, category=category, facets=(*query.facets, ("category", code)))

    def _traditional(self) -> Iterator[Query]:
        for word, other in zip(self.common, self.middle, strict=False):
            yield Query("", to_traditional(f"{word} {other}"), _all_of([word, other]))

    def _pieces(self) -> Iterator[Query]:
        """Four characters that begin and end inside words of two."""
        chance = Random(4)
        while True:
            words = self.cutter.words(chance.choice(self.clauses))
            for before, inside, after in zip(words, words[1:], words[2:], strict=False):
                if len(before) == len(inside) == len(after) == 2:
                    yield Query("", before[1] + inside + after[0])
                    break

    def _never_together(self) -> Iterator[Query]:
        """What finds nothing as it is typed, and so is asked for as any of its words."""
        for word, other in zip(self.rare[:OF_EACH], UNHEARD_OF, strict=True):
            yield Query("", f"{word} {other}", _any_of([word, *self.cutter.words(other)]))

    def _some_documents(self) -> Iterator[Document]:
        return documents(self.material, 1, OF_EACH + 1)

    def _words_between(self, document: Document, least: float, most: float) -> set[str]:
        words = set(self.cutter.document_words(document).split()).intersection(self.telling)
        return {word for word in words if least <= self.frequencies[word] / self.cases <= most}
