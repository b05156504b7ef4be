import signal
import sys
from pathlib import Path

from django.core.management.base import CommandError

from catalog.management.base import ClearCommand
from operations.backup import bring_back, drop_former, former_databases, restore_backup


class Command(ClearCommand):
    help = "用备份换下现在的数据库：先恢复到旁边核对，再在一瞬间换上；原来的数据库改名留着。"

    takes_other_tables = True

    def add_arguments(self, parser):
        what = parser.add_mutually_exclusive_group()
        what.add_argument("file", nargs="?", type=Path, help="备份文件（var/backups/….backup）")
        what.add_argument("--back", metavar="库名", help="换回恢复之前的数据库")
        what.add_argument("--drop", metavar="库名", help="删除恢复之前的数据库")

    def handle(self, *, file, back, drop, **options):
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        if file:
            self.stdout.write(f"恢复 {file}……")
            manifest = restore_backup(file, tell=self.stdout.write)
            moment = manifest.moment.astimezone().strftime("%Y-%m-%d %H:%M")
            self.stdout.write(f"已恢复到 {moment} 的样子：{manifest.cases:,} 例")
        elif back:
            self.stdout.write(f"已换回 {back}；刚才的数据库留作 {bring_back(back)}")
        elif drop:
            drop_former(drop)
            self.stdout.write(f"已删除 {drop}")
        else:
            former = "、".join(former_databases()) or "无"
            raise CommandError(
                f"请给出备份文件：make restore FILE=var/backups/….backup（恢复之前留下的数据库：{former}）"
            )
