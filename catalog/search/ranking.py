"""The order of what was found.

First by BM25 over words and pairs (see `scoring`), which the database sums up. It does so for few cases: all that match
where these are few, else those that promise most (see `selection`). Then the first `RERANKED` are looked at as texts:
those where the words stand together come before those where they are scattered. Where not all words are asked for, the
words of a trade that most of the first share count for less: in a catalogue of many trades they are as rare as those
that make the difference.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from django.db.models import F, FloatField, Func, QuerySet, Value
from django.db.models.functions import Left

from catalog.models import SearchEntry, SearchText
from catalog.search import scoring
from catalog.search.lexemes import MARK
from catalog.search.nearness import nearness
from catalog.search.selection import Selection
from catalog.search.understanding import Step, Understanding
from catalog.search.weights import sparse

RERANKED = 60
LOOKED_AT = 50_000  # characters of a text
NEAR = 1.0  # how much nearness counts against BM25
LOCAL = 0.5  # how much rarity among the best answers counts against rarity in the catalogue

Ranked = list[tuple[int, float]]


class Score(Func):
    """The inner product of the case's weights and the query's."""

    template = "(%(expressions)s)"
    output_field = FloatField()

    def __init__(self, weights: str, column: str = "content__weights"):
        product = Func(F(column), Func(Value(weights), template="(%(expressions)s)::sparsevec"), arg_joiner=" <#> ")
        product.template = "-(%(expressions)s)"
        super().__init__(product)


def rank(understanding: Understanding, selection: Selection, start: int, stop: int) -> Ranked:
    """(case, score) of places start to stop of the selection, best first; equal scores by key.

    Cases beyond the candidates follow by key, with score 0: nobody reads that far, but every case has one place.
    """
    wanted = max(stop, RERANKED)
    candidates, complete = selection.candidates(understanding.lexemes, wanted)
    rows = best(understanding.lexemes, candidates, None if not complete else wanted)
    reranked = _reranked(understanding, rows[:RERANKED])
    found = [*reranked, *rows[RERANKED:]]
    if stop > len(found) and not complete:
        known = {key for key, _ in found}
        found += [(key, 0.0) for key in selection.every_key() if key not in known]
    return found[start:stop]


def best(lexemes: Mapping[str, float], entries: QuerySet, limit: int | None = None) -> Ranked:
    """The entries with the highest scores for these lexemes."""
    scored = entries.annotate(score=Score(sparse(lexemes.items()))).order_by("-score", "pk")
    return list(scored.values_list("pk", "score")[:limit])


def _reranked(understanding: Understanding, rows: Ranked) -> Ranked:
    if len(rows) < 2:
        return rows
    texts = _texts([key for key, _ in rows])
    if understanding.step != Step.TYPED:
        understanding = _among(understanding, list(texts.values()))
        entries = SearchEntry.objects.filter(pk__in=texts)
        rows = best(understanding.lexemes, entries, len(rows))
    measure = nearness(understanding)
    top = rows[0][1] or 1.0
    found = [(key, score + NEAR * top * measure(texts.get(key, ""))) for key, score in rows]
    return sorted(found, key=lambda row: (-row[1], row[0]))


def _among(understanding: Understanding, texts: list[str]) -> Understanding:
    """The same query with the rarity of its lexemes among these folded texts.

    Of two words that are rare in the catalogue, one that nearly all of the best answers share does not tell them apart.
    """
    found = {}
    for lexeme, value in understanding.lexemes.items():
        rarity = understanding.rarity[lexeme]
        if not lexeme.startswith(MARK):
            here = scoring.idf(sum(lexeme in text for text in texts), len(texts))
            value *= (1 - LOCAL) + LOCAL * here / rarity
        found[lexeme] = value
    return replace(understanding, lexemes=found)


def _texts(keys: Iterable[int]) -> dict[int, str]:
    """Their folded texts; of a very long one the beginning, where the title and the summary are."""
    return dict(SearchText.objects.filter(pk__in=list(keys)).values_list("pk", Left("text", LOOKED_AT)))
