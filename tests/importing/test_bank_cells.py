"""What a cell of a table names: a bank, a part of one, several, none. The whole of the cell has to be the name."""

from pathlib import Path

import pytest

from catalog.importing.institutions import NamesOfBanks
from catalog.importing.reference import load_reference

BANKS = load_reference(Path(__file__).resolve().parents[2] / "seeds").banks
NAMES = NamesOfBanks([(name, bank.name) for bank in BANKS for name in bank.names])


def cells(*rows: str) -> list[tuple[str, str]]:
    """(cell, bank) from rows of "bank: cell | cell"."""
    pairs = [row.split(": ", 1) for row in rows]
    return [(cell.strip(), bank) for bank, listed in pairs for cell in listed.split(" | ")]


@pytest.mark.parametrize(
    ("cell", "bank"),
    cells(
        "工商银行: 工行深圳分行 | 深圳工行 | 工商银行（深圳分行） | 工商银行（深圳） | 深圳工商銀行 | ICBC深圳分行",
        "工商银行: icbc 深圳分行 | ICBC Shenzhen Branch | 深圳分行（工商银行）",
        "工商银行: 广东省深圳市工行 | 工行和平支行 | 工行大学城支行",
        "工商银行: 中国工商银行股份有限公司深圳市分行（以下简称“工行深圳分行”） | 深圳工行（中国工商银行深圳市分行）",
        "工商银行: 工行深圳分行、广州分行 | 工商银行/深圳分行 | 工行深圳市分行普惠金融事业部 | 工行三亚市解放路支行",
        "农业银行: 农行深圳分行 | 農行深圳分行 | 深圳市农行 | 义乌市农行 | 农行义乌市支行",
        "农业银行: 农行监利支行 | 农业银行办公室",
        "中国银行: 中国银行 深圳市分行 | 中國銀行深圳市分行 | 深圳中行 | 中行香港分行",
        "中国银行: 中国银行集团客户部 | 中行普惠金融部 | Bank of China Shenzhen Branch | 中国银行监利支行",
        "建设银行: 建行深圳市分行营业部 | 广东省建行 | 建行李沧支行 | 建行苏州工业园区支行 | 建设银行家园支行",
        "平安银行: 平安银行总行 | 平安银行信用卡中心 | 平安银行公司业务部 | 平安银行私人银行部",
        "招商银行: 招商银行-深圳分行 | 招商银行·深圳分行 | 招商银行 深圳 | 招行福田支行 | 招行信用卡",
        "国家开发银行: 国开行深圳分行 | 深圳国开行",
        "农业发展银行: 农发行深圳市分行 | 中国农业发展银行深圳市分行",
        "东亚银行: 东亚银行（中国）有限公司深圳分行",
        "汇丰银行: 汇丰中国深圳分行 | 汇丰银行深圳代表处",
        "深圳农村商业银行: 深圳农商行南山支行",
        "上海银行: 上海银行北京分行",
        "北京银行: 北京银行上海分行",
        "浦发银行: 浦发深圳分行 | 上海浦东发展银行深圳分行营业部",
        "邮储银行: 邮储深圳分行 | 邮政储蓄银行广东省分行",
        "交通银行: 交行新疆维吾尔自治区分行 | 交通银行太平洋信用卡中心",
    ),
)
def test_a_part_of_a_bank(cell, bank):
    named = NAMES.read(cell)
    assert (named.banks, named.part) == ((bank,), True)


@pytest.mark.parametrize("bank", BANKS, ids=lambda bank: bank.code)
@pytest.mark.parametrize("form", ["{}深圳分行", "{}（乌鲁木齐市分行）", "{}宝安支行", "{} 总行"])
def test_every_bank_has_branches_everywhere(bank, form):
    for name in filter(None, (bank.name, bank.short_name)):
        assert NAMES.read(form.format(name)).banks == (bank.name,)


@pytest.mark.parametrize(
    ("cell", "bank"),
    cells(
        "工商银行: 工行 | 工商银行（工行） | 工商银行；工行 | 中国工行 | 中國工商銀行股份有限公司",
        "招商银行: 中国招商银行",
    ),
)
def test_a_bank_alone(cell, bank):
    named = NAMES.read(cell)
    assert (named.banks, named.part) == ((bank,), False)


@pytest.mark.parametrize(
    "cell",
    [
        *(
            "深圳市工行支付科技公司",
            "中国银行业协会",
            "上海银行间同业拆借中心",
            "人民银行",
            "中国人民银行深圳市中心支行",
        ),
        *(
            "中国银行间市场交易商协会",
            "江苏银行业协会秘书部",
            "北京银行家俱乐部",
            "中国银行保险监督管理委员会",
            "火星银行",
        ),
        *("中行政服务中心", "工行动指挥部", "浦发展中心", "邮储蓄部", "集中行业", "ABCD分行", "人民银行（工行）"),
        *(
            "工商银行和锦州银行",
            "工商银行、锦州银行深圳分行",
            "工商银行锦州银行深圳分行",
            "工商银行与某公司",
            "工商银行等",
        ),
        *(
            "招商银行旗下科技公司",
            "工商银行理财公司研究部",
            "中国银行（香港）有限公司",
            "深圳分行",
            "各大银行",
            "建行大学",
        ),
    ],
)
def test_a_mere_mention_makes_no_bank(cell):
    assert NAMES.read(cell).banks == ()


@pytest.mark.parametrize(
    ("cell", "banks"),
    [
        *(
            (cell, ("工商银行", "农业银行"))
            for cell in ("工商银行;农业银行", "工行、农行", "工商银行和农业银行联合", "工行农行")
        ),
        *(
            (cell, ("工商银行", "农业银行"))
            for cell in ("工行与农行深圳分行", "工商銀行、農業銀行", "深圳工行 深圳农行", "ICBC & ABC")
        ),
        ("平安银行（与微众银行联合）", ("平安银行", "微众银行")),
        ("中行/招行/建行", ("中国银行", "招商银行", "建设银行")),
    ],
)
def test_several_banks_are_all_named(cell, banks):
    assert NAMES.read(cell).banks == banks
