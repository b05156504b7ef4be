"""Cases like a case: those in which its own most telling words weigh most."""

import re

from catalog.models import Case, SearchText
from catalog.search.deadlines import check, paused
from catalog.search.index import frequencies
from catalog.search.index.bm25 import BOOST
from catalog.search.index.lexemes import MARK, tells
from catalog.search.match.expressions import Has, either
from catalog.search.match.reader import open_reader
from catalog.search.match.sql import Condition, Match
from catalog.search.query import scoring
from catalog.text.segment import plain, prepare

WORDS = 25  # that a case is known by
_READ = 20_000  # characters of a long case
# A word in one case only leads to none, one in more than this share of all to all of them.
_COMMON = 0.3
_DIGITS = re.compile(r"\d")


def similar_cases(case: Case, count: int = 5) -> list[Case]:
    """Public cases like this one, the most alike first; none where it has no telling word that another has."""
    words = telling_words(case)
    if not words:
        return []
    condition = Condition((Match(either(map(Has, words))),))
    best = open_reader().select(condition).best(words, count + 1)
    keys = [key for key, _ in best if key != case.pk][:count]
    cases = Case.objects.public().for_list().in_bulk(keys)
    return [cases[key] for key in keys if key in cases]


def telling_words(case: Case) -> dict[str, float]:
    """The words that tell most about a case, and how much: often in it, in its title above all, and rare elsewhere."""
    text = SearchText.objects.filter(pk=case.pk).values_list("text", flat=True).first() or ""
    counts: dict[str, float] = {}
    with paused():
        prepare()
    for number, line in enumerate(text[:_READ].split("\n")):
        # The title stands in the first line.
        boost = BOOST["title"] if number == 0 else 1.0
        check()
        for word in plain().cut(line):
            if tells(word) and not _DIGITS.search(word) and MARK not in word:
                counts[word] = counts.get(word, 0.0) + boost
    entries, known = frequencies.of_lexemes(counts)
    weights = {
        word: scoring.idf(known[word], entries) * count / (count + 1.2)
        for word, count in counts.items()
        if 1 < known.get(word, 0) <= max(2, _COMMON * entries)
    }
    return dict(sorted(weights.items(), key=lambda item: -item[1])[:WORDS])
