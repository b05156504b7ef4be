import os

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connections

from config.webserver import Site, open_port, parse_bind
from embedded_postgres import release_embedded_server

LOCAL = {"127.0.0.1", "localhost", "::1"}


class Command(BaseCommand):
    help = "准备好一切并启动网站；Ctrl-C 停止网站和由它启动的数据库。"

    def add_arguments(self, parser):
        bind = f"{os.environ.get('HOST') or '127.0.0.1'}:{os.environ.get('PORT') or 8000}"
        parser.add_argument("--bind", default=bind, metavar="HOST:PORT", help="监听的地址（环境变量 HOST 与 PORT）")
        parser.add_argument("--reload", action="store_true", help="开发用：代码改动后自动重新加载")

    def handle(self, *, bind, reload, **options):
        host, port = parse_bind(bind)
        # The reloader runs this very command again in a process of its own, under RUN_MAIN.
        if not os.environ.get("RUN_MAIN"):
            open_port(host, port).close()  # a busy port is told before anything slow
            call_command("prepare")
        if reload:
            call_command("runserver", f"{bracketed(host)}:{port}", use_ipv6=":" in host)
        else:
            self.serve(host, port)

    def serve(self, host, port):
        connections.close_all()  # the workers are forks: each opens its own
        listener = open_port(host, port)
        if host not in LOCAL and not os.environ.get("ALLOWED_HOSTS"):
            self.stdout.write("从别的机器访问，须用环境变量 ALLOWED_HOSTS 列出访问时用的主机名或地址")
        port = listener.getsockname()[1]  # the one the system has chosen, for PORT=0
        starter = os.getpid()
        try:
            Site(listener, lambda: self.announce(bracketed(host), port)).run()
        finally:
            if os.getpid() == starter:  # a worker ends through here as well
                self.stop_database()

    def announce(self, host, port):
        self.stdout.write(f"案例库已启动：http://{host}:{port}（Ctrl-C 停止）")
        self.stdout.flush()

    def stop_database(self):
        root = settings.DATABASES["default"].get("EMBEDDED_ROOT")
        stopped = root is not None and release_embedded_server(root)
        self.stdout.write("已停止网站和内置数据库" if stopped else "已停止网站")


def bracketed(host: str) -> str:
    """As an address wants it: an IPv6 host in brackets."""
    return f"[{host}]" if ":" in host else host
