"""The parameters of a list in an address, held to what the list knows.

A page ignores what makes no sense; a program is told, lest it takes the whole catalogue for the answer.
"""

from django.http import QueryDict
from rest_framework.exceptions import ValidationError

from catalog.pages.filters import CaseFilter, Parameter
from catalog.pages.forms import NumberField

LARGEST_PAGE = 100


class ApiFilter(CaseFilter):
    """The parameters of the case list, and what only programs may choose."""

    page_size = Parameter(NumberField, label="每页", largest=LARGEST_PAGE)


def for_pages(params: QueryDict) -> QueryDict:
    """The same parameters as the pages call them."""
    params = params.copy()
    if ordering := params.pop("ordering", None):
        params["sort"] = ordering[-1]
    return params


def refuse_problems(filters: ApiFilter) -> None:
    """`ValidationError` where a parameter has a value that means nothing. Blank ones count as not given.

    By parameter the reason, and all of them in `detail`, where every error of the API has its own.
    """
    problems = dict(filters.problems)
    if reason := problems.pop("sort", ""):
        problems["ordering"] = reason
    if problems:
        raise ValidationError({"detail": "；".join(problems.values())} | problems)
