import ipaddress

from axes.models import AccessAttempt
from django.core.management.base import CommandError
from django.http import HttpRequest

from accounts.addresses import address_of
from accounts.lockout import name_key
from accounts.models import Record
from accounts.recording import record
from catalog.management.base import ClearCommand


class Command(ClearCommand):
    help = "解除登录的锁定：一个账号的、一个地址的，或全部的。"

    def add_arguments(self, parser):
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("username", nargs="?", help="账号")
        which.add_argument("--address", help="地址")
        which.add_argument("--all", action="store_true", help="全部")

    def handle(self, *, username, address, all, **options):
        attempts = AccessAttempt.objects.all()
        if username:
            attempts = attempts.filter(username=name_key(HttpRequest(), {"username": username}))
        if address:
            attempts = attempts.filter(ip_address=self.network(address))
        removed = sum(attempts.values_list("failures_since_start", flat=True))
        attempts.delete()
        record(Record.Kind.UNLOCKED, None, subject=username or "", detail=address or ("全部" if all else ""))
        self.stdout.write(f"已清除 {removed} 次登录失败的计数")

    def network(self, text):
        try:
            ipaddress.ip_address(text)
        except ValueError:
            raise CommandError(f"不是地址：{text}") from None
        request = HttpRequest()
        request.META["REMOTE_ADDR"] = text
        return address_of(request)
