import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from catalog.models import Case, LexemeCount, SearchEntry, SearchIndex, SearchText
from catalog.search.index import version
from catalog.search.maintenance import rebuild
from catalog.search.maintenance.system_checks import STALE, UNSETTLED, check_index

pytestmark = pytest.mark.django_db


def contents() -> list:
    return [
        sorted(SearchEntry.objects.values_list("case", "public", "lexemes", "products")),
        sorted(SearchText.objects.values_list("pk", "text", "impacts")),
    ]


def counts() -> dict[str, int]:
    totals: dict[str, int] = {}
    for lexeme, entries in LexemeCount.objects.values_list("lexeme", "entries"):
        totals[lexeme] = totals.get(lexeme, 0) + entries
    return {lexeme: count for lexeme, count in totals.items() if count}


def names_of_indexes() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT schemaname || '.' || indexname FROM pg_indexes WHERE tablename LIKE 'catalog_search%'")
        return {row[0] for row in cursor.fetchall()}


class TestRebuilding:
    def test_makes_what_the_writer_makes(self, make_case, icbc):
        for n in range(7):
            make_case(f"案例{n}", "渔民出海" * n, bank=icbc, products=["园区e贷"])
        Case.objects.first().delete()
        before, counted, indexes = contents(), counts(), names_of_indexes()
        assert rebuild.rebuild_index() == 6
        assert (contents(), counts(), names_of_indexes()) == (before, counted, indexes)

    def test_of_nothing(self):
        assert rebuild.rebuild_index() == 0

    def test_the_old_index_serves_until_the_new_one_is_whole(self, make_case, find):
        make_case("甲", "渔民")
        seen = []
        rebuild.rebuild_index(lambda done: seen.append(find("渔民")))
        assert seen == [["甲"], ["甲"]]
        assert find("渔民") == ["甲"]

    def test_what_changes_meanwhile_is_in_the_new_index(self, make_case, find):
        first, second = make_case("甲", "渔民"), make_case("乙", "渔民")

        def edit(done):
            if done:
                first.body = "农民"
                first.save()
                make_case("丙", "渔民")
                second.delete()

        rebuild.rebuild_index(edit)
        assert find("渔民") == ["丙"]
        assert find("农民") == ["甲"]
        assert counts()["渔民"] == 1

    @pytest.mark.django_db(transaction=True)
    def test_by_processes_that_are_not_forked(self, make_case, icbc, monkeypatch):
        """As on macOS and from Python 3.14 on: such a process knows nothing of this one but what it is given."""
        monkeypatch.setattr(rebuild, "BATCH", 2)
        monkeypatch.setattr(rebuild, "_MANY", 1)
        for n in range(5):
            make_case(f"案例{n}", "渔民出海" * n, bank=icbc)
        before = contents()
        assert rebuild.rebuild_index(processes=2) == 5
        assert contents() == before

    def test_goes_on_where_it_was_broken_off(self, make_case, monkeypatch):
        monkeypatch.setattr(rebuild, "BATCH", 2)
        for n in range(6):
            make_case(f"案例{n}", "渔民")

        def break_off(done):
            if done:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            rebuild.rebuild_index(break_off)
        steps = []
        assert rebuild.rebuild_index(steps.append) == 6
        assert steps == [2, 2, 2]
        assert counts()["渔民"] == 6

    def test_who_may_read_the_tables_may_read_the_new_ones(self, make_case):
        make_case("甲", "渔民")
        with connection.cursor() as cursor:
            cursor.execute('CREATE ROLE "search reader"; GRANT SELECT ON catalog_searchentry TO "search reader"')
            rebuild.rebuild_index()
            cursor.execute("SELECT has_table_privilege('search reader', 'catalog_searchentry', 'SELECT')")
            assert cursor.fetchone() == (True,)

    def test_a_build_of_other_code_is_begun_anew(self, make_case, monkeypatch):
        make_case("甲", "渔民")
        rebuild._begin()
        monkeypatch.setattr(version, "current", lambda: "another")
        steps = []
        rebuild.rebuild_index(steps.append)
        assert steps == [0, 1]
        assert SearchIndex.objects.get().version == "another"


class TestVersion:
    def test_a_stale_index_is_an_error(self, make_case):
        make_case("甲")
        assert check_index(["default"]) == []
        SearchIndex.objects.update(version="old")
        assert check_index(["default"]) == [STALE]
        call_command("rebuild_index", verbosity=0)
        assert check_index(["default"]) == []

    def test_an_index_without_a_version_is_stale(self, make_case):
        make_case("甲")
        SearchIndex.objects.all().delete()
        assert check_index(["default"]) == [STALE]

    def test_an_index_that_lacks_a_case_is_stale(self, make_case):
        make_case("甲")
        Case.objects.bulk_create([Case(title="乙", slug="b")])
        assert check_index(["default"]) == [STALE, UNSETTLED]

    def test_what_has_to_be_migrated_first_is_not_called_stale(self, make_case):
        make_case("甲")
        SearchIndex.objects.update(version="old")
        ((app, newest),) = MigrationLoader(connection).graph.leaf_nodes("catalog")
        MigrationRecorder(connection).migration_qs.filter(app=app, name=newest).delete()
        assert check_index(["default"]) == []

    def test_no_index_is_not_stale(self):
        assert check_index(["default"]) == []
        assert check_index(None) == []

    def test_if_stale_leaves_a_fresh_index_alone(self, make_case, monkeypatch):
        make_case("甲")
        monkeypatch.setattr("catalog.management.commands.rebuild_index.rebuild_index", pytest.fail)
        call_command("rebuild_index", if_stale=True, verbosity=0)
