import os

from tqdm import tqdm

from catalog.management.base import ClearCommand
from catalog.models import Case
from catalog.search import index_is_current, rebuild_index


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
        with tqdm(total=Case.objects.count(), unit="例", desc="重建索引", disable=verbosity == 0 or None) as progress:
            count = rebuild_index(progress.update, processes=processes)
        if verbosity:
            self.stdout.write(f"已重建 {count} 个案例的索引。")
