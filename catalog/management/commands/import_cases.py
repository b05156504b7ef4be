from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandError
from tqdm import tqdm

from catalog.importing.drafts import ImportProblem
from catalog.importing.importer import import_documents
from catalog.management.base import ClearCommand
from catalog.management.table import table

COLUMNS = ("文档", "新建", "更新", "不变", "存疑", "校正")


class Command(ClearCommand):
    help = "导入文档（文件或文件夹，默认 seeds/）：认出种类，整理成案例。可反复执行，不覆盖编辑的修改。"

    def add_arguments(self, parser):
        parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="文档或文件夹，默认 seeds/")
        parser.add_argument("--again", action="store_true", help="文档没有变化也重新读一遍")
        parser.add_argument("--no-corrections", action="store_true", help="不用文档旁的校正文件，看规则本身的结果")

    def handle(self, *, paths, again, no_corrections, verbosity, **options):
        def progress(items, label):
            return tqdm(items, desc=label, unit="份", disable=verbosity == 0, leave=False)

        try:
            reports = import_documents(
                paths or [settings.SEEDS_DIR],
                settings.SEEDS_DIR,
                again=again,
                corrected=not no_corrections,
                progress=progress,
            )
        except ImportProblem as problem:
            raise CommandError(f"导入没有进行，目录保持原样。{problem}") from problem
        if verbosity:
            self.stdout.write(table(COLUMNS, [self.row(report) for report in reports]))
            for report in reports:
                self.remark(report)

    def row(self, report):
        counts = report.counts
        done = [counts[name] for name in ("created", "updated", "unchanged")]
        return report.source, *done, report.doubts, report.corrections

    def remark(self, report):
        if report.counts["removed"]:
            self.stdout.write(f"{report.source}：{report.counts['removed']} 个案例已被编辑删除，没有重建")
        if report.counts["vanished"]:
            self.stdout.write(f"{report.source}：{report.counts['vanished']} 个案例在文档的新版本里没有了，仍然保留")
