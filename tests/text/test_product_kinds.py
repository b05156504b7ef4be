import pytest

from catalog.text.product_kinds import product_kind


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("复工贷", "loan"),
        ("園區e貸", "loan"),
        ("纳税 Ｅ 贷", "loan"),
        ("“抗疫贷”", "loan"),
        ("小微企业流动资金贷款", "loan"),
        ("复工贷（二期）", "loan"),
        ("疫情防控债", "bond"),
        ("绿色金融债券", "bond"),
        ("国债", "bond"),
        ("供应链金融服务平台", "platform"),
        ("信用信息系統", "platform"),
        ("手机 APP", "platform"),
        ("云缴费小程序", "platform"),
        ("上门服务", "service"),
        ("贷款服务", "service"),
        ("金融知识普及活动", "activity"),
        ("复工通", "undecided"),
        ("深港通", "undecided"),
        ("稳企行动计划", "undecided"),
        ("无还本续贷", "loan"),
        ("助贷", "undecided"),
        ("无本还贷", "undecided"),
        ("企业负债", "undecided"),
        ("贷", "undecided"),
        ("平台", "undecided"),
        ("贷易通", "undecided"),
        ("", "undecided"),
    ],
)
def test_only_an_ending_that_says_it_plainly_tells_the_kind(name, kind):
    assert product_kind(name) == kind
