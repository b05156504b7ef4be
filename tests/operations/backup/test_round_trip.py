"""A backup of the test database, made while editors write, and restored in its place."""

import stat
from dataclasses import replace
from threading import Event, Thread

import psycopg
import pytest
from django.contrib.auth import get_user_model
from django.db import connection

from catalog.models import Case, Doubt
from catalog.search import find_differences, search_cases
from config.friendly import SetupError
from operations.backup import backups, bring_back, drop_former, former_databases, make_backup, restore_backup
from operations.backup.archive import write_manifest
from operations.backup.keeping import hand_over_to_site
from operations.backup.server import CHECK, DatabaseServer
from tests.factories import make_bank, make_case, make_source

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

TITLES = {("园区e贷助力小微企业", "public"), ("还没有公开的普惠金融案例", "draft")}
LEFT = "anliku-20200101T000000Z.backup.part"


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A folder of the site's for all tests here, which make one backup and look at it from all sides."""
    return tmp_path_factory.mktemp("var")


@pytest.fixture(autouse=True)
def var(settings, kept):
    settings.VAR_DIR = kept
    return kept


@pytest.fixture(autouse=True)
def catalogue(var, db):
    """Of everything that `export_cases` leaves out, something; and no database is left beside it."""
    source = make_source(["第一行", "第二行"])
    bank = make_bank("中国工商银行")
    make_case("园区e贷助力小微企业", "知识产权质押", bank=bank, status=Case.Status.PUBLIC, source=source)
    draft = make_case("还没有公开的普惠金融案例", "草稿的正文", bank=bank, status=Case.Status.DRAFT)
    Doubt.objects.create(source=source, case=draft, field="title", reason="第 3 行读不清", confidence=0.5)
    get_user_model().objects.create_superuser("editor", password="a long password, kept")
    yield
    assert beside(CHECK) == []
    for name in former_databases():
        drop_former(name)


@pytest.fixture
def backup(var, catalogue):
    """Made by the first test that asks for it, while someone writes, after one that was killed."""
    if made := backups():
        return made[0]
    server, stop = DatabaseServer.of_site(), Event()
    with server.steward() as steward:
        steward.create(f"{server.database}_check_20200101t000000z")
    (var / "backups").mkdir(exist_ok=True)
    (var / "backups" / LEFT).write_bytes(b"PGDMP")

    def write():
        with server.connect(server.database) as editor:
            while not stop.wait(0.02):
                editor.execute("UPDATE catalog_case SET summary = summary || '字', updated_at = now()")
                editor.execute("INSERT INTO catalog_namechange (id, what) VALUES (gen_random_uuid(), 'names')")

    writer = Thread(target=write)
    writer.start()
    try:
        return make_backup()
    finally:
        stop.set()
        writer.join()


def execute(statement: str) -> None:
    server = DatabaseServer.of_site()
    with server.connect(server.database) as outside:
        outside.execute(statement)


def beside(kind: str) -> list[str]:
    with DatabaseServer.of_site().steward() as steward:
        return steward.beside(kind)


def titles() -> set[tuple[str, str]]:
    return set(Case.objects.values_list("title", "status"))


class TestRestoring:
    def test_everything_comes_back_under_the_readers_and_what_was_there_can_be_brought_back(self, backup):
        Case.objects.all().delete()
        get_user_model().objects.all().delete()
        make_case("后来写的案例", status=Case.Status.PUBLIC)
        server, stop, refused, asked = DatabaseServer.of_site(), Event(), [], []

        def read():
            while not stop.is_set():
                try:
                    with server.connect(server.database) as reader:
                        while not stop.wait(0.02):
                            asked.append(reader.execute("SELECT count(*) FROM catalog_case").fetchone())
                except psycopg.OperationalError as error:
                    refused.append(error)

        readers = [Thread(target=read) for _ in range(4)]
        for reader in readers:
            reader.start()
        try:
            restore_backup(backup.path)
        finally:
            stop.set()
            for reader in readers:
                reader.join()
        assert refused
        assert set(asked) <= {(1,), (2,)}  # the one database or the other, nothing between
        assert titles() == TITLES
        assert Doubt.objects.get().reason == "第 3 行读不清"
        assert Case.objects.get(status="public").source.lines == ["第一行", "第二行"]
        assert get_user_model().objects.get(username="editor").check_password("a long password, kept")
        assert [case.title for case in search_cases(Case.objects.public(), "质押")] == ["园区e贷助力小微企业"]
        assert not find_differences()
        make_case("恢复以后写的案例").delete()

        (former,) = former_databases()
        now = bring_back(former)
        assert titles() == {("后来写的案例", "public")}
        bring_back(now)
        assert titles() == TITLES

    def test_a_former_database_is_dropped_when_told(self):
        server = DatabaseServer.of_site()
        name = f"{server.database}_former_20200101t000000z"
        with server.steward() as steward:
            steward.create(name)
        assert former_databases() == [name]
        drop_former(name)
        assert former_databases() == []
        with pytest.raises(SetupError, match="没有留下的数据库"):
            drop_former(server.database)


class TestMaking:
    def test_only_its_owner_may_read_it(self, backup):
        assert stat.S_IMODE(backup.path.stat().st_mode) == 0o600
        assert stat.S_IMODE(backup.path.parent.stat().st_mode) == 0o700

    def test_what_a_killed_one_left_is_gone(self, backup):
        assert not (backup.path.parent / LEFT).exists()
        assert beside(CHECK) == []

    def test_one_that_does_not_give_what_it_was_made_of_is_kept_apart(self, var):
        # A value that depends on where it is made is another in the copy.
        execute(
            "CREATE FUNCTION place() RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT current_database()::text';"
            "CREATE TABLE placed (number int, place text GENERATED ALWAYS AS (place()) STORED);"
            "INSERT INTO placed VALUES (1)"
        )
        try:
            with pytest.raises(SetupError, match=r"备份核对不过（table public\.placed）.*\.bad"):
                make_backup(ask=False)
        finally:
            execute("DROP TABLE placed; DROP FUNCTION place")
        (bad,) = (var / "backups").glob("*.bad")
        bad.unlink()

    def test_one_that_no_database_can_be_made_of_is_kept_apart(self, var):
        execute(
            "CREATE TABLE known (number int); INSERT INTO known VALUES (1);"
            "CREATE FUNCTION is_known(int) RETURNS bool LANGUAGE plpgsql"
            " AS 'BEGIN RETURN EXISTS (SELECT FROM known WHERE number = $1); END';"
            "CREATE TABLE checked (number int CHECK (is_known(number))); INSERT INTO checked VALUES (1)"
        )
        try:
            with pytest.raises(SetupError, match=r"备份核对不过（从备份建不出数据库.*\.bad"):
                make_backup(ask=False)
        finally:
            execute("DROP TABLE checked; DROP FUNCTION is_known; DROP TABLE known")
        (bad,) = (var / "backups").glob("*.bad")
        bad.unlink()

    def test_two_at_once_do_not_get_in_each_others_way(self):
        with DatabaseServer.of_site().steward(), pytest.raises(SetupError, match="另一次备份或恢复正在进行"):
            make_backup(patience=0)


class TestRefusedFiles:
    """One line, and the database is as it was."""

    def refused(self, path, line):
        with pytest.raises(SetupError, match=line):
            restore_backup(path)
        assert titles() == TITLES
        assert former_databases() == []

    def test_whatever_is_wrong_with_it(self, backup, tmp_path):
        whole = backup.path.read_bytes()
        damaged = bytearray(whole)
        damaged[1000] ^= 1
        told = bytearray(whole)
        told[-200] ^= 1
        for name, content, line in [
            ("empty", b"", "不是案例库的备份"),
            ("short", whole[:1_000], "不是案例库的备份"),
            ("without its beginning", whole[7:], "已损坏"),
            ("damaged", damaged, "已损坏"),
            ("with a damaged manifest", told, "已损坏"),
            ("twice", whole + whole, "已损坏"),
            ("a plain dump", whole[: backup.manifest.dump_bytes], "不是案例库的备份"),
            ("of a newer format", whole.replace(b"anliku-backup 1 ", b"anliku-backup 2 "), "更新的版本"),
        ]:
            path = tmp_path / name
            path.write_bytes(content)
            self.refused(path, line)

    def test_none_at_all(self, tmp_path):
        self.refused(tmp_path / "none", "没有这个备份文件")
        self.refused(tmp_path, "没有这个备份文件")

    def changed(self, backup, path, **fields):
        manifest = replace(backup.manifest, **fields)
        with open(path, "wb") as file:
            file.write(backup.path.read_bytes()[: manifest.dump_bytes])
            write_manifest(file, manifest)
        return path

    def test_one_of_newer_code(self, backup, tmp_path):
        migrations = {"catalog": ["0001_initial", "9999_later"]}
        path = self.changed(backup, tmp_path / "newer", migrations=migrations)
        self.refused(path, "备份由更新的版本做成（迁移 catalog.9999_later）")

    def test_one_of_a_newer_postgresql(self, backup, tmp_path):
        self.refused(self.changed(backup, tmp_path / "newer", dump_major=99), "缺少适合 PostgreSQL 99")

    def test_one_that_holds_something_else_than_it_says(self, backup, tmp_path):
        contents = {**backup.manifest.contents, "table public.catalog_case": [3, "7"]}
        path = self.changed(backup, tmp_path / "other", contents=contents, answers=None)
        self.refused(path, "恢复出来的与备份时不符（table public.catalog_case）")

    def test_one_that_answers_otherwise(self, backup, tmp_path):
        question, count, keys = backup.manifest.answers[0]
        path = self.changed(backup, tmp_path / "other", answers=[[question, count + 1, keys]])
        self.refused(path, "检索")


def test_a_backup_belongs_to_the_account_that_the_site_runs_as(backup):
    root = connection.settings_dict.get("EMBEDDED_ROOT")
    if root is None:
        pytest.skip("另有数据库服务器时，备份归运行它的用户")
    hand_over_to_site(backup.path)
    assert backup.path.stat().st_uid == (root / "data").stat().st_uid
