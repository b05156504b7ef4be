"""When a log-in ends: after a while without a request, and in any case after some hours.

The first is the age of Django's session, counted from when it was last written: so it is written again while it is
used, once a minute at most. The second is counted from the time of the log-in, which the session carries.
"""

import time

from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.utils import timezone

STARTED, USED = "login_at", "used_at"  # keys of the session: seconds since 1970
FRESH = 60  # seconds for which a use need not be written


def connect() -> None:
    user_logged_in.connect(_begin, dispatch_uid="session")


def _begin(sender, request, **kwargs):
    now = int(time.time())
    request.session[STARTED] = request.session[USED] = now
    Session.objects.filter(expire_date__lt=timezone.now()).delete()


def is_over(session: SessionBase) -> bool:
    """Whether its log-in has lasted as long as any may; one that says nothing of its beginning has."""
    return not 0 <= time.time() - session.get(STARTED, 0) < settings.SESSION_LONGEST.total_seconds()


def keep_in_use(session: SessionBase) -> None:
    now = int(time.time())
    if now - session.get(USED, 0) >= FRESH:
        session[USED] = now
