"""Search as a queryset of any cases, drafts too. Pages, which want few of many with counts, go by `selection`."""

from django.db.models import F, FloatField, Func, IntegerField, QuerySet, Value

from catalog.search.matching import HasKey
from catalog.search.ranking import Score, rank
from catalog.search.understanding import Understanding, understand
from catalog.search.weights import sparse

RANKED = 240  # the others follow by key


def search_cases(queryset: QuerySet, query: str) -> QuerySet:
    """The cases of `queryset` that match now, with `rank`, best first.

    Any string is a query. One with nothing to search for (empty, blanks, invisible characters) leaves the queryset as
    it is, order included, with rank 0. The queryset carries what was understood as `understanding`.
    """
    understanding = understand(query)
    found = _ranked(queryset, understanding) if not understanding.is_empty else _unranked(queryset)
    found.understanding = understanding
    return found


def _ranked(queryset: QuerySet, understanding: Understanding) -> QuerySet:
    matching = understanding.view.select(understanding.condition, understanding.fields, drafts=True)
    keys = list(queryset.filter(HasKey(matching.every_key())).order_by().values_list("pk", flat=True))
    found = queryset.filter(HasKey(keys))
    if not understanding.ranks:
        return _unranked(found)
    first = [key for key, _ in rank(understanding, matching.among(keys), 0, RANKED)]
    place = Func(
        Value(first),
        F("pk"),
        function="array_position",
        template="%(function)s(%(expressions)s)",
        output_field=IntegerField(),
    )
    score = Score(sparse(understanding.lexemes.items()), "search_entry__content__weights")
    return found.annotate(rank=score).order_by(place.asc(nulls_last=True), "pk")


def _unranked(queryset: QuerySet) -> QuerySet:
    return queryset.annotate(rank=Value(0.0, output_field=FloatField()))
