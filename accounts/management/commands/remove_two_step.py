from django.contrib.auth import get_user_model
from django.core.management.base import CommandError

from accounts import two_step
from accounts.models import Record
from accounts.recording import record
from catalog.management.base import ClearCommand


class Command(ClearCommand):
    help = "停用一个账号的两步验证：手机丢了，备用验证码也没有了，就用它。"

    def add_arguments(self, parser):
        parser.add_argument("username", help="账号")

    def handle(self, *, username, **options):
        users = get_user_model().objects
        try:
            user = users.get_by_natural_key(username)
        except users.model.DoesNotExist:
            raise CommandError(f"没有账号 {username}") from None
        if not two_step.remove(user):
            raise CommandError(f"账号 {username} 没有启用两步验证")
        record(Record.Kind.STEP_REMOVED, None, subject=username)
        self.stdout.write(f"已停用账号 {username} 的两步验证")
