"""A name belongs to one bank, and to one product of a bank, in any spelling; a case has products of its own bank."""

import pytest
from django.urls import reverse

from catalog.models import Bank, BankAlias, Product, ProductAlias
from tests.admin.forms import form_of
from tests.factories import make_bank, make_case, make_category, make_source

pytestmark = pytest.mark.django_db


@pytest.fixture
def abc():
    bank = make_bank(
        "农业银行",
        code="abc",
        short_name="农行",
        full_name="中国农业银行股份有限公司",
        english_name="Agricultural Bank of China",
        abbreviation="ABC",
    )
    bank.aliases.create(name="金穗")
    return bank


@pytest.fixture
def icbc():
    return make_bank("工商银行", code="icbc")


@pytest.fixture
def form(admin_client):
    """form(bank, name="…"): the page's form with changes, and its answer."""

    def send(row, **changes):
        name = row._meta.model_name
        address = reverse(f"admin:catalog_{name}_change", args=[row.pk])
        return admin_client.post(address, form_of(admin_client, address, f"{name}_form", **changes))

    return send


TAKEN = [
    *("农业银行", "农 业 银 行", "農業銀行", "农行", "農行", "金穗", "ABC", "abc", "ＡＢＣ", "A b c"),
    *(
        "Agricultural Bank of China",
        "agriculturalbankofchina",
        "中国农业银行",
        "中国农业银行股份有限公司",
        "中國農業銀行",
    ),
]


class TestBanks:
    @pytest.mark.parametrize("name", TAKEN)
    def test_an_alias_that_is_another_banks_name_is_refused_at_its_field(self, form, abc, icbc, name):
        response = form(icbc, **{"aliases-0-name": name})
        formset = response.context["inline_admin_formsets"][0].formset
        assert "农业银行" in str(formset.errors[0]["name"])
        assert not icbc.aliases.exists()

    @pytest.mark.parametrize("name", TAKEN)
    @pytest.mark.parametrize("field", ["name", "short_name", "full_name"])
    def test_so_is_a_name_of_its_own(self, form, abc, icbc, field, name):
        response = form(icbc, **{field: name})
        assert "农业银行" in str(response.context["adminform"].form.errors[field])

    def test_so_is_a_legal_name_that_without_its_form_of_company_is_anothers(self, form, icbc):
        make_bank("上海银行").aliases.create(name="中国工商银行")
        response = form(icbc, full_name="中国工商银行股份有限公司")
        assert "上海银行" in str(response.context["adminform"].form.errors["full_name"])

    @pytest.mark.parametrize("name", ["工行", "宇宙行", "农业发展银行", "I.C.B.C"])
    def test_any_other_is_taken(self, form, abc, icbc, name):
        assert form(icbc, **{"aliases-0-name": name}).status_code == 302
        assert icbc.aliases.get().name == name

    def test_its_own_names_are_no_hindrance(self, form, abc):
        assert form(abc, **{"aliases-1-name": "農業銀行"}).status_code == 302

    def test_what_was_so_before_keeps_nobody_from_mending_something_else(self, form, abc, icbc):
        BankAlias.objects.create(bank=icbc, name="農行")
        assert form(icbc, position="7").status_code == 302

    def test_a_new_bank_is_refused_anothers_name(self, admin_client, abc):
        address = reverse("admin:catalog_bank_add")
        data = form_of(admin_client, address, "bank_form", code="x", name="农 行", kind="state")
        assert "农业银行" in str(admin_client.post(address, data).context["adminform"].form.errors["name"])
        assert Bank.objects.count() == 1


class TestProducts:
    @pytest.fixture
    def loan(self, abc):
        product = Product.objects.create(bank=abc, name="纳税e贷")
        product.aliases.create(name="税贷通")
        return product

    @pytest.fixture
    def card(self, abc, loan):
        return Product.objects.create(bank=abc, name="乡村卡")

    @pytest.mark.parametrize("name", ["纳税e贷", "纳税 Ｅ 貸", "納稅E貸", "税贷通", "稅 貸 通"])
    def test_an_alias_that_is_another_product_of_the_bank_is_refused(self, form, card, name):
        response = form(card, **{"aliases-0-name": name})
        assert "纳税e贷" in str(response.context["inline_admin_formsets"][0].formset.errors[0]["name"])
        assert not ProductAlias.objects.filter(product=card).exists()

    @pytest.mark.parametrize("name", ["纳税e贷", "纳税 Ｅ 貸", "稅貸通"])
    def test_so_is_such_a_name(self, form, card, name):
        assert "name" in form(card, name=name).context["adminform"].form.errors

    def test_another_banks_product_may_be_called_the_same(self, form, loan, icbc):
        theirs = Product.objects.create(bank=icbc, name="商户贷")
        assert form(theirs, **{"name": "纳税e贷", "aliases-0-name": "税贷通"}).status_code == 302

    def test_it_can_not_move_to_a_bank_that_has_its_alias(self, form, loan, icbc):
        Product.objects.create(bank=icbc, name="稅貸通")
        assert "税贷通" in str(form(loan, bank=str(icbc.pk)).context["adminform"].form.errors["bank"])

    def test_nor_away_from_the_cases_that_have_it(self, form, abc, icbc, loan):
        make_case("一个案例", bank=abc, products=("纳税e贷",))
        assert "1 个" in str(form(loan, bank=str(icbc.pk)).context["adminform"].form.errors["bank"])


class TestProductsOfACase:
    @pytest.fixture
    def case(self, abc):
        return make_case("田间的贷款", bank=abc, products=("惠农贷",))

    @pytest.fixture
    def strange(self, icbc):
        return Product.objects.create(bank=icbc, name="商户贷")

    def test_another_banks_product_is_refused_at_the_field_and_named_with_its_bank(self, form, case, strange):
        response = form(case, products=[str(strange.pk)])
        assert "商户贷（工商银行）" in str(response.context["adminform"].form.errors["products"])
        assert case.products.get().name == "惠农贷"

    def test_so_is_a_bank_that_does_not_fit_the_products(self, form, case, icbc):
        assert "惠农贷（农业银行）" in str(form(case, bank=str(icbc.pk)).context["adminform"].form.errors["products"])

    def test_so_is_what_only_two_editors_together_bring_about(self, admin_client, case, icbc, strange):
        case.products.clear()
        address = reverse("admin:catalog_case_change", args=[case.pk])
        mine = form_of(admin_client, address, "case_form", products=[str(strange.pk)])
        mine["bank"] = [str(case.bank_id)]
        theirs = form_of(admin_client, address, "case_form", bank=str(icbc.pk))
        assert admin_client.post(address, theirs).status_code == 302
        # By now the case is of the product's bank, although this form was opened when it was of another.
        assert admin_client.post(address, mine).status_code == 302
        own = Product.objects.create(bank=case.bank, name="惠农卡")
        late = form_of(admin_client, address, "case_form", products=[str(strange.pk), str(own.pk)])
        assert "惠农卡（农业银行）" in str(
            admin_client.post(address, late).context["adminform"].form.errors["products"]
        )

    def test_the_choices_say_whose_they_are(self, admin_client, case, strange):
        address = reverse("admin:autocomplete")
        asked = {"app_label": "catalog", "model_name": "case", "field_name": "products", "term": "贷"}
        texts = [row["text"] for row in admin_client.get(address, asked).json()["results"]]
        assert sorted(texts) == ["商户贷（工商银行）", "惠农贷（农业银行）"]
        page = admin_client.get(reverse("admin:catalog_case_change", args=[case.pk])).content.decode()
        assert "惠农贷（农业银行）</option>" in page

    def test_a_case_of_no_bank_may_have_any(self, form, case, strange):
        products = [str(strange.pk), str(case.products.get().pk)]
        assert form(case, bank="", products=products).status_code == 302

    def test_what_was_so_before_keeps_nobody_from_mending_something_else(self, form, case, strange):
        case.products.add(strange)
        assert form(case, title="田间的新贷款").status_code == 302


class TestConfirming:
    @pytest.fixture
    def case(self, abc):
        chapter = make_category("助农")
        return make_case("田间的贷款", bank=abc, category=chapter, category_confidence=0.6, source=make_source(["一"]))

    def test_a_save_that_only_looked_at_it_confirms_nothing(self, form, case):
        assert form(case, summary="简介。").status_code == 302
        case.refresh_from_db()
        assert case.category_confidence == 0.6

    def test_the_box_beside_the_chapter_confirms_it(self, form, client, case):
        assert form(case, category_confirmed="on").status_code == 302
        case.refresh_from_db()
        assert case.category_confidence is None
        assert "推断，把握" not in client.get(case.get_absolute_url()).content.decode()

    def test_where_there_is_nothing_to_confirm_there_is_no_box(self, admin_client, case):
        address = reverse("admin:catalog_case_change", args=[case.pk])
        assert "把握 60%" in admin_client.get(address).content.decode()
        case.category_confidence = None
        case.save()
        assert "category_confirmed" not in admin_client.get(address).content.decode()
