from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "账号与登录"

    def ready(self):
        from accounts import recording, sessions

        recording.connect()
        sessions.connect()
