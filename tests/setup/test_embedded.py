import os
import pwd
import shutil
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from config.friendly import PROJECT

from .conftest import ask, keeper_of, server_of, wait_until

pytestmark = pytest.mark.slow

AS_NOBODY = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups")


class TestSharing:
    def test_processes_that_start_at_once_in_a_fresh_folder_share_one_server(self, root, user):
        users = [user(root) for _ in range(3)]
        first, *others = [each.address() for each in users]
        assert others == [first, first]
        assert ask(first, "SELECT 1") == (1,)

    def test_the_last_user_out_stops_the_server(self, made_root, user):
        first, second = user(made_root), user(made_root)
        address = first.address()
        second.address()
        server = server_of(made_root)
        first.leave()
        assert ask(address, "SELECT 1") == (1,)
        second.leave()
        wait_until(lambda: not server.is_running())
        wait_until(lambda: not Path(address["HOST"]).exists())

    def test_the_next_user_finds_what_the_last_one_wrote(self, made_root, user):
        writer = user(made_root)
        ask(writer.address(), "CREATE TABLE kept AS SELECT 7 AS number")
        writer.leave()
        assert ask(user(made_root).address(), "SELECT number FROM kept") == (7,)

    def test_the_cluster_is_utf8_and_sorts_by_code_point(self, made_root, user):
        query = "SELECT pg_encoding_to_char(encoding), datlocale FROM pg_database WHERE datname = current_database()"
        assert ask(user(made_root).address(), query) == ("UTF8", "C.UTF-8")

    def test_no_network_port_is_open(self, made_root, user):
        assert ask(user(made_root).address(), "SELECT current_setting('listen_addresses')") == ("",)


class TestRecovery:
    def test_a_killed_user_leaves_no_server_behind_and_the_next_start_works(self, made_root, user):
        killed = user(made_root)
        killed.address()
        server = server_of(made_root)
        killed.kill()
        wait_until(lambda: not server.is_running())
        assert ask(user(made_root).address(), "SELECT 1") == (1,)

    def test_the_server_of_a_killed_keeper_is_found_again_and_stopped_by_the_last_user(self, made_root, user):
        first = user(made_root)
        first.address()
        server = server_of(made_root)
        keeper_of(made_root).kill()
        first.kill()
        second = user(made_root)
        second.address()
        assert server_of(made_root) == server
        second.leave()
        wait_until(lambda: not server.is_running())

    def test_a_killed_server_comes_back_with_its_data(self, made_root, user):
        first = user(made_root)
        ask(first.address(), "CREATE TABLE kept AS SELECT 7 AS number")
        server = server_of(made_root)
        keeper_of(made_root).kill()
        family = [server, *server.children(recursive=True)]
        server.kill()
        psutil.wait_procs(family, timeout=15)
        first.kill()
        assert ask(user(made_root).address(), "SELECT number FROM kept") == (7,)

    def test_a_server_that_dies_under_its_user_is_started_for_the_next_connection(self, made_root, user):
        first = user(made_root)
        first.address()
        keeper = keeper_of(made_root)
        server_of(made_root).kill()
        wait_until(lambda: not keeper.is_running())
        assert ask(user(made_root).address(), "SELECT 1") == (1,)

    def test_a_stale_pid_file_whose_number_another_program_has_is_no_obstacle(self, made_root, user):
        first = user(made_root)
        first.address()
        stale = (made_root / "data" / "postmaster.pid").read_text().splitlines()
        first.leave()
        wait_until(lambda: not (made_root / "data" / "postmaster.pid").exists())
        (made_root / "data" / "postmaster.pid").write_text("\n".join([str(os.getpid()), *stale[1:]]))
        assert ask(user(made_root).address(), "SELECT 1") == (1,)

    def test_a_half_made_cluster_is_made_anew(self, root, user):
        (root / "data.new").mkdir(parents=True)
        (root / "data.new" / "PG_VERSION").write_text("18")
        assert ask(user(root).address(), "SELECT 1") == (1,)


class TestPlaces:
    def test_a_folder_moved_while_stopped_still_works(self, made_root, user):
        before, after = made_root, made_root.parent / "after" / "here"
        writer = user(before)
        ask(writer.address(), "CREATE TABLE kept AS SELECT 7 AS number")
        server = server_of(before)
        writer.leave()
        wait_until(lambda: not server.is_running())
        after.parent.mkdir()
        before.rename(after)
        assert ask(user(after).address(), "SELECT number FROM kept") == (7,)

    def test_a_long_path_with_blanks_chinese_and_quotes_works(self, folder, user):
        root = folder / ("x" * 200) / "案例 库" / 'it\'s "here" $HOME `id`'
        assert ask(user(root).address(), "SELECT 1") == (1,)

    def test_stop_ends_the_server_whoever_uses_it(self, made_root, user):
        user(made_root).address()
        server = server_of(made_root)
        command = [sys.executable, "-m", "embedded_postgres", "stop", str(made_root)]
        assert "已停止" in subprocess.run(command, cwd=PROJECT, capture_output=True, text=True).stdout
        assert not server.is_running()


@pytest.mark.skipif(os.geteuid() != 0, reason="只有 root 能以别的用户身份试")
class TestAccounts:
    @pytest.fixture
    def ordinary(self, folder):
        """How `nobody` runs the package, with nothing else of the project beside it: a copy that it may read,
        by a Python that it may run.
        """
        code = folder / "code"
        package = "embedded_postgres"
        shutil.copytree(PROJECT / package, code / package, ignore=shutil.ignore_patterns("__pycache__"))
        packages = next(path for path in sys.path if path.endswith("site-packages"))
        version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
        for python in (sys.executable, f"/usr/bin/{version}"):
            options = {"env": {"PYTHONPATH": packages}, "cwd": code}
            # It starts itself once more, as the keeper is started: setpriv can run what nobody can't.
            again = "import psutil, psycopg, subprocess, sys; subprocess.run([sys.executable, '-V'], check=True)"
            probe = [*AS_NOBODY, python, "-c", again]
            if Path(python).exists() and subprocess.run(probe, capture_output=True, **options).returncode == 0:
                return {"prefix": AS_NOBODY, "python": python, **options}
        return pytest.skip("用户 nobody 读不到这里的 Python 或依赖")

    @pytest.fixture
    def own_folder(self, folder):
        own = folder / "own"
        own.mkdir()
        nobody = pwd.getpwnam("nobody")
        os.chown(own, nobody.pw_uid, nobody.pw_gid)
        return own

    def test_root_runs_the_server_as_another_account(self, made_root, user):
        user(made_root).address()
        assert server_of(made_root).uids().effective != 0

    def test_an_ordinary_user_runs_it_as_themselves(self, own_folder, user, ordinary):
        assert ask(user(own_folder / "pg", **ordinary).address(), "SELECT 1") == (1,)
        assert server_of(own_folder / "pg").username() == "nobody"

    def test_root_goes_on_with_an_ordinary_users_data_as_that_user(self, own_folder, user, ordinary):
        first = user(own_folder / "pg", **ordinary)
        first.address()
        server = server_of(own_folder / "pg")
        first.leave()
        wait_until(lambda: not server.is_running())
        user(own_folder / "pg").address()
        assert server_of(own_folder / "pg").username() == "nobody"

    def test_a_folder_that_may_not_be_written_is_told_in_one_line(self, folder, user, ordinary):
        refusal = user(folder / "pg", **ordinary).refusal()
        assert refusal.count("\n") == 1
        assert "没有权限" in refusal

    def test_another_users_data_is_told_in_one_line(self, made_root, user, ordinary):
        first = user(made_root)
        first.address()
        first.leave()
        wait_until(lambda: server_of(made_root) is None)
        os.chown(made_root, pwd.getpwnam("nobody").pw_uid, -1)
        for lock in made_root.glob("*.lock"):
            lock.unlink()
        refusal = user(made_root, **ordinary).refusal()
        assert refusal.count("\n") == 1
        assert "请以该用户或 root 运行" in refusal

    def test_a_full_disk_is_told_in_one_line(self, folder, user):
        small = folder / "small"
        small.mkdir()
        mount = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", small], capture_output=True)
        if mount.returncode:
            pytest.skip("这里不能挂载小磁盘")
        try:
            refusal = user(small / "pg").refusal()
        finally:
            subprocess.run(["umount", "-l", small], check=True)
        assert refusal.count("\n") == 1
        assert "磁盘已满" in refusal
