"""The order of the matching cases.

First by BM25 over words and pairs (see `scoring`). Then the first `RERANKED` are looked at as texts: those where the
words stand together come before those where they are scattered. Where not all words are asked for, the words of a trade
that most of the first share count for less: in a catalogue of many trades they are as rare as those that make the
difference.
"""

from collections.abc import Iterable
from dataclasses import replace

from django.db.models.functions import Left

from catalog.models import SearchText
from catalog.search.deadlines import check
from catalog.search.index.impacts import Ranked, best_first
from catalog.search.index.lexemes import MARK
from catalog.search.match.results import Results
from catalog.search.query import scoring
from catalog.search.query.plan import QueryPlan, Step
from catalog.search.query.proximity import proximity

RERANKED = 60
LOOKED_AT = 50_000  # characters of a text
NEAR = 1.0  # how much proximity counts against BM25
NEAR_RELAXED = 0.4  # the same where not all of the query was asked for
LOCAL = 0.7  # how much rarity among the best answers counts against rarity in the catalogue


def rank(plan: QueryPlan, results: Results, start: int, stop: int) -> Ranked:
    """(case, score) of places start to stop of the results, best first; equal scores by key."""
    rows = results.best(plan.lexemes, max(stop, RERANKED))
    return [*_reranked(plan, results, rows[:RERANKED]), *rows[RERANKED:]][start:stop]


def _reranked(plan: QueryPlan, results: Results, rows: Ranked) -> Ranked:
    if len(rows) < 2:
        return rows
    texts = _texts([key for key, _ in rows])
    if plan.step != Step.TYPED:
        plan = _among(plan, list(texts.values()))
        rows = results.among(texts).best(plan.lexemes, len(rows))
    measure = proximity(plan)
    near = (NEAR if plan.step == Step.TYPED else NEAR_RELAXED) * (rows[0][1] or 1.0)
    return best_first([(key, score + near * measure(texts.get(key, ""))) for key, score in rows])


def _among(plan: QueryPlan, texts: list[str]) -> QueryPlan:
    """The same query with the rarity of its lexemes among these folded texts.

    Of two words that are rare in the catalogue, one that nearly all of the best answers share does not tell them apart.
    """
    lexemes = {}
    for lexeme, value in plan.lexemes.items():
        check()
        rarity = plan.rarity[lexeme]
        if not lexeme.startswith(MARK):
            here = scoring.idf(sum(lexeme in text for text in texts), len(texts))
            value *= (1 - LOCAL) + LOCAL * here / rarity
        lexemes[lexeme] = value
    return replace(plan, lexemes=lexemes)


def _texts(keys: Iterable[int]) -> dict[int, str]:
    """Their folded texts; of a very long one the beginning, where the title and the summary are."""
    return dict(SearchText.objects.filter(pk__in=list(keys)).values_list("pk", Left("text", LOOKED_AT)))
