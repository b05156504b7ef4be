"""XLSX files as editors hand them in, and as nobody should."""

import re
import struct
from datetime import date, datetime
from io import BytesIO, StringIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from django.core.management import CommandError, call_command
from openpyxl import Workbook

from catalog.importing.drafts import ImportProblem
from catalog.importing.rows.drafts import draft_of
from catalog.importing.rows.files import examine
from catalog.models import Case
from catalog.text import limits
from tests.factories import make_bank


@pytest.fixture
def written(tmp_path):
    """Writes a workbook whose first sheet has these rows."""

    def write(*rows, name="案例.xlsx", prepare=lambda sheet: None):
        book = Workbook()
        for row in rows:
            book.active.append(row)
        prepare(book.active)
        book.save(tmp_path / name)
        return tmp_path / name

    return write


def values_at(path) -> list[dict]:
    return [record.values for record in examine(path).records()]


def refusal(path) -> str:
    with pytest.raises(ImportProblem) as caught:
        list(examine(path).records())
    assert caught.value.file == path.name
    return caught.value.message


class TestCells:
    def test_are_read_as_they_are_shown(self, written):
        def prepare(sheet):
            sheet["B2"].number_format = "000"
            sheet["D2"].number_format = "yyyy/m/d"

        path = written(
            ["标题", "编号", "图片说明", "日期", "作者", "状态", "章节的把握", "标题为代拟"],
            ["甲", 7, "001", date(2020, 3, 1), 12345678901, " ", 0.44, True],
            ["乙", "007", 2.0, datetime(2020, 3, 1, 9, 30), "=1+1", None, None, False],
            prepare=prepare,
        )
        first, second = values_at(path)
        assert first == {
            "标题": "甲",
            "编号": "007",
            "图片说明": "001",
            "日期": "2020-03-01",
            "作者": "12345678901",
            "状态": " ",
            "章节的把握": "0.44",
            "标题为代拟": "true",
        }
        assert second["日期"] == "2020-03-01 09:30:00"
        assert (second["图片说明"], second["状态"], second["标题为代拟"]) == ("2", "", "false")

    def test_rows_keep_the_numbers_that_the_sheet_gives_them(self, written):
        path = written([], ["标题"], ["甲"], [], [], ["乙"])
        assert [(record.line, record.values["标题"]) for record in examine(path).records()] == [(3, "甲"), (6, "乙")]

    def test_the_end_of_a_row_that_is_empty_says_so(self, written):
        (row,) = values_at(written(["标题", "作者", "机构"], ["甲"]))
        assert row == {"标题": "甲", "作者": "", "机构": ""}

    def test_what_stands_beyond_the_heading_is_told(self, written):
        (record,) = examine(written(["标题"], ["甲", None, "散落"])).records()
        assert "散落" in record.shift

    def test_only_the_first_sheet_is_read(self, written):
        def prepare(sheet):
            sheet.parent.create_sheet("第二张").append(["标题"])

        assert len(values_at(written(["标题"], ["甲"], prepare=prepare))) == 1

    def test_escaped_characters_are_what_they_stand_for(self, tmp_path, written):
        path = written(["标题", "正文"], ["甲", "一_x000A_二_x0041_"])
        assert values_at(path)[0]["正文"] == "一\n二A"

    def test_a_text_of_many_cells_is_one(self, written):
        path = written(["标题", "正文（续2）", "正文", "正文（续1）"], ["甲", "丙", "甲", "乙"])
        assert values_at(path) == [{"标题": "甲", "正文": "甲乙丙"}]


class TestRefused:
    def test_what_is_no_workbook(self, tmp_path):
        path = tmp_path / "案例.xlsx"
        for content, told in (
            (b"title\nx\n", "不是 XLSX 工作簿"),
            (b"\xd0\xcf\x11\xe0" + b"x" * 600, "有打开密码，或是旧版"),
            (b"PK\x03\x04" + b"x" * 600, "不是 XLSX 工作簿"),
        ):
            path.write_bytes(content)
            assert told in refusal(path)

    def test_a_workbook_that_is_not_whole(self, written):
        path = written(["标题"], *([f"案例{n}"] for n in range(2000)))
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2])
        assert "没有传完整" in refusal(path)
        with ZipFile(BytesIO(whole)) as archive:
            offset = archive.getinfo("xl/worksheets/sheet1.xml").header_offset
        path.write_bytes(whole[: offset + 200] + b"\x00" * 40 + whole[offset + 240 :])
        assert "已损坏" in refusal(path)

    def test_a_zip_of_other_things(self, tmp_path):
        with ZipFile(tmp_path / "案例.xlsx", "w") as archive:
            archive.writestr("word/document.xml", "<x/>")
        assert "已损坏" in refusal(tmp_path / "案例.xlsx")

    def test_one_without_a_heading_or_a_row(self, written):
        assert "第一张工作表是空的" in refusal(written([]))
        assert "没有标题（title）一栏" in refusal(written(["甲", "乙"], ["1", "2"]))

    def rebuilt(self, path, name, change):
        """The workbook with one of its files changed."""
        with ZipFile(path) as archive:
            parts = {part: archive.read(part) for part in archive.namelist()}
        parts[name] = change(parts[name])
        with ZipFile(path, "w", ZIP_DEFLATED) as archive:
            for part, content in parts.items():
                archive.writestr(part, content)
        return path

    def test_one_that_unpacks_to_far_more_than_it_is(self, written, monkeypatch):
        monkeypatch.setattr(limits, "PACKING_FREE_BYTES", 1_000_000)
        path = self.rebuilt(
            written(["标题"], ["甲"]), "xl/worksheets/sheet1.xml", lambda content: content + b" " * 20_000_000
        )
        assert "解开后超过原来的 100 倍" in refusal(path)

    def test_one_whose_archive_lies_about_its_size(self, written):
        path = self.rebuilt(
            written(["标题"], ["甲"]), "xl/worksheets/sheet1.xml", lambda content: content + b" " * 5_000_000
        )
        content = path.read_bytes()
        real, told = struct.pack("<L", 5_000_000 + 1000), struct.pack("<L", 1000)
        with ZipFile(path) as archive:
            real = struct.pack("<L", archive.getinfo("xl/worksheets/sheet1.xml").file_size)
        path.write_bytes(content.replace(real, told))
        assert "已损坏" in refusal(path)

    @pytest.mark.parametrize(
        ("limit", "told"),
        [
            ("WORKBOOK_BYTES", "工作簿解开后超过"),
            ("WORKBOOK_STRINGS_BYTES", "工作簿里的文字超过"),
            ("WORKBOOK_PARTS", "个文件，不像是表格"),
            ("ROW_BYTES", "这一行超过"),
            ("COLUMNS", "表头有 2 栏，最多 1 栏"),
            ("ROWS", "文件超过 1 行数据"),
        ],
    )
    def test_one_that_is_larger_than_allowed(self, written, monkeypatch, limit, told):
        path = written(["标题", "作者"], ["甲", "张三"], ["乙", "李四"])
        monkeypatch.setattr(limits, limit, 1)
        assert told in refusal(path)

    def test_entities_are_not_expanded(self, written):
        bomb = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'
        path = self.rebuilt(
            written(["标题"], ["甲"]),
            "xl/worksheets/sheet1.xml",
            lambda content: bomb + content.replace(b"<sheetData>", b"<sheetData>&b;", 1),
        )
        assert "已损坏" in refusal(path)

    def test_a_row_far_beyond_any_sheet_takes_no_time(self, written):
        path = self.rebuilt(
            written(["标题"], ["甲"]),
            "xl/worksheets/sheet1.xml",
            lambda content: content.replace(b"</sheetData>", b'<row r="4000000000"/></sheetData>'),
        )
        assert len(values_at(path)) == 1


@pytest.mark.django_db
class TestImport:
    def test_a_workbook_is_imported_and_known_again(self, written):
        make_bank("工商银行", code="icbc")
        rows = [["编号", "标题", "银行", "日期", "产品"], [1, "甲", "工商银行", date(2020, 3, 1), "惠农贷；惠农卡"]]
        call_command("import_cases", str(written(*rows)), verbosity=0)
        case = Case.objects.get()
        assert (case.title, case.bank.name, str(case.published_on)) == ("甲", "工商银行", "2020-03-01")
        assert sorted(product.name for product in case.products.all()) == ["惠农卡", "惠农贷"]
        report = StringIO()
        call_command("import_cases", str(written(*rows, [2, "乙", None, None, None])), stdout=report)
        (line,) = [line for line in report.getvalue().splitlines() if line.startswith("案例.xlsx")]
        assert line.split()[1:4] == ["1", "0", "1"]

    def test_a_bad_row_is_named_by_its_number_in_the_sheet(self, written):
        report = StringIO()
        call_command("import_cases", str(written(["标题", "正文"], ["甲", ""], [None, "—"])), stdout=report)
        assert "第 3 行：没有标题，也没有正文" in report.getvalue()

    def test_a_packed_workbook_is_not_taken(self, written):
        path = written(["标题"], ["甲"])
        path.rename(f"{path}.gz")
        with pytest.raises(CommandError, match="不能导入这种文件"):
            call_command("import_cases", f"{path}.gz", verbosity=0)


def test_a_cell_of_a_list_may_be_json(written):
    path = written(["标题", "作者"], ["甲", '["李、四", "王五"]'], ["乙", "[1]"])
    first, second = (draft_of(record).statement.fields["authors"] for record in examine(path).records())
    assert (first, second) == (["李、四", "王五"], ["[1]"])


def with_a_table_of_texts(path) -> None:
    """As Excel saves a workbook: each text once, in a file of its own."""
    with ZipFile(path) as archive:
        parts = {part: archive.read(part).decode() for part in archive.namelist()}
    sheet, types = "xl/worksheets/sheet1.xml", "[Content_Types].xml"
    texts: list[str] = []

    def shared(match) -> str:
        texts.append(match[2])
        return f'{match[1]} t="s"><v>{len(texts) - 1}</v></c>'

    parts[sheet] = re.sub(
        r'(<c r="[A-Z0-9]+"[^>]*?) t="inlineStr"><is>(.*?)</is></c>', shared, parts[sheet], flags=re.S
    )
    namespace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    items = "".join(f"<si>{text}</si>" for text in texts)
    parts["xl/sharedStrings.xml"] = f'<sst xmlns="{namespace}">{items}</sst>'
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    override = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/></Types>'
    parts[types] = parts[types].replace("</Types>", override)
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for part, content in parts.items():
            archive.writestr(part, content)


def test_texts_in_a_table_of_their_own_are_the_same_texts(written):
    path = written(["标题", "正文"], ["甲", "一\n二"], ["乙", "007"], ["丙", "甲"])
    before = values_at(path)
    with_a_table_of_texts(path)
    assert values_at(path) == before
    assert before[1] == {"标题": "乙", "正文": "007"}
