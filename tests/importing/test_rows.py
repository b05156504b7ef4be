"""Structured rows as an editor hands them in: by the command line, on the real database."""

import csv
import gzip
import json
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.importing.database import indexing, sources
from catalog.importing.database.run import import_documents
from catalog.importing.rows.columns import COLUMNS
from catalog.importing.rows.files import examine
from catalog.models import Bank, Case, Category, Product, Source, doubted_field_label
from catalog.search import search_cases

pytestmark = pytest.mark.django_db

ROW = {
    "id": 7,
    "title": "渔民贷款",
    "subtitle": "出海无忧",
    "text": "# 第一段。\n\n第二段 C:\\*.*",
    "summary": "简介。",
    "bank": "ICBC",
    "branch": "深圳分行",
    "category": "普惠金融",
    "products": ["渔民贷", "出海通"],
    "date": "2020年3月1日",
    "source": "深圳商报",
    "authors": "张三、李四",
    "captions": ["图一"],
}


@pytest.fixture
def imported(tmp_path):
    """imported(rows or text or bytes, name=…, **options): the report."""

    def run(content, *, name="rows.jsonl", **options) -> str:
        if isinstance(content, list):
            content = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in content)
        data = content.encode() if isinstance(content, str) else content
        (tmp_path / name).write_bytes(data)
        out = StringIO()
        call_command("import_cases", str(tmp_path / name), stdout=out, **options)
        return out.getvalue()

    return run


@pytest.fixture
def refused(imported):
    def check(content, match, **options):
        with pytest.raises(CommandError, match=match) as caught:
            imported(content, **options)
        assert "\n" not in str(caught.value)
        assert not Case.objects.exists()
        assert not Source.objects.exists()

    return check


def rows(number: int, **fields) -> list[dict]:
    return [{"id": n, "title": f"案例{n}", "text": f"正文{n}。"} | fields for n in range(number)]


class TestARow:
    def test_becomes_a_case_with_all_it_tells(self, imported):
        imported([ROW])
        case = Case.objects.get()
        assert case.full_title == "渔民贷款——出海无忧"
        assert case.body == "\\# 第一段。\n\n第二段 C:\\\\*.*"
        assert (case.summary, case.branch, case.captions, case.authors) == (
            "简介。",
            "深圳分行",
            ["图一"],
            ["张三", "李四"],
        )
        assert (case.bank.name, case.category.name, case.published_on.isoformat()) == (
            "工商银行",
            "普惠金融",
            "2020-03-01",
        )
        assert {product.name for product in case.products.all()} == {"渔民贷", "出海通"}
        assert (case.ref, case.slug, case.status) == ("rows.jsonl#7", "渔民贷款出海无忧", "public")
        assert (case.source.kind, case.source.publisher, case.source.encoding) == ("rows", "深圳商报", "utf-8")

    def test_is_searchable_at_once(self, imported):
        imported([ROW, {"title": "别的", "text": "别的"}])
        for query in ("渔民", "无忧", "出海通", "工商银行", "第二段"):
            assert [case.title for case in search_cases(Case.objects.all(), query)] == ["渔民贷款"]

    def test_markdown_stays_markdown(self, imported):
        imported([{"title": "甲", "body": "## 标题\n\n段落"}])
        assert Case.objects.get().body == "## 标题\n\n段落"

    def test_traditional_text_is_known_as_such(self, imported):
        imported([{"title": "漁民貸款", "text": "支持漁民"}, {"title": "渔民", "script": "繁体"}, {"title": "渔民二"}])
        assert [case.script for case in Case.objects.order_by("pk")] == ["hant", "hant", "hans"]

    def test_may_be_a_draft(self, imported):
        imported([{"title": "甲", "状态": "草稿"}])
        assert not Case.objects.public().exists()


class TestNames:
    def test_a_bank_by_any_of_its_names_or_with_its_branch(self, imported):
        names = ["工行", "中国工商银行股份有限公司", "ＩＣＢＣ", "中國工商銀行", "中国工商银行深圳市分行"]
        imported([{"title": name, "bank": name} for name in names])
        assert set(Case.objects.values_list("bank__name", flat=True)) == {"工商银行"}
        assert Case.objects.get(title=names[-1]).branch == names[-1]

    @pytest.mark.parametrize("name", ["火星银行", "中国银行业协会"])
    def test_an_unknown_bank_is_left_to_an_editor_and_its_products_with_it(self, imported, name):
        imported([{"title": "甲", "bank": name, "products": "火星贷"}])
        case = Case.objects.get()
        assert case.bank is None
        assert not Product.objects.filter(name="火星贷").exists()
        assert [(doubt.field, name in doubt.reason) for doubt in case.doubts.order_by("field")] == [
            ("bank", True),
            ("products", False),
        ]

    @pytest.mark.parametrize(
        "cell", ["工行深圳分行", "深圳工行", "工商银行（深圳分行）", "工商銀行 深圳市分行", "工商银行总行"]
    )
    def test_a_part_of_a_bank_is_its_branch_as_it_is_written(self, imported, cell):
        imported([{"title": "甲", "bank": cell}, {"title": "乙", "bank": cell, "branch": "罗湖支行"}])
        found = Case.objects.order_by("pk").values_list("bank__name", "branch")
        assert list(found) == [("工商银行", cell), ("工商银行", "罗湖支行")]
        # The row says two things of the branch.
        assert list(Case.objects.filter(doubts__field="branch").values_list("title", flat=True)) == ["乙"]

    @pytest.mark.parametrize(
        "cell", ["工商银行;农业银行", "工行、农行", "工商银行和农业银行联合", "工行与农行深圳分行"]
    )
    def test_of_two_banks_in_a_cell_neither_is_chosen(self, imported, cell):
        imported([{"title": "甲", "bank": cell}])
        case = Case.objects.get()
        assert (case.bank, case.branch) == (None, "")
        assert f"“{cell}”写了几家（工商银行、农业银行）" in case.doubts.get(field="bank").reason

    def test_an_alias_that_an_editor_gave_has_branches_too(self, imported):
        imported([{"title": "甲"}])
        Bank.objects.get(name="工商银行").aliases.create(name="宇宙行")
        imported([{"title": "甲", "bank": "宇宙行深圳分行"}], name="more.jsonl")
        assert Case.objects.get(source__name="more.jsonl").bank.name == "工商银行"

    def test_chapters_and_products_are_made_once(self, imported):
        given = {"bank": "工行", "category": "数字人民币", "products": "纳税e贷；纳税 Ｅ 貸"}
        imported(rows(3, **given))
        imported(rows(3, **given, summary="又"), name="more.jsonl")
        product = Product.objects.get(key="纳税e贷")
        assert (product.cases.count(), Category.objects.filter(name="数字人民币").count()) == (6, 1)
        assert [alias.name for alias in product.aliases.all()] == ["纳税 Ｅ 貸"]
        assert Category.objects.order_by("position").last().name == "数字人民币"

    def test_a_column_that_cannot_be_chapters_is_refused(self, refused):
        refused([{"title": f"案例{n}", "category": f"类{n}"} for n in range(201)], match="这一栏恐怕不是章节")

    def test_titles_alike_get_addresses_of_their_own(self, imported):
        imported([{"title": "概述"}, {"title": "概述 2"}, {"title": "概述"}, {"title": "概述"}])
        imported([{"title": "概述"}], name="more.jsonl")
        assert list(Case.objects.order_by("pk").values_list("slug", flat=True)) == [
            *("概述", "概述-2", "概述-3", "概述-4", "概述-5"),
        ]


class TestBadRows:
    BAD = '{"title": "好"}\n{"title": ""}\n{"title": "—", "text": "无"}\n[1]\n{"title": "断\n{"title": ["丁"]}\n'

    def test_are_told_with_their_line_and_passed_over(self, imported):
        report = imported(self.BAD)
        assert [case.title for case in Case.objects.all()] == ["好"]
        for told in (
            "跳过 5 行",
            "第 2 行：没有标题，也没有正文",
            "第 3 行：没有标题，也没有正文",
            "第 4 行：不是 JSON 对象",
            "第 5 行：不是完整的 JSON",
            "第 6 行：没有标题，也没有正文；标题“丁”应是文字，没有采用",
        ):
            assert told in report

    def test_are_told_again_the_next_time(self, imported):
        imported(self.BAD)
        assert "跳过 5 行" in imported(self.BAD)

    def test_strict_refuses_the_whole_file_in_one_line(self, refused):
        bad = self.BAD + '{"title": "甲", "date": "2020-13-45"}\n'
        match = r"rows.jsonl：6 行有问题，按 --strict 整个文件不导入。第 2 行：没有标题"
        refused(bad, match=match, strict=True)

    def test_strict_refuses_a_cell_that_cannot_be_read(self, refused):
        bad = '{"title": "好"}\n{"title": "甲", "date": "2020-13-45"}\n'
        refused(bad, match="日期“2020-13-45”认不出", strict=True)


class TestCellsThatCannotBeRead:
    """A doubt each; the rest of the row comes in, and what is known already stays."""

    @pytest.mark.parametrize(
        ("cell", "field", "told"),
        [
            ({"date": "2020-13-45"}, "published_on", "日期“2020-13-45”认不出，没有采用（第 1 行）"),
            ({"date": {"年": 2020}}, "published_on", "应是文字，没有采用（第 1 行）"),
            ({"number": [1]}, "number", "在来源中的序号“1”应是文字"),
            ({"status": "公开吗"}, "status", "状态“公开吗”不在规定的写法之内"),
            ({"status": "？"}, "status", "状态“？”不在规定的写法之内"),
            ({"script": "楷体"}, "script", "字体“楷体”不在规定的写法之内"),
            ({"products": ["★", "渔民贷"]}, "products", "有一项不是名称"),
            ({"authors": {"a": 1}}, "authors", "应是文字"),
            ({"summary": "长" * 20_001}, "summary", f"摘要“{'长' * 20}……”超过 20000 字，没有采用（第 1 行）"),
            ({"first_line": 9, "last_line": 2}, "first_line", "来源起始行“9”大于来源终止行“2”"),
            ({"first_page": "三"}, "first_page", "印刷页起“三”应是整数"),
            ({"subtitle": "长" * 301}, "subtitle", "超过 300 字"),
            ({"bank": ["工行"]}, "bank", "银行“工行”应是文字"),
            ({"章节": "一", "category": "二"}, "category", "章节写在几栏里，各不相同：“一”、“二”，没有采用"),
            ({"body": "另外的正文。"}, "body", "正文“正文一句。”和正文（body）“另外的正文。”两栏都有内容，接在一起"),
            ({"category_confidence": "高"}, "category_confidence", "章节的把握“高”应是 0 到 1 的数"),
        ],
        ids=lambda given: str(given)[:20],
    )
    def test_is_a_doubt(self, imported, cell, field, told):
        imported([{"title": "甲", "text": "正文一句。"} | cell])
        case = Case.objects.get()
        assert case.title == "甲"
        assert "正文一句。" in case.body
        (doubt,) = case.doubts.open().filter(field=field)
        assert told in doubt.reason

    def test_a_status_that_cannot_be_read_keeps_the_case_from_readers(self, imported):
        imported([{"title": "甲", "status": "公开吗"}])
        assert Case.objects.get().status == "draft"

    def test_two_texts_are_both_kept(self, imported):
        imported([{"title": "甲", "text": "一。", "body": "二。"}])
        assert Case.objects.get().body == "一。\n\n二。"

    def test_a_slip_in_the_next_edition_does_not_wipe_what_was_right(self, imported):
        imported([{"id": 1, "title": "甲", "date": "2020-03-01", "summary": "简介"}])
        imported([{"id": 1, "title": "甲", "date": "2020-33-01", "summary": "新的简介"}])
        case = Case.objects.get()
        assert (case.published_on.isoformat(), case.summary) == ("2020-03-01", "新的简介")
        assert case.doubts.open().get().field == "published_on"

    def test_a_row_without_a_title_gets_a_stand_in(self, imported):
        imported([{"text": "支行推出渔港贷，当天到账。第二句。"}])
        case = Case.objects.get()
        assert (case.title, case.title_inferred) == ("支行推出渔港贷", True)
        assert "没有标题" in case.doubts.open().get().reason

    def test_a_title_too_long_keeps_its_beginning(self, imported):
        imported([{"title": "长" * 301, "text": "正文。"}])
        case = Case.objects.get()
        assert (case.title, case.title_inferred) == ("长" * 300, True)
        assert "超过 300 字，只取了开头" in case.doubts.open().get().reason

    def test_a_damaged_character_is_shown_where_it_stood(self, imported):
        imported('{"title": "乙\\u0000丙", "text": "一\\u0001二"}\n')
        case = Case.objects.get()
        assert (case.title, case.body) == ("乙\ufffd丙", "一\ufffd二")
        assert {doubt.field for doubt in case.doubts.open()} == {"title", "body"}

    def test_what_says_that_there_is_nothing_is_no_doubt(self, imported):
        nothing = {"bank": "—", "date": "不详", "category": "无", "products": "/", "authors": "N/A", "status": "-"}
        imported([{"title": "甲", "text": "正文。"} | nothing])
        case = Case.objects.get()
        assert (case.bank, case.published_on, case.category, case.authors) == (None, None, None, [])
        assert not case.doubts.exists()
        assert case.status == "public"

    @pytest.mark.parametrize(
        ("rows", "kept"),
        [
            (({"bank": "工行"}, {"bank": "农" * 101}), ("bank", "name", "工商银行")),
            (({"text": "正文。"}, {"text": ["正文。"]}), ("body", None, "正文。")),
            (({"body": "正文。"}, {"body": "字" * 500_001}), ("body", None, "正文。")),
            (({"authors": "张三、李四"}, {"authors": "张" * 61}), ("authors", None, ["张三", "李四"])),
            (({"first_line": 3, "last_line": 9}, {"first_line": 12, "last_line": "二十"}), ("first_line", None, 3)),
            (({"category": "普惠金融"}, {"category": "章" * 31}), ("category", "name", "普惠金融")),
            (({"title_inferred": True}, {"title_inferred": "也许"}), ("title_inferred", None, True)),
            (({"branch": "深圳分行"}, {"branch": {"名": "深圳分行"}}), ("branch", None, "深圳分行")),
        ],
        ids=lambda value: "",
    )
    def test_whatever_cannot_be_read_leaves_what_was_right(self, imported, rows, kept):
        for row in rows:
            imported([{"id": 1, "title": "甲"} | row])
        field, of, value = kept
        found = getattr(Case.objects.get(), field)
        assert (getattr(found, of) if of else found) == value
        assert Case.objects.get().doubts.open().exists()

    def test_of_two_columns_that_differ_neither_is_chosen(self, imported):
        imported([{"title": "甲", "text": "文。", "银行": "工行", "机构": "农行"}])
        case = Case.objects.get()
        assert case.bank is None
        assert "“工行”、“农行”" in case.doubts.get(field="bank").reason

    def test_two_columns_that_say_the_same_or_nothing_are_one(self, imported):
        imported([{"title": "甲", "标题": " 甲 ", "银行": "工行", "机构": "—"}])
        assert Case.objects.get().bank.name == "工商银行"
        assert not Case.objects.get().doubts.exists()

    def test_two_columns_of_text_are_both_kept(self, imported):
        imported([{"title": "甲", "正文": "一。", "全文": "二。"}])
        case = Case.objects.get()
        assert (case.body, case.doubts.get().field) == ("一。\n\n二。", "body")

    def test_first_lines_alone_say_nothing_of_the_last(self, imported):
        imported([{"id": 1, "title": "甲", "first_line": 3, "last_line": 9}])
        imported([{"id": 1, "title": "甲", "first_line": 20}])
        assert Case.objects.values_list("first_line", "last_line").get() == (20, None)

    def test_a_stand_in_is_none_once_there_is_a_title(self, imported):
        imported([{"id": 1, "text": "支行推出渔港贷。"}])
        imported([{"id": 1, "title": "渔港贷", "text": "支行推出渔港贷。"}])
        case = Case.objects.get()
        assert (case.title, case.title_inferred, case.doubts.open().count()) == ("渔港贷", False, 0)

    def test_a_row_with_a_cell_too_many_says_only_its_title(self, imported):
        imported("id,title,bank,text,status\n1,甲,工行,正文。,公开\n", name="rows.csv")
        imported("id,title,bank,text,status\n1,甲,工行,正文,，第二句。,公开\n2,乙,农行,一,二,草稿\n", name="rows.csv")
        case = Case.objects.get(ref="rows.csv#1")
        assert (case.body, case.bank.name, case.status) == ("正文。", "工商银行", "draft")
        assert "有 6 格，表头只有 5 栏" in case.doubts.get().reason
        assert Case.objects.filter(title="乙", status="draft", body="", bank=None).exists()

    def test_every_column_has_a_name_beside_its_doubt(self, imported):
        imported([{"title": "甲", "doubts": [*COLUMNS, "source", "想当然"]}])
        doubts = Case.objects.get().doubts.all()
        assert not [doubt.field for doubt in doubts if doubted_field_label(doubt.field).isascii()]
        assert doubts.filter(field="source", reason="来源里标为存疑：想当然").exists()

    def test_a_row_may_be_shifted_into_columns_without_a_name(self, imported):
        imported("title,text,bank,,\n甲,一,二,工行,,\n乙,一,工行,,\n丙,一,工行,备注\n丁,一,工行,,,,\n", name="rows.csv")
        banks = Case.objects.order_by("pk").values_list("title", "bank__name")
        assert list(banks) == [("甲", None), ("乙", "工商银行"), ("丙", "工商银行"), ("丁", "工商银行")]
        assert "有 6 格，表头只有 5 栏，多出“工行”" in Case.objects.get(title="甲").doubts.get().reason

    def test_each_is_named_where_a_file_is_refused_for_it(self, refused):
        rows = [{"title": "甲", "date": f"第{n}天", "script": "楷体"} for n in range(9)]
        refused(rows, match="9 行有问题.*第0天.*楷体.*第8天.*楷体", strict=True)

    def test_a_doubt_that_an_editor_settled_is_not_raised_again_where_the_row_has_moved(self, imported):
        imported([{"id": 1, "title": "甲", "date": "昨天"}])
        Case.objects.get().doubts.settle(None)
        imported([{"id": 2, "title": "乙"}, {"id": 1, "title": "甲", "date": "昨天"}])
        assert not Case.objects.filter(doubts__settled_at=None, doubts__isnull=False).exists()

    def test_an_open_doubt_names_the_line_where_the_row_is_now(self, imported):
        imported([{"id": 1, "title": "甲", "date": "昨天"}])
        imported([{"id": 2, "title": "乙"}, {"id": 1, "title": "甲", "date": "昨天"}])
        assert Case.objects.get(title="甲").doubts.get().reason == "日期“昨天”认不出，没有采用（第 2 行）"


class TestNumbersOfRows:
    def test_a_number_twice_is_a_bad_row(self, imported):
        assert "第 2 行：编号“1”和前面的一行相同" in imported([{"id": 1, "title": "甲"}, {"id": "1", "title": "乙"}])

    def test_a_file_without_a_good_row_is_refused(self, refused):
        refused('{"summary": ""}\n', match="没有一行可以导入")

    def test_an_incomplete_date_and_a_lost_character_are_doubts(self, imported):
        imported([{"title": "甲", "date": "2020年3月", "text": "乱\ufffd码"}])
        case = Case.objects.get()
        assert case.published_on is None
        assert set(case.doubts.values_list("field", flat=True)) == {"published_on", "body"}

    def test_unknown_columns_are_named(self, imported):
        assert "不认识的栏，没有导入：foo、备注" in imported([{"title": "甲", "foo": 1}, {"title": "乙", "备注": ""}])


class TestFiles:
    def test_compressed_is_the_same_file(self, imported):
        content = json.dumps(ROW).encode()
        imported(gzip.compress(content), name="rows.jsonl.gz")
        assert Source.objects.get().name == "rows.jsonl"
        assert "1" in imported(content).splitlines()[1].split()[3]
        assert Case.objects.count() == 1

    @pytest.mark.parametrize(
        ("content", "name", "match"),
        [
            (b"", "a.jsonl", "文件是空的"),
            (b'[{"title": "a"}]', "a.jsonl", "JSON 数组"),
            (b"title\n", "a.csv", "没有一行数据"),
            ("名字,正文\n甲,乙\n".encode(), "a.csv", "第 1 行：表头里没有标题"),
            ("title,标题\n甲,乙\n".encode(), "a.csv", "两栏是同一个意思"),
            ('title,text\n甲,乙\n丙,"丁\n戊,己\n'.encode(), "a.csv", "第 3 行：从这一行开始的引号没有闭合"),
            (b"PK\x03\x04....", "a.csv", "Excel"),
            (
                b'{"title": "' + "银行为渔民办理贷款".encode() + b'"}\n{"title": "\xff\xfe"}\n',
                "a.jsonl",
                "第 2 行.*混用了编码",
            ),
            (gzip.compress(b'{"title": "a"}' * 99, mtime=0)[:-9], "a.jsonl.gz", "压缩文件已损坏"),
        ],
    )
    def test_what_is_no_file_of_rows_is_refused(self, refused, content, name, match):
        refused(content, match, name=name)

    def test_documents_and_rows_go_together(self, imported, tmp_path):
        (tmp_path / "rows.csv").write_text("title,text\n甲,乙\n", encoding="utf-8")
        imported([{"title": "丙"}], name="more.jsonl")
        call_command("import_cases", str(tmp_path), stdout=StringIO())
        assert set(Source.objects.values_list("name", flat=True)) == {"rows.csv", "more.jsonl"}


class TestCsv:
    TABLE = (
        'id,标题,正文,银行,产品,发布日期,备注\n1,甲,"第一段，\n第二段",工行,"渔民贷;出海通",2020/3/1,无\n2,乙,丙,,,,\n'
    )

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
    @pytest.mark.parametrize("end", ["\n", "\r\n"])
    def test_any_encoding_and_line_end(self, imported, encoding, end):
        table = self.TABLE.replace("丙", "银行为渔民办理贷款，是一件有意义的工作，我们在这里说明。").replace("\n", end)
        imported(table.encode(encoding), name="rows.csv")
        case = Case.objects.get(ref="rows.csv#1")
        assert (case.title, case.body, case.bank.name) == ("甲", "第一段，\n\n第二段", "工商银行")
        assert (case.products.count(), case.published_on.isoformat()) == (2, "2020-03-01")

    @pytest.mark.parametrize("delimiter", ["\t", ";"])
    def test_other_delimiters(self, imported, delimiter):
        imported(f"编号{delimiter}标题{delimiter}作者\n1{delimiter}甲, 乙{delimiter}丙\n", name="rows.csv")
        case = Case.objects.get()
        assert (case.title, case.authors) == ("甲, 乙", ["丙"])

    def test_a_long_cell_is_read_and_nobody_elses_tables_are(self, tmp_path):
        limit = csv.field_size_limit()
        path = tmp_path / "rows.csv"
        cell = "字" * (limit + 1)
        path.write_text(f"title,text\n甲,{cell}\n乙,{cell}\n", encoding="utf-8")
        records = examine(path).records()
        assert next(records).values["text"] == cell
        with pytest.raises(csv.Error, match="field larger"):
            list(csv.reader([cell]))
        assert next(records).values["title"] == "乙"
        assert csv.field_size_limit() == limit

    def test_lines_are_counted_as_an_editor_shows_them(self, imported):
        table = 'title,text\n\n甲,"一\n二\n三"\n,—\n乙,"引"号\n丙,一,二\n'
        report = imported(table, name="rows.csv")
        for told in ("第 6 行：没有标题", "第 7 行：引号用得不对"):
            assert told in report
        assert [case.title for case in Case.objects.all()] == ["甲", "丙"]
        doubt = Case.objects.get(title="丙").doubts.open().get()
        assert doubt.reason == "这一行有 3 格，表头只有 2 栏，多出“二”，各格可能错了位，只采用了标题（第 8 行）"

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
    def test_lines_may_end_in_cr_alone(self, imported, encoding):
        text = "标题,正文\r甲的标题,乙的正文\r丙的标题,丁的正文\r"
        imported(text.encode(encoding), name="rows.csv")
        assert list(Case.objects.values_list("title", "body")) == [("甲的标题", "乙的正文"), ("丙的标题", "丁的正文")]

    def test_rows_of_json_may_end_in_cr_alone(self, imported):
        imported('{"title": "甲"}\r{"title": "乙"}\r')
        assert Case.objects.count() == 2

    def test_a_cell_of_a_table_with_cr_may_have_lf(self, imported):
        imported('标题,正文\r甲,"一\n二"\r乙,三\r', name="rows.csv")
        assert list(Case.objects.values_list("title", "body")) == [("甲", "一\n\n二"), ("乙", "三")]

    @pytest.mark.parametrize("end", ["\n", "\r\n"])
    def test_a_cr_inside_a_line_ends_no_line(self, imported, end):
        imported(end.join(["标题,正文", "甲,一\r二", '乙,"三\r四"', ""]), name="rows.csv")
        assert list(Case.objects.values_list("title", "body")) == [("甲", "一\n\n二"), ("乙", "三\n\n四")]

    def test_lines_that_end_in_cr_are_counted(self, imported):
        report = imported("标题,正文\r甲,一\r,\r—,\r", name="rows.csv")
        assert "第 4 行：没有标题，也没有正文" in report

    @pytest.mark.parametrize(
        ("content", "told"),
        [
            *((hint, "没有表头，也没有一行数据") for hint in ("sep=,", "sep=;\r\n", "\ufeffsep=,\r\n", '"sep=,"\n\n')),
            *((header, "只有表头，没有一行数据") for header in ("title,text\n", "\n\ntitle\n", "sep=,\ntitle,text")),
            ("\r\r\n \n", "文件是空的"),
            ("\ufeff", "没有表头"),
            ("sep=,\n甲,乙\n", "第 2 行：表头里没有标题"),
            ("\n\ntitle,text,text\n甲,一,二\n", "第 3 行：“text”和“text”两栏是同一个意思"),
        ],
    )
    def test_a_table_without_a_row_is_refused_in_one_line(self, refused, content, told):
        refused(content, rf"rows.csv：{told}", name="rows.csv")

    @pytest.mark.parametrize("begin", ["sep=,\r\n", "\ufeffsep=,\n", '"sep=,"\n', "SEP=,,,\n", "\n \n", ",,,\n"])
    def test_what_stands_before_the_heading_is_passed_over(self, imported, begin):
        imported(f"{begin}title,text\n甲,一\n", name="rows.csv")
        assert Case.objects.values_list("title", "body").get() == ("甲", "一")

    def test_the_delimiter_may_be_hinted(self, imported):
        imported("sep=|\ntitle|text\n甲|一,二\n", name="rows.csv")
        assert Case.objects.values_list("title", "body").get() == ("甲", "一,二")

    def test_a_column_without_a_name_that_says_something_is_named(self, imported):
        assert "没有导入：（没有名称的一栏）" in imported("title,,\n甲,,备注\n", name="rows.csv")
        assert "没有名称" not in imported("title,,\n乙,,\n", name="more.csv")

    def test_empty_cells_beyond_the_heading_are_nothing(self, imported):
        imported("title,text,,\n甲,一,,\n乙,二,,,,\n丙\n", name="rows.csv")
        assert [case.title for case in Case.objects.all()] == ["甲", "乙", "丙"]
        assert not Case.objects.filter(doubts__isnull=False).exists()


class TestAgain:
    def test_the_same_file_is_not_read_and_changes_nothing(self, imported):
        imported([ROW])
        before = Case.objects.values("pk", "updated_at", "slug").get()
        for again in (False, True):
            assert imported([ROW], again=again).splitlines()[1].split()[1:4] == ["0", "0", "1"]
        assert Case.objects.values("pk", "updated_at", "slug").get() == before

    def test_what_a_new_version_changes_is_changed_and_found(self, imported):
        imported([ROW, {"id": 8, "title": "别的"}])
        imported([{"id": 8, "title": "别的"}, ROW | {"text": "茶农", "products": ["茶贷"], "bank": "中行"}])
        case = Case.objects.get(ref="rows.jsonl#7")
        assert (case.body, case.bank.name, case.products.get().name) == ("茶农", "中国银行", "茶贷")
        assert [found.pk for found in search_cases(Case.objects.all(), "茶农")] == [case.pk]
        assert not search_cases(Case.objects.all(), "第二段").exists()

    def test_rows_without_numbers_are_known_by_their_title(self, imported):
        imported([{"title": "甲", "text": "一"}, {"title": "乙", "text": "二"}, {"title": "乙", "text": "三"}])
        report = imported(
            [
                {"title": "丙"},
                {"title": "乙", "text": "二"},
                {"title": "乙", "text": "四"},
                {"title": "甲", "text": "一"},
            ]
        )
        assert report.splitlines()[1].split()[1:4] == ["1", "1", "2"]

    def test_an_editors_work_stays_and_the_difference_is_told(self, imported):
        imported([ROW])
        case = Case.objects.get()
        case.title, case.body, case.bank = "编辑的标题", "编辑的正文", Bank.objects.get(name="农业银行")
        case.save()
        case.products.clear()
        imported([ROW | {"title": "新标题", "text": "新正文", "products": ["新产品"], "summary": "新简介"}])
        case = Case.objects.get()
        assert (case.title, case.body, case.bank.name) == ("编辑的标题", "编辑的正文", "农业银行")
        assert (case.products.count(), case.summary) == (0, "新简介")
        assert {conflict.field for conflict in case.conflicts.open()} == {"title", "body", "products"}
        assert [found.pk for found in search_cases(Case.objects.all(), "编辑的正文")] == [case.pk]

    def test_a_column_that_is_gone_takes_nothing_with_it(self, imported):
        imported([ROW])
        imported([{"id": 7, "title": "渔民贷款"}])
        assert Case.objects.get().summary == "简介。"

    def test_a_column_that_is_new_does_not_overwrite_what_an_editor_wrote(self, imported):
        imported([{"id": 7, "title": "渔民贷款"}, {"id": 8, "title": "茶农贷款"}])
        Case.objects.filter(title="渔民贷款").update(summary="编辑的简介")
        imported(
            [{"id": n, "title": title, "summary": "来源的简介"} for n, title in ((7, "渔民贷款"), (8, "茶农贷款"))]
        )
        assert Case.objects.get(title="渔民贷款").summary == "编辑的简介"
        assert Case.objects.get(title="渔民贷款").conflicts.open().get().theirs == "来源的简介"
        assert Case.objects.get(title="茶农贷款").summary == "来源的简介"

    def test_a_deleted_case_stays_deleted_and_a_vanished_one_stays(self, imported):
        imported(rows(3))
        Case.objects.get(title="案例0").delete()
        report = imported(rows(2))
        assert sorted(Case.objects.values_list("title", flat=True)) == ["案例1", "案例2"]
        assert "1 个案例已被编辑删除" in report
        assert Case.objects.get(title="案例2").doubts.open().get().field == "source"
        imported(rows(3))
        assert not Case.objects.get(title="案例2").doubts.exists()

    def test_a_bank_that_got_the_missing_name_is_found(self, imported):
        imported([ROW | {"bank": "宇宙行"}])
        Bank.objects.get(name="工商银行").aliases.create(name="宇宙行")
        imported([ROW | {"bank": "宇宙行"}])
        case = Case.objects.get()
        assert (case.bank.name, case.products.count(), case.doubts.count()) == ("工商银行", 2, 0)


@pytest.mark.slow
class TestMany:
    @pytest.mark.django_db
    def test_the_number_of_queries_of_a_batch_does_not_depend_on_its_rows(self, tmp_path):
        def queries(number: int, name: str, **fields) -> int:
            given = rows(number, bank="工行", category="普惠金融", **fields)
            for n, row in enumerate(given):
                row["products"] = [f"{name}产品{n}", "共有"]
            path = tmp_path / name
            path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in given), encoding="utf-8")
            with CaptureQueriesContext(connection) as captured:
                import_documents([path], settings.SEEDS_DIR)
            return len(captured)

        for name in ("first.jsonl", "second.jsonl"):  # what all share is made by the first and remembered by the second
            queries(5, name)
        assert queries(20, "few.jsonl") == queries(450, "many.jsonl")
        assert queries(20, "few.jsonl", text="新") == queries(450, "many.jsonl", text="新")

    def test_several_batches_by_several_processes_are_as_one_by_one(self, imported, monkeypatch):
        monkeypatch.setattr(indexing, "WORTH_A_PROCESS", 0)
        monkeypatch.setattr(indexing.os, "cpu_count", lambda: 2)
        imported(rows(2_000, bank="工行"))
        assert Case.objects.count() == 2_000
        assert search_cases(Case.objects.all(), "正文1777").get().title == "案例1777"
        assert search_cases(Case.objects.all(), "工商银行").count() == 2_000

    def test_a_failure_in_the_middle_leaves_nothing(self, imported, monkeypatch):
        def broken(self, drafts):
            if Case.objects.exists():
                raise ZeroDivisionError
            written(self, drafts)

        written = sources.Writer.write
        monkeypatch.setattr(sources.Writer, "write", broken)
        with pytest.raises(ZeroDivisionError):
            imported(rows(sources.BATCH + 1))
        assert not Case.objects.exists()
        assert not Source.objects.exists()
        assert not Bank.objects.exists()

    def test_a_bank_renamed_while_rows_come_in_is_found_by_its_new_name(self, imported, monkeypatch):
        written = sources.Writer.write

        def renaming(self, drafts):
            written(self, drafts)
            Bank.objects.filter(code="icbc").update(name="宇宙大银行")

        monkeypatch.setattr(sources.Writer, "write", renaming)
        imported([ROW])
        assert search_cases(Case.objects.all(), "宇宙大银").count() == 1
