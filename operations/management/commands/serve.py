import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connections

from config.friendly import SetupError
from embedded_postgres import account, ensure_embedded_server, release_embedded_server
from serving.front import Front, Own, find_nginx
from serving.ports import bracketed, open_port, parse_bind, raise_file_limit
from serving.site import Failed, Site

LOCAL = {"127.0.0.1", "localhost", "::1"}
MANAGE = Path(settings.BASE_DIR) / "manage.py"


class Command(BaseCommand):
    help = "准备好一切并启动网站；Ctrl-C 停止网站和由它启动的数据库。"
    # The command `prepare` checks, in a process of its own; here a check would need the database.
    requires_system_checks = []

    def add_arguments(self, parser):
        bind = f"{os.environ.get('HOST') or '127.0.0.1'}:{os.environ.get('PORT') or 8000}"
        parser.add_argument("--bind", default=bind, metavar="HOST:PORT", help="监听的地址（环境变量 HOST 与 PORT）")
        parser.add_argument("--reload", action="store_true", help="开发用：代码改动后自动重新加载")

    def handle(self, *, bind, reload, **options):
        host, port = parse_bind(bind)
        if reload:
            self.develop(host, port)
        else:
            self.serve(host, port)

    def develop(self, host, port):
        # The reloader runs this very command again in a process of its own, under RUN_MAIN.
        if not os.environ.get("RUN_MAIN"):
            open_port(host, port).close()  # a busy port is told before anything slow
            self.step_down()
            call_command("prepare")
            subprocess.Popen([sys.executable, str(MANAGE), "work", "--with-parent"])
        call_command("runserver", f"{bracketed(host)}:{port}", use_ipv6=":" in host)

    def serve(self, host, port):
        listener = open_port(host, port)  # a busy port is told before anything slow
        front = Front.of(os.environ)
        if settings.SECURE_SSL_REDIRECT and not (front.certificate or front.proxies):
            raise SetupError(
                "HTTPS=1 时要么用 TLS_CERTIFICATE 与 TLS_KEY 由案例库自己说 TLS，"
                "要么用 TRUSTED_PROXIES 列出在前面说 TLS 的代理的地址（例如 TRUSTED_PROXIES=127.0.0.1）"
            )
        if host not in LOCAL and not os.environ.get("ALLOWED_HOSTS"):
            self.stdout.write("从别的机器访问，须用环境变量 ALLOWED_HOSTS 列出访问时用的主机名或地址")
        site = Site(
            listener=listener,
            front=front,
            var=settings.VAR_DIR,
            static=Path(settings.STATIC_ROOT),
            prepare=[sys.executable, str(MANAGE), "prepare"],
            application="operations.application:load",
            own=own(),
            files=raise_file_limit(),
            workers=positive("WEB_CONCURRENCY", max(2, os.cpu_count() or 2)),
            worker_memory=positive("WORKER_MEMORY", 600),
            background=[sys.executable, str(MANAGE), "work", "--renewed"],
            background_memory=positive("BACKGROUND_MEMORY", 2500),
        )
        self.step_down(find_nginx(os.environ))
        connections.close_all()
        try:
            site.run(self.hold_database, self.announce)
        except Failed as failure:
            sys.exit(failure.code)
        finally:
            self.stop_database()

    def step_down(self, *programs):
        """Root's site is its service account's: this process, from here on, and all that it starts."""
        root = settings.VAR_DIR / "postgres"
        owner = account.server_account(root, root / "data")
        if not owner.switch:
            return
        folders = [settings.VAR_DIR, Path(settings.STATIC_ROOT)]
        for folder in folders:
            folder.mkdir(mode=0o700, exist_ok=True)
            account.hand_over(owner, folder)
        account.open_the_code(owner, MANAGE, *folders, *programs)
        account.step_down(owner)

    def hold_database(self):
        """It is to run on while the processes that use it are started anew."""
        if root := embedded_root():
            ensure_embedded_server(root)

    def announce(self, address):
        self.say(f"案例库已启动：{address}（Ctrl-C 停止）")

    def stop_database(self):
        root = embedded_root()
        stopped = root is not None and release_embedded_server(root)
        self.say("已停止网站和内置数据库" if stopped else "已停止网站")

    def say(self, line):
        """The terminal may have been closed: the site does not depend on it."""
        with suppress(OSError):
            self.stdout.write(line)
            self.stdout.flush()


def embedded_root() -> Path | None:
    return settings.DATABASES["default"].get("EMBEDDED_ROOT")


def own() -> Own:
    # A name by which Django answers.
    host = next((host.removeprefix(".") for host in settings.ALLOWED_HOSTS if "*" not in host), "localhost")
    if not settings.SECURE_SSL_REDIRECT:
        return Own(host)
    hsts = [f"max-age={settings.SECURE_HSTS_SECONDS}"]
    hsts += ["includeSubDomains"] if settings.SECURE_HSTS_INCLUDE_SUBDOMAINS else []
    hsts += ["preload"] if settings.SECURE_HSTS_PRELOAD else []
    headers = {"Strict-Transport-Security": "; ".join(hsts)} if settings.SECURE_HSTS_SECONDS else {}
    return Own(host, "https", headers)


def positive(name: str, default: int) -> int:
    value = os.environ.get(name, "").strip() or str(default)
    if not value.isdecimal() or int(value) < 1:
        raise SetupError(f"{name} 应是正整数：{value}")
    return int(value)
