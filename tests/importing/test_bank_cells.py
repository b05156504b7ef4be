"""What a cell of a row says of banks."""

import json
from pathlib import Path

import pytest
from django.core.management import call_command

from catalog.importing.reference import load_reference
from catalog.importing.rows.bank_cells import BankCells, Reading
from catalog.models import Case
from catalog.text.names import name_key

BANKS = load_reference(Path(__file__).resolve().parents[2] / "seeds").banks


@pytest.fixture(scope="module")
def cells():
    return BankCells(
        {name_key(name): bank.name for bank in BANKS for name in bank.names}, {b.name: b.name for b in BANKS}
    )


@pytest.mark.parametrize(
    ("cell", "bank", "branch"),
    [
        ("工行深圳分行", "工商银行", "工行深圳分行"),
        ("农行深圳分行", "农业银行", "农行深圳分行"),
        ("工商银行（深圳分行）", "工商银行", "工商银行深圳分行"),
        ("工商銀行（深圳分行）", "工商银行", "工商銀行深圳分行"),
        ("中国银行 深圳市分行", "中国银行", "中国银行深圳市分行"),
        ("平安银行－深圳分行", "平安银行", "平安银行深圳分行"),
        ("建行深圳市分行营业部", "建设银行", "建行深圳市分行营业部"),
        ("平安银行总行", "平安银行", "平安银行总行"),
        ("平安银行深圳分行/总行", "平安银行", "平安银行深圳分行/总行"),
        ("中国工行深圳分行", "工商银行", "中国工行深圳分行"),
        ("工行佛山顺德支行", "工商银行", "工行佛山顺德支行"),
        ("工行深圳分行、工行广州分行", "工商银行", "工行深圳分行、工行广州分行"),
        ("上海浦东发展银行股份有限公司深圳分行", "浦发银行", "上海浦东发展银行股份有限公司深圳分行"),
        ("ICBC Shenzhen Branch", "工商银行", "ICBC Shenzhen Branch"),
        ("招行信用卡中心", "招商银行", "招行信用卡中心"),
        ("中行业务部", "中国银行", "中行业务部"),
        ("工商银行公司金融业务部", "工商银行", "工商银行公司金融业务部"),
        ("中国建设银行上海银行卡中心", "建设银行", "中国建设银行上海银行卡中心"),
        ("宁波银行上海分行", "宁波银行", "宁波银行上海分行"),
        ("上海银行宁波分行", "上海银行", "上海银行宁波分行"),
    ],
)
def test_a_bank_with_its_branch_as_it_is_written(cells, cell, bank, branch):
    assert cells.read(cell) == Reading((bank,), branch)


@pytest.mark.parametrize(
    ("cell", "bank", "branch"),
    [
        ("深圳工行", "工商银行", "工商银行深圳分行"),
        ("深圳農行", "农业银行", "农业银行深圳分行"),
        ("工行深圳", "工商银行", "工商银行深圳分行"),
        ("绍兴建行", "建设银行", "建设银行绍兴分行"),
        ("慈溪市农行", "农业银行", "慈溪市农行"),  # a county's may be a branch or less
        ("深圳微众银行", "微众银行", "深圳微众银行"),
    ],
)
def test_a_bank_with_a_place(cells, cell, bank, branch):
    assert cells.read(cell) == Reading((bank,), branch)


@pytest.mark.parametrize("cell", ["工商银行/工行", "ICBC（工商银行）", "工商银行，中国工商银行股份有限公司"])
def test_one_bank_by_two_of_its_names_is_no_branch(cells, cell):
    assert cells.read(cell) == Reading(("工商银行",), "")


@pytest.mark.parametrize(
    "cell",
    [
        *("中国银行业协会", "中国银行业协会深圳办事处", "上海银行间同业拆借中心", "上海银行业监督管理局"),
        *("人民银行", "中国人民银行深圳市分行", "深圳市工行支付科技公司", "与工行合作的公司", "工行大学"),
        *("中国银行保险监督管理委员会深圳监管局", "上海中国银行大厦", "复工行动部", "火星银行深圳分行", "深圳分行"),
        *("香港中国银行", "中国银行学院培训中心", "工商银行;火星银行"),
    ],
)
def test_a_mention_makes_no_bank(cells, cell):
    assert cells.read(cell) == Reading()


@pytest.mark.parametrize(
    "cell",
    [
        *(
            "工商银行;农业银行",
            "工行、农行",
            "工商银行和农业银行联合",
            "工行深圳分行；农行",
            "ICBC/ABC",
            "工行农行深圳分行",
        ),
        *("工商銀行與農業銀行", "工行深圳分行与农行广州分行"),
    ],
)
def test_two_banks_are_none(cells, cell):
    assert cells.read(cell) == Reading(("工商银行", "农业银行"))


def test_every_bank_is_known_with_a_branch_by_each_of_its_names(cells):
    for bank in BANKS:
        for name in bank.names:
            for cell in (name, f"{name}深圳分行", f"{name}（南山支行）", f"{name} 总行"):
                assert cells.read(cell).banks == (bank.name,), cell


def _import(tmp_path, **row):
    (tmp_path / "rows.jsonl").write_text(json.dumps({"title": "甲", "text": "正文。"} | row, ensure_ascii=False))
    call_command("import_cases", str(tmp_path / "rows.jsonl"))
    return Case.objects.get()


@pytest.mark.django_db
def test_of_two_banks_an_editor_chooses(tmp_path):
    case = _import(tmp_path, bank="工商银行;农业银行")
    assert (case.bank, case.branch) == (None, "")
    assert "不止一家银行：工商银行、农业银行" in case.doubts.open().get(field="bank").reason


@pytest.mark.django_db
def test_a_branch_of_its_own_column_stands_and_another_in_the_banks_column_is_told(tmp_path):
    case = _import(tmp_path, bank="工行深圳分行", branch="广州分行")
    assert case.branch == "广州分行"
    assert "工行深圳分行" in case.doubts.open().get(field="branch").reason


@pytest.mark.django_db
def test_one_branch_in_both_columns_is_no_doubt(tmp_path):
    case = _import(tmp_path, bank="工行深圳分行", branch="深圳市分行")
    assert case.branch == "深圳市分行"
    assert not case.doubts.exists()
