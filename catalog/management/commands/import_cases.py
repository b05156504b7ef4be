from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandError
from django.db import transaction
from tqdm import tqdm

from catalog.importing import loader
from catalog.importing.documents import find_documents, read_document
from catalog.importing.drafts import ImportProblem
from catalog.importing.locking import one_import_at_a_time
from catalog.importing.read import read
from catalog.importing.reference import load_reference
from catalog.importing.reference_rows import read_reference, write_reference
from catalog.management.base import ClearCommand
from catalog.management.table import table

COLUMNS = ("文档", "新建", "更新", "不变", "存疑")


class Command(ClearCommand):
    help = "导入文档（文件或文件夹，默认 seeds/）：认出种类，整理成案例。可反复执行，不覆盖编辑的修改。"

    def add_arguments(self, parser):
        parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="文档或文件夹，默认 seeds/")
        parser.add_argument("--again", action="store_true", help="文档没有变化也重新读一遍")

    def handle(self, *, paths, again, verbosity, **options):
        try:
            with one_import_at_a_time():
                reports = self.import_all(paths or [settings.SEEDS_DIR], again=again, quiet=verbosity == 0)
        except ImportProblem as problem:
            raise CommandError(f"导入没有进行，目录保持原样。{problem}") from problem
        if verbosity:
            self.stdout.write(table(COLUMNS, [self.row(report) for report in reports]))
            for report in reports:
                self.remark(report)

    def import_all(self, paths, *, again, quiet):
        """Reads every document before the first write: one that can't be read leaves the catalogue as it was."""
        documents = [read_document(path) for path in find_documents(paths)]
        with transaction.atomic():
            write_reference(load_reference(settings.SEEDS_DIR))
            reference = read_reference()
            marks = {document.name: loader.fingerprint(document.sha256, reference) for document in documents}
            known = {} if again else {d.name: loader.unchanged(d.name, marks[d.name]) for d in documents}
            progress = tqdm(documents, desc="读取", unit="份", disable=quiet, leave=False)
            drafts = {d.name: read(d, reference) for d in progress if not known.get(d.name)}
        progress = tqdm(documents, desc="写入", unit="份", disable=quiet, leave=False)
        return [known.get(d.name) or loader.load(drafts[d.name], marks[d.name]) for d in progress]

    def row(self, report):
        counts = report.counts
        return report.source, counts["created"], counts["updated"], counts["unchanged"], report.doubts

    def remark(self, report):
        if report.counts["removed"]:
            self.stdout.write(f"{report.source}：{report.counts['removed']} 个案例已被编辑删除，没有重建")
        if report.counts["vanished"]:
            self.stdout.write(f"{report.source}：{report.counts['vanished']} 个案例在文档的新版本里没有了，仍然保留")
