from django.core.management.base import BaseCommand
from tqdm import tqdm

from catalog.models import Case
from catalog.search.index import BATCH, index_cases


class Command(BaseCommand):
    help = "重建检索索引：逐批改写每个案例的索引行，期间检索照常可用"

    def handle(self, **options):
        keys = list(Case.objects.order_by("pk").values_list("pk", flat=True))
        with tqdm(total=len(keys), unit="例", desc="重建索引", disable=None) as progress:
            for start in range(0, len(keys), BATCH):
                batch = keys[start : start + BATCH]
                index_cases(batch)
                progress.update(len(batch))
        self.stdout.write(f"已重建 {len(keys)} 个案例的索引。")
