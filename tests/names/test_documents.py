"""Documents are read by the names that the catalogue has now: what was read by another name stays."""

import pytest

from catalog.importing.database.run import import_documents
from catalog.merging import merge
from catalog.models import Bank, BankAlias, Case, Category, Product

pytestmark = pytest.mark.django_db

ARTICLE = """老街银行推出复工贷助力企业复工
2020-03-01 09:00 来源：深圳商报

老街银行深圳分行日前推出“复工贷”，支持小微企业复工复产，首批企业已经拿到贷款，资金当天到账。

该行表示，将继续加大对小微企业的支持力度，推出更多产品，为企业复工复产提供有力的金融支持。
"""


@pytest.fixture
def read(files):
    """read(): imports the article, with a sentence more each time; returns its case."""

    def run() -> Case:
        run.text += "\n以上是本报的报道，更多的消息请看明天的报纸。\n"
        path = files.folder / "article.txt"
        path.write_text(run.text, encoding="utf-8")
        import_documents([path], files.folder)
        return Case.objects.get()

    run.text = ARTICLE
    return run


def test_a_case_keeps_the_bank_whose_name_was_taken_out(read):
    case = read()
    assert (case.bank.code, case.branch) == ("old", "深圳老街银行深圳分行")
    BankAlias.objects.get(name="老街银行").delete()
    Bank.objects.filter(code="old").update(name="老城银行")
    BankAlias.objects.get(name="深圳老街银行").delete()
    again = read()
    assert (again.bank, again.branch) == (case.bank, case.branch)
    assert [product.name for product in again.products.all()] == ["复工贷"]
    assert not again.doubts.filter(field__in=["bank", "products"]).exists()


def test_a_renamed_bank_chapter_and_product_are_what_they_were(read):
    case = read()
    product, chapter = case.products.get(), Category.objects.get(code="kangyi")
    Case.objects.update(category=chapter)
    Bank.objects.filter(code="old").update(name="老城银行")
    Product.objects.filter(pk=product.pk).update(name="复产贷")
    Category.objects.filter(pk=chapter.pk).update(name="抗击疫情")
    again = read()
    assert (again.bank, again.category, again.products.get()) == (case.bank, chapter, product)
    assert Product.objects.count() == 1


def correct(files, *entries: dict[str, str]) -> None:
    texts = ["[[value]]\n" + "".join(f'{key} = "{value}"\n' for key, value in entry.items()) for entry in entries]
    (files.folder / "article.corrections.toml").write_text("reason = '试'\n".join([*texts, ""]), encoding="utf-8")


def test_a_correction_goes_on_fitting_a_renamed_and_a_merged_bank(files, read):
    correct(
        files,
        {"field": "branch", "was": "深圳老街银行深圳分行", "value": "深圳老街银行福田支行"},
        {"field": "bank", "was": "深圳老街银行", "value": "微众银行"},
    )
    assert read().bank.code == "webank"
    Bank.objects.filter(code="old").update(name="老城银行")
    Bank.objects.filter(code="webank").update(name="微众")
    assert read().bank.code == "webank"
    merge(Bank.objects.get(code="icbc"), [Bank.objects.get(code="old")])
    case = read()
    assert (case.bank.code, case.branch) == ("webank", "深圳老街银行福田支行")


def test_a_correction_to_a_bank_that_was_removed_lets_the_next_start_go_on(files, read):
    correct(files, {"field": "bank", "was": "深圳老街银行", "value": "微众银行"})
    case = read()
    Case.objects.update(bank=Bank.objects.get(code="icbc"))
    Product.objects.all().delete()
    Bank.objects.get(code="webank").delete()
    again = read()
    assert again.bank.code == "icbc"
    case.delete()
    files.bring({"bank": "微众银行"})
    assert Case.objects.get().doubts.get(field="bank").reason.startswith("目录里没有银行“微众银行”")


def test_a_deleted_product_is_not_read_again(read):
    case = read()
    Product.objects.get().delete()
    for _ in range(2):
        assert not read().products.exists()
    assert not Product.objects.exists()
    assert not case.doubts.filter(field="products").exists()
