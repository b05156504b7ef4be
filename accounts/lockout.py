"""How many failed log-ins are too many, and of whom.

Three counts, each over the time that a lock lasts (AXES_COOLOFF_TIME):
 - of an account from one address: a person who mistypes, or who guesses;
 - of an address, whatever the accounts: who tries one password on many;
 - of an account, from whatever addresses: a guess spread over many machines. Addresses from which this account has
   logged in of late are left out of it, so that nobody else can lock its owner out.
The names of accounts that don't exist are counted alike, so that a lock tells nothing about them.
"""

import logging
import math
from datetime import timedelta

from axes.conf import settings
from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django.contrib.admin import site
from django.db.models import Max, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts import notices
from accounts.addresses import address_of
from accounts.models import Record
from accounts.passwords import name_exists
from accounts.recording import record

logger = logging.getLogger(__name__)

ADDRESS_LIMIT = 30  # failures; of an account from one address: AXES_FAILURE_LIMIT
ACCOUNT_LIMIT = 60
KNOWN_FOR = timedelta(days=60)  # since the last log-in from an address


def counted_address(request: HttpRequest) -> str:
    """The address that is counted; requests without one count as one, since a database holds no two NULLs for equal."""
    return address_of(request) or "0.0.0.0"


def name_key(request: HttpRequest, credentials: dict | None = None) -> str | None:
    """What stands for an account's name in the counts: people type passwords where the name belongs."""
    name = (credentials or {}).get("username") or request.POST.get("username")
    return name and salted_hmac("accounts.lockout", name, algorithm="sha256").hexdigest()


class LockoutHandler(AxesDatabaseHandler):
    def counts(self, request: HttpRequest, credentials: dict | None) -> list[tuple[QuerySet, int]]:
        """The failures that count against this log-in, each set with its limit."""
        recent = AccessAttempt.objects.filter(attempt_time__gte=timezone.now() - settings.AXES_COOLOFF_TIME)
        name, address = name_key(request, credentials), request.axes_ip_address
        counts = [
            (recent.filter(username=name, ip_address=address), settings.AXES_FAILURE_LIMIT),
            (recent.filter(ip_address=address), ADDRESS_LIMIT),
        ]
        if not self.is_known(request, credentials):
            counts.append((recent.filter(username=name), ACCOUNT_LIMIT))
        return counts

    def is_known(self, request: HttpRequest, credentials: dict | None) -> bool:
        """Whether the account has logged in from this address of late."""
        since = timezone.now() - KNOWN_FOR
        logins = Record.objects.filter(kind=Record.Kind.LOGGED_IN, at__gte=since, address=request.axes_ip_address)
        return logins.filter(subject=(credentials or {}).get("username") or "").exists()

    def get_failures(self, request, credentials=None) -> int:
        """The count that is nearest to its limit, on the scale of AXES_FAILURE_LIMIT, which axes compares it with."""
        return max(
            (attempts.aggregate(sum=Sum("failures_since_start"))["sum"] or 0) * settings.AXES_FAILURE_LIMIT // limit
            for attempts, limit in self.counts(request, credentials)
        )

    def locked_until(self, request, credentials):
        """When the last of the locks on this log-in ends; None when there is none."""
        ends = []
        for attempts, limit in self.counts(request, credentials):
            count = attempts.aggregate(sum=Sum("failures_since_start"), last=Max("attempt_time"))
            if (count["sum"] or 0) >= limit:
                ends.append(count["last"] + settings.AXES_COOLOFF_TIME)
        return max(ends, default=None)

    def user_login_failed(self, sender, credentials, request=None, **kwargs):
        locked_before = request.axes_locked_out
        super().user_login_failed(sender, credentials, request, **kwargs)
        typed = credentials.get("username") or ""
        name, detail = (typed, "") if name_exists(typed) else ("", "没有这个账号")
        if locked_before:
            # Counted nowhere and told to nobody again: a flood of tries must not fill the record.
            logger.warning("login refused while locked")
            return
        record(Record.Kind.FAILED, request, subject=name, detail=detail)
        if request.axes_locked_out:
            notices.tell_of_lock(record(Record.Kind.LOCKED, request, subject=name, detail=detail))

    def reset_user_attempts(self, request, credentials=None) -> int:
        """After a log-in, only what this account got wrong from here: an account of one's own clears no address."""
        own = AccessAttempt.objects.filter(username=name_key(request, credentials), ip_address=request.axes_ip_address)
        return own.delete()[0]


def locked_page(request: HttpRequest, original_response: HttpResponse, credentials: dict | None) -> HttpResponse:
    """What a locked log-in is told: how long, and nothing about the account."""
    until = LockoutHandler().locked_until(request, credentials) or timezone.now()
    seconds = max(1, math.ceil((until - timezone.now()).total_seconds()))
    context = site.each_context(request) | {"minutes": math.ceil(seconds / 60)}
    response = render(request, "admin/locked.html", context, status=429)
    response["Retry-After"] = str(seconds)
    return response
