"""A start of other code on data that are there, with real processes in a copy of the project."""

import subprocess
import sys

import pytest
from django.db.migrations.loader import MigrationLoader

from operations.backup import read_backup

pytestmark = pytest.mark.slow

MIGRATION = """
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("catalog", "{before}")]
    operations = [migrations.RunSQL("{statement}")]
"""


@pytest.fixture
def last() -> str:
    """The catalogue's newest migration."""
    ((_, name),) = MigrationLoader(None).graph.leaf_nodes("catalog")
    return name


@pytest.fixture
def run(checkout, environment):
    """(exit code, all that was said) of a command in the copy."""

    def manage(*arguments, python=(sys.executable, "manage.py"), **variables):
        result = subprocess.run(
            [*python, *arguments],
            cwd=checkout,
            env=environment | {"DEBUG": "1"} | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=240,
        )
        return result.returncode, result.stdout

    return manage


def test_it_is_saved_first_taken_back_when_it_fails_and_old_code_says_so_in_a_line(checkout, run, last):
    def add(name, before, statement):
        path = checkout / "catalog" / "migrations" / f"{name}.py"
        path.write_text(MIGRATION.format(before=before, statement=statement), encoding="utf-8")
        return path

    def applied():
        code, told = run("showmigrations", "catalog", "--plan")
        assert code == 0, told
        return [line.split(".")[1].split()[0] for line in told.splitlines() if line.startswith("[X]")]

    def saved():
        return sorted((checkout / "var" / "backups").glob("*"))

    code, told = run("prepare")
    assert code == 0, told
    assert "备份" not in told  # a new database has nothing to save
    before = applied()

    # The first of two is committed before the second fails.
    good = add("9001_good", last, "CREATE TABLE later (number int)")
    bad = add("9002_bad", "9001_good", "SELECT 1/0")
    code, told = run("prepare")
    assert code == 1
    (backup,) = saved()
    assert "升级没有成功，已恢复到升级之前" in told.splitlines()[-1]
    assert backup.name in told
    assert "Traceback" not in told
    assert applied() == before
    assert read_backup(backup).manifest.label == "pre-upgrade"

    bad.unlink()
    code, told = run("prepare")
    assert code == 0, told
    assert len(saved()) == 2
    assert set(applied()) - set(before) == {"9001_good"}

    good.unlink()
    for command in (["prepare"], ["import_cases"], ["rebuild_index"]):
        code, told = run(*command)
        assert code == 1
        line = told.splitlines()[-1]
        assert "数据由更新的版本写成（迁移 catalog.9001_good）" in line
        assert f"make restore FILE=var/backups/{saved()[-1].name}" in line
        assert "Traceback" not in told

    code, told = run("restore", str(saved()[-1]))
    assert code == 0, told
    code, told = run("prepare")
    assert code == 0, told
    assert applied() == before
