import gc
import weakref
from urllib.parse import quote

import pytest
from django.urls import reverse

from catalog.models import Bank, Case, CaseTitle, Product
from catalog.search import rebuild_index, settle, suggest
from catalog.search.names import lexicon
from catalog.search.query.suggest import names

pytestmark = pytest.mark.django_db


@pytest.fixture
def catalogue(icbc, chapter, make_case):
    make_case(
        "复工贷助力企业",
        "本行推出普惠金融服务。" * 2,
        bank=icbc,
        category=chapter,
        products=["复工贷", "园区e贷"],
        status="public",
    )
    for n in range(6):
        make_case(f"发展跨境金融之{n}", "知识产权质押融资，支持小微企业。", bank=icbc, status="public")


@pytest.fixture
def labels(catalogue):
    return lambda prefix, **options: [(item.kind, item.label) for item in suggest(prefix, **options)]


class TestPrefixes:
    @pytest.mark.parametrize("prefix", ["工", "工商", "工行", "gsyh", "gongshang", "ICBC", "icb", "GSYH"])
    def test_a_bank_by_any_of_its_names(self, labels, prefix):
        assert ("bank", "工商银行") in labels(prefix)

    @pytest.mark.parametrize("prefix", ["复工", "復工", "fugong", "fu gong", "fgd", "工贷"])
    def test_a_product_in_either_script_by_pinyin_initials_or_from_inside(self, labels, prefix):
        assert ("product", "复工贷") in labels(prefix)

    def test_a_chapter(self, labels):
        assert ("category", "普惠金融") in labels("phjr")

    @pytest.mark.parametrize("prefix", ["发展跨", "fazhankuajing", "fzkj", "跨境金"])
    def test_cases_by_their_titles(self, labels, prefix):
        assert ("case", "发展跨境金融之0") in labels(prefix)

    @pytest.mark.parametrize("prefix", ["知识产", "zhishichanquan", "zscq"])
    def test_terms_of_the_texts(self, labels, prefix):
        assert ("term", "知识产权") in labels(prefix)

    def test_products_of_one_name_say_whose_they_are(self, catalogue, make_case):
        for name in ("甲银行", "乙银行"):
            make_case("另一", bank=Bank.objects.create(code=name, name=name, kind="city"), products=["复工贷"])
        notes = [item.note for item in suggest("复工贷") if item.label == "复工贷" and item.kind == "product"]
        assert sorted(notes) == ["乙银行", "工商银行", "甲银行"]

    def test_what_was_typed_is_marked_in_the_labels_own_script(self, catalogue):
        product = next(item for item in suggest("復工") if item.kind == "product")
        assert product.parts == ("", "复工", "贷")

    def test_each_says_by_what_its_row_is_known(self, catalogue, icbc, chapter):
        case, product = Case.objects.get(title="发展跨境金融之0"), icbc.products.get(name="复工贷")
        keys = {item.label: item.key for text in ("工商", "普惠", "复工", "跨境金", "知识产") for item in suggest(text)}
        assert keys[icbc.name] == icbc.code
        assert keys[chapter.name] == chapter.code
        assert keys[product.name] == product.slug
        assert keys[case.title] == case.slug
        assert keys["知识产权"] == "知识产权"

    def test_what_begins_so_comes_before_what_has_it_inside(self, labels, icbc, make_case):
        make_case("另一", bank=icbc, products=["大复工贷", "复工"], status="public")
        products = [label for kind, label in labels("复工") if kind == "product"]
        assert products == ["复工", "复工贷", "大复工贷"]


class TestBounds:
    @pytest.mark.parametrize("prefix", ["", " ", "\x00", "zzzz", "没有的东西", "%", "_", "\\", "'", "🙂", "a" * 5000])
    def test_nothing_is_suggested_for_nothing(self, labels, prefix):
        assert labels(prefix) == []

    def test_no_more_than_asked_for(self, labels):
        assert len(labels("跨境")) <= 10
        assert len(labels("跨境", limit=3)) == 3

    def test_only_what_leads_to_public_cases(self, labels, make_case, icbc):
        make_case("秘密案例", bank=icbc, products=["秘密贷"], status="draft")
        assert labels("秘密") == []

    def test_costs_few_queries(self, catalogue, django_assert_max_num_queries):
        suggest("复工")
        with django_assert_max_num_queries(10):
            suggest("复工")


class TestUpkeep:
    def test_a_saved_title_is_suggested_at_once(self, labels, make_case):
        case = make_case("旧名字", status="public")
        assert ("case", "旧名字") in labels("旧名")
        case.title = "新名字"
        case.save()
        assert labels("旧名") == []
        assert ("case", "新名字") in labels("xinming")
        case.delete()
        assert not CaseTitle.objects.filter(title="新名字").exists()

    def test_titles_written_without_signals_are_suggested_too(self, labels, make_case):
        case = make_case("旧名字", status="public")
        Case.objects.filter(pk=case.pk).update(title="新名字")
        Case.objects.bulk_create([Case(title="另一名字", slug="another")])
        settle()
        assert labels("旧名") == []
        assert ("case", "新名字") in labels("xinming")
        assert ("case", "另一名字") in labels("lingyi")

    def test_so_are_they_after_a_rebuild(self, labels, make_case):
        make_case("旧名字", status="public")
        CaseTitle.objects.all().delete()
        rebuild_index()
        assert ("case", "旧名字") in labels("旧名")

    def test_a_renamed_bank_is_suggested_at_once(self, labels, icbc):
        icbc.name = "甲乙银行"
        icbc.save()
        assert ("bank", "甲乙银行") in labels("jiayi")

    def test_names_that_are_gone_are_not_kept_in_memory(self, icbc):
        names()
        old = weakref.ref(lexicon.current())
        icbc.aliases.create(name="宇宙行")
        lexicon.current()
        gc.collect()
        assert old() is None


class TestPage:
    def test_is_a_list_of_options_that_lead_on(self, client, catalogue):
        response = client.get(reverse("suggestions"), {"q": "fugong"})
        html = response.content.decode()
        assert response.status_code == 200
        assert 'role="option"' in html
        assert 'aria-label="产品"' in html
        product, case = Product.objects.get(name="复工贷"), Case.objects.get(title="复工贷助力企业")
        assert f'href="{product.get_absolute_url()}"' in html
        assert f'href="{case.get_absolute_url()}"' in html
        assert "private" in response["Cache-Control"]

    @pytest.mark.parametrize(
        ("prefix", "address"),
        [("gsyh", "/banks/{bank}/"), ("phjr", "/chapters/{chapter}/"), ("知识产", "/cases/?q={term}")],
    )
    def test_leads_to_banks_chapters_and_searches(self, client, catalogue, icbc, chapter, prefix, address):
        html = client.get(reverse("suggestions"), {"q": prefix}).content.decode()
        address = address.format(bank=icbc.code, chapter=chapter.code, term=quote("知识产权"))
        assert f'href="{address}"' in html

    def test_is_empty_where_there_is_nothing(self, client, catalogue):
        assert client.get(reverse("suggestions")).content.decode().strip() == ""

    def test_escapes_what_titles_have(self, client, make_case):
        make_case("<b>脚本</b>", status="public")
        assert "&lt;b&gt;" in client.get(reverse("suggestions"), {"q": "脚本"}).content.decode()
