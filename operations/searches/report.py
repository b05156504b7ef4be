"""What editors see of the searches of a time: added up, the most frequent first."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Sum
from django.db.models.query import QuerySet
from django.utils import timezone

from catalog.pages.filters import CaseFilter
from operations.models import SearchedText, UsedFilter
from operations.searches.tally import ENOUGH_HOURS, KEPT

PERIODS = {7: "7 天", 30: "30 天", KEPT.days: "半年"}
ROWS = 30


@dataclass(frozen=True)
class Bar:
    """`percent` of the longest bar of its list, at least 1."""

    label: str
    times: int
    percent: int


@dataclass(frozen=True)
class BarList:
    heading: str
    text: str
    bars: list[Bar]
    texts: bool = True  # that can be searched again


class SearchReport:
    """Of the last so many days, today among them."""

    def __init__(self, days: int):
        self.since: date = timezone.localdate() - timedelta(days=days - 1)

    @property
    def total(self) -> int:
        return sum(self._by_outcome.values())

    @property
    def found_percent(self) -> int:
        return round(100 * self._by_outcome.get(SearchedText.Outcome.FOUND, 0) / (self.total or 1))

    @property
    def lists(self) -> list[BarList]:
        outcome = SearchedText.Outcome
        return [
            BarList(
                "检索了，没有找到",
                "案例库里没有，或者叫法不同：可以补案例，或者加近义词。",
                self._texts(outcome.NOTHING),
            ),
            BarList("只找到相近的", "改正了错字，或者只符合一部分。", self._texts(outcome.PARTLY)),
            BarList("找到的", "读者最常检索的。", self._texts(outcome.FOUND)),
            BarList("最常用的筛选", "读者用哪些条件缩小范围。", self._filters(), texts=False),
        ]

    @property
    def _by_outcome(self) -> dict[str, int]:
        return dict(self._searched.values_list("outcome").annotate(Sum("times")).order_by())

    @property
    def _searched(self) -> QuerySet[SearchedText]:
        return SearchedText.objects.filter(day__gte=self.since)

    def _texts(self, outcome: SearchedText.Outcome) -> list[Bar]:
        """What was asked in one hour alone may be one person's affair: it is not shown."""
        common = self._searched.values("text").annotate(all=Sum("hours")).filter(all__gte=ENOUGH_HOURS).values("text")
        rows = self._searched.filter(outcome=outcome, text__in=common).values_list("text").annotate(all=Sum("times"))
        return _bars(list(rows.order_by("-all", "text")[:ROWS]))

    def _filters(self) -> list[Bar]:
        rows = UsedFilter.objects.filter(day__gte=self.since).values_list("name", "value").annotate(all=Sum("times"))
        rows = list(rows.order_by("-all", "name", "value")[:ROWS])
        facets = CaseFilter({}).facets
        labels = {}
        for name, facet in facets.items():
            values = [value for of, value, _ in rows if of == name]
            labels |= {(name, value): f"{facet.label}：{label}" for value, label in facet.labels(values).items()}
        # A bank or a chapter that is gone has no label, and is of no use to know.
        return _bars([(labels[name, value], times) for name, value, times in rows if (name, value) in labels])


def _bars(rows: list[tuple[str, int]]) -> list[Bar]:
    most = max((times for _, times in rows), default=1)
    return [Bar(label, times, max(1, round(100 * times / most))) for label, times in rows]
