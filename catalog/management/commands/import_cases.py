import json
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandError
from tqdm import tqdm

from catalog.importing.database.exporting import preview
from catalog.importing.database.run import Progress, import_documents
from catalog.importing.drafts import ImportProblem
from catalog.importing.terms import Terms
from catalog.management.base import ClearCommand
from catalog.management.table import table
from catalog.search import refresh_index
from config.account import step_down_from_root

BAD_ROWS_SHOWN = 30
COLUMNS = ("文档", "新建", "更新", "不变", "存疑", "冲突", "校正")


class Command(ClearCommand):
    writes = True
    help = (
        "导入文档（文件或文件夹，默认 seeds/）：认出种类，整理成案例。"
        "也导入结构化的数据：.jsonl、.csv（可压缩为 .gz），每行一个案例。可反复执行，不覆盖编辑的修改。"
    )

    def add_arguments(self, parser):
        parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="文档或文件夹，默认 seeds/")
        parser.add_argument("--again", action="store_true", help="文档没有变化也重新读一遍")
        parser.add_argument("--no-corrections", action="store_true", help="不用文档旁的校正文件，看规则本身的结果")
        parser.add_argument(
            "--strict", action="store_true", help="结构化数据里有一行不能导入、有一格读不懂，就整个文件都不导入"
        )
        taken_for = parser.add_mutually_exclusive_group()
        taken_for.add_argument(
            "--as-edition",
            dest="taken_for",
            action="store_const",
            const="edition",
            help="与已导入的同名文件不大相同时，仍当作它的新版本",
        )
        taken_for.add_argument(
            "--as-source",
            dest="taken_for",
            action="store_const",
            const="source",
            help="与已导入的文件同名，但是另一份文件：另立来源",
        )
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="不写入，只把读出的案例写到标准输出（与 export_cases 同一格式）；不能导入的文件写到标准错误，其余照常",
        )

    def handle(self, *, paths, dry_run, **options):
        paths = paths or [settings.SEEDS_DIR]
        if self.from_shell:
            step_down_from_root(*paths)
        if dry_run:
            self.preview(paths, **options)
        else:
            self.import_cases(paths, **options)

    def preview(self, paths, *, no_corrections, strict, **options):
        problems = []

        def refused(problem):
            problems.append(problem)
            self.stderr.write(str(problem))

        try:
            for row in preview(
                paths,
                settings.SEEDS_DIR,
                corrected=not no_corrections,
                strict=strict,
                refused=refused,
                passed_over=self.stderr.write,
            ):
                self.stdout.write(json.dumps(row, ensure_ascii=False))
        except ImportProblem as problem:
            raise CommandError(str(problem)) from problem
        if problems:
            raise CommandError(f"{len(problems)} 份文件不能导入")

    def import_cases(self, paths, *, again, no_corrections, strict, taken_for, verbosity, **options):
        try:
            reports = import_documents(
                paths,
                settings.SEEDS_DIR,
                again=again,
                corrected=not no_corrections,
                strict=strict,
                terms=Taken(taken_for),
                progress=Bars() if verbosity else None,
            )
        except ImportProblem as problem:
            raise CommandError(f"导入没有进行，目录保持原样。{problem}") from problem
        # Not in the import's transaction: others are at work meanwhile, and all that is lost with it is time.
        refresh_index(lambda: verbosity and self.stdout.write("为检索整理新的案例……"))
        if verbosity:
            self.stdout.write(table(COLUMNS, [self.row(report) for report in reports]))
            for report in reports:
                self.remark(report)

    def row(self, report):
        counts = report.counts
        done = [counts[name] for name in ("created", "updated", "unchanged")]
        return report.source, *done, report.doubts, report.conflicts, report.corrections

    def remark(self, report):
        if report.counts["removed"]:
            self.stdout.write(f"{report.source}：{report.counts['removed']} 个案例已被编辑删除，没有重建")
        if report.counts["vanished"]:
            self.stdout.write(f"{report.source}：{report.counts['vanished']} 个案例在文档的新版本里没有了，仍然保留")
        if report.counts["duplicates"]:
            self.stdout.write(
                f"{report.source}：{report.counts['duplicates']} 个案例和别处已有的相同或几乎相同，见后台的存疑；"
                "正文几乎相同的先作草稿"
            )
        if report.unknown_columns:
            self.stdout.write(f"{report.source}：不认识的栏，没有导入：{'、'.join(report.unknown_columns)}")
        if report.bad_row_count:
            self.stdout.write(f"{report.source}：跳过 {report.bad_row_count} 行")
            for row in report.bad_rows[:BAD_ROWS_SHOWN]:
                self.stdout.write(f"  {row}")
            if report.bad_row_count > BAD_ROWS_SHOWN:
                self.stdout.write(f"  …… 另有 {report.bad_row_count - BAD_ROWS_SHOWN} 行")


class Taken(Terms):
    """As usual, with what the files are to be taken for."""

    def __init__(self, taken_for):
        self.taken_for = taken_for


class Bars(Progress):
    def each(self, items, label):
        return tqdm(items, desc=label, unit="份", leave=False, disable=None)

    @contextmanager
    def bytes(self, total, label):
        with tqdm(total=total, desc=label, unit="B", unit_scale=True, leave=False, disable=None) as bar:
            yield bar.update
