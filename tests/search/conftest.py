import pytest

from catalog.models import Bank, Case, Category, Product
from catalog.search import search_cases
from catalog.search.snapshot import build


@pytest.fixture
def icbc(db) -> Bank:
    bank = Bank.objects.create(
        code="icbc", name="工商银行", full_name="中国工商银行股份有限公司", abbreviation="ICBC", kind="state"
    )
    bank.aliases.create(name="工行")
    return bank


@pytest.fixture
def make_case(db):
    """make_case("标题", "正文", products=["园区e贷"], …)"""

    def make(title: str = "案例", body: str = "", *, products=(), **fields) -> Case:
        case = Case.objects.create(title=title, body=body, **fields)
        for name in products:
            case.products.add(Product.objects.get_or_create(name=name, bank=case.bank)[0])
        return case

    return make


@pytest.fixture(params=["tables", "snapshot", "snapshot and tables"])
def snapshot_sometimes(request, monkeypatch, db):
    """To be called at points of time; where the cases are seen by a snapshot, it makes one at the first, or at each."""
    monkeypatch.setattr(build, "LEAST", 3)
    sealed = []

    def seal():
        if request.param != "tables" and not (sealed and request.param == "snapshot and tables"):
            sealed.append(build.build_snapshot())

    return seal


@pytest.fixture
def find():
    """The titles that a query finds, best first."""

    def titles(query: str) -> list[str]:
        return [case.title for case in search_cases(Case.objects.all(), query)]

    return titles


@pytest.fixture
def chapter(db) -> Category:
    return Category.objects.create(code="inclusive", name="普惠金融")
