"""Other words for what a query asks for: everyday words for the trade's, and back.

The groups are the editors' data. Each process keeps one `Thesaurus`, and asks the database for the version of the
groups each time (see `versions`), so that an editor's change is at once effective everywhere.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from catalog.models import NameChange
from catalog.models.thesaurus import SynonymGroup, split_words
from catalog.search.names import versions
from catalog.text import numerals
from catalog.text.normalise import fold

NUMERAL = 0.9


@dataclass(frozen=True)
class Expansion:
    """A word of the thesaurus at text[start:end] of a folded text, and its related words with their weights."""

    start: int
    end: int
    word: str
    related: list[tuple[str, float]]


@dataclass(frozen=True, eq=False)
class Thesaurus:
    """`relations`: folded word -> folded related words with weights below 1. A word of two groups has both groups'."""

    relations: dict[str, dict[str, float]]

    def __contains__(self, word: str) -> bool:
        return word in self.words

    def related(self, word: str) -> list[tuple[str, float]]:
        """By weight, the closest first; nothing for a word that it does not know. `word` is folded."""
        return sorted(self.relations.get(word, {}).items(), key=lambda relation: (-relation[1], relation[0]))

    def find(self, text: str) -> list[Expansion]:
        """The words with relations in a folded text, the longest at each place, none inside another."""
        expansions, place = [], 0
        while place < len(text):
            for length in self._lengths.get(text[place], ()):
                word = text[place : place + length]
                if word in self.relations and _is_whole(text, place, place + length):
                    expansions.append(Expansion(place, place + length, word, self.related(word)))
                    place += length - 1
                    break
            place += 1
        return expansions

    def expand(self, text: str) -> list[Expansion]:
        """`find`, and numbers in words as figures (一百亿 as 100亿), in order; a number inside a word is the word's."""
        expansions = self.find(text)
        taken = {place for expansion in expansions for place in range(expansion.start, expansion.end)}
        for start, end, spellings in numerals.find(text):
            if taken.isdisjoint(range(start, end)):
                related = [(spelling, NUMERAL) for spelling in spellings]
                expansions.append(Expansion(start, end, text[start:end], related))
        return sorted(expansions, key=lambda expansion: expansion.start)

    @cached_property
    def words(self) -> set[str]:
        return {*self.relations, *(word for related in self.relations.values() for word in related)}

    @cached_property
    def _lengths(self) -> dict[str, list[int]]:
        lengths = defaultdict(set)
        for word in self.relations:
            lengths[word[0]].add(len(word))
        return {first: sorted(of_first, reverse=True) for first, of_first in lengths.items()}


def related(word: str) -> list[tuple[str, float]]:
    """Of a word in any spelling, by the thesaurus of this moment."""
    return current().related(fold(word))


_latest: tuple[str, Thesaurus] | None = None


def current() -> Thesaurus:
    """The thesaurus of this moment: one short query if nothing has changed."""
    global _latest
    version = versions.version(NameChange.What.THESAURUS)
    latest = _latest
    if latest is not None and latest[0] == version:
        return latest[1]
    groups = SynonymGroup.objects.filter(enabled=True).order_by("pk")
    thesaurus = build(groups.values_list("words", "targets", "weight"))
    _latest = version, thesaurus
    return thesaurus


def latest() -> Thesaurus:
    """As this process last saw it, without asking the database. For what follows a search, which has asked."""
    return _latest[1] if _latest else current()


def build(groups: Iterable[tuple[str, str, float]]) -> Thesaurus:
    """From (words, targets, weight) as `SynonymGroup` has them."""
    relations: dict[str, dict[str, float]] = defaultdict(dict)
    for words_typed, targets_typed, weight in groups:
        words, targets = _folded(words_typed), _folded(targets_typed)
        for word in words:
            for other in targets or words:
                if other != word:
                    relations[word][other] = max(weight, relations[word].get(other, 0))
    return Thesaurus(dict(relations))


def _folded(words: str) -> list[str]:
    return [word for word in dict.fromkeys(map(fold, split_words(words))) if word]


def _is_whole(text: str, start: int, end: int) -> bool:
    """A Latin word is none inside another (ai in said)."""
    before, after = text[start - 1 : start] if start else "", text[end : end + 1]
    return not (_latin(before) and _latin(text[start])) and not (_latin(after) and _latin(text[end - 1]))


def _latin(character: str) -> bool:
    return character.isascii() and character.isalnum()
