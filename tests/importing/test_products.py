import pytest

from catalog.importing.products import find_products, shared_phrases

OWN = ("建设银行", "建行")


def names(*pieces: str, own=OWN, **options) -> list[str]:
    return [product.name for product in find_products(["", *pieces], own, **options)]


class TestNamed:
    @pytest.mark.parametrize(
        ("text", "name"),
        [
            ("该行推出“云税贷”产品。", "云税贷"),
            ("该行推出「雲稅貸」產品。", "雲稅貸"),
            ("分行上线了“校园通”，方便缴费。", "校园通"),
            ("打造“工享”驿站，服务创业者。", "工享驿站"),
            ("该行自主研发的信贷风险智能监控平台投入使用。", "信贷风险智能监控平台"),
            ("建行小微快贷放款迅速。", "小微快贷"),
            ("该行创新推出知识产权保险质押贷款，切实帮助企业。", "知识产权保险质押贷款"),
            ("成功发行全国首单快递行业疫情防控超短期融资券。", "快递行业疫情防控超短期融资券"),
            ("自主研发的区块链平台FISCO BCOS开源。", "FISCO BCOS"),
            ("发布会推出了“纳税 e 贷”。", "纳税e贷"),
        ],
    )
    def test_a_product_is_found_by_its_ending_and_what_introduces_it(self, text, name):
        assert name in names(text)

    def test_all_of_an_enumeration_are_introduced_by_its_verb(self):
        products = names("推出“抗疫订单贷”、“抗疫医疗贷”和“校付通”“享乐租”等系列产品。")
        assert products == ["抗疫订单贷", "抗疫医疗贷", "校付通", "享乐租"]

    def test_products_without_quotation_marks_are_parted_at_the_comma(self):
        assert names("创新推出善科贷、善新贷等专属信贷产品。") == ["善科贷", "善新贷"]


class TestOnlyLikeNames:
    @pytest.mark.parametrize(
        "text",
        [
            "坚持“不抽贷、不断贷、不压贷”的宗旨。",
            "践行“以客户为中心”的理念，做好“六稳”工作。",
            "印发《关于做好信贷服务工作的通知》。",
            "荣获“最佳绿色贷”称号。",
            "深圳市云端科技有限公司（以下简称“云端通”）是一家企业。",
            "让金融“活水”流向“最后一公里”。",
            "企业“贷不到”、银行“不敢贷”。",
            "该行提供金融服务，完善服务体系，加强信贷管理。",
            "下载学习强国APP。",
            "大额贷款的贷前审查与信用风险贷后管理。",
            "帮助建档立卡贫困户。",
        ],
    )
    def test_slogans_policies_documents_honours_and_everyday_words_are_no_products(self, text):
        assert names(text) == []

    def test_a_phrase_of_several_banks_is_policy_talk(self):
        piece = "启动“百行进万企”专项行动，推出“百行进万企”服务。"
        shared = shared_phrases([(bank, [piece]) for bank in "甲乙丙"])
        assert names(piece, shared=shared) == []
        assert names(piece) == ["百行进万企"]


class TestSpellings:
    def test_one_name_in_several_spellings_is_one_product_with_aliases(self):
        (product,) = find_products(["", "推出“纳税e贷”。", "“纳税e贷”上线。", "“納稅 Ｅ 貸”產品。"], OWN)
        assert product.name == "纳税e贷"
        assert product.aliases == ("納稅 Ｅ 貸",)

    def test_the_bank_before_a_name_and_a_version_after_it_make_aliases(self):
        (product,) = find_products(["", "推出“园区贷”。推广“园区贷”。", "推出“园区贷2.0”。", "推出“建行园区贷”。"], OWN)
        assert product.name == "园区贷"
        assert set(product.aliases) == {"园区贷2.0", "建行园区贷"}

    def test_a_part_of_a_longer_name_is_no_product_of_its_own(self):
        assert names("推出小微快贷。推出个人快贷产品。", "“建行小微快贷”产品。")[0] == "小微快贷"

    def test_an_everyday_word_is_named_with_its_bank(self):
        assert names("登录建行手机银行即可办理。") == ["建行手机银行"]


@pytest.mark.parametrize("pieces", [[], [""], ["", "   "], ["标题"], ["“", "”“”", "《》"]])
def test_a_text_without_names_has_no_products(pieces):
    assert find_products(pieces, OWN) == ()


def test_a_case_without_a_bank_still_has_products():
    assert [product.name for product in find_products(["", "推出“云税贷”产品。"])] == ["云税贷"]
