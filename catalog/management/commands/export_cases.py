import json
from contextlib import nullcontext

from catalog.management.base import ClearCommand
from catalog.models import Case


class Command(ClearCommand):
    help = "把全部公开案例写成 JSON Lines（每行一个案例）。"

    def add_arguments(self, parser):
        parser.add_argument("--output", "-o", metavar="FILE", help="写入文件，默认标准输出")

    def handle(self, *, output, **options):
        cases = (
            Case.objects.public()
            .select_related("source", "bank", "category")
            .defer("source__lines")
            .prefetch_related("products__aliases")
            .order_by("source__name", "number", "pk")
        )
        with open(output, "w", encoding="utf-8") if output else nullcontext(self.stdout) as file:
            for case in cases.iterator(chunk_size=500):
                file.write(json.dumps(_row(case), ensure_ascii=False) + "\n")


def _row(case: Case) -> dict:
    """A product is named as the case writes it."""
    text = "\n".join([case.full_title, case.summary, case.body])
    return {
        "source": case.source.name if case.source else "",
        "number": case.number,
        "title": case.full_title,
        "title_inferred": case.title_inferred,
        "bank": case.bank.name if case.bank else None,
        "branch": case.branch,
        "category": case.category.name if case.category else None,
        "summary": case.summary,
        "body": case.body,
        "captions": case.captions,
        "products": [product.spelling_in(text) for product in case.products.all()],
        "published_on": case.published_on.isoformat() if case.published_on else None,
        "script": case.script,
    }
