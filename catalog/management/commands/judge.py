from pathlib import Path
from urllib.parse import urlencode

from django.conf import settings
from django.http import QueryDict
from tqdm import tqdm

from bench.judgements import Answer, judge_known_items, judge_topics, mean
from catalog.management.base import ClearCommand
from catalog.models import Case
from catalog.pages.listing import Listing

GOLD = settings.BASE_DIR.parent / "shared" / "gold"


class Command(ClearCommand):
    help = "用评判过的查询衡量检索：各类查询的 NDCG@10、指定案例的 MRR。改了权重，看一眼这里。"

    def add_arguments(self, parser):
        parser.add_argument("--topics", type=Path, default=GOLD / "topics-dev.json", metavar="FILE")
        parser.add_argument(
            "--known",
            type=Path,
            nargs="*",
            default=[GOLD / "casebook-dev.json", GOLD / "articles-dev.json"],
            metavar="FILE",
        )
        parser.add_argument("--all", action="store_true", help="列出每一个没有答好的查询")

    def handle(self, *, topics, known, verbosity, **options):
        files = [path for path in [topics, *known] if path.exists()]
        if not files:
            self.stdout.write(f"没有评判过的查询（找过 {topics.parent}），跳过。")
            return
        self.describe = options["all"]
        self.titles = {
            case.pk: (case.full_title, case.source.name if case.source else "")
            for case in Case.objects.public().select_related("source").only("title", "subtitle", "source__name")
        }
        answers = []
        for path in files:
            judge = judge_topics if path == topics else judge_known_items
            answers += tqdm(judge(path, self.search), desc=path.stem, unit="问", leave=False, disable=verbosity == 0)
        self.report([one for one in answers if not one.kind.startswith("known")], "NDCG@10")
        self.report([one for one in answers if one.kind.startswith("known")], "MRR@10")
        self.stdout.write(f"没有结果的查询：{sum(not one.found for one in answers)}")

    def search(self, query: str):
        listing = Listing(QueryDict(urlencode({"q": query})))
        return [self.titles[case.pk] for case in [*listing.page, *listing.partly]]

    def report(self, answers: list[Answer], measure: str):
        if not answers:
            return
        if self.describe:
            for one in answers:
                if one.value < 0.9:
                    self.stdout.write(f"  {one.value:.2f}  {one.kind}  {one.query}")
        kinds = dict.fromkeys(one.kind for one in answers)
        for kind in [*kinds, "合计"]:
            chosen = [one for one in answers if kind in (one.kind, "合计")]
            value, first = mean(one.value for one in chosen), mean(one.first for one in chosen)
            self.stdout.write(f"{kind:18}{measure} {value:.4f}  首个最佳的倒数名次 {first:.4f}  {len(chosen)} 问")
