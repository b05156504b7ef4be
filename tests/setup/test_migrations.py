"""A database comes to its tables by one start, or by the seven migrations that this start replaces: both are tried here
in a schema of their own, in a transaction that is rolled back.
"""

import ast
import sys
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from catalog import migrations

START = "0001_start_squashed_0007"
LAST = "0007_impacts"
OLD = [
    "0001_initial",
    "0002_search_engine",
    "0003_wording_and_thesaurus",
    "0004_postings",
    "0005_snapshot",
    "0006_name_changes",
    LAST,
]
SCHEMA = "migrated"
# What of the schema is compared; positions of columns as a dump has them.
DESCRIPTIONS = {
    "columns": """
        SELECT attrelid::regclass || '.' || attname, format_type(atttypid, atttypmod), attnotnull, attidentity,
               attstorage, attcollation::regcollation, pg_get_expr(adbin, adrelid),
               row_number() OVER (PARTITION BY attrelid ORDER BY attnum)
        FROM pg_attribute LEFT JOIN pg_attrdef ON (adrelid, adnum) = (attrelid, attnum)
        WHERE attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = %s::regnamespace AND relkind = 'r')
        AND attnum > 0 AND NOT attisdropped
    """,
    "relations": """
        SELECT oid::regclass, relkind, reloptions FROM pg_class WHERE relnamespace = %s::regnamespace
    """,
    "indexes": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = %s",
    "constraints": """
        SELECT conrelid::regclass || '.' || conname, pg_get_constraintdef(oid), condeferrable, condeferred
        FROM pg_constraint WHERE connamespace = %s::regnamespace
    """,
    "functions": "SELECT proname, pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = %s::regnamespace",
    "triggers": """
        SELECT tgrelid::regclass || '.' || tgname, pg_get_triggerdef(oid) FROM pg_trigger
        WHERE NOT tgisinternal AND tgrelid IN (SELECT oid FROM pg_class WHERE relnamespace = %s::regnamespace)
    """,
}


@pytest.fixture
def empty_schema(db):
    """What is made without a schema's name is made there, and nothing else is seen."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA {SCHEMA}")
        cursor.execute(f"SET LOCAL search_path = {SCHEMA}")
        yield
        transaction.set_rollback(True)


def migrate(name: str, *, replaced: bool) -> None:
    """Up to the catalogue's migration of that name; `replaced`: by those that the start replaces, one by one."""
    executor = MigrationExecutor(connection)
    if replaced:
        executor.loader.replace_migrations = False
        executor.loader.build_graph()
    executor.migrate([("catalog", name)])


def record(names: list[str]) -> None:
    """The database has had these migrations, as far as Django knows."""
    for name in names:
        MigrationRecorder(connection).record_applied("catalog", name)


def plan() -> list[str]:
    """The catalogue's migrations that `migrate` would run now, without those after the start."""
    executor = MigrationExecutor(connection)
    steps = executor.migration_plan(executor.loader.graph.leaf_nodes("catalog"))
    return [step.name for step, _ in steps if step.app_label == "catalog" and step.name in {START, *OLD}]


def rows(statement: str, parameters: list | None = None) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()


def insert_case(body: str) -> None:
    """Its key is 7. In the tables of any migration."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO catalog_case (id, title, subtitle, title_inferred, slug, status, branch, summary, body,
                captions, authors, script, provenance, imported, created_at, updated_at)
            VALUES (7, '园区e贷', '', false, 'a', 'public', '', '', %s, '{}', '{}', 'hans', '[]', '{}', now(), now())
            """,
            [body],
        )


def description() -> dict[str, list[tuple]]:
    return {
        kind: rows(f"SELECT d::text FROM ({statement}) AS d ORDER BY 1", [SCHEMA])
        for kind, statement in DESCRIPTIONS.items()
    }


@pytest.mark.usefixtures("empty_schema")
class TestBothWays:
    def test_they_lead_to_the_same_schema(self):
        empty = transaction.savepoint()
        migrate(LAST, replaced=True)
        seven = description()
        transaction.savepoint_rollback(empty)
        migrate(START, replaced=False)
        one = description()
        for kind in one:
            assert one[kind], kind
            assert one[kind] == seven[kind]

    def test_they_lead_to_the_same_models(self):
        loader = MigrationExecutor(connection).loader
        one = loader.project_state([("catalog", START)])
        loader.replace_migrations = False
        loader.build_graph()
        seven = loader.project_state([("catalog", LAST)])
        assert len(one.models) > 20
        for states in [(seven, one), (one, seven)]:
            assert MigrationAutodetector(*states)._detect_changes() == {}

    def test_a_new_database_begins_with_a_version_of_each_kind_of_name(self):
        migrate(START, replaced=False)
        assert sorted(rows("SELECT what FROM catalog_namechange")) == [("names",), ("thesaurus",)]


@pytest.mark.usefixtures("empty_schema")
class TestWhichWay:
    def test_a_database_with_none_takes_the_start(self):
        assert plan() == [START]
        migrate(START, replaced=False)
        assert plan() == []

    def test_a_database_with_all_seven_has_the_start_too(self):
        record(OLD)
        assert plan() == []
        migrate(START, replaced=False)
        assert ("catalog", START) in MigrationRecorder(connection).applied_migrations()

    @pytest.mark.parametrize("count", [1, 3, 5, 6])
    def test_a_database_with_some_goes_on_by_the_others(self, count):
        record(OLD[:count])
        assert plan() == OLD[count:]

    def test_its_cases_are_kept_and_their_lexemes_weigh_nothing_yet(self):
        migrate("0003_wording_and_thesaurus", replaced=True)
        insert_case("正文")
        with connection.cursor() as cursor:
            cursor.execute(
                r"""
                INSERT INTO catalog_searchentry (case_id, public, overfull, place, updated_at, written_at, products,
                    lexemes)
                VALUES (7, true, false, 1, now(), now(), '{}', E'园区\x02贷款\x02银行');
                INSERT INTO catalog_searchtext (case_id, text, weights) VALUES (7, '园区e贷', '{1:1}/2');
                """
            )
        connection.check_constraints()  # now: a table with keys to check is not altered
        migrate(LAST, replaced=False)
        assert rows("SELECT id, title, body FROM catalog_case") == [(7, "园区e贷", "正文")]
        assert [bytes(impacts) for (impacts,) in rows("SELECT impacts FROM catalog_searchtext")] == [b"\0\0\0"]


@pytest.mark.usefixtures("empty_schema")
@pytest.mark.parametrize("line_end", ["\r\n", "\r"])
def test_line_ends_that_browsers_sent_are_repaired(line_end):
    migrate("0009_limits", replaced=False)
    insert_case(f"一{line_end}{line_end}二")
    connection.check_constraints()
    migrate("0011_one_kind_of_line_end", replaced=False)
    assert rows("SELECT body FROM catalog_case") == [("一\n\n二",)]


@pytest.mark.usefixtures("empty_schema")
def test_a_case_beyond_the_limits_does_not_stop_the_repair_of_line_ends():
    migrate("0008_changed_cases", replaced=False)
    insert_case("一\r\n" * 200_000)
    connection.check_constraints()
    migrate("0011_one_kind_of_line_end", replaced=False)
    assert rows("SELECT count(*) FROM catalog_case") == [(1,)]


@pytest.mark.usefixtures("empty_schema")
def test_cases_from_before_the_history_have_their_state_in_it():
    migrate("0012_take_down", replaced=False)
    insert_case("第一稿。")
    connection.check_constraints()
    migrate("0017_history", replaced=False)
    assert rows("SELECT count(*) FROM catalog_caseevent") == [(0,)]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE catalog_case SET body = '第二稿。'")
    assert rows("SELECT pgh_label, body FROM catalog_caseevent") == [("update", "第一稿。")]


def test_no_migration_imports_what_may_still_change():
    package = Path(migrations.__file__).parent
    modules = set()
    for path in package.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                modules.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                modules.add("." * node.level + (node.module or ""))
    assert modules
    # Triggers stand in migrations as django-pgtrigger has compiled them.
    allowed = {"django", "pgtrigger", *sys.stdlib_module_names}
    assert {name for name in modules if name.split(".")[0] not in allowed} == {"catalog.migrations._lexemes"}
