from pathlib import Path

import pytest

from catalog.importing.institutions import recognise_institution, settle_branches
from catalog.importing.reference import load_reference

REFERENCE = load_reference(Path(__file__).resolve().parents[2] / "seeds")


def recognise(title: str, text: str = ""):
    institution = recognise_institution(title, text, REFERENCE)
    return institution.bank, institution.branch


class TestTitle:
    @pytest.mark.parametrize(
        ("title", "bank", "branch"),
        [
            ("农行深圳分行支持绿色发展", "农业银行", "农业银行深圳分行"),
            ("工行深圳市分行支持绿色发展", "工商银行", "工商银行深圳市分行"),
            ("东亚银行（中国）有限公司深圳分行点亮未来", "东亚银行", "东亚银行深圳分行"),
            ("平安银行信用卡中心升级服务", "平安银行", "平安银行信用卡中心"),
            ("微众银行服务小微", "微众银行", "微众银行"),
            ("深圳农商行坚守初心", "深圳农村商业银行", "深圳农村商业银行"),
            ("深圳中行推出新产品", "中国银行", "中国银行深圳分行"),
            ("工商銀行深圳市分行推出新產品", "工商银行", "工商银行深圳市分行"),
            ("邮政储蓄银行广东省分行开展宣传", "邮储银行", "邮储银行广东省分行"),
            ("建行深圳华侨城支行为民办实事", "建设银行", "建设银行深圳华侨城支行"),
        ],
    )
    def test_bank_and_branch_are_the_titles(self, title, bank, branch):
        assert recognise(title) == (bank, branch)

    def test_the_longest_name_wins(self):
        assert recognise("中国农业发展银行深圳市分行")[0] == "农业发展银行"

    def test_the_first_bank_of_a_title_is_the_cases(self):
        assert recognise("国开行与微众银行合作转贷", "微众银行 微众银行 国开行")[0] == "国家开发银行"

    def test_a_partner_that_stands_first_is_not_the_cases(self):
        assert recognise("携手工商银行，招商银行深圳分行发布新方案")[0] == "招商银行"

    @pytest.mark.parametrize(
        "title", ["中国银行业协会发布报告", "人民银行、银保监会指导", "集中行动", "复工行动", "某城商行行业动态"]
    )
    def test_regulators_associations_and_words_are_no_banks(self, title):
        assert recognise(title) == (None, "")

    def test_an_unlisted_bank_is_not_replaced_by_its_partner(self):
        institution = recognise_institution("锦州银行深圳分行推出新产品", "锦州银行与工行合作", REFERENCE)
        assert institution.bank is None
        assert "锦州银行" in institution.reason

    def test_a_code_alone_is_no_bank(self):
        assert recognise("ABC 三级分类法", "库存按价值分类。")[0] is None

    def test_a_credit_card_business_is_that_of_the_centre(self):
        assert recognise("中信银行信用卡消保工作")[1] == "中信银行信用卡中心"


class TestText:
    def test_the_bank_named_most_is_the_cases(self):
        text = "工行深圳市分行推出方案。工行为企业授信。该方案由人民银行指导，农行也参加。"
        assert recognise("园区金融落地深圳", text) == ("工商银行", "工商银行深圳市分行")

    def test_a_formal_introduction_outweighs_mentions(self):
        text = "中国建设银行深圳市分行（以下简称“深圳建行”）开展探索，工行参加，工行支持，工行协办。"
        assert recognise("如何服务科技企业", text)[0] == "建设银行"

    def test_the_group_in_the_title_points_to_its_company(self):
        text = "中广核财务公司管理外汇风险。工商银行、工商银行参与询价。"
        assert recognise("外汇管理助力中广核", text)[0] == "中广核财务公司"

    def test_nothing_recognised_says_why(self):
        institution = recognise_institution("普惠金融新图景", "文章没有提到任何机构。", REFERENCE)
        assert (institution.bank, institution.branch, institution.confidence) == (None, "", 0.0)
        assert institution.reason

    def test_the_form_of_the_branch_is_the_one_written_in_full(self):
        text = "国家开发银行深圳市分行授信。国开行深圳分行走访，国开行深圳分行捐赠。"
        assert recognise("国开行深圳分行在行动", text)[1] == "国家开发银行深圳市分行"

    def test_letter_spacing_and_line_breaks_do_not_matter(self):
        assert recognise("东 亚 银 行 深 圳\n分行", "")[1] == "东亚银行深圳分行"


class TestSettleBranches:
    def settle(self, *cases: tuple[str, str]) -> list[str]:
        institutions = [recognise_institution(title, text, REFERENCE) for title, text in cases]
        texts = [f"{title}\n{text}" for title, text in cases]
        return [institution.branch for institution in settle_branches(institutions, texts, REFERENCE)]

    def test_one_bank_has_one_form_over_a_collection(self):
        assert (
            self.settle(("深圳中行推出新产品", ""), ("深圳中行惠民", "中国银行深圳市分行响应。"))
            == ["中国银行深圳市分行"] * 2
        )

    def test_a_case_that_names_only_the_bank_is_the_collections_branch(self):
        assert self.settle(("江苏银行落地首单", ""), ("江苏银行深圳分行聚力", "")) == ["江苏银行深圳分行"] * 2

    def test_a_bank_without_branches_and_an_unknown_one_stay(self):
        assert self.settle(("微众银行在行动", ""), ("某机构", ""), ("工行深圳市分行", "")) == [
            "微众银行",
            "",
            "工商银行深圳市分行",
        ]

    def test_a_centre_stays_a_centre(self):
        cases = ("中信银行信用卡中心", ""), ("中信银行深圳分行", "中信银行深圳分行")
        assert self.settle(*cases) == ["中信银行信用卡中心", "中信银行深圳分行"]
