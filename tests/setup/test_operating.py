"""What an operator does at the command line, on a checkout of its own with a small disk for its data."""

import json
import os
import subprocess
import sys

import pytest

from embedded_postgres.cluster import Cluster

from .conftest import copy_project

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A checkout with the tables made, on a disk of 450 MB, of which PostgreSQL and the reserve take 150."""
    folder = tmp_path_factory.mktemp("operating")
    for path in (folder, *folder.parents[:2]):
        path.chmod(0o755)
    checkout = copy_project(folder / "site")
    (checkout / "var").mkdir()
    small = ["mount", "-t", "tmpfs", "-o", "size=450m", "tmpfs", checkout / "var"]
    if subprocess.run(small, capture_output=True).returncode:
        pytest.skip("这里不能挂载小磁盘")
    assert manage(checkout, "migrate", "-v0") == (0, "", "")
    yield checkout
    Cluster(checkout / "var" / "postgres").stop()
    subprocess.run(["umount", "-l", checkout / "var"], check=True)


def manage(folder, *arguments):
    """(exit code, stdout, stderr) of manage.py in `folder`."""
    ours = {"DATABASE_URL", "SECRET_KEY", "DEBUG"}
    environment = {name: value for name, value in os.environ.items() if name not in ours}
    command = [sys.executable, "manage.py", *map(str, arguments)]
    result = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)
    return result.returncode, result.stdout, result.stderr


def rows(path, number, characters):
    line = {"bank": "华夏银行", "body": "支持小微企业" * (characters // 6)}
    with open(path, "w", encoding="utf-8") as file:
        for i in range(number):
            file.write(json.dumps(line | {"id": str(i), "title": f"案例{i}"}, ensure_ascii=False) + "\n")
    return path


def test_dbshell_finds_the_embedded_server_and_psql(site):
    assert manage(site, "dbshell", "--", "-At", "-c", "SELECT current_database()") == (0, "anliku\n", "")


def test_an_import_for_which_the_disk_is_too_small_is_refused_in_one_line_and_nothing_is_written(site):
    code, _, line = manage(site, "import_cases", rows(site / "rows.jsonl", 200, 20_000))
    assert code == 1
    assert line.count("\n") == 1
    assert "磁盘空间不够" in line
    assert manage(site, "dbshell", "--", "-At", "-c", "SELECT count(*) FROM catalog_case")[1] == "0\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="只有 root 能换成别的用户")
class TestRoot:
    def test_imports_as_the_account_of_the_server_to_which_all_in_var_belongs(self, site):
        assert manage(site, "import_cases", "-v0", rows(site / "few.jsonl", 2, 60)) == (0, "", "")
        owners = {path.lstat().st_uid for path in (site / "var").rglob("*")}
        assert owners == {(site / "var" / "postgres" / "data").stat().st_uid}

    def test_hears_in_one_line_of_a_document_that_the_account_cannot_read(self, site):
        rows(site / "closed.jsonl", 2, 60).chmod(0o600)
        code, _, line = manage(site, "import_cases", site / "closed.jsonl")
        assert code == 1
        assert line.count("\n") == 1
        assert "closed.jsonl" in line
        assert "chmod o+r" in line
