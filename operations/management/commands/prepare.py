import hashlib
import secrets

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from accounts.passwords import keep_first_password, require_change
from config.deployment import warnings_of_deployment
from config.mode import Mode, current_state
from config.schema import refuse_newer_data
from operations.backup import upgrade

ADMIN = "admin"
LOCK = 0x616E6C696B75  # any number of our own


class Command(BaseCommand):
    help = "准备好数据库、案例、管理员账号与静态文件。可反复执行，已经做过的不再做。"

    def handle(self, **options):
        for line in warnings_of_deployment():
            self.stderr.write(f"注意：{line}")
        self.clear_metrics()
        if current_state().mode == Mode.READ_ONLY:
            self.stdout.write("网站只读：不更新数据库，不导入（manage.py maintenance off 之后再启动）")
            return self.collect_static()
        # Two starts at once on one database: the second waits, then finds everything done.
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        try:
            refuse_newer_data()
            upgrade(self.tell)
            call_command("rebuild_index", if_stale=True)
            # An import brings the synonyms too, but leaves nothing where a document is bad.
            call_command("import_thesaurus", stdout=self.stdout)
            self.import_cases()
            self.create_admin()
            call_command("forget_records", stdout=self.stdout)
        finally:
            connection.close()  # and the lock with it
        return self.collect_static()

    def tell(self, line):
        self.stdout.write(line)
        self.stdout.flush()

    def clear_metrics(self):
        if settings.METRICS:
            from operations import metrics  # which makes files where it is imported

            metrics.clear()

    def import_cases(self):
        """The command skips what it has imported before. A bad document does not keep the site from starting."""
        self.stdout.write("导入 seeds/ 里的文档……")
        try:
            call_command("import_cases", stdout=self.stdout)
        except CommandError as error:
            self.stderr.write(str(error))

    def create_admin(self):
        """The first password has to be changed at the first log-in.

        It is shown once, on a terminal; where the output goes into a log it lies in a file of its own instead, which
        goes when the password is changed.
        """
        users = get_user_model().objects
        if admin := users.filter(is_superuser=True, is_active=True).order_by("pk").first():
            name = admin.get_username()
            if settings.FIRST_PASSWORD_FILE.exists():
                self.stdout.write(f"管理员 {name} 的首个密码在文件 {settings.FIRST_PASSWORD_FILE} 里，登录后须更换")
            else:
                self.stdout.write(f"忘记管理员密码时运行：.venv/bin/python manage.py changepassword {name}")
            return
        password = secrets.token_urlsafe(12)
        if not self.stdout.isatty():
            keep_first_password(password)
        with transaction.atomic():
            require_change(users.create_superuser(ADMIN, password=password))
        if self.stdout.isatty():
            told = f"密码：{password}（只显示这一次，首次登录须更换）"
        else:
            told = f"密码在文件 {settings.FIRST_PASSWORD_FILE} 里（首次登录须更换，换后文件自动删除）"
        self.stdout.write(f"已建立管理员账号：{ADMIN}，{told}")

    def collect_static(self):
        """In development the files are served from where they are."""
        if settings.DEBUG:
            return
        mark = settings.VAR_DIR / "static-built.sha256"
        fingerprint = self.static_fingerprint()
        if settings.STATIC_ROOT.is_dir() and mark.exists() and mark.read_text() == fingerprint:
            return
        self.stdout.write("收集静态文件……")
        mark.unlink(missing_ok=True)
        call_command("collectstatic", verbosity=0, interactive=False)
        mark.write_text(fingerprint)

    def static_fingerprint(self):
        """Changes with any static file and with the way they are stored."""
        digest = hashlib.sha256(settings.STORAGES["staticfiles"]["BACKEND"].encode())
        for finder in get_finders():
            for path, storage in sorted(finder.list(None), key=lambda file: file[0]):
                modified = storage.get_modified_time(path).timestamp()
                digest.update(f"{path}\0{storage.size(path)}\0{modified}\n".encode())
        return digest.hexdigest()
