import os

from django.core.management.base import CommandError
from django.db import connection
from tqdm import tqdm

from catalog.management.base import ClearCommand
from catalog.models import Case
from catalog.search import index_is_current, rebuild_index
from config.account import step_down_from_root
from embedded_postgres import free_space_problem


class Command(ClearCommand):
    writes = True
    help = "重建检索索引：在旁边做好新的再换上，期间检索照常可用；中断后再运行，从断处继续。"

    def add_arguments(self, parser):
        parser.add_argument("--if-stale", action="store_true", help="索引仍是最新时什么也不做")
        parser.add_argument(
            "--processes", type=int, default=min(4, os.cpu_count() or 1), metavar="N", help="进程数，默认为处理器数"
        )

    def handle(self, *, if_stale, processes, verbosity, **options):
        if if_stale and index_is_current():
            return
        if self.from_shell:
            step_down_from_root()
        with tqdm(total=Case.objects.count(), unit="例", desc="重建索引", disable=verbosity == 0 or None) as progress:
            count = rebuild_index(self.unless_disk_is_full(progress.update), processes=processes)
        if verbosity:
            self.stdout.write(f"已重建 {count} 个案例的索引。")

    def unless_disk_is_full(self, update):
        """The new index stands beside the old one for a while; what is made of it is not lost."""
        root = connection.settings_dict.get("EMBEDDED_ROOT")

        def advance(done):
            if root and (problem := free_space_problem(root)):
                raise CommandError(problem)
            update(done)

        return advance
