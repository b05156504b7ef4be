import json
from contextlib import nullcontext

from catalog.importing.database.exporting import export_rows
from catalog.management.base import ClearCommand
from catalog.models import Case


class Command(ClearCommand):
    help = "把公开案例写成 JSON Lines（每行一个案例，格式见 docs/rows.md），可用 import_cases 读回。"

    def add_arguments(self, parser):
        parser.add_argument("--output", "-o", metavar="FILE", help="写入文件，默认标准输出")
        parser.add_argument("--all", action="store_true", help="连草稿一起")
        parser.add_argument(
            "--timed", action="store_true", help="多一栏 updated_at，改过再导入时知道目录里后来改过什么"
        )

    def handle(self, *, output, all, timed, **options):
        cases = Case.objects.all() if all else Case.objects.public()
        with open(output, "w", encoding="utf-8") if output else nullcontext(self.stdout) as file:
            for row in export_rows(cases, timed=timed):
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
