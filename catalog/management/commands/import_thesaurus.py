from django.conf import settings
from django.core.management.base import CommandError

from catalog.importing.database.thesaurus import load_thesaurus
from catalog.importing.drafts import ImportProblem
from catalog.management.base import ClearCommand


class Command(ClearCommand):
    writes = True
    help = "导入 seeds/thesaurus.words 里的近义词。可反复执行；编辑改过的组不动。"

    def handle(self, **options):
        try:
            counts = load_thesaurus(settings.SEEDS_DIR / "thesaurus.words")
        except (OSError, ImportProblem) as problem:
            raise CommandError(f"近义词没有导入。{problem}") from problem
        if any(counts.values()):
            self.stdout.write(f"近义词：新增 {counts['added']} 组，移除 {counts['removed']} 组")
