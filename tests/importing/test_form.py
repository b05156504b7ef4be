"""The one form of a case: `export_cases` writes it, `import_cases` reads it back, `import_cases --dry-run` shows it."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from catalog.importing.form import id_of, split_title
from catalog.models import Bank, Case, Category, Doubt, Product, Source
from tests.factories import make_case, make_source, place

KEYS = [
    *(
        "id",
        "source",
        "number",
        "status",
        "title",
        "subtitle",
        "title_inferred",
        "bank",
        "branch",
        "category",
        "chapter",
    ),
    *("category_confidence", "products", "summary", "body", "captions", "authors", "publisher", "published_on", "year"),
    *("script", "first_line", "last_line", "first_page", "last_page", "provenance", "doubts"),
]
ARTICLE = """某行推出复工贷助力企业复工
2020-03-01 09:00 来源：深圳商报

工商银行深圳市分行日前推出“复工贷”，支持小微企业复工复产，首批企业已经拿到贷款，资金当天到账。

该行表示，将继续加大对小微企业的支持力度，推出更多产品，为企业复工复产提供有力的金融支持。
"""


def exported(**options) -> list[dict]:
    out = StringIO()
    call_command("export_cases", stdout=out, **options)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def empty_the_catalogue() -> None:
    call_command("flush", interactive=False, verbosity=0)


class TestExport:
    pytestmark = pytest.mark.django_db

    def test_a_case_has_every_key_whatever_it_lacks(self):
        make_case("甲")
        (row,) = exported()
        assert list(row) == KEYS
        assert row["id"] == "slug:甲"
        assert (row["bank"], row["chapter"], row["year"], row["doubts"]) == (None, None, None, [])

    def test_drafts_only_if_asked_for(self):
        make_case("甲")
        make_case("乙", status="draft")
        assert [row["title"] for row in exported()] == ["甲"]
        assert [(row["title"], row["status"]) for row in exported(all=True)] == [("甲", "public"), ("乙", "draft")]

    def test_fields_with_an_open_doubt_once_each(self):
        case = make_case("甲", source=make_source(["一"]))
        for field, settled in (("title", None), ("body", None), ("body", None), ("bank", "2021-01-01T00:00Z")):
            Doubt.objects.create(source=case.source, case=case, field=field, confidence=0.5, settled_at=settled)
        assert exported()[0]["doubts"] == ["body", "title"]

    def test_a_product_is_named_as_the_case_first_writes_it(self):
        bank = Bank.objects.create(code="icbc", name="工商银行", kind="state")
        make_case("甲", "推出園區e貸，即园区e贷", bank=bank, products=("园区e贷",))
        Product.objects.get().aliases.create(name="園區e貸")
        assert exported()[0]["products"] == ["園區e貸"]


@pytest.mark.django_db(transaction=True)
class TestRoundTrip:
    @pytest.fixture
    def catalogue(self, tmp_path):
        """Every kind of field, full and empty."""
        (tmp_path / "a.txt").write_text(ARTICLE, encoding="utf-8")
        row = {
            "id": 7,
            "title": "渔民贷款",
            "text": "# 一",
            "category": "数字人民币",
            "source": "深圳商报",
            "bank": "宇宙行",
        }
        (tmp_path / "b.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
        call_command("import_cases", str(tmp_path), verbosity=0)
        bank = Bank.objects.get(name="工商银行")
        Category.objects.create(code="editors-own", name="编辑的章节", position=0)
        book = make_source(["一"] * 20, publisher="协会")
        full = make_case(
            "題目　——一半",
            "## 標題\n\n推出園區e貸。\n\n| 甲 | 乙 |\n| --- | --- |\n| 1 |  |\n\n\\# 不是標題 C:\\\\*",
            subtitle="另一半——又一半",
            title_inferred=True,
            status="draft",
            bank=bank,
            branch="深圳分行",
            category=Category.objects.get(code="editors-own"),
            category_confidence=0.44,
            summary="簡介。\n\n第二段；還有",
            captions=["圖一；左", "圖一；左"],
            authors=["张三", "李、四"],
            published_on="2020-03-01",
            script="hant",
            source=book,
            ref="book/3",
            number=3,
            first_line=2,
            last_line=9,
            first_page=1,
            last_page=2,
            provenance=[place("推出園區e貸。", 2, 3, 1), place("甲", 4, 4)],
            products=("园区e贷",),
        )
        bank.products.get(name="园区e贷").aliases.create(name="園區e貸")
        for field in ("title", "source"):
            Doubt.objects.create(source=book, case=full, field=field, reason="疑", confidence=0.3)
        make_case("没有副标题——只有破折号", source=book, ref="book/4", number=4)
        make_case("副题——副题", subtitle="副题", category=Category.objects.get(name="聚力抗疫"))
        make_case("只有标题")

    def test_export_import_export_gives_the_same_lines(self, catalogue, tmp_path):
        before = exported(all=True)
        assert len(before) == len({row["id"] for row in before}) == 6
        assert any(row["doubts"] == ["bank"] for row in before)
        file = tmp_path / "cases.jsonl"
        file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in before), encoding="utf-8")
        empty_the_catalogue()
        report = StringIO()
        call_command("import_cases", str(file), stdout=report)
        assert "不认识的栏" not in report.getvalue()
        assert [row | {"source": ""} for row in exported(all=True)] == [row | {"source": ""} for row in before]
        case = Case.objects.get(number=3)
        assert (case.title, case.subtitle) == ("題目　——一半", "另一半——又一半")
        assert case.products.get().name == "园区e贷"
        assert set(case.doubts.open().values_list("field", flat=True)) == {"title", "source"}
        after = exported(all=True)
        call_command("import_cases", str(file), again=True, verbosity=0)
        assert exported(all=True) == after

    def test_the_publishers_of_several_sources_come_back(self, tmp_path):
        for name in ("甲", "乙"):
            make_case(name, source=make_source([name], publisher=f"{name}报"))
        before = exported()
        file = tmp_path / "cases.jsonl"
        file.write_text("".join(json.dumps(row) + "\n" for row in before), encoding="utf-8")
        empty_the_catalogue()
        call_command("import_cases", str(file), verbosity=0)
        assert [row["publisher"] for row in exported()] == ["甲报", "乙报"]
        assert Source.objects.get().publisher == ""


class TestIds:
    def test_an_id_is_still_the_same_at_the_end_of_the_ref_that_an_import_makes(self):
        for ref, slug in (("book/3", "甲"), ("a.csv#7", "甲"), (None, "甲"), (f"{'长' * 90}.csv#{'x' * 90}", "甲")):
            own = id_of(ref, slug)
            assert len(own) <= 100
            assert id_of(f"cases.jsonl#{own}", "乙") == own

    @pytest.mark.parametrize(
        ("title", "subtitle", "parts"),
        [
            ("甲——乙", "乙", ("甲", "乙")),
            ("甲", "乙", ("甲", "乙")),
            ("甲——乙", "", ("甲——乙", "")),
            ("——乙", "乙", ("——乙", "乙")),
            ("甲——乙——乙", "乙", ("甲——乙", "乙")),
        ],
    )
    def test_a_whole_title_is_parted_by_its_subtitle(self, title, subtitle, parts):
        assert split_title(title, subtitle) == parts


class TestNumbers:
    pytestmark = pytest.mark.django_db

    @pytest.fixture
    def imported(self, tmp_path):
        def run(*rows) -> dict[str, int | None]:
            content = "".join(
                json.dumps({"id": title, "title": title, "number": number}) + "\n" for title, number in rows
            )
            (tmp_path / "rows.jsonl").write_text(content, encoding="utf-8")
            call_command("import_cases", str(tmp_path / "rows.jsonl"), verbosity=0)
            return dict(Case.objects.values_list("title", "number"))

        return run

    def test_two_cases_may_exchange_theirs_and_new_ones_take_what_is_free(self, imported):
        imported(("甲", 1), ("乙", 2))
        assert imported(("甲", 2), ("乙", 3), ("丙", 1)) == {"甲": 2, "乙": 3, "丙": 1}

    def test_one_that_is_taken_is_a_doubt(self, imported):
        imported(("甲", 1), ("乙", 2))
        assert imported(("甲", 1), ("丙", 2), ("丁", 1), ("戊", "A-1")) == {
            "甲": 1,
            "乙": None,  # the new edition has it no more, and the number is another's
            "丙": 2,
            "丁": None,
            "戊": None,
        }
        assert set(Doubt.objects.filter(field="number").values_list("case__title", flat=True)) == {"丁", "戊"}


class TestDryRun:
    pytestmark = pytest.mark.django_db

    @pytest.fixture
    def shown(self, tmp_path):
        def run(*paths, **options) -> tuple[list[dict], str]:
            out, err = StringIO(), StringIO()
            try:
                call_command(
                    "import_cases", *map(str, paths or [tmp_path]), dry_run=True, stdout=out, stderr=err, **options
                )
            except CommandError as error:
                err.write(f"FAILED {error}")
            return [json.loads(line) for line in out.getvalue().splitlines()], err.getvalue()

        return run

    def test_shows_what_an_import_makes_and_writes_nothing(self, shown, tmp_path):
        (tmp_path / "a.txt").write_text(ARTICLE, encoding="utf-8")
        row = {
            "title": "渔民贷款",
            "subtitle": "出海",
            "bank": "中国工商银行深圳分行",
            "category": "新章",
            "source": "商报",
        }
        (tmp_path / "b.jsonl").write_text(json.dumps(row) + "\n" + json.dumps({"title": "乙", "bank": "火星"}), "utf-8")
        before, err = shown()
        assert not err
        assert not any(model.objects.exists() for model in (Case, Source, Bank, Category, Product, Doubt))
        call_command("import_cases", str(tmp_path), verbosity=0)
        after = exported()
        assert [row.pop("change") for row in before] == ["new", "new", "new"]
        assert [shown_row | {"chapter": None} for shown_row in before] == [row | {"chapter": None} for row in after]
        assert shown()[0] == [row | {"change": "unchanged"} for row in after]

    def test_a_file_that_cannot_be_read_is_told_and_the_others_go_on(self, shown, tmp_path):
        (tmp_path / "a.txt").write_text(ARTICLE, encoding="utf-8")
        (tmp_path / "b.txt").write_bytes(b"%PDF-1.7")
        (tmp_path / "c.jsonl").write_text('{"summary": "—"}\n', encoding="utf-8")
        (tmp_path / "d.csv").write_text("title,date\n甲,昨天\n,今天\n", encoding="utf-8")
        rows, err = shown(tmp_path, tmp_path / "没有.txt")
        assert [row["source"] for row in rows] == ["a.txt", "d.csv"]
        for told in (
            "b.txt：这是PDF",
            "c.jsonl：1 行有问题",
            "d.csv：第 3 行：没有标题，也没有正文",
            "没有.txt：没有这个文件",
            "FAILED 3 份文件",
        ):
            assert told in err

    def test_files_alike_are_shown_each(self, shown, tmp_path):
        for folder in ("x", "y"):
            (tmp_path / folder).mkdir()
            (tmp_path / folder / "a.txt").write_text(ARTICLE, encoding="utf-8")
        rows, err = shown(tmp_path / "x", tmp_path / "y")
        assert ([row["source"] for row in rows], err) == (["a.txt", "a.txt"], "")
