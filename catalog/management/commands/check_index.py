import sys

from tqdm import tqdm

from catalog.management.base import ClearCommand
from catalog.models import Case
from catalog.search import Differences, find_differences, repair_index

SHOWN = 10  # keys of each kind


class Command(ClearCommand):
    help = "核对检索索引：每个案例的索引是否与案例一致。--repair 补上不一致的。有不一致时退出码为 1。"

    def add_arguments(self, parser):
        parser.add_argument("--repair", action="store_true", help="重写不一致的部分")

    def handle(self, *, repair, verbosity, **options):
        if repair:
            self.refuse_writing()
        differences = self.find(verbosity)
        self.describe(differences)
        if differences and repair:
            repair_index(differences)
            differences = self.find(verbosity)
            self.stdout.write("已修复。" if not differences else "仍有不一致，请运行 manage.py rebuild_index。")
        if differences:
            sys.exit(1)

    def find(self, verbosity) -> Differences:
        with tqdm(total=Case.objects.count(), unit="例", desc="核对索引", disable=verbosity == 0 or None) as bar:
            return find_differences(bar.update)

    def describe(self, differences: Differences):
        kinds = {
            "改动后还没有索引": differences.marked,
            "索引与案例不一致": differences.differing,
            "案例已不在，索引还在": differences.orphaned,
            "快照与索引不一致": differences.outdated,
            "词频不对": differences.lexemes,
        }
        if not differences:
            self.stdout.write("索引与案例一致。")
        for label, keys in kinds.items():
            if keys:
                shown = "、".join(str(key).replace("\x01", "") for key in keys[:SHOWN])
                self.stdout.write(f"{label}：{len(keys)}（{shown}{'……' if len(keys) > SHOWN else ''}）")
