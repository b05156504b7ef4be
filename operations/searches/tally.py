"""The counts behind SearchedText and UsedFilter: kept in the process, written together after an answer has gone out.

A reader waits for none of it, and nothing of it can break a page: counts that cannot be written are dropped.
"""

import logging
import re
import threading
from collections import Counter
from datetime import date, timedelta
from time import monotonic

from django.conf import settings
from django.db import Error, connection, transaction
from django.db.models import Sum
from django.http import HttpRequest
from django.utils import timezone

from config.mode import Mode, current_state
from embedded_postgres.errors import SetupError
from operations.models import SearchedText, UsedFilter
from operations.searches.answered import AnsweredSearch
from operations.searches.personal import countable

log = logging.getLogger(__name__)

OFTEN = 10.0  # seconds between two writings of a process
MOST = 500  # different counts until then; what comes on top is dropped
MOST_A_DAY = 10_000  # different texts; whoever asks for more means to fill the table
MOST_FILTERS = 20  # of one search
KEPT, RARE_KEPT = timedelta(days=180), timedelta(days=14)
ENOUGH_HOURS = 2  # what was asked in fewer is shown to nobody and soon dropped
_ROBOT = re.compile(r"(?i)bot|spider|crawl|slurp|curl|wget|python|java/|go-http|scan|monitor|preview|headless|^$")

_ADD_TEXTS = """
    INSERT INTO operations_searchedtext AS known (day, text, outcome, last_hour, times, hours)
    SELECT *, 1 FROM unnest(%s::date[], %s::text[], %s::text[], %s::int[], %s::int[])
    ON CONFLICT (day, text, outcome) DO UPDATE SET
        times = known.times + excluded.times,
        hours = known.hours + (known.last_hour <> excluded.last_hour)::int,
        last_hour = excluded.last_hour
"""
_ADD_FILTERS = """
    INSERT INTO operations_usedfilter AS known (day, name, value, times)
    SELECT * FROM unnest(%s::date[], %s::text[], %s::text[], %s::int[])
    ON CONFLICT (day, name, value) DO UPDATE SET times = known.times + excluded.times
"""
# Nobody waits for it for long; another writer or a stuck database is not worth a thread.
_LIMITS = "SET LOCAL lock_timeout = 500; SET LOCAL statement_timeout = 2000"


class Tally:
    """What was counted since it was last written."""

    def __init__(self):
        self.lock = threading.Lock()
        self.began = monotonic()
        self.pruned: date | None = None
        self.texts: Counter[tuple] = Counter()  # by day, text, outcome and hour
        self.filters: Counter[tuple] = Counter()  # by day, name and value

    def add(self, search: AnsweredSearch) -> None:
        if not _counts(search.request) or search.page.timed_out or search.filters.values["page"]:
            return
        now = timezone.localtime()
        chosen = [(name, value) for name, values in search.filters.chosen.items() for value in values]
        chosen = chosen[:MOST_FILTERS]
        text, outcome = countable(search.filters.query), _outcome(search)
        with self.lock:
            if len(self.texts) + len(self.filters) >= MOST:
                return
            # Where a choice leaves nothing, the text may still be found elsewhere.
            if text and not (chosen and outcome == SearchedText.Outcome.NOTHING):
                self.texts[now.date(), text, outcome.value, now.hour] += 1
            self.filters.update((now.date(), name, value) for name, value in chosen)

    def write_now_and_then(self) -> None:
        if (self.texts or self.filters) and monotonic() - self.began >= OFTEN:
            self.write()

    def write(self) -> None:
        with self.lock:
            texts, filters, self.began = self.texts, self.filters, monotonic()
            self.texts, self.filters = Counter(), Counter()
        if current_state().mode != Mode.OPEN:
            return
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(_LIMITS)
                if SearchedText.objects.filter(day=timezone.localdate()).count() >= MOST_A_DAY:
                    texts.clear()
                # By hour, since each may be a new one; in one order, so that two writers do not wait for each other.
                for hour in sorted({key[3] for key in texts}):
                    self._execute(cursor, _ADD_TEXTS, {key: n for key, n in texts.items() if key[3] == hour})
                self._execute(cursor, _ADD_FILTERS, filters)
                self._prune()
        except (Error, SetupError) as error:
            log.warning("检索统计没有写下：%s", error)
        finally:
            # A thread without a request holds no connection; one that is in a transaction of others is not ours.
            if not connection.in_atomic_block:
                connection.close_if_unusable_or_obsolete()

    def _execute(self, cursor, sql: str, counts: dict[tuple, int]) -> None:
        if counts:
            columns = zip(*((*key, counts[key]) for key in sorted(counts)), strict=True)
            cursor.execute(sql, [list(column) for column in columns])

    def _prune(self) -> None:
        """Once a day and process."""
        today = timezone.localdate()
        if self.pruned != today:
            SearchedText.objects.filter(day__lt=today - KEPT).delete()
            UsedFilter.objects.filter(day__lt=today - KEPT).delete()
            rare = SearchedText.objects.values("text").annotate(all=Sum("hours")).filter(all__lt=ENOUGH_HOURS)
            SearchedText.objects.filter(day__lt=today - RARE_KEPT, text__in=rare.values("text")).delete()
            self.pruned = today


tally = Tally()


def _counts(request: HttpRequest | None) -> bool:
    """Whether a person may be asking; programs, robots and browsers that only look ahead are not counted."""
    return (
        request is not None
        and settings.SEARCH_STATISTICS
        and request.method == "GET"
        and not request.path.startswith("/api/")
        and "prefetch" not in request.headers.get("Sec-Purpose", "")
        and not _ROBOT.search(request.headers.get("User-Agent", ""))
    )


def _outcome(search: AnsweredSearch) -> SearchedText.Outcome:
    if not search.count:
        return SearchedText.Outcome.NOTHING
    return SearchedText.Outcome.FOUND if search.as_typed else SearchedText.Outcome.PARTLY
