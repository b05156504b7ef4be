"""What an editor has renamed goes on meaning the same to every source, and what was deleted does not come back."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.urls import reverse

from catalog.importing.database.names import Names
from catalog.models import Bank, BankAlias, Case, Category, CategoryAlias, Product, ProductAlias, RemovedName
from catalog.search import find_differences, search_cases, settle
from tests.admin.forms import form_of
from tests.names.conftest import BANKS

pytestmark = pytest.mark.django_db

ROW = {"bank": "工商银行", "category": "聚力抗疫", "products": ["复工贷"]}


class Form:
    """As an editor does it in the browser."""

    def __init__(self, client):
        self.client = client

    def rename(self, row, name: str) -> None:
        model = row._meta.model_name
        address = reverse(f"admin:catalog_{model}_change", args=[row.pk])
        response = self.client.post(address, form_of(self.client, address, f"{model}_form", name=name))
        assert response.status_code == 302, response.context["errors"]

    def delete(self, row) -> None:
        if isinstance(row, ProductAlias | BankAlias):
            self.delete_alias(row, row.product if isinstance(row, ProductAlias) else row.bank)
            return
        address = reverse(f"admin:catalog_{row._meta.model_name}_delete", args=[row.pk])
        assert self.client.post(address, {"post": "yes"}).status_code == 302

    def delete_alias(self, alias, owner) -> None:
        model = owner._meta.model_name
        address = reverse(f"admin:catalog_{model}_change", args=[owner.pk])
        form = form_of(self.client, address, f"{model}_form")
        place = next(name for name, values in form.items() if name.endswith("-id") and values == [str(alias.pk)])
        form[place.removesuffix("-id") + "-DELETE"] = ["on"]
        assert self.client.post(address, form).status_code == 302


class Query:
    """As code and actions do it."""

    def rename(self, row, name: str) -> None:
        type(row).objects.filter(pk=row.pk).update(name=name)

    def delete(self, row) -> None:
        type(row).objects.filter(pk=row.pk).delete()


class Sql:
    """As whoever is at psql does it."""

    def rename(self, row, name: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE {row._meta.db_table} SET name = %s WHERE id = %s", [name, row.pk])

    def delete(self, row) -> None:
        with connection.cursor() as cursor:
            if isinstance(row, Product):
                cursor.execute("DELETE FROM catalog_case_products WHERE product_id = %s", [row.pk])
            for alias in {Product: ["product"], Bank: ["bank"], Category: ["category"]}.get(type(row), []):
                cursor.execute(f"DELETE FROM catalog_{alias}alias WHERE {alias}_id = %s", [row.pk])
            cursor.execute(f"DELETE FROM {row._meta.db_table} WHERE id = %s", [row.pk])


@pytest.fixture(params=["form", "queryset", "sql"])
def editor(request, admin_client):
    yield {"form": Form(admin_client), "queryset": Query(), "sql": Sql()}[request.param]
    settle()
    assert not find_differences()


def state(case: Case) -> tuple:
    case = Case.objects.get(pk=case.pk)
    return case.bank, case.category, list(case.products.order_by("pk"))


class TestRenamed:
    def test_a_product_is_still_what_the_source_calls_by_its_former_name(self, files, editor):
        files.bring(ROW)
        case, product = Case.objects.get(), Product.objects.get()
        editor.rename(product, "复产贷")
        editor.rename(product, "抗疫复产贷")
        files.bring(ROW, ROW, ROW | {"products": ["复产贷", "抗疫复产贷"]})
        assert Product.objects.get().name == "抗疫复产贷"
        assert {row.products.get() for row in Case.objects.all()} == {product}
        assert set(product.aliases.values_list("name", flat=True)) == {"复工贷", "复产贷"}
        assert state(case)[2] == [product]

    def test_a_bank_is_found_by_every_name_it_had(self, files, editor):
        files.bring(ROW)
        bank = Bank.objects.get(code="icbc")
        editor.rename(bank, "中国工行")
        editor.rename(bank, "工总行")
        files.reference()
        files.bring(ROW, ROW, ROW | {"bank": "中国工行深圳分行"})
        assert {case.bank for case in Case.objects.all()} == {bank}
        assert Bank.objects.count() == 3
        assert Bank.objects.get(pk=bank.pk).name == "工总行"
        assert [row.bank for row in search_cases(Case.objects.all(), "工商银行")] == [bank] * 3

    def test_a_chapter_is_found_by_every_name_it_had(self, files, editor):
        files.bring(ROW)
        chapter = Category.objects.get(code="kangyi")
        editor.rename(chapter, "抗击疫情")
        editor.rename(chapter, "众志成城")
        files.reference()
        files.bring(ROW, ROW, ROW | {"category": "抗击 疫情"})
        assert {case.category for case in Case.objects.all()} == {chapter}
        assert Category.objects.count() == 2
        assert Category.objects.get(pk=chapter.pk).name == "众志成城"

    @pytest.mark.parametrize("field", ["short_name", "full_name", "english_name", "abbreviation"])
    def test_so_is_a_bank_by_its_other_names(self, files, field):
        bank = Bank.objects.get(code="webank")
        for name in ("微众旧", "微众新"):
            Bank.objects.filter(pk=bank.pk).update(**{field: name})
        files.bring({"bank": "微众旧"}, {"bank": "微众新"})
        assert [case.bank for case in Case.objects.all()] == [bank, bank]

    def test_a_former_name_gives_way_to_whoever_bears_it_now(self, files):
        files.bring(ROW)
        Bank.objects.filter(code="icbc").update(name="工总行")
        Category.objects.filter(code="kangyi").update(name="抗击疫情")
        bank = Bank.objects.create(code="new", name="工商银行", kind="state")
        chapter = Category.objects.create(code="new", name="聚力抗疫")
        files.bring(ROW, ROW | {"id": "new"})
        new = Case.objects.get(ref__endswith="#new")
        assert (new.bank, new.category) == (bank, chapter)

    def test_a_former_name_can_be_given_as_an_alias_by_hand(self, files, admin_client):
        files.bring(ROW)
        product, bank = Product.objects.get(), Bank.objects.get(code="icbc")
        for row, aliases in ((product, "aliases"), (bank, "aliases")):
            model, former = row._meta.model_name, row.name
            address = reverse(f"admin:catalog_{model}_change", args=[row.pk])
            form = form_of(admin_client, address, f"{model}_form", name=f"新{former}")
            empty = int(form[f"{aliases}-INITIAL_FORMS"][0])
            form[f"{aliases}-{empty}-name"] = [former]
            assert admin_client.post(address, form).status_code == 302
            assert not row.aliases.get(name=former).former

    def test_the_reference_data_may_give_a_former_name_to_another_bank(self, files):
        Bank.objects.filter(code="icbc").update(short_name="工总")
        assert BankAlias.objects.get(name="工行").former
        files.write(
            banks=BANKS.replace('short_name = "工行"\n', "").replace('民营银行"', '民营银行"\naliases = ["工行"]')
        )
        files.reference()
        files.bring({"bank": "工行"})
        assert Case.objects.get().bank.code == "webank"

    def test_a_product_that_was_moved_to_another_bank_is_not_made_again(self, files):
        files.bring(ROW)
        case, product = Case.objects.get(), Product.objects.get()
        Product.objects.filter(pk=product.pk).update(bank=Bank.objects.get(code="webank"))
        files.bring(ROW, ROW | {"products": ["复 工 贷"]})
        assert Product.objects.get() == product
        assert state(case)[2] == [product]


class TestDeletedProducts:
    @pytest.mark.parametrize("spelling", ["复工贷", "复 工 贷", "復工貸"])
    def test_none_is_made_again_in_any_spelling_and_no_doubt_is_raised(self, files, editor, spelling):
        files.bring(ROW | {"products": ["复工贷", "园区贷"]})
        case = Case.objects.get()
        editor.delete(Product.objects.get(name="复工贷"))
        for _ in range(2):
            files.bring(ROW | {"products": [spelling, "园区贷"]}, ROW | {"products": [spelling]})
        assert [product.name for product in Product.objects.all()] == ["园区贷"]
        assert [product.name for product in case.products.all()] == ["园区贷"]
        assert not case.doubts.exists()

    def test_nor_by_its_other_names(self, files, editor):
        files.bring(ROW)
        product = Product.objects.get()
        product.aliases.create(name="抗疫复工贷")
        editor.rename(product, "复产贷")
        product.refresh_from_db()
        editor.delete(product)
        files.bring(*(ROW | {"products": [name]} for name in ("复工贷", "复产贷", "抗疫复工贷", "复产 贷")))
        assert not Product.objects.exists()

    def test_the_same_name_at_another_bank_is_another_product(self, files):
        files.bring(ROW)
        Product.objects.get().delete()
        files.bring(ROW, ROW | {"bank": "微众银行"})
        assert Product.objects.get().bank.code == "webank"

    def test_what_the_source_adds_beside_it_is_added(self, files):
        files.bring(ROW)
        case = Case.objects.get()
        Product.objects.get().delete()
        files.bring(ROW | {"products": ["复工贷", "园区贷"]})
        assert [product.name for product in case.products.all()] == ["园区贷"]
        assert not case.doubts.exists()

    def test_one_that_an_editor_makes_again_is_there_again(self, files):
        files.bring(ROW)
        product = Product.objects.get()
        product.delete()
        again = Product.objects.create(bank=product.bank, name="复 工贷")
        assert not RemovedName.objects.exists()
        files.bring(ROW)
        assert Case.objects.get().products.get() == again

    def test_one_that_an_editor_takes_back_is_made_by_the_next_edition(self, files, admin_client):
        files.bring(ROW)
        Product.objects.get().delete()
        page = reverse("admin:catalog_removedname_changelist")
        removed = admin_client.get(page).context["cl"].result_list
        assert [(row.name, row.bank.name, row.get_kind_display()) for row in removed] == [
            ("复工贷", "工商银行", "产品")
        ]
        data = {"action": "take_back", "_selected_action": [row.pk for row in removed]}
        assert admin_client.post(page, data, follow=True).status_code == 200
        files.bring(ROW)
        assert Case.objects.get().products.get().name == "复工贷"


class TestDeletedAliases:
    def test_one_of_a_product_does_not_come_back_nor_takes_the_case_along(self, files, editor):
        files.bring(ROW, ROW | {"products": ["园区贷"]}, ROW | {"products": ["园区 贷"]})
        product = Product.objects.get(name="复工贷")
        product.aliases.create(name="抗疫贷")
        row = ROW | {"products": ["抗疫贷"]}
        files.bring(row)
        case = Case.objects.get(title="案例0")
        assert state(case)[2] == [product]
        editor.delete(ProductAlias.objects.get(name="抗疫贷"))
        editor.delete(ProductAlias.objects.get(name="园区 贷"))
        files.bring(row, ROW | {"products": ["园区 贷"]}, row)
        assert not ProductAlias.objects.exists()
        assert set(Product.objects.values_list("name", flat=True)) == {"复工贷", "园区贷"}
        assert state(case)[2] == [product]
        assert not Case.objects.get(title="案例2").products.filter(pk=product.pk).exists()

    def test_one_of_a_bank_does_not_come_back_and_its_cases_keep_the_bank(self, files, editor):
        row = ROW | {"bank": "宇宙行"}
        files.bring(row, row | {"bank": "宇宙行深圳分行"})
        bank = Bank.objects.get(code="icbc")
        editor.delete(BankAlias.objects.get(name="宇宙行"))
        files.write(banks=(files.folder / "banks.toml").read_text().replace('"宇宙行"', '"宇宙行", "爱存不存"'))
        files.reference()
        files.bring(row, row | {"bank": "宇宙行深圳分行"}, row)
        assert set(bank.aliases.values_list("name", flat=True)) == {"中国工商银行", "爱存不存"}
        assert [case.bank for case in Case.objects.order_by("pk")] == [bank, bank, None]
        assert [case.products.count() for case in Case.objects.order_by("pk")] == [1, 1, 0]

    def test_one_that_the_file_drops_and_has_again_is_one_again(self, files):
        files.bring(ROW | {"bank": "宇宙行"})
        files.write(banks=BANKS.replace(', "宇宙行"', ""))
        files.reference()
        assert not BankAlias.objects.filter(name="宇宙行").exists()
        files.bring(ROW | {"bank": "宇宙行"})
        assert Case.objects.get().bank.code == "icbc"
        files.write(banks=BANKS)
        files.reference()
        assert BankAlias.objects.get(name="宇宙行").bank.code == "icbc"

    def test_one_that_the_file_has_only_later_stays_deleted(self, files):
        Bank.objects.get(code="webank").aliases.create(name="微众").delete()
        files.write(banks=BANKS.replace('"民营银行"', '"民营银行"\naliases = ["微众", "WeBank"]'))
        files.reference()
        assert [alias.name for alias in Bank.objects.get(code="webank").aliases.all()] == ["WeBank"]

    def test_a_former_name_of_a_chapter_likewise(self, files, editor):
        files.bring(ROW)
        case, chapter = Case.objects.get(), Category.objects.get(code="kangyi")
        editor.rename(chapter, "抗击疫情")
        Query().delete(CategoryAlias.objects.get())
        files.reference()
        files.bring(ROW, ROW)
        assert Category.objects.count() == 2
        assert state(case)[1] == chapter
        assert Case.objects.get(title="案例1").category is None

    def test_one_that_was_only_corrected_keeps_its_cases(self, files, editor):
        files.bring(ROW | {"bank": "宇宙行"})
        editor_way = editor.rename if not isinstance(editor, Form) else Query().rename
        editor_way(BankAlias.objects.get(name="宇宙行"), "宇宙第一行")
        files.bring(ROW | {"bank": "宇宙行"})
        assert Case.objects.get().bank.code == "icbc"
        assert not BankAlias.objects.filter(name="宇宙行").exists()

    def test_one_that_an_editor_gives_again_is_one_again(self, files):
        bank = Bank.objects.get(code="icbc")
        bank.aliases.get(name="宇宙行").delete()
        bank.aliases.create(name="宇宙行")
        assert not RemovedName.objects.exists()
        files.bring(ROW | {"bank": "宇宙行"})
        assert Case.objects.get().bank == bank


class TestDeletedBanksAndChapters:
    def test_those_in_use_stay(self, files):
        files.bring(ROW)
        for row in (Bank.objects.get(code="icbc"), Category.objects.get(code="kangyi")):
            with pytest.raises(ProtectedError):
                row.delete()

    def test_those_in_use_stay_in_sql_too(self, files):
        files.bring(ROW)
        for row in (Bank.objects.get(code="icbc"), Category.objects.get(code="kangyi")):
            with pytest.raises(IntegrityError), transaction.atomic():
                self.delete_now(row)

    def delete_now(self, row):
        Sql().delete(row)
        connection.check_constraints()

    def test_an_unused_one_is_gone_for_good(self, files, editor):
        editor.delete(Bank.objects.get(code="old"))
        editor.delete(Category.objects.get(code="xiaowei"))
        for _ in range(2):
            files.write(
                banks=(files.folder / "banks.toml").read_text().replace("城市商业银行", "民营银行"),
                chapters=(files.folder / "chapters.toml").read_text() + "\n",
            )
            files.reference()
            files.bring(ROW, ROW | {"bank": "老街银行", "category": "服务 小微"}, ROW | {"category": "服務小微"})
        assert set(Bank.objects.values_list("code", flat=True)) == {"icbc", "webank"}
        assert set(Category.objects.values_list("code", flat=True)) == {"kangyi"}
        assert [case.category and case.category.name for case in Case.objects.order_by("pk")] == [
            "聚力抗疫",
            None,
            None,
        ]

    def test_nor_under_another_code(self, files):
        Bank.objects.get(code="old").delete()
        files.write(banks=(files.folder / "banks.toml").read_text().replace('"old"', '"older"'))
        files.reference()
        assert not Bank.objects.filter(name="深圳老街银行").exists()

    def test_a_chapter_that_goes_while_a_case_moves_on_raises_no_doubt(self, files):
        files.bring(ROW)
        Case.objects.update(category=Category.objects.get(code="xiaowei"))
        Category.objects.get(code="kangyi").delete()
        files.bring(ROW)
        case = Case.objects.get()
        assert case.category.code == "xiaowei"
        assert not case.doubts.exists()

    def test_one_that_is_taken_back_comes_with_the_next_start(self, files):
        Bank.objects.get(code="old").delete()
        RemovedName.objects.all().delete()
        files.reference()
        assert Bank.objects.get(code="old").aliases.get().name == "老街银行"

    def test_one_that_is_made_by_hand_is_there_again(self, files):
        Bank.objects.get(code="old").delete()
        Category.objects.get(code="xiaowei").delete()
        Bank.objects.create(code="old", name="老街", kind="city")
        Category.objects.create(code="xw", name="服务小微")
        files.reference()
        files.bring({"category": "服务小微"})
        assert Case.objects.get().category.code == "xw"
        assert Category.objects.filter(name="服务小微").count() == 1
        assert Bank.objects.filter(code="old").count() == 1


def test_a_case_of_very_many_products_is_still_merged(files):
    names = [f"第{n}号产品贷" for n in range(60)]
    files.bring(ROW | {"products": names})
    case = Case.objects.get()
    Product.objects.get(name=names[0]).delete()
    files.bring(ROW | {"products": [*names, "园区贷"]})
    assert case.products.count() == 60
    assert not case.doubts.exists()


def test_names_are_read_with_a_fixed_number_of_queries(files, django_assert_max_num_queries):
    files.bring(*(ROW | {"products": [f"产品{n}贷"]} for n in range(20)))
    Product.objects.filter(name__startswith="产品1").delete()
    with django_assert_max_num_queries(20):
        Names.load()
