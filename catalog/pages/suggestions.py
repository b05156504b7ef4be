"""Suggestions as a page shows them: the search tells what they are, the words and the addresses stand here."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import urlencode

from django.urls import reverse

from catalog.search import Suggestion

_LABELS = {
    Suggestion.Kind.BANK: "银行",
    Suggestion.Kind.CATEGORY: "章节",
    Suggestion.Kind.PRODUCT: "产品",
    Suggestion.Kind.TERM: "检索",
    Suggestion.Kind.CASE: "案例",
}


@dataclass(frozen=True)
class SuggestionOption:
    """A suggestion and the address that it leads to."""

    suggestion: Suggestion
    address: str


@dataclass(frozen=True)
class SuggestionGroup:
    """The suggestions of one kind."""

    label: str
    options: list[SuggestionOption]


def suggestion_groups(suggestions: Iterable[Suggestion]) -> list[SuggestionGroup]:
    """`suggestions`: kind by kind, as the search gives them."""
    return [
        SuggestionGroup(_LABELS[kind], [SuggestionOption(suggestion, _address(suggestion)) for suggestion in of_kind])
        for kind, of_kind in groupby(suggestions, lambda suggestion: suggestion.kind)
    ]


def _address(suggestion: Suggestion) -> str:
    if suggestion.kind == Suggestion.Kind.TERM:
        return f"{reverse('cases')}?{urlencode({'q': suggestion.key})}"
    # The page of each other kind is called as the kind is (see `catalog.pages.urls`).
    return reverse(suggestion.kind.value, args=[suggestion.key])
