"""Fields of many cases set at once: what that would do to each of them, and the doing of it.

A case that can't be changed is left as it is, whole, and told with the reason. What is compared and written here is
keys and short columns; no text is read.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import CheckConstraint, Q
from django.utils import timezone

from catalog.admin.deletion import pieces
from catalog.models import Case, Product
from catalog.search import catch_up_wanted, copy_columns, settle_columns, settle_own

INDEXED_AT_ONCE = 300  # cases, of which one takes some ten milliseconds

NOT_ALLOWED = "已经公开，改动它们要有公开案例的权限"
TOO_LONG = "有超过长度限制的内容（有限度之前的旧案例），请先在它的页面里缩短或分成几个案例"
FOREIGN = "属于别家银行，不能有要加上的产品"
LEFT_BEHIND = "有别家银行的产品，按您选的不改它们"

_FIELDS = ("bank_id", "category_id", "status")
# What cases from before a rule may break, and what any write of them has to obey.
_LATER_RULES = ("case_summary_length", "case_body_length", "case_line_ends", "case_captions_length")
_LATER_RULES += ("case_authors_number",)
_Link = tuple[int, int]  # (key of the row, key of the product)


@dataclass(frozen=True)
class Wanted:
    """What to set. `values`: of `_FIELDS` those that are set. `how`: add, remove, replace, or "" where products are
    left alone. `left`: what to do with a case that would keep products of another bank than its own: skip the case,
    drop these products, or "" where nobody has said yet.
    """

    values: Mapping[str, object]
    how: str = ""
    products: frozenset[int] = frozenset()
    left: str = ""

    def products_of(self, present: frozenset[int]) -> frozenset[int]:
        if self.how == "add":
            return present | self.products
        if self.how == "remove":
            return present - self.products
        return self.products if self.how == "replace" else present


@dataclass
class Plan:
    """What becomes of the cases with these keys. `changing`, `same`: how many, by field (a product field is called
    products); a case that is refused counts in neither. `confirmed`: of how many the chapter stays and is only no
    longer a guess. `undecided`: keys of cases that wait for `Wanted.left`, `strange`: by product how many of these have
    it. `digest`: of all that was looked at, and of what is wanted.
    """

    wanted: Wanted
    changed: list[int] = field(default_factory=list)
    unchanged: int = 0
    refused: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    undecided: list[int] = field(default_factory=list)
    strange: Counter = field(default_factory=Counter)
    changing: Counter = field(default_factory=Counter)
    same: Counter = field(default_factory=Counter)
    confirmed: int = 0
    dropped_links: list[int] = field(default_factory=list)
    new_links: list[tuple[int, int]] = field(default_factory=list)  # (case, product)
    digest: str = ""

    @property
    def may_go_on(self) -> bool:
        return bool(self.changed) and not self.undecided


def plan(keys: Sequence[int], wanted: Wanted, *, may_publish: bool) -> Plan:
    """`may_publish`: whether cases that are public, or would be, may be changed."""
    made, digest = Plan(wanted), hashlib.sha256(repr(_told(wanted)).encode())
    looks_at_products = bool(wanted.how or "bank_id" in wanted.values)
    for piece in pieces(sorted(keys)):
        rows = Case.objects.filter(pk__in=piece).order_by("pk")
        states = list(rows.values_list("pk", *_FIELDS, "category_confidence"))
        links = _links(piece) if looks_at_products else {}
        digest.update(repr((states, sorted(links.items()))).encode())
        banks = _banks({product for ties in links.values() for _, product in ties} | wanted.products)
        long = set(_too_long(piece))
        for pk, *values, confidence in states:
            state = dict(zip(_FIELDS, values, strict=True))
            _look_at(made, pk, state, confidence, links.get(pk, []), banks, pk in long, may_publish)
    made.digest = digest.hexdigest()
    return made


def _look_at(
    made: Plan,
    pk: int,
    state: Mapping[str, object],
    confidence: float | None,
    links: Sequence[_Link],
    banks: Mapping[int, int],
    is_long: bool,
    may_publish: bool,
) -> None:
    wanted = made.wanted
    new = {**state, **wanted.values}
    present = frozenset(product for _, product in links)
    products = wanted.products_of(present)
    differing = [name for name in wanted.values if new[name] != state[name]]
    is_confirmed = "category_id" in wanted.values and confidence is not None
    # As in a case's own form: what is not touched may be from before this rule.
    strange: frozenset[int] = frozenset()
    if new["bank_id"] is not None and ("bank_id" in differing or products != present):
        strange = frozenset(product for product in products if banks[product] != new["bank_id"])
    if strange and wanted.left == "drop":
        products -= strange - (wanted.products if wanted.how in ("add", "replace") else frozenset())
    if products != present:
        differing.append("products")
    if not differing and not is_confirmed:
        made.unchanged += 1
        made.same.update(_set_of(wanted))
        return
    if not may_publish and Case.Status.PUBLIC in (state["status"], new["status"]):
        made.refused[NOT_ALLOWED].append(pk)
    elif is_long:
        made.refused[TOO_LONG].append(pk)
    elif strange & wanted.products and wanted.how in ("add", "replace"):
        made.refused[FOREIGN].append(pk)
    elif strange and wanted.left == "skip":
        made.refused[LEFT_BEHIND].append(pk)
    elif strange and wanted.left != "drop":
        made.undecided.append(pk)
        made.strange.update(strange)
    else:
        made.changed.append(pk)
        made.confirmed += is_confirmed and "category_id" not in differing
        made.changing.update(differing)
        made.same.update(name for name in _set_of(wanted) if name not in differing)
        made.dropped_links += [link for link, product in links if product not in products]
        made.new_links += [(pk, product) for product in sorted(products - present)]


def carry_out(made: Plan) -> None:
    """In the transaction of the caller, who has locked the cases before the plan was made. The search keeps up: of few
    cases at once; of many what is filtered, counted and shown, and the rest by `catalog.search.catch_up`.
    """
    values = dict(made.wanted.values)
    if "category_id" in values:
        values["category_confidence"] = None  # whoever sets the chapter has confirmed it
    now = timezone.now()
    through = Case.products.through
    for links in pieces(made.dropped_links):
        through.objects.filter(pk__in=links).delete()
    for pairs in pieces(made.new_links):
        through.objects.bulk_create(
            [through(case_id=case, product_id=product) for case, product in pairs], ignore_conflicts=True
        )
    for keys in pieces(made.changed):
        Case.objects.filter(pk__in=keys).update(**values, updated_at=now)
    if len(made.changed) <= INDEXED_AT_ONCE:
        settle_own()
        return
    only_status = set(values) <= {"status"} and not made.dropped_links and not made.new_links
    for keys in pieces(made.changed):
        if only_status:
            settle_columns(keys)
        else:
            copy_columns(keys)
    catch_up_wanted.send(Plan)


def _set_of(wanted: Wanted) -> Iterator[str]:
    yield from wanted.values
    if wanted.how:
        yield "products"


def _told(wanted: Wanted) -> tuple:
    return sorted(wanted.values.items()), wanted.how, sorted(wanted.products), wanted.left


def _links(keys: Sequence[int]) -> dict[int, list[_Link]]:
    links: dict[int, list[_Link]] = defaultdict(list)
    rows = Case.products.through.objects.filter(case_id__in=keys).order_by("case_id", "product_id")
    for case, link, product in rows.values_list("case_id", "pk", "product_id"):
        links[case].append((link, product))
    return links


def _banks(products: Collection[int]) -> dict[int, int]:
    return dict(Product.objects.filter(pk__in=products).values_list("pk", "bank_id"))


def _too_long(keys: Sequence[int]) -> Iterator[int]:
    broken = Q()
    for rule in Case._meta.constraints:
        if isinstance(rule, CheckConstraint) and rule.name in _LATER_RULES:
            broken |= ~Q(rule.condition)
    return Case.objects.filter(broken, pk__in=keys).order_by().values_list("pk", flat=True).iterator()
