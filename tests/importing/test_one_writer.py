"""Documents and rows are written by one writer: what editors made of names holds for both ways in."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from catalog.models import Bank, Case, Category, Doubt, Product, Source
from catalog.search import find_differences, settle

pytestmark = pytest.mark.django_db

ARTICLE = """某行推出复工贷助力企业复工
2020-03-01 09:00 来源：深圳商报

工商银行深圳市分行日前推出“复工贷”，支持小微企业复工复产，首批企业已经拿到贷款，资金当天到账。

该行表示，将继续加大对小微企业的支持力度，推出更多产品，为企业复工复产提供有力的金融支持。
"""
TITLE = ARTICLE.split("\n", 1)[0]


class Document:
    """An article whose chapter and bank an editor settled in the file beside it."""

    kind = "article"

    def write(self, folder, *, name="article", category, bank="工商银行"):
        # No two documents are the same.
        (folder / f"{name}.txt").write_text(ARTICLE.replace("深圳商报", name), encoding="utf-8")
        values = {"category": ("", category), "bank": ("工商银行", bank)}
        entries = [
            f'[[value]]\nfield = "{field}"\nwas = "{was}"\nvalue = "{value}"\nreason = "试"\n'
            for field, (was, value) in values.items()
            if was != value
        ]
        (folder / f"{name}.corrections.toml").write_text("\n".join(entries), encoding="utf-8")
        return folder / f"{name}.txt"


class Rows:
    kind = "rows"

    def write(self, folder, *, name="rows", category, bank="工商银行"):
        row = {"title": TITLE, "text": "正文", "category": category, "bank": bank, "products": ["复工贷"]}
        path = folder / f"{name}.jsonl"
        path.write_text(json.dumps(row | {"source": name}, ensure_ascii=False) + "\n", encoding="utf-8")
        return path


@pytest.fixture(params=[Document(), Rows()], ids=lambda way: way.kind)
def bring(request, tmp_path):
    """bring(name=…, category=…, bank=…): imports a file of one case; returns the case."""

    def run(**given) -> Case:
        path = request.param.write(tmp_path, **given)
        call_command("import_cases", str(path), again=True, stdout=StringIO())
        return Case.objects.get(source__name=path.name)

    return run


class TestChapters:
    def test_a_new_chapter_is_made_after_an_editor_moved_the_last_one(self, bring):
        first = bring(name="one", category="数字人民币").category
        Category.objects.filter(pk=first.pk).update(position=0)
        second = bring(name="two", category="绿色债券").category
        assert second.name == "绿色债券"
        assert second.code != first.code
        assert second.position == max(Category.objects.values_list("position", flat=True))

    def test_a_new_chapter_is_made_beside_one_of_an_editors(self, bring):
        number = Category.objects.count() + 1
        bring(name="one", category="聚力抗疫")
        number = max(Category.objects.values_list("position", flat=True)) + 1
        Category.objects.create(code=f"chapter-{number}", name="编辑的章节", position=0)
        assert bring(name="two", category="数字人民币").category.code not in ("", f"chapter-{number}")

    def test_a_renamed_chapter_is_still_the_one_of_its_first_name(self, bring):
        for name in ("聚力抗疫", "数字人民币"):
            chapter = bring(name=f"one {name}", category=name).category
            Category.objects.filter(pk=chapter.pk).update(name=f"编辑的{name}")
            assert bring(name=f"two {name}", category=name).category == chapter

    def test_a_name_that_another_chapter_has_now_is_that_chapters(self, bring):
        chapter = bring(name="one", category="聚力抗疫").category
        Category.objects.filter(pk=chapter.pk).update(name="旧章")
        other = Category.objects.create(code="new", name="聚力抗疫", position=99)
        assert bring(name="two", category="聚力抗疫").category == other

    def test_any_spelling_of_a_chapter_is_that_chapter(self, bring):
        assert bring(name="one", category="聚力 抗疫").category.name == "聚力抗疫"


@pytest.mark.parametrize(
    ("model", "fields", "file"),
    [
        (Category, {"name": "聚力抗疫"}, "chapters.toml"),
        (Bank, {"name": "工商银行", "kind": "state"}, "banks.toml"),
    ],
)
def test_a_name_of_the_reference_data_that_an_editor_has_used_is_told(tmp_path, model, fields, file):
    model.objects.create(code="editors-own", **fields)
    with pytest.raises(CommandError, match=f"{file}：.*“{fields['name']}”已在目录里，代码是 editors-own"):
        call_command("import_cases", str(Rows().write(tmp_path, category="聚力抗疫")))


class TestBanksAndProducts:
    def test_a_bank_by_an_alias(self, bring):
        bring(name="one", category="聚力抗疫")
        Bank.objects.get(name="工商银行").aliases.create(name="宇宙行")
        assert bring(name="two", category="聚力抗疫", bank="宇宙行").bank.name == "工商银行"

    def test_a_product_by_an_alias_that_an_editor_gave(self, bring):
        bring(name="one", category="聚力抗疫")
        product = Product.objects.get(name="复工贷")
        product.name = "复产贷"
        product.save()
        product.aliases.create(name="复工贷")
        assert bring(name="two", category="聚力抗疫").products.get() == product

    def test_products_without_a_bank_are_a_doubt(self, bring):
        case = bring(category="聚力抗疫", bank="")
        assert (case.bank, case.products.count()) == (None, 0)
        assert case.doubts.open().get(field="products").reason == "没有银行，产品没有登记：复工贷"


class TestAgain:
    def test_nothing_is_changed_by_the_same_file(self, bring):
        bring(category="数字人民币")
        before = [list(model.objects.order_by("pk").values()) for model in (Case, Doubt, Category, Product)]
        bring(category="数字人民币")
        assert [list(model.objects.order_by("pk").values()) for model in (Case, Doubt, Category, Product)] == before

    def test_that_an_edit_was_kept_waits_until_an_editor_settles_it(self, bring):
        case = bring(category="聚力抗疫")
        case.category = Category.objects.get(name="服务小微")
        case.save()
        bring(category="助力复工")
        case = bring(category="助力复工")
        assert case.category.name == "服务小微"
        assert Category.objects.get(code=case.conflicts.open().get().theirs).name == "助力复工"

    def test_a_ref_of_another_source_stays_that_sources(self, bring):
        case = bring(category="聚力抗疫")
        other = Source.objects.create(name="other.txt", sha256="f" * 64, kind="article")
        Case.objects.filter(pk=case.pk).update(source=other)
        assert bring(category="聚力抗疫").ref not in ("", case.ref)
        assert Case.objects.get(pk=case.pk).source == other


@pytest.mark.parametrize("products", [["甲贷", "乙贷"], ["乙贷", "甲贷"]])
def test_what_an_import_indexes_is_what_the_catalogue_would(tmp_path, products):
    """In whatever order a case names its products."""
    row = {"title": TITLE, "text": "正文", "bank": "工商银行", "products": products}
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(row, ensure_ascii=False) + "\n", encoding="utf-8")
    call_command("import_cases", str(path), stdout=StringIO())
    assert Product.objects.count() == 2
    assert not find_differences()
    Product.objects.filter(name="甲贷").update(name="丙贷")
    settle()
    Bank.objects.update(position=1)
    assert not find_differences()
