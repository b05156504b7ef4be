import random
from urllib.parse import urlencode

import psycopg
import pytest
from django.db import connection, transaction
from django.http import QueryDict

from catalog.models import Bank, Case, Category, Product, Source
from catalog.pages.facet_rows import facet_rows
from catalog.pages.listing import Listing

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

QUERIES = ["", "渔民", "出海", "渔民 出海", "渔民 -出海", "渔民平安", "年份:2020", "银行:工行", '"民出"', "火星"]


@pytest.fixture
def catalogue(make_case, icbc, snapshot_sometimes):
    chance = random.Random(3)
    ccb = Bank.objects.create(code="ccb", name="建设银行", kind="state")
    cmb = Bank.objects.create(code="cmb", name="招商银行", kind="joint-stock")
    banks = [icbc, ccb, cmb, None]
    chapters = [Category.objects.create(code=f"c{n}", name=f"章{n}", position=n) for n in range(3)]
    sources = [Source.objects.create(name=f"{n}.txt", sha256=str(n), kind="article") for n in range(2)]
    products = [Product.objects.create(name=f"产品{n}", bank=icbc) for n in range(3)]
    for n in range(60):
        if n == 40:
            snapshot_sometimes()
        case = make_case(
            f"案例{n}",
            chance.choice(["渔民出海", "渔民", "出海", "平安", "渔民都平安", "企业"]),
            bank=chance.choice(banks),
            category=chance.choice([*chapters, None]),
            source=chance.choice([*sources, None]),
            published_on=chance.choice(["2019-01-01", "2020-05-05", None]),
            status=chance.choice(["public"] * 4 + ["draft"]),
        )
        case.products.set(chance.sample(products, chance.randint(0, 2)))
    for case in chance.sample(list(Case.objects.all()), 6):
        if chance.random() < 0.5:
            case.delete()
        else:
            case.bank = chance.choice(banks)
            case.save()
    snapshot_sometimes()
    return chance


def listing(query: str, **chosen) -> Listing:
    return Listing(QueryDict(urlencode({"q": query, **chosen}, doseq=True)), page_size=100)


def test_counts_are_those_of_the_lists_they_lead_to(catalogue):
    values = {
        "bank": ["icbc", "ccb", "cmb"],
        "kind": ["state", "joint-stock"],
        "category": ["c0", "c1", "c2"],
        "year": ["2019", "2020", "none"],
        "source": [str(pk) for pk in Source.objects.values_list("pk", flat=True)],
        "product": list(Product.objects.values_list("slug", flat=True)),
    }
    for _ in range(40):
        names = catalogue.sample(sorted(values), catalogue.randint(0, 3))
        chosen = {name: catalogue.sample(values[name], catalogue.randint(1, 2)) for name in names}
        query = catalogue.choice(QUERIES)
        narrowed = listing(query, **chosen)
        assert narrowed.count == len(narrowed.page.object_list), (query, chosen)
        for panel in narrowed.facets:
            for option in catalogue.sample(panel.options, min(2, len(panel.options))):
                alone = listing(query, **{**chosen, panel.name: [option.value]})
                assert alone.count == len(alone.page.object_list) == option.count, (query, chosen, panel.name, option)


def test_the_list_is_ranked_the_same_page_by_page(catalogue):
    whole = [case.pk for case in listing("渔民").page]
    pages = []
    for number in range(1, 20):
        page = Listing(QueryDict(urlencode({"q": "渔民", "page": number})), page_size=7).page
        pages += [case.pk for case in page]
        if not page.has_next():
            break
    assert pages == whole
    assert len(set(whole)) == len(whole)


def test_few_statements_serve_all_facets(catalogue, django_assert_max_num_queries):
    assert listing("渔民").facets
    with django_assert_max_num_queries(16):
        assert listing("渔民").facets


def labels(facet: str) -> dict[str, str]:
    panels = {panel.name: panel for panel in listing("").facets}
    return {option.value: option.label for option in panels[facet].options}


class TestNames:
    """A process keeps the names of banks and products only as long as the database has these."""

    def test_a_new_name_is_shown_at_once(self, catalogue, icbc):
        assert labels("bank")["icbc"] == "工商银行"
        Bank.objects.filter(pk=icbc.pk).update(name="工银")  # no signal tells of it
        assert labels("bank")["icbc"] == "工银"
        product = Product.objects.first()
        assert labels("product")[product.slug] == product.name
        Product.objects.filter(pk=product.pk).update(name="新产品")
        assert labels("product")[product.slug] == "新产品"

    def test_so_is_another_kind(self, catalogue, icbc):
        assert set(labels("kind")) == {"state", "joint-stock"}
        Bank.objects.filter(kind="state").update(kind="policy")
        assert set(labels("kind")) == {"policy", "joint-stock"}

    def test_so_is_the_name_of_a_chapter_or_a_source(self, catalogue):
        labels("category")
        Category.objects.filter(code="c1").update(name="新章")
        Source.objects.filter(name="0.txt").update(title="新集")
        assert labels("category")["c1"] == "新章"
        assert "《新集》" in labels("source").values()

    def test_and_what_was_rolled_back_is_not(self, catalogue, icbc):
        with transaction.atomic():
            Bank.objects.filter(pk=icbc.pk).update(name="工银")
            assert labels("bank")["icbc"] == "工银"
            transaction.set_rollback(True)
        assert labels("bank")["icbc"] == "工商银行"

    def test_kept_they_are_not_read_again(self, catalogue, django_assert_num_queries):
        keys = list(Bank.objects.values_list("pk", flat=True))
        assert facet_rows(Bank, [*keys, 0]) == list(Bank.objects.order_by("pk"))
        with django_assert_num_queries(1):  # for the version of the names
            facet_rows(Bank, keys)


@pytest.mark.django_db(transaction=True)
def test_a_name_changed_by_another_process_is_shown_at_once(make_case, icbc):
    make_case(bank=icbc)
    assert labels("bank") == {"icbc": "工商银行"}
    settings = connection.get_connection_params()
    with psycopg.connect(
        **{name: settings[name] for name in ("dbname", "user", "host", "port") if name in settings}
    ) as other:
        other.execute("UPDATE catalog_bank SET name = '工银'")
        assert labels("bank") == {"icbc": "工商银行"}
    assert labels("bank") == {"icbc": "工银"}
