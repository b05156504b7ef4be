"""Whether the search finds what it should: runs of characters cut from the catalogue, each beside a plain scan.

    python -m bench.exactness [N]          default: 10,000 runs; --seed, --sources NAME ..., -v

A run of 2 to 12 characters is cut from a title, a summary or a section of a body as a page shows it (never across a
heading, but across line breaks), and is asked for in one of the spellings that a reader may type: as it stands, in the
other script, with the blanks between Chinese and letters or digits left out or put in, in quotation marks or not. Two
things must hold: the case that it comes from is found, and the cases found are those of a scan.

The scan knows nothing of the index. It folds every text with `normalise.fold` and looks for the run in each. Without
quotation marks a blank between two Chinese or two Latin words is a conjunction: there each part has to stand in the
case; one between Chinese and Latin is not, but beside a name. The name of a bank or a product asks for its cases too.
"""

import argparse
import random
import re
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import pairwise

from bench.catalogue import open_catalogue

_CHINESE = "\u3400-\u9fff"
_BORDER = re.compile(rf"(?<=[{_CHINESE}])(?=[A-Za-z0-9])|(?<=[A-Za-z0-9%])(?=[{_CHINESE}])")
_SPACED_BORDER = re.compile(rf"(?<=[{_CHINESE}])[ \u3000]+(?=[A-Za-z0-9])|(?<=[A-Za-z0-9%])[ \u3000]+(?=[{_CHINESE}])")
_HAN = re.compile("[\u2e80-\u9fff]")  # as `normalise.is_chinese` has it
_BREAK = re.compile(r"[ \u3000]*\n[ \u3000]*")
_LATIN_BREAK = re.compile(r"(?<=[A-Za-z0-9])\n(?=[A-Za-z0-9])")
# What the query language reads otherwise: alternatives, exclusions, fields, quotation marks.
_OPERATOR = re.compile(r"[|｜]|^[-－]|^(?:银行|机构|章节|章|产品|年份|年|bank|category|product|year)[:：]", re.I)
_QUOTES = (('"', '"'), ("“", "”"), ("「", "」"), ("『", "』"))


@dataclass(frozen=True)
class Run:
    """`query`: as typed; `parts`: folded, each must stand in a case; `case`: where it was cut from."""

    query: str
    parts: tuple[str, ...]
    case: int
    spelling: str


class Scan:
    """Every text of the public cases, folded, and whose case each is."""

    def __init__(self):
        from catalog.models import Bank, Case, Product
        from catalog.text.markdown import pieces
        from catalog.text.normalise import fold

        self.originals: dict[int, list[str]] = {}
        self.folded: dict[int, str] = {}
        self.named: dict[str, set[int]] = defaultdict(set)
        of_bank, of_product = defaultdict(set), defaultdict(set)
        cases = Case.objects.public().select_related("bank", "category").prefetch_related("products")
        for case in cases.order_by("pk").iterator(chunk_size=500):
            sections, shown = [[]], pieces(case.body)
            for before, piece in zip([None, *shown], shown, strict=False):
                if before and before.is_heading != piece.is_heading:
                    sections.append([])
                sections[-1].append(piece)
            cut = [case.full_title, case.summary]
            cut += ["\n".join(piece.text for piece in part) for part in sections if part and not part[0].is_heading]
            others = [piece.text for part in sections if part and part[0].is_heading for piece in part]
            others += [case.bank.name if case.bank else "", case.category.name if case.category else "", case.branch]
            others += [product.name for product in case.products.all()] + [*case.captions, *case.authors]
            self.originals[case.pk] = [text for text in cut if len(text) > 1]
            self.folded[case.pk] = "\n".join(map(fold, [*cut, *others]))
            of_bank[case.bank_id].add(case.pk)
            for product in case.products.all():
                of_product[product.pk].add(case.pk)
        for model, owned in ((Bank, of_bank), (Product, of_product)):
            for row in model.objects.prefetch_related("aliases"):
                for name in [*_names(row), *(alias.name for alias in row.aliases.all())]:
                    self.named[fold(name)] |= owned[row.pk]

    def find(self, run: Run) -> set[int]:
        """Public cases that a plain scan finds for the query."""
        matches = set(self.folded)
        for part in run.parts:
            having = {key for key in matches if part in self.folded[key]}
            if run.spelling != "quoted":
                having |= self.named.get(part, set())
            matches &= having
        return matches


def _names(row) -> list[str]:
    """A company goes by its name without the legal form too."""
    names = [getattr(row, field, "") for field in ("name", "short_name", "full_name", "english_name", "abbreviation")]
    names = list(filter(None, names))
    return [*names, *(re.sub(r"(股份)?有限(责任)?公司$", "", name) for name in names)]


def runs(scan: Scan, number: int, seed: int, keys: list[int]):
    chance = random.Random(seed)
    made = 0
    while made < number:
        key = chance.choice(keys)
        text = chance.choices(scan.originals[key], weights=map(len, scan.originals[key]))[0]
        start = chance.randrange(len(text) - 1)
        run = spelled(text[start : start + chance.randint(2, 12)], key, scan, chance)
        if run:
            made += 1
            yield run


def spelled(text: str, key: int, scan: Scan, chance: random.Random) -> Run | None:
    """The run as a reader might type it; nothing if too little of it is left."""
    from catalog.text.normalise import fold
    from catalog.text.script import to_simplified, to_traditional

    spelling = chance.choice(["as it stands", "other script", "blanks out", "blanks in", "quoted"])
    # A reader does not type the line breaks of a page; between words, they are blanks.
    text = _BREAK.sub("", _LATIN_BREAK.sub(" ", text)).strip()
    if spelling == "other script":
        other = to_traditional(text)
        text = other if other != text else to_simplified(text)
    elif spelling == "blanks out":
        text = _SPACED_BORDER.sub("", text)
    elif spelling == "blanks in" or (spelling == "quoted" and chance.random() < 0.5):
        text = _BORDER.sub(" ", text)
    folded = fold(text)
    if len(folded) < 2 or not any(map(str.isalnum, folded)):
        return None
    if spelling == "quoted":
        pair = next((pair for pair in _QUOTES if not set(pair) & set(text)), None)
        return pair and Run(f"{pair[0]}{text}{pair[1]}", (folded,), key, spelling)
    # Marks alone are passed over, and quotation marks around a part are those of the query language.
    parts = text.split()
    if any(_OPERATOR.search(part) or not any(map(str.isalnum, part)) for part in parts):
        return None
    if any(part[0] in '"“「『' and part[-1] in '"”」』' for part in parts):
        return None
    return Run(text, tuple(map(fold, _apart(parts, scan))), key, spelling)


def _apart(words: list[str], scan: Scan) -> list[str]:
    """The parts of a query that a blank makes two."""
    from catalog.text.normalise import fold

    parts = words[:1]
    for before, after in pairwise(words):
        names = fold(before) in scan.named or fold(after) in scan.named
        if names or bool(_HAN.match(before[-1])) == bool(_HAN.match(after[0])):
            parts.append(after)
        else:
            parts[-1] += f" {after}"
    return parts


def check(scan: Scan, run: Run) -> str:
    """What is wrong with the answer; nothing if it is right."""
    from catalog.search.query.plan import Step, plan_query

    wanted = scan.find(run)
    plan = plan_query(run.query)
    matches = set(plan.results.every_key())
    if run.case not in matches:
        return f"its case is not found ({plan.step}, as {plan.query})"
    if plan.step != Step.TYPED or plan.correction:
        return f"not found as typed ({plan.step}, as {plan.query})"
    if matches != wanted:
        more, fewer = sorted(matches - wanted)[:3], sorted(wanted - matches)[:3]
        return f"{len(matches)} found, {len(wanted)} by the scan; more: {more}, fewer: {fewer}"
    if plan.results.total != len(wanted):
        return f"the count is {plan.results.total}, by the scan {len(wanted)}"
    return ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("number", nargs="?", type=int, default=10_000, metavar="N")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sources", nargs="*", default=[], help="cut only from cases whose source is named so")
    parser.add_argument("-v", action="store_true", help="print every run that is answered wrongly")
    options = parser.parse_args()

    open_catalogue()
    from catalog.models import Case

    scan = Scan()
    chosen = (
        Case.objects.public().filter(source__name__in=options.sources) if options.sources else Case.objects.public()
    )
    keys = [key for key in chosen.order_by("pk").values_list("pk", flat=True) if scan.originals.get(key)]
    asked, wrong, seconds = Counter(), Counter(), 0.0
    for run in runs(scan, options.number, options.seed, keys):
        started = time.perf_counter()
        fault = check(scan, run)
        seconds += time.perf_counter() - started
        asked[run.spelling] += 1
        if fault:
            wrong[run.spelling] += 1
            if options.v or sum(wrong.values()) <= 20:
                print(f"  {run.query!r} of case {run.case}, {run.spelling}: {fault}")
    print(f"{len(scan.folded)} cases, runs from {len(keys)} of them, seed {options.seed}")
    for spelling, count in sorted(asked.items()):
        print(f"{spelling:14}{count:8} asked{wrong[spelling]:8} wrong")
    each = 1000 * seconds / options.number
    print(f"{'all':14}{sum(asked.values()):8} asked{sum(wrong.values()):8} wrong   {each:.1f} ms each")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
