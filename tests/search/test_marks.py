"""The database marks every case that is written, whoever writes it and however, and the search follows."""

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from catalog.models import Bank, Case, CaseTitle, Category, ChangedCase, Product, SearchEntry, WrittenEntry
from catalog.search import find_differences, repair_index, search_deadline
from catalog.search.index import frequencies, writer
from catalog.search.maintenance.system_checks import UNSETTLED, check_index
from catalog.search.match import reader
from catalog.search.snapshot import build

pytestmark = pytest.mark.django_db

_LINK = Case.products.through


def execute(sql: str, *params) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def copy_in(table: str, columns: str, *rows: tuple) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


class TestWhoeverWrites:
    """Each by a statement that Django's signals know nothing of; the next search knows of it."""

    @pytest.fixture
    def case(self, make_case, icbc, chapter) -> Case:
        return make_case("渔民出海", "正文", bank=icbc, category=chapter, products=["园区e贷"])

    @pytest.mark.parametrize(
        ("column", "value", "query"),
        [
            ("title", "茶农上山", "茶农上山"),
            ("subtitle", "茶农上山", "茶农上山"),
            ("branch", "茶山支行", "茶山支行"),
            ("summary", "茶农上山", "茶农上山"),
            ("body", "茶农上山", "茶农上山"),
            ("captions", ["茶农上山"], "茶农上山"),
            ("authors", ["茶农"], "茶农"),
            ("published_on", "1999-05-05", "年份:1999"),
        ],
    )
    def test_an_update_of_what_is_searched(self, case, find, column, value, query):
        Case.objects.filter(pk=case.pk).update(**{column: value})
        assert find(query) == [Case.objects.get().title]

    def test_a_column_that_nothing_is_made_of_marks_nothing(self, case):
        Case.objects.filter(pk=case.pk).update(provenance=[{"key": "x"}], imported={"title": "x"})
        assert not ChangedCase.objects.exists()

    def test_sql_that_inserts_updates_and_deletes(self, case, find):
        execute("UPDATE catalog_case SET title = '茶农上山'")
        assert find("茶农") == ["茶农上山"]
        execute("DELETE FROM catalog_case_products")
        execute("DELETE FROM catalog_case")
        assert find("茶农") == []
        assert not find_differences()

    def test_copied_and_bulk_created_rows(self, find, chapter):
        copy_in("catalog_category", "code, name, position, slogans, imported", ("c2", "科技金融", 2, "", "{}"))
        Case.objects.bulk_create([Case(title="甲", slug="a", body="渔民", category=Category.objects.get(code="c2"))])
        assert find("章节:科技金融") == find("渔民") == ["甲"]

    def test_links_to_products(self, case, find, icbc):
        product = Product.objects.create(bank=icbc, name="鱼塘贷")
        _LINK.objects.bulk_create([_LINK(case=case, product=product)])
        assert find("产品:鱼塘贷") == ["渔民出海"]
        _LINK.objects.filter(product=product).delete()
        assert find("产品:鱼塘贷") == []
        execute("SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE catalog_case_products")
        assert find("园区e贷") == []

    def test_names_of_banks_chapters_and_products(self, case, find, icbc):
        for number in range(3):
            Product.objects.create(bank=icbc, name=f"产品{number}")
        product = Product.objects.create(bank=icbc, name="渔民贷")
        case.products.add(product)
        Bank.objects.update(name="宇宙大行")
        assert find("宇宙大") == ["渔民出海"]
        Category.objects.update(name="乡村振兴")
        assert (find("乡村振"), find("普惠金融")) == (["渔民出海"], [])
        # Of another key than the case, lest one be taken for the other.
        Product.objects.filter(pk=product.pk).update(name="鱼塘贷")
        assert find("鱼塘") == ["渔民出海"]

    def test_all_cases_at_once(self, case, find):
        execute("SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE catalog_case CASCADE")
        assert find("渔民") == []
        assert not SearchEntry.objects.exists()

    def test_a_write_that_is_rolled_back_leaves_no_mark(self, case):
        with transaction.atomic():
            Case.objects.update(title="茶农上山")
            transaction.set_rollback(True)
        assert not ChangedCase.objects.exists()


class TestSettling:
    def test_a_search_under_a_limit_of_time_has_settled_before(self, make_case, find):
        make_case("甲", "渔民")
        Case.objects.update(body="茶农")
        with search_deadline():
            assert find("茶农") == ["甲"]

    def test_a_deleted_case_takes_all_that_follows_from_it_along(self, make_case):
        make_case("甲", "渔民")
        Case.objects.all().delete()
        assert not SearchEntry.objects.exists()
        assert not CaseTitle.objects.exists()
        assert frequencies.of_lexemes(["渔民"]) == (0, {})

    def test_more_than_a_reader_waits_for_are_said_and_settled_by_command(self, make_case, find, monkeypatch, capsys):
        monkeypatch.setattr(reader, "MOST_SETTLED", 2)
        for title in "甲乙丙":
            make_case(title, "渔民")
        Case.objects.update(body="茶农")
        assert find("茶农") == []
        assert check_index(["default"]) == [UNSETTLED]
        call_command("check_index", repair=True, verbosity=0)
        assert "改动后还没有索引：3" in capsys.readouterr().out
        assert find("茶农") == ["甲", "乙", "丙"]
        assert check_index(["default"]) == []

    def test_two_who_remove_one_entry_count_it_once(self, make_case):
        case = make_case("甲", "渔民")
        make_case("乙", "渔民")
        writer._delete([case.pk])
        assert writer._delete([case.pk])[frequencies.ENTRIES] == 0


class TestCheck:
    """`check_index` finds whatever is wrong with what the writer wrote, and puts it right."""

    @pytest.fixture
    def case(self, make_case) -> Case:
        make_case("乙", "茶农上山")
        return make_case("甲", "渔民出海")

    def test_an_index_that_is_right_differs_in_nothing(self, case):
        build.build_snapshot()
        assert not find_differences()

    @pytest.mark.parametrize(
        ("sql", "kind"),
        [
            ("UPDATE catalog_searchentry SET public = false", "differing"),
            ("UPDATE catalog_searchentry SET place = 7", "differing"),
            ("UPDATE catalog_searchtext SET text = 'x'", "differing"),
            ("UPDATE catalog_searchtext SET impacts = '\\x00'", "differing"),
            ("UPDATE catalog_casetitle SET sound = 'x'", "differing"),
            ("DELETE FROM catalog_casetitle", "differing"),
            ("UPDATE catalog_lexemecount SET entries = 9 WHERE lexeme = '渔民'", "lexemes"),
            ("DELETE FROM catalog_lexemecount WHERE lexeme = ''", "lexemes"),
            ("INSERT INTO catalog_casetitle VALUES (999999, 'x', 'x', 'x', 'x', '{}')", "orphaned"),
        ],
    )
    def test_finds_and_repairs(self, case, sql, kind):
        execute(sql)
        differences = find_differences()
        assert getattr(differences, kind)
        repair_index(differences)
        assert not find_differences()

    def test_finds_a_snapshot_that_was_not_told(self, case, find):
        build.build_snapshot()
        Case.objects.filter(pk=case.pk).update(status="draft")
        writer.settle()
        WrittenEntry.objects.all().delete()
        assert find_differences().outdated == [case.pk]
        repair_index(find_differences())
        assert not find_differences()

    def test_says_so_and_ends_with_1(self, case, capsys):
        call_command("check_index", verbosity=0)
        execute("DELETE FROM catalog_casetitle")
        with pytest.raises(SystemExit) as end:
            call_command("check_index", verbosity=0)
        assert end.value.code == 1
        assert "索引与案例不一致：2" in capsys.readouterr().out
