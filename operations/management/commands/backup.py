import signal
import sys

from catalog.management.base import ClearCommand
from operations.backup import backups, make_backup
from operations.backup.archive import Backup
from operations.backup.keeping import megabytes


class Command(ClearCommand):
    help = (
        "备份整个数据库（案例、草稿、存疑、账号……）到 var/backups；网站可以照常使用。"
        "备份先恢复到一个临时的库核对过，才算数。"
    )

    takes_other_tables = True

    def add_arguments(self, parser):
        parser.add_argument("--list", action="store_true", help="列出已有的备份")

    def handle(self, *, list, **options):
        if list:
            for backup in backups():
                self.stdout.write(described(backup))
            return
        # As Ctrl-C: programs are ended and the copy is dropped on the way out.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        self.stdout.write("备份……")
        self.stdout.write(f"备份完好：{described(make_backup(tell=self.stdout.write))}")


def described(backup: Backup) -> str:
    manifest = backup.manifest
    moment = manifest.moment.astimezone().strftime("%Y-%m-%d %H:%M")
    size = megabytes(backup.path.stat().st_size)
    return f"{backup.path}（{moment}，{manifest.cases:,} 例，{size}，PostgreSQL {manifest.major}）"
