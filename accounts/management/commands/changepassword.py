from django.contrib.auth.management.commands import changepassword

from accounts.passwords import require_change, settle_change


class Command(changepassword.Command):
    help = "给账号换密码；它的全部登录随之结束。"

    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.add_argument("--must-change", action="store_true", help="下次登录时须由本人再换一个（替别人换密码时用）")

    def handle(self, *args, must_change, **options):
        result = super().handle(*args, **options)
        user = self.user(options["username"])
        if must_change:
            require_change(user)
        else:
            settle_change(user)
        return result

    def user(self, name):
        users = changepassword.UserModel
        return users.objects.get(**{users.USERNAME_FIELD: name or changepassword.getpass.getuser()})
