"""Banks, products and chapters made one by an editor: nothing is lost, old addresses lead on, no import undoes it."""

from urllib.parse import unquote

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from catalog.importing.database.locking import one_import_at_a_time
from catalog.merging import MergeProblem, merge
from catalog.models import Bank, Case, Category, Doubt, FormerAddress, Product, RemovedName
from catalog.search import find_differences, search_cases
from tests.admin.forms import form_of
from tests.factories import make_bank, make_case, make_category
from tests.names.conftest import BANKS

pytestmark = pytest.mark.django_db


def merge_in_admin(client, stays, *going):
    model = stays._meta.model_name
    rows = [row.pk for row in (stays, *going)]
    listing = reverse(f"admin:catalog_{model}_changelist")
    response = client.post(listing, {"action": "merge", "_selected_action": rows})
    assert response.status_code == 302
    page = response.url
    assert client.get(page).status_code == 200
    return client.post(page, {"row": rows, "stays": stays.pk}, follow=True)


@pytest.fixture
def merged(admin_client):
    yield lambda stays, *going: merge_in_admin(admin_client, stays, *going)
    assert not find_differences()


@pytest.fixture
def banks(files):
    """Three of which two are the same in truth; each has a case with two products, of which one is at both."""
    files.bring(
        {"bank": "工商银行", "products": ["复工贷", "工行通"]},
        {"bank": "老街银行", "products": ["复 工贷", "老街通"]},
        {"bank": "微众银行", "products": ["复工贷"]},
    )
    return Bank.objects.get(code="icbc"), Bank.objects.get(code="old"), Bank.objects.get(code="webank")


class TestBanks:
    def test_cases_products_and_names_go_over(self, banks, merged):
        stays, goes, other = banks
        twin = Product.objects.get(bank=stays, name="复工贷")
        response = merged(stays, goes)
        assert "深圳老街银行 已并入 工商银行，1 个案例改归它" in response.content.decode()
        assert not Bank.objects.filter(pk=goes.pk).exists()
        assert [case.bank for case in Case.objects.order_by("pk")] == [stays, stays, other]
        assert set(stays.products.values_list("name", flat=True)) == {"复工贷", "工行通", "老街通"}
        assert twin.cases.count() == 2
        assert "复 工贷" in {alias.name for alias in twin.aliases.all()}
        assert {"深圳老街银行", "老街银行"} <= set(stays.aliases.values_list("name", flat=True))
        assert {row.pk for row in search_cases(Case.objects.all(), "老街银行")} >= {
            case.pk for case in Case.objects.filter(bank=stays)
        }
        assert not RemovedName.objects.exists()

    def test_no_import_undoes_it_or_takes_it_for_an_edit(self, files, banks, merged):
        stays, goes, other = banks
        merged(stays, goes)
        before = list(Product.objects.order_by("pk").values_list("pk", "name", "bank"))
        for name in ("老街银行", "深圳老街银行", "深圳老街银行深圳分行"):
            files.write(banks=BANKS.replace('["老街银行"]', f'["老街银行", "叫{name}的"]'))
            files.reference()
            files.bring(
                {"bank": "工商银行", "products": ["复工贷", "工行通"]},
                {"bank": name, "products": ["复 工贷", "老街通"]},
                {"bank": "微众银行", "products": ["复工贷"]},
            )
        assert set(Bank.objects.values_list("code", flat=True)) == {"icbc", "webank"}
        assert [case.bank for case in Case.objects.order_by("pk")] == [stays, stays, other]
        assert list(Product.objects.order_by("pk").values_list("pk", "name", "bank")) == before
        assert not Doubt.objects.exists()
        # And what the source changes after is taken over.
        files.bring({"bank": "工商银行"}, {"bank": "微众银行", "products": ["新贷"]}, {"bank": "微众银行"})
        assert Case.objects.order_by("pk")[1].bank == other
        assert not Doubt.objects.exists()

    def test_a_new_alias_in_the_reference_data_is_one_of_the_bank_that_stays(self, files, banks, merged):
        stays, goes, _ = banks
        merged(stays, goes)
        files.write(banks=BANKS.replace('["老街银行"]', '["老街银行", "老街支付"]'))
        files.reference()
        assert stays.aliases.filter(name="老街支付").exists()

    def test_unchanged_rows_stay_unchanged(self, files, banks, merged):
        stays, goes, _ = banks
        merged(stays, goes)
        before = list(Case.objects.order_by("pk").values("updated_at", "imported"))
        files.bring({"bank": "工商银行", "text": "同"}, name="other.jsonl")
        assert (
            list(Case.objects.filter(source__name="rows.jsonl").order_by("pk").values("updated_at", "imported"))
            == before
        )

    def test_what_was_removed_from_one_is_removed_from_both(self, files, banks, merged):
        stays, goes, _ = banks
        Product.objects.get(bank=goes, name="老街通").delete()
        goes.aliases.get(name="老街银行").delete()
        merged(stays, goes)
        files.reference()
        files.bring({}, {"bank": "老街银行", "products": ["老街通"]}, {})
        assert not Product.objects.filter(name="老街通").exists()
        assert not stays.aliases.filter(name="老街银行").exists()
        assert Case.objects.order_by("pk")[1].bank == stays

    def test_three_at_once_and_what_was_merged_before(self, files, banks, merged, client):
        first, second, third = banks
        merged(second, third)
        merged(first, second)
        first.name = "大银行"
        first.save()
        assert {case.bank for case in Case.objects.all()} == {first}
        assert Product.objects.filter(name="复工贷").count() == 1
        for code in ("old", "webank"):
            response = client.get(f"/banks/{code}/")
            assert (response.status_code, response.url) == (301, "/banks/icbc/")
        files.reference()
        assert Bank.objects.count() == 1

    def test_a_bank_that_goes_for_good_takes_what_was_merged_into_it_along(self, files, merged):
        one, two = Bank.objects.get(code="webank"), Bank.objects.get(code="old")
        merged(one, two)
        one.delete()
        files.write(banks=BANKS.replace("民营银行", "城市商业银行"))
        files.reference()
        assert set(Bank.objects.values_list("code", flat=True)) == {"icbc"}

    def test_a_merged_bank_can_be_made_anew_under_another_code(self, files, banks, merged):
        stays, goes, _ = banks
        merged(stays, goes)
        anew = Bank.objects.create(code="old-street", name="深圳老街银行", kind="city")
        files.bring({}, {}, {}, {"bank": "深圳老街银行"})
        assert Case.objects.latest("pk").bank == anew


class TestProducts:
    @pytest.fixture
    def products(self, files):
        files.bring(
            *({"bank": "工商银行", "products": names} for names in (["甲贷"], ["乙贷"], ["甲贷", "乙贷"], ["丙贷"]))
        )
        return [Product.objects.get(name=name) for name in ("甲贷", "乙贷", "丙贷")]

    def test_cases_and_names_go_over_and_stay(self, files, products, merged):
        stays, goes, other = products
        merged(stays, goes)
        for text in ("一", "二"):
            files.bring(
                *({"bank": "工商银行", "products": names} for names in (["甲贷"], ["乙贷"], ["甲贷", "乙贷"], ["丙贷"]))
            )
            assert [list(case.products.all()) for case in Case.objects.order_by("pk")] == [[stays]] * 3 + [[other]], (
                text
            )
        assert [alias.name for alias in stays.aliases.all()] == ["乙贷"]
        assert not Doubt.objects.exists()

    def test_who_gives_one_the_name_of_another_is_told_of_merging(self, products, admin_client):
        address = reverse("admin:catalog_product_change", args=[products[0].pk])
        response = admin_client.post(address, form_of(admin_client, address, "product_form", name="乙 貸"))
        assert response.status_code == 200
        assert "合并所选" in response.content.decode()

    def test_those_of_two_banks_are_not_merged(self, files, products, admin_client):
        other = Product.objects.create(bank=Bank.objects.get(code="webank"), name="甲贷")
        page = reverse("admin:catalog_product_merge")
        response = admin_client.get(page, {"row": [products[0].pk, other.pk]}, follow=True)
        assert "同一家银行" in response.content.decode()
        with pytest.raises(MergeProblem, match="同一家银行"):
            merge(products[0], [other])
        assert Product.objects.count() == 4


class TestChapters:
    def test_cases_slogans_and_names_go_over_and_stay(self, files, merged):
        files.bring({"category": "聚力抗疫"}, {"category": "服务小微"})
        stays, goes = Category.objects.get(code="kangyi"), Category.objects.get(code="xiaowei")
        Category.objects.filter(pk=goes.pk).update(slogans="全力以赴")
        merged(stays, goes)
        files.write(chapters=(files.folder / "chapters.toml").read_text().replace("order = 2", "order = 3"))
        files.reference()
        files.bring({"category": "聚力抗疫"}, {"category": "服务小微"}, {"category": "服务小微"})
        assert {case.category for case in Case.objects.all()} == {stays}
        stays.refresh_from_db()
        assert stays.slogans == "全力以赴"
        assert Category.objects.count() == 1
        assert not Doubt.objects.exists()


class TestAddresses:
    @pytest.fixture
    def moved(self):
        stays, goes = make_bank("甲银行", code="one"), make_bank("乙银行", code="two")
        chapters = make_category("甲章", code="one"), make_category("乙章", code="two")
        make_case("案例", bank=goes, category=chapters[1], products=("乙贷",))
        products = Product.objects.create(bank=goes, name="甲贷"), Product.objects.get(name="乙贷")
        for one, two in ((products), (stays, goes), (chapters)):
            merge(one, [two])
        return {
            "bank": ("two", stays.code),
            "category": ("two", "one"),
            "product": (products[1].slug, products[0].slug),
        }

    def test_pages_lead_on_with_their_query(self, client, moved):
        pages = {"bank": "/banks/{}/", "category": "/chapters/{}/", "product": "/products/{}/"}
        for kind, page in pages.items():
            former, present = moved[kind]
            response = client.get(page.format(former) + "?year=2020")
            assert response.status_code == 301
            followed = client.get(response.url)
            assert followed.status_code == 200
            assert unquote(response.url) == page.format(present) + "?year=2020"

    def test_filters_lead_on_in_pages_and_api(self, client, moved):
        for place in ("/cases/", "/api/cases/"):
            for kind, (former, present) in moved.items():
                response = client.get(place, {kind: [former, former], "year": "none"})
                assert response.status_code == 301
                followed = client.get(response.url)
                assert followed.status_code == 200
                assert followed.wsgi_request.GET.getlist(kind) == [present]
                assert followed.wsgi_request.GET["year"] == "none"

    def test_an_address_that_never_was_is_none(self, client, moved):
        for page in ("/banks/three/", "/chapters/three/", "/products/three/", "/cases/three/", "/api/cases/three/"):
            assert client.get(page).status_code == 404
        assert client.get("/cases/", {"bank": "three"}).status_code == 200
        assert client.get("/api/cases/", {"bank": "three"}).status_code == 400

    @pytest.mark.parametrize("model", [Bank, Category])
    def test_nobody_takes_a_former_code(self, moved, model):
        more = {"kind": "state"} if model is Bank else {}
        with pytest.raises(IntegrityError, match="leads to another row"), transaction.atomic():
            model.objects.create(code="two", name="丙", **more)
        row = model.objects.create(code="three", name="丙", **more)
        with pytest.raises(IntegrityError, match="leads to another row"), transaction.atomic():
            model.objects.filter(pk=row.pk).update(code="two")

    def test_an_editor_who_tries_is_told(self, admin_client, moved):
        form = {"code": "two", "name": "丙银行", "kind": "state", "position": 0}
        form |= {"aliases-TOTAL_FORMS": 0, "aliases-INITIAL_FORMS": 0}
        response = admin_client.post(reverse("admin:catalog_bank_add"), form)
        assert response.status_code == 200
        assert "two 曾是" in response.content.decode()

    def test_a_product_of_the_same_name_gets_another_address(self, moved):
        former, _ = moved["product"]
        made = Product.objects.create(bank=Bank.objects.create(code="three", name="丙", kind="state"), name="乙贷")
        assert made.slug != former

    def test_an_address_that_a_row_has_is_no_former_one(self, moved):
        bank = make_bank("丙银行", code="three")
        with pytest.raises(IntegrityError, match="has the address"), transaction.atomic():
            FormerAddress.objects.create(kind="bank", address="three", bank=bank)

    def test_a_code_that_is_changed_by_sql_leads_on_and_can_be_had_back(self, client, files):
        files.bring({"bank": "微众银行"})
        bank = Bank.objects.get(code="webank")
        for code in ("wb", "webank", "wb"):
            with connection.cursor() as cursor:
                cursor.execute("UPDATE catalog_bank SET code = %s WHERE id = %s", [code, bank.pk])
        assert client.get("/banks/webank/").url == "/banks/wb/"
        files.reference()
        files.bring({"bank": "微众银行"})
        assert Bank.objects.count() == 3
        assert not Doubt.objects.exists()


class TestRights:
    @pytest.mark.parametrize("rights", [[], ["view"], ["view", "change"], ["view", "delete"]])
    def test_it_takes_the_right_to_change_and_to_delete(self, client, files, rights):
        user = get_user_model().objects.create_user("editor", is_staff=True)
        wanted = [f"{right}_bank" for right in rights]
        user.user_permissions.set(Permission.objects.filter(codename__in=wanted))
        client.force_login(user)
        rows = list(Bank.objects.values_list("pk", flat=True))
        page = reverse("admin:catalog_bank_merge")
        assert client.get(page, {"row": rows}).status_code == 403
        assert client.post(page, {"row": rows, "stays": rows[0]}).status_code == 403
        assert Bank.objects.count() == 3

    def test_one_row_is_not_enough(self, admin_client, files):
        listing = reverse("admin:catalog_bank_changelist")
        data = {"action": "merge", "_selected_action": [Bank.objects.first().pk]}
        assert "请选择两个或更多" in admin_client.post(listing, data, follow=True).content.decode()

    def test_nothing_strange_in_the_address_breaks_the_page(self, admin_client, files):
        rows = list(Bank.objects.values_list("pk", flat=True))
        page = reverse("admin:catalog_bank_merge")
        for data in ({}, {"row": ["x", "9" * 30]}, {"row": [*rows, *rows]}, {"row": rows, "stays": "99"}):
            assert admin_client.get(page, data, follow=True).status_code == 200
            assert admin_client.post(page, data, follow=True).status_code == 200
        assert Bank.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_nothing_is_merged_while_an_import_runs(files):
    from threading import Thread

    told = []

    def try_it() -> None:
        try:
            merge(Bank.objects.get(code="icbc"), [Bank.objects.get(code="old")])
        except MergeProblem as problem:
            told.append(str(problem))
        finally:
            connection.close()

    with one_import_at_a_time():
        thread = Thread(target=try_it)
        thread.start()
        thread.join()
    assert told == ["另一个导入正在进行，请等它结束后再试。"]
    assert Bank.objects.count() == 3
