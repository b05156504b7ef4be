"""Search as a queryset of any cases, drafts too. Pages, which want few of many with counts, go by `selection`."""

from django.db.models import F, FloatField, Func, IntegerField, QuerySet, Value
from django.db.models.functions import Coalesce

from catalog.search.match.sql import HasKey
from catalog.search.query.plan import QueryPlan, plan_query
from catalog.search.query.ranking import rank

RANKED = 240  # the others follow by key, with rank 0


def search_cases(queryset: QuerySet, query: str) -> QuerySet:
    """The cases of `queryset` that match now, with `rank`, best first.

    Any string is a query. One with nothing to search for (empty, blanks, invisible characters) leaves the queryset as
    it is, order included, with rank 0. The queryset carries what was understood as `plan`.
    """
    plan = plan_query(query)
    found = _ranked(queryset, plan) if not plan.is_empty else _unranked(queryset)
    found.plan = plan
    return found


def _ranked(queryset: QuerySet, plan: QueryPlan) -> QuerySet:
    matching = plan.view.select(plan.condition, plan.fields, drafts=True)
    keys = list(queryset.filter(HasKey(matching.every_key())).order_by().values_list("pk", flat=True))
    found = queryset.filter(HasKey(keys))
    if not plan.ranks:
        return _unranked(found)
    first, scores = zip(*rank(plan, matching.among(keys), 0, RANKED), strict=True) if keys else ((), ())
    place = Func(Value(list(first)), F("pk"), function="array_position", output_field=IntegerField())
    score = Coalesce(_Element(Value(list(scores)), place), 0.0)
    return found.annotate(rank=score).order_by(place.asc(nulls_last=True), "pk")


class _Element(Func):
    """Of an array of numbers the one in a place, from 1 on; null in another place."""

    template = "(%(expressions)s]"
    arg_joiner = "::float8[])["
    output_field = FloatField()


def _unranked(queryset: QuerySet) -> QuerySet:
    return queryset.annotate(rank=Value(0.0, output_field=FloatField()))
