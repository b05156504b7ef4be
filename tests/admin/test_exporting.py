"""The list of cases as a file, which an import reads back without changing anything."""

import csv
import json
from io import BytesIO, StringIO
from urllib.parse import unquote

import pytest
from django.contrib.auth.models import Permission
from django.core.management import call_command
from openpyxl import load_workbook

from catalog.admin.lists.exporting import FORMS
from catalog.importing.rows.tables import HEADINGS
from catalog.models import Case, Doubt, Source
from tests.factories import make_bank, make_case, make_category, make_source, place

CASES = "/admin/catalog/case/"


def content_of(response) -> bytes:
    assert response.status_code == 200
    return b"".join(response.streaming_content)


def table(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(content.decode("utf-8-sig"))))


def workbook(content: bytes) -> list[tuple]:
    return list(load_workbook(BytesIO(content)).active.iter_rows())


@pytest.mark.django_db
class TestWhatIsExported:
    @pytest.fixture(autouse=True)
    def cases(self):
        icbc = make_bank("工商银行", code="icbc")
        make_case("乙", "渔民的贷款。", bank=icbc)
        make_case("甲", "农民的贷款。", bank=icbc, status="draft")
        make_case("丙", "牧民的存款。")

    @pytest.mark.parametrize(
        ("query", "titles"),
        [
            ("", ["乙", "甲", "丙"]),
            ("?status__exact=draft", ["甲"]),
            ("?o=-1", sorted("甲乙丙", reverse=True)),
            ("?q=贷款", ["乙", "甲"]),
            ("?q=贷款&status__exact=public", ["乙"]),
            ("?p=2", ["乙", "甲", "丙"]),
        ],
    )
    def test_all_that_the_list_shows_in_its_order(self, admin_client, query, titles):
        content = content_of(admin_client.get(f"{CASES}export/jsonl/{query}"))
        found = [json.loads(line)["title"] for line in content.decode().splitlines()]
        assert (sorted(found) if "q=" in query or not query else found) == (
            sorted(titles) if "q=" in query or not query else titles
        )
        shown = admin_client.get(f"{CASES}{query}").context["cl"].queryset
        assert found == [case.title for case in shown]

    @pytest.mark.parametrize("form", FORMS)
    def test_of_a_list_that_is_longer_than_a_page_all(self, admin_client, form):
        Case.objects.bulk_create(Case(title=f"多{n}", slug=f"多{n}") for n in range(700))
        content = content_of(admin_client.get(f"{CASES}export/{form}/"))
        rows = {"csv": table, "xlsx": lambda c: workbook(c)[1:], "jsonl": bytes.splitlines}[form](content)
        assert len(rows) == 703

    @pytest.mark.parametrize("form", FORMS)
    def test_those_that_were_chosen(self, admin_client, form):
        chosen = Case.objects.filter(title__in=["甲", "丙"]).values_list("pk", flat=True)
        response = admin_client.post(CASES, {"action": f"export_{form}", "_selected_action": list(chosen)})
        content = content_of(response)
        rows = {"csv": table, "xlsx": lambda c: workbook(c)[1:], "jsonl": bytes.splitlines}[form](content)
        assert len(rows) == 2
        assert unquote(response["Content-Disposition"]).endswith(f".{form}")

    def test_of_an_empty_list_there_is_no_file(self, admin_client):
        response = admin_client.get(f"{CASES}export/csv/?q=查无此人", follow=True)
        assert "没有案例可以导出" in response.content.decode()

    def test_parameters_that_mean_nothing_lead_back(self, admin_client):
        assert admin_client.get(f"{CASES}export/csv/?number=甲").status_code == 302
        assert admin_client.get(f"{CASES}export/doc/").status_code == 404

    def test_who_may_not_see_cases_gets_no_file(self, client, django_user_model):
        user = django_user_model.objects.create_user("张伟", password="x", is_staff=True)
        client.force_login(user)
        assert client.get(f"{CASES}export/csv/").status_code == 403
        user.user_permissions.set(Permission.objects.filter(codename="view_case"))
        client.force_login(type(user).objects.get(pk=user.pk))
        assert len(table(content_of(client.get(f"{CASES}export/csv/")))) == 3

    def test_headings_are_chinese_and_the_byte_order_mark_is_there(self, admin_client):
        content = content_of(admin_client.get(f"{CASES}export/csv/"))
        assert content.startswith(b"\xef\xbb\xbf")
        assert list(table(content)[0]) == list(HEADINGS.values())

    def test_a_case_is_read_by_few_queries(self, admin_client, django_assert_max_num_queries):
        Case.objects.bulk_create(Case(title=f"多{n}", slug=f"多{n}") for n in range(400))
        with django_assert_max_num_queries(30):
            content_of(admin_client.get(f"{CASES}export/csv/"))


@pytest.fixture
def catalogue(transactional_db, tmp_path):
    """Every kind of field, full and empty, and what spreadsheets take for something else."""
    rows = [
        {"id": 7, "title": "渔民贷款", "text": "# 一", "source": "深圳商报", "bank": "工商银行", "category": "新章"}
    ]
    rows.append({"id": "008", "title": "牧民贷款", "text": "二", "source": "商报", "bank": "宇宙行"})
    (tmp_path / "来源.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    call_command("import_cases", str(tmp_path / "来源.jsonl"), verbosity=0)
    bank = make_bank("甲银行", code="jia")
    book = make_source(["一"] * 20, publisher="协会")
    full = make_case(
        "題目　——一半",
        "## 標題\n\n推出園區e貸。\n\n| 甲 | 乙 |\n| --- | --- |\n| 1 |  |\n\n\\# 不是標題 C:\\\\*",
        subtitle="另一半——又一半",
        title_inferred=True,
        status="draft",
        bank=bank,
        branch="深圳分行",
        category=make_category("编辑的章节", code="edited"),
        category_confidence=0.1 + 0.2,
        summary="簡介。\n\n第二段；還有",
        captions=["圖一；左", "圖一；左", "'=1"],
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
        products=("园区e贷", "=贷"),
    )
    for field in ("title", "source"):
        Doubt.objects.create(source=book, case=full, field=field, reason="疑", confidence=0.3)
    for number, text in enumerate(
        ("=1+1", "+86 755", "-减", "@某行", "'=1+1", "''-x", "007", "12345678901234567890", "3-1", "1E5", "TRUE", "5G"),
    ):
        make_case(text, f"{text}\n\n第二段{number}", branch=text, source=book, number=10 + number, published_on=None)
    make_case("很长", "长" * 70_000 + "𠀀" * 20_000 + "\n\n=完", summary="简" * 20_000, published_on="1890-05-06")
    make_case("只有标题", source=book, ref="book/4", number=4)
    return full


def state():
    """Whatever an import could change."""
    cases = Case.objects.order_by("pk").prefetch_related("products")
    links = [(case.pk, sorted(product.pk for product in case.products.all())) for case in cases]
    return list(cases.values()), links, list(Doubt.objects.order_by("pk").values()), Source.objects.count()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.django_db(transaction=True)
def test_an_export_that_comes_back_changes_nothing(admin_client, catalogue, tmp_path, form):
    before = state()
    file = tmp_path / f"案例.{form}"
    file.write_bytes(content_of(admin_client.get(f"{CASES}export/{form}/")))
    report = StringIO()
    call_command("import_cases", str(file), stdout=report)
    assert state() == before
    (line,) = [line for line in report.getvalue().splitlines() if line.startswith(file.name)]
    assert line.split()[1:] == ["0", "0", str(Case.objects.count()), "0", "0", "0"]
    assert "不认识的栏" not in report.getvalue()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.django_db(transaction=True)
def test_what_was_changed_in_it_is_changed_and_nothing_else(admin_client, catalogue, tmp_path, form):
    content = content_of(admin_client.get(f"{CASES}export/{form}/"))
    file = tmp_path / f"案例.{form}"
    if form == "xlsx":
        book = load_workbook(BytesIO(content))
        for row in book.active.iter_rows():
            for cell in row:
                if cell.value == "深圳分行":
                    cell.value = "广州分行"
        book.save(file)
    else:
        file.write_bytes(content.replace("深圳分行".encode(), "广州分行".encode()))
    before, links, doubts, sources = state()
    call_command("import_cases", str(file), verbosity=0)
    after, *rest = state()
    assert rest == [links, doubts, sources]
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert [{name for name in old if old[name] != new[name]} for old, new in changed] == [{"branch", "updated_at"}]
    assert Case.objects.get(pk=catalogue.pk).branch == "广州分行"


@pytest.mark.django_db(transaction=True)
def test_no_cell_of_a_csv_is_computed_when_it_is_opened(admin_client, catalogue):
    content = content_of(admin_client.get(f"{CASES}export/csv/"))
    cells = [cell for row in table(content) for cell in row.values()]
    assert "'=1+1" in cells
    assert "'007" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


@pytest.mark.django_db(transaction=True)
def test_the_cells_of_a_workbook_are_what_they_look_like(admin_client, catalogue):
    heading, *rows = workbook(content_of(admin_client.get(f"{CASES}export/xlsx/")))
    names = [cell.value for cell in heading]
    by_title = {row[names.index("标题")].value: dict(zip(names, row, strict=True)) for row in rows}
    formula = by_title["=1+1"]["标题"]
    assert (formula.data_type, formula.number_format) == ("s", "@")
    assert by_title["007"]["标题"].value == "007"
    day = next(row["发布日期"] for row in by_title.values() if row["副标题"].value == "另一半——又一半")
    assert day.is_date
    assert by_title["很长"]["发布日期"].value == "1890-05-06"  # before there are days in Excel
    assert all(len(cell.value) <= 32_767 for row in rows for cell in row if isinstance(cell.value, str))
    whole = "".join(by_title["很长"][name].value or "" for name in names if name.startswith("正文"))
    assert whole == Case.objects.get(title="很长").body


@pytest.mark.django_db
def test_a_workbook_says_which_case_it_can_not_hold(admin_client):
    make_case("全是控制字符", "\x01" * 20_000)
    response = admin_client.get(f"{CASES}export/xlsx/", follow=True)
    assert "案例“全是控制字符”有一栏太长" in response.content.decode()
    assert len(table(content_of(admin_client.get(f"{CASES}export/csv/")))) == 1
