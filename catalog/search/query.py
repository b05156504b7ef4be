"""Search as a queryset of cases. Pages, which want few of many with counts, go by `results`."""

from django.db.models import F, FloatField, Func, IntegerField, QuerySet, Value

from catalog.models import SearchEntry
from catalog.search.ranking import RERANKED, Score, rank
from catalog.search.selection import DatabaseSelection
from catalog.search.understanding import Understanding, understand
from catalog.search.view import View
from catalog.search.weights import sparse


def search_cases(queryset: QuerySet, query: str) -> QuerySet:
    """The cases of `queryset` that match, with `rank`, best first; equal ranks by key.

    Any string is a query. One with nothing to search for (empty, blanks, invisible characters) leaves the queryset as
    it is, order included, with rank 0. The queryset carries what was understood as `understanding`.
    """
    # Of any cases, drafts too: the tables have them all.
    understanding = understand(query, seen=View())
    found = _ranked(queryset, understanding) if not understanding.is_empty else _unranked(queryset)
    found.understanding = understanding
    return found


def _ranked(queryset: QuerySet, understanding: Understanding) -> QuerySet:
    matching = understanding.filter(SearchEntry.objects.all())
    found = queryset.filter(pk__in=matching.values("pk"))
    if not understanding.ranks:
        return _unranked(found)
    entries = SearchEntry.objects.filter(case__in=queryset.order_by().values("pk"))
    selection = DatabaseSelection(understanding.filter(entries), {})
    first = [key for key, _ in rank(understanding, selection, 0, RERANKED)]
    place = Func(
        Value(first),
        F("pk"),
        function="array_position",
        template="%(function)s(%(expressions)s)",
        output_field=IntegerField(),
    )
    score = Score(sparse(understanding.lexemes.items()), "search_entry__content__weights")
    return found.annotate(rank=score).order_by(place.asc(nulls_last=True), "-rank", "pk")


def _unranked(queryset: QuerySet) -> QuerySet:
    return queryset.annotate(rank=Value(0.0, output_field=FloatField()))
