import getpass

from django.contrib.auth import get_user_model
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError
from django.db import transaction

from accounts.passwords import require_change, settle_change
from catalog.management.base import ClearCommand

TRIES = 3


class Command(ClearCommand):
    """Django's own asks and answers in English, and knows nothing of passwords that have to be changed."""

    help = "给账号换密码；它的全部登录随之结束。"

    def add_arguments(self, parser):
        parser.add_argument("username", nargs="?", default="admin", help="账号，默认 admin")
        parser.add_argument("--must-change", action="store_true", help="下次登录时须由本人再换一个（替别人换密码时用）")

    def handle(self, *, username, must_change, **options):
        users = get_user_model().objects
        try:
            user = users.get_by_natural_key(username)
        except users.model.DoesNotExist:
            raise CommandError(f"没有账号 {username}") from None
        user.set_password(self.ask(user))
        with transaction.atomic():
            user.save(update_fields=["password"])
            if must_change:
                require_change(user)
            else:
                settle_change(user)
        self.stdout.write(f"已更换账号 {username} 的密码" + ("，下次登录须由本人再换" if must_change else ""))

    def ask(self, user) -> str:
        for _ in range(TRIES):
            password = getpass.getpass("新密码：")
            if not password:
                break
            if password != getpass.getpass("再输入一次："):
                self.stderr.write("两次输入的不一样，请重来")
                continue
            try:
                validate_password(password, user)
            except ValidationError as error:
                self.stderr.write("\n".join(error.messages))
            else:
                return password
        raise CommandError("密码没有更换")
