from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from catalog.importing.database.thesaurus import load


class Command(BaseCommand):
    help = "导入 seeds/thesaurus.words 里的近义词。可反复执行；编辑改过的组不动。"

    def handle(self, **options):
        try:
            done = load(settings.SEEDS_DIR / "thesaurus.words")
        except (OSError, ValueError) as error:
            raise CommandError(str(error)) from error
        if any(done.values()):
            self.stdout.write(f"近义词：新增 {done['added']} 组，移除 {done['removed']} 组")
