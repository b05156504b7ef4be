"""A search as the two who look at it need it: its request, its shape, and how it ended."""

from dataclasses import dataclass

from django.http import HttpRequest

from catalog.pages.filters import CaseFilter
from catalog.pages.listing import ListPage
from catalog.search import Step


@dataclass(frozen=True)
class AnsweredSearch:
    """`request`: None where no reader asked."""

    request: HttpRequest | None
    filters: CaseFilter
    page: ListPage
    sort: str
    seconds: float

    @property
    def count(self) -> int:
        return self.page.page.paginator.count

    @property
    def as_typed(self) -> bool:
        """Whether the cases have it as it was typed, with nothing put right and nothing left out."""
        return self.page.plan.step == Step.TYPED and self.page.plan.correction is None

    @property
    def shape(self) -> dict:
        """How much was asked for, and nothing of what."""
        plan = self.page.plan
        return {
            "characters": len(self.filters.query),
            "groups": len(plan.groups),
            "words": len(plan.words),
            "fields": sorted(clause.field for clause in plan.fields),
            "filters": {name: len(values) for name, values in self.filters.chosen.items() if values},
            "sort": self.sort,
            "page": self.filters.values["page"] or 1,
            "step": str(plan.step),
            "cases": self.count,
            "timed_out": self.page.timed_out,
        }
