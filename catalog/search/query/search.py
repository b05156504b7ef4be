"""Search as a queryset of any cases, drafts too. Pages, which want few of many, go by `QueryPlan.results`."""

from django.db.models import F, FloatField, Func, IntegerField, QuerySet, Value
from django.db.models.functions import Coalesce

from catalog.search.match.sql import HasKey
from catalog.search.query.plan import QueryPlan, plan_query
from catalog.search.query.ranking import rank

RANKED = 240  # the others follow by key, with rank 0


def search_cases(cases: QuerySet, query: str) -> QuerySet:
    """Those of `cases` that match now, with `rank` (float), best first.

    Any string is a query. One with nothing to search for (empty, blanks, invisible characters) leaves the queryset as
    it is, order included, with rank 0. The queryset carries its `QueryPlan` as `plan`.
    """
    plan = plan_query(query)
    matches = _unranked(cases) if plan.is_empty else _ranked(cases, plan)
    matches.plan = plan  # type: ignore[attr-defined]
    return matches


def _ranked(cases: QuerySet, plan: QueryPlan) -> QuerySet:
    results = plan.all_results()
    keys = list(cases.filter(HasKey(results.every_key())).order_by().values_list("pk", flat=True))
    matches = cases.filter(HasKey(keys))
    if not plan.ranks:
        return _unranked(matches)
    first, scores = zip(*rank(plan, results.among(keys), 0, RANKED), strict=True) if keys else ((), ())
    place = Func(Value(list(first)), F("pk"), function="array_position", output_field=IntegerField())
    score = Coalesce(_Element(Value(list(scores)), place), 0.0)
    return matches.annotate(rank=score).order_by(place.asc(nulls_last=True), "pk")


class _Element(Func):
    """Of an array of numbers the one in a place, from 1 on; null in another place."""

    template = "(%(expressions)s]"
    arg_joiner = "::float8[])["
    output_field = FloatField()


def _unranked(cases: QuerySet) -> QuerySet:
    return cases.annotate(rank=Value(0.0, output_field=FloatField()))
