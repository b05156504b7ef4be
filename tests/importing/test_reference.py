from pathlib import Path

import pytest

from catalog.importing.drafts import ImportProblem
from catalog.importing.reference import KINDS, load_reference

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
CHAPTERS = '[[chapter]]\ncode = "one"\nname = "第一"\norder = 1\nslogans = ["题语"]\n'
BANK = '[[bank]]\ncode = "icbc"\nname = "工商银行"\nshort_name = "工行"\nkind = "国有大型商业银行"\n'


def bank(code: str, name: str, **more: str) -> str:
    fields = {"code": f'"{code}"', "name": f'"{name}"', "kind": '"城市商业银行"', **more}
    return "[[bank]]\n" + "".join(f"{key} = {value}\n" for key, value in fields.items())


@pytest.fixture
def load(tmp_path):
    def load(banks: str = BANK, chapters: str = CHAPTERS):
        (tmp_path / "banks.toml").write_text(banks, encoding="utf-8")
        (tmp_path / "chapters.toml").write_text(chapters, encoding="utf-8")
        return load_reference(tmp_path)

    return load


class TestSeeds:
    def test_the_casebooks_institutions_are_listed_under_their_catalogue_names(self):
        names = {bank.name for bank in load_reference(SEEDS).banks}
        assert names >= {
            "农业银行",
            "国家开发银行",
            "微众银行",
            "中国银行",
            "进出口银行",
            "深圳农村商业银行",
            "农业发展银行",
            "工商银行",
            "平安信托",
            "建设银行",
            "华夏银行",
            "浦发银行",
            "民生银行",
            "宁波银行",
            "中信银行",
            "江苏银行",
            "东亚银行",
            "交通银行",
            "国银租赁",
            "平安银行",
            "深圳坪山珠江村镇银行",
            "招联金融",
            "邮储银行",
            "上海银行",
            "中广核财务公司",
            "宝生村镇银行",
            "宝安桂银村镇银行",
        }

    def test_chapters_are_in_the_books_order(self):
        chapters = load_reference(SEEDS).chapters
        assert [chapter.name for chapter in chapters] == (
            [
                "聚力抗疫",
                "助力复工",
                "服务小微",
                "精准扶贫",
                "消保服务",
                "科技金融",
                "金融科技",
                "跨境金融",
                "绿色金融",
                "特色服务",
                "风险防控",
            ]
        )
        assert [chapter.order for chapter in chapters] == list(range(1, 12))
        assert all(chapter.slogans for chapter in chapters)

    def test_banks_are_in_the_trades_order_of_kinds(self):
        kinds = [KINDS.index(bank.kind) for bank in load_reference(SEEDS).banks]
        assert kinds == sorted(kinds)

    def test_a_bank_goes_by_its_legal_name_without_the_form_of_company(self):
        names = load_reference(SEEDS).bank("工商银行").names
        assert {"工行", "中国工商银行", "中国工商银行股份有限公司", "ICBC"} <= set(names)


class TestMistakes:
    def problem(self, load, **files: str) -> ImportProblem:
        with pytest.raises(ImportProblem) as caught:
            load(**files)
        return caught.value

    def test_invalid_toml_is_named_with_file_and_line(self, load):
        problem = self.problem(load, banks=BANK + "code = \n")
        assert (problem.file, problem.line) == ("banks.toml", 6)

    def test_a_missing_file_is_named(self, tmp_path):
        with pytest.raises(ImportProblem, match=r"banks\.toml"):
            load_reference(tmp_path)

    def test_an_unknown_kind_is_named_with_its_line(self, load):
        problem = self.problem(load, banks=BANK.replace("国有大型", "国有"))
        assert "国有商业银行" in problem.message
        assert problem.line == 5

    def test_a_doubled_code_names_both_banks(self, load):
        problem = self.problem(load, banks=BANK + bank("icbc", "农业银行"))
        assert "工商银行" in problem.message
        assert "农业银行" in problem.message
        assert problem.line == 7

    def test_a_doubled_alias_names_both_banks_and_its_line(self, load):
        problem = self.problem(load, banks=BANK + bank("abc", "农业银行", aliases='["农行", "工行"]'))
        assert "工行" in problem.message
        assert problem.line == 10

    def test_a_doubled_name_in_another_script_is_found(self, load):
        assert "名称" in self.problem(load, banks=BANK + bank("x", "工商銀行")).message

    @pytest.mark.parametrize("code", ["ICBC", "工行", "a_b", "-a", ""])
    def test_a_code_is_a_lower_case_ascii_slug(self, load, code):
        assert self.problem(load, banks=BANK.replace("icbc", code)).line

    def test_a_missing_and_an_unknown_field_are_named(self, load):
        assert "name" in self.problem(load, banks=BANK.replace('name = "工商银行"\n', "", 1)).message
        assert "colour" in self.problem(load, banks=BANK + 'colour = "red"\n').message

    def test_a_value_of_the_wrong_type_is_named_with_its_line(self, load):
        assert self.problem(load, chapters=CHAPTERS.replace("order = 1", 'order = "1"')).line == 4

    def test_two_chapters_of_one_order_are_refused(self, load):
        assert (
            "次序"
            in self.problem(load, chapters=CHAPTERS + CHAPTERS.replace("one", "two").replace("第一", "第二")).message
        )

    @pytest.mark.parametrize("text", ["", "a = 1\n", "bank = 3\n", "[bank]\n"])
    def test_a_file_without_the_list_is_refused(self, load, text):
        assert self.problem(load, banks=text).file == "banks.toml"
