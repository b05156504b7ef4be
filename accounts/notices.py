"""Telling administrators that a log-in was locked: by mail where it is set up, and on the admin's first page."""

import logging
import smtplib
import threading
from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.core.mail import send_mail
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from accounts.models import LocksSeen, Record

logger = logging.getLogger(__name__)


MAILS_AN_HOUR = 10  # whoever tries from a thousand addresses fills no mailbox


def tell_of_lock(lock: Record) -> None:
    """By mail, beside the request: whoever was locked out does not wait for the mail server."""
    last_hour = Record.objects.filter(kind=Record.Kind.LOCKED, at__gte=timezone.now() - timedelta(hours=1))
    if settings.LOCK_MAIL_TO and last_hour.count() <= MAILS_AN_HOUR:
        threading.Thread(target=_send, args=(_text(lock),), name="lock-mail", daemon=True).start()


def _text(lock: Record) -> str:
    name = lock.subject or "不存在的账号"
    return (
        f"{timezone.localtime():%Y-%m-%d %H:%M}，有人从地址 {lock.address or '（不详）'} "
        f"多次登录失败（{name}），已暂时锁定。\n详情见后台的“登录与权限记录”。"
    )


def _send(text: str) -> None:
    try:
        send_mail("案例库：登录被锁", text, None, settings.LOCK_MAIL_TO)
    except (OSError, smtplib.SMTPException) as error:
        logger.error("the mail about a locked log-in could not be sent: %s", error)


def show_locks(request: HttpRequest) -> None:
    """A message on the admin's first page as long as there are locks that this administrator has not looked at."""
    seen = LocksSeen.objects.filter(user=request.user).values_list("record", flat=True).first() or 0
    locks = Record.objects.filter(kind=Record.Kind.LOCKED, pk__gt=seen)
    if count := locks.count():
        address = f"{reverse('admin:accounts_record_changelist')}?kind__exact={Record.Kind.LOCKED}"
        messages.warning(
            request, format_html('登录被锁 {} 次，您还没有看过。<a href="{}">看是谁、从哪里</a>', count, address)
        )


def mark_locks_seen(request: HttpRequest) -> None:
    last = Record.objects.filter(kind=Record.Kind.LOCKED).order_by("-pk").values_list("pk", flat=True).first()
    if last:
        LocksSeen.objects.update_or_create(user=request.user, defaults={"record": last})
