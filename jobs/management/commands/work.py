import os
import signal
import sys
import threading
import time

import psutil
from django.core.management.base import BaseCommand

from config.account import step_down_from_root
from jobs.worker import Worker

NICE = 5  # readers come first
LARGE = 300_000_000  # bytes of memory with which a worker that has nothing to do makes room for a new one


class Command(BaseCommand):
    help = "后台进程：读上传的文件，导入。由 manage.py serve 启动，多开无妨，同时只有一个在工作。"
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--once", action="store_true", help="做完等着的工作就结束")
        parser.add_argument("--renewed", action="store_true", help="占的内存多了就结束：有人会重新启动它")
        parser.add_argument("--with-parent", action="store_true", help="启动它的进程一结束，它也结束")

    def handle(self, *, once, renewed, with_parent, **options):
        # Ended at any moment it leaves nothing half done, and who asks it to end does not want to wait.
        for request in (signal.SIGINT, signal.SIGTERM):
            signal.signal(request, signal.SIG_DFL)
        step_down_from_root()
        os.nice(NICE)
        if with_parent:
            threading.Thread(target=end_with, args=[os.getppid()], daemon=True).start()
        worker = Worker()
        while True:
            pause = worker.safe_turn()
            if pause and once:
                return
            if pause and renewed and psutil.Process().memory_info().rss > LARGE:
                sys.exit(0)
            worker.wait(pause)


def end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(0)
