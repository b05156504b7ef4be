"""The parameters of a list in an address, held to what the list knows.

A page ignores what makes no sense; a program is told, lest it takes the whole catalogue for the answer.
"""

from django.http import QueryDict
from rest_framework.exceptions import ValidationError

from catalog.pages.filters import CaseFilter
from catalog.pages.listing import Listing, Sort

LARGEST_PAGE = 100


def page_size(params: QueryDict) -> int | None:
    """None where none is asked for; `ValidationError` for what is no size."""
    return _whole_number(params, "page_size", LARGEST_PAGE)


def check(listing: Listing) -> None:
    """`ValidationError` for an order, a page or a filter's value that there is not. Blank ones count as not given."""
    params = listing.params
    _whole_number(params, "page", 10**9)
    ordering = params.get("sort")
    if ordering and ordering not in Sort.values:
        raise ValidationError({"ordering": f"没有这种次序，可用的有 {'、'.join(Sort.values)}"})
    for name, known in listing.filters.chosen.items():
        if unknown := [value for value in params.getlist(name) if value and value not in known]:
            label = CaseFilter.base_filters[name].label
            raise ValidationError({name: f"没有这个{label}：{unknown[0][:50]}"})


def for_pages(params: QueryDict) -> QueryDict:
    """The same parameters as the pages call them."""
    params = params.copy()
    if ordering := params.pop("ordering", None):
        params["sort"] = ordering[-1]
    return params


def _whole_number(params: QueryDict, name: str, largest: int) -> int | None:
    value = params.get(name)
    if not value:
        return None
    if not (value.isascii() and value.isdigit() and len(value) <= 10 and 1 <= int(value) <= largest):
        raise ValidationError({name: f"应是 1 到 {largest} 的整数"})
    return int(value)
