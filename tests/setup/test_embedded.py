import os
import pwd
import shutil
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
import pytest

from config.friendly import PROJECT
from embedded_postgres import DATABASE, ROLE, account, free_space_problem
from embedded_postgres.programs import find_older_programs

from .conftest import ask, keeper_of, server_of, wait_until

pytestmark = pytest.mark.slow

AS_NOBODY = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups")


def answers(address):
    try:
        return ask(address, "SELECT 1") == (1,)
    except psycopg.OperationalError:
        return False


def ask_in_vain(address, query):
    with suppress(psycopg.Error):
        ask(address, query)


def stop(root):
    command = [sys.executable, "-m", "embedded_postgres", "stop", str(root)]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True).stdout


def fill(path):
    """Until nothing is left on its disk."""
    with open(path, "ab", buffering=0) as file:
        for piece in (bytes(2**16), bytes(2**12)):
            with suppress(OSError):
                while file.write(piece):
                    pass


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
        wait_until(lambda: not list(Path(address["HOST"]).iterdir()))

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

    def test_a_server_that_dies_under_its_user_is_soon_back_at_the_same_address(self, made_root, user):
        first = user(made_root)
        address = first.address()
        killed = server_of(made_root)
        killed.kill()
        wait_until(lambda: answers(address), seconds=10)
        assert server_of(made_root) != killed

    def test_a_server_that_is_killed_time_and_again_is_back_within_seconds_each_time(self, made_root, user):
        address = user(made_root).address()
        for _ in range(5):
            server_of(made_root).kill()
            wait_until(lambda: answers(address), seconds=10)

    def test_a_server_killed_together_with_its_keeper_is_back_with_the_next_connection(self, made_root, user):
        first = user(made_root)
        address = first.address()
        server = server_of(made_root)
        keeper_of(made_root).kill()
        server.kill()
        wait_until(lambda: first.again() == address and answers(address), seconds=10)

    def test_a_server_whose_backend_still_computes_when_it_dies_is_soon_back(self, made_root, user):
        address = user(made_root).address()
        busy = threading.Thread(target=ask_in_vain, args=[address, "SELECT count(*) FROM generate_series(1, 1e10)"])
        busy.start()
        server = server_of(made_root)
        wait_until(lambda: ask(address, "SELECT count(*) FROM pg_stat_activity WHERE state = 'active'") == (2,))
        server.kill()
        wait_until(lambda: answers(address), seconds=10)
        busy.join(timeout=10)

    def test_the_last_user_stops_the_server_of_a_killed_keeper(self, made_root, user):
        first = user(made_root)
        first.address()
        server = server_of(made_root)
        keeper_of(made_root).kill()
        assert first.release() is True
        assert not server.is_running()

    def test_a_frozen_server_is_stopped(self, made_root, user):
        user(made_root).address()
        server = server_of(made_root)
        family = [server, *server.children()]
        for process in family:
            process.suspend()
        stop(made_root)
        assert not [process for process in family if process.is_running()]

    def test_a_server_that_cannot_start_is_not_started_anew_by_everyone(self, made_root, user):
        working = user(made_root)
        address = working.address()
        settings = made_root / "data" / "postgresql.conf"
        sound = settings.read_text()
        settings.write_text(sound + "nonsense = on\n")
        server_of(made_root).kill()
        wait_until(lambda: isinstance(working.again(), str))
        for _ in range(50):
            assert "内置数据库无法启动" in working.again()
        assert (made_root / "server.log").read_text().count("nonsense") < 10
        settings.write_text(sound)
        wait_until(lambda: working.again() == address)
        assert ask(address, "SELECT 1") == (1,)

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

    def test_data_that_lie_elsewhere_behind_a_link_are_served(self, made_root, user):
        elsewhere = made_root.parent / "other" / "disk"
        elsewhere.parent.mkdir()
        (made_root / "data").rename(elsewhere)
        (made_root / "data").symlink_to(elsewhere)
        assert answers(user(made_root).address())

    def test_stop_ends_the_server_and_its_keeper_whoever_uses_it(self, made_root, user):
        user(made_root).address()
        server, keeper = server_of(made_root), keeper_of(made_root)
        assert "已停止" in stop(made_root)
        assert not server.is_running()
        assert not keeper.is_running()


class TestSocket:
    """It must be found again, whatever becomes of the files on the way to it."""

    @pytest.fixture
    def far_root(self, folder, cluster):
        """Too long a path for a socket in it."""
        root = folder / ("x" * 100) / "postgres"
        shutil.copytree(cluster, root)
        return root

    def test_it_lies_in_the_folder_of_the_cluster_where_no_system_clears_old_files(self, made_root, user):
        assert Path(user(made_root).address()["HOST"]).is_relative_to(made_root)

    def test_when_the_link_to_it_is_cleared_away_the_next_connection_works_at_the_same_address(self, far_root, user):
        first = user(far_root)
        address = first.address()
        shutil.rmtree(Path(address["HOST"]).parent)
        assert not answers(address)
        assert first.again() == address
        assert answers(address)

    def test_the_link_is_gone_once_the_server_has_stopped_and_the_next_has_its_name(self, far_root, user):
        first = user(far_root)
        address = first.address()
        assert first.release()
        assert not Path(address["HOST"]).parent.exists()
        assert user(far_root).address() == address

    @pytest.mark.skipif(os.geteuid() != 0, reason="只有 root 能以别的用户身份试")
    def test_a_link_that_a_stranger_could_have_made_is_not_followed(self, far_root, user):
        first = user(far_root)
        link = Path(first.address()["HOST"])
        shutil.rmtree(link.parent)
        link.parent.mkdir()
        link.symlink_to(far_root / "socket")
        os.chown(link.parent, pwd.getpwnam("nobody").pw_uid, -1)
        try:
            address = first.again()
            assert address["HOST"] != str(link)
            assert answers(address)
        finally:
            shutil.rmtree(link.parent)

    def test_when_the_socket_itself_is_cleared_away_the_next_connection_works(self, made_root, user):
        first = user(made_root)
        ask(first.address(), "CREATE TABLE kept AS SELECT 7 AS number")
        shutil.rmtree(made_root / "socket")
        assert ask(first.again(), "SELECT number FROM kept") == (7,)


class TestOtherVersions:
    """The folder of a cluster that another PostgreSQL has made."""

    @pytest.fixture
    def older(self):
        return find_older_programs(16) or pytest.skip("这里没有 PostgreSQL 16 的程序")

    @pytest.fixture
    def older_root(self, root, older):
        """As this product would have made it then: with the C library's order of texts, and without checksums."""
        root.mkdir()
        owner = account.server_account(root, root / "data")
        account.open_the_way(owner, older, root)
        account.hand_over(owner, root)
        locale = ("--encoding=UTF8", "--locale=C", "--lc-ctype=C.UTF-8")
        initdb = [older / "initdb", "-D", "data", "-U", ROLE, "--auth-local=trust", *locale]
        subprocess.run(initdb, cwd=root, check=True, capture_output=True, **owner.popen_options())
        postgres = [older / "postgres", "--single", "-D", "data", "postgres"]
        create = f"CREATE DATABASE {DATABASE}\n".encode()
        subprocess.run(postgres, input=create, cwd=root, check=True, capture_output=True, **owner.popen_options())
        return root

    @pytest.fixture
    def older_server(self, older_root, older):
        """Its server, with something to keep in it."""
        socket = older_root / "socket"
        socket.mkdir()
        owner = account.server_account(older_root, older_root / "data")
        account.hand_over(owner, older_root)
        command = [older / "postgres", "-D", ".", "-k", "../socket", "-c", "listen_addresses="]
        server = psutil.Popen(command, cwd=older_root / "data", stderr=subprocess.DEVNULL, **owner.popen_options())
        address = {"HOST": str(socket), "PORT": "5432"}
        wait_until(lambda: answers(address))
        ask(address, "CREATE TABLE kept AS SELECT 7 AS number, '支持小微企业'::text AS text")
        ask(address, "CREATE INDEX ON kept (text)")
        yield server
        with suppress(psutil.NoSuchProcess):
            server.kill()

    def test_data_of_an_older_one_are_taken_over_and_kept_beside(self, older_root, older_server, user):
        older_server.send_signal(signal.SIGINT)
        older_server.wait()
        address = user(older_root).address()
        assert ask(address, "SELECT current_setting('server_version_num')::int / 10000") == (18,)
        assert ask(address, "SELECT number FROM kept WHERE text LIKE '支持%'") == (7,)
        assert (older_root / "data.16" / "PG_VERSION").read_text() == "16\n"

    def test_data_of_an_older_one_that_was_killed_are_taken_over_with_all_it_had_confirmed(
        self, older_root, older_server, user
    ):
        family = older_server.children()
        older_server.kill()
        psutil.wait_procs([older_server, *family], timeout=15)
        assert ask(user(older_root).address(), "SELECT number FROM kept") == (7,)

    def test_a_takeover_whose_keeper_is_killed_is_begun_anew(self, older_root, older_server, user):
        older_server.send_signal(signal.SIGINT)
        older_server.wait()
        first = user(older_root)
        wait_until(lambda: list((older_root / "data.new").glob("pg_upgrade_output.d/*")))
        for process in psutil.process_iter(["cmdline"]):
            if (process.info["cmdline"] or [])[-2:] == ["embedded_postgres.keeper", str(older_root)]:
                process.kill()
        assert "看护进程" in first.refusal()
        assert ask(user(older_root).address(), "SELECT number FROM kept") == (7,)

    def test_a_takeover_cut_short_between_its_two_renamings_is_finished(self, made_root, user):
        (made_root / "data").rename(made_root / "data.upgraded")
        (made_root / "data.16").mkdir()
        assert answers(user(made_root).address())

    def test_a_folder_that_holds_only_what_an_upgrade_has_kept_is_no_new_one(self, made_root, user):
        (made_root / "data").rename(made_root / "data.16")
        refusal = user(made_root).refusal()
        assert refusal.count("\n") == 1
        assert "data.16" in refusal
        assert not (made_root / "data").exists()

    @pytest.mark.parametrize(("version", "remedy"), [("9", "请先安装 PostgreSQL 9"), ("99", "更新的 PostgreSQL 99")])
    def test_what_cannot_be_taken_over_stays_as_it_is_and_is_told_in_one_line(self, version, remedy, made_root, user):
        (made_root / "data" / "PG_VERSION").write_text(f"{version}\n")
        refusal = user(made_root).refusal()
        assert refusal.count("\n") == 1
        assert remedy in refusal
        (made_root / "data" / "PG_VERSION").write_text("18\n")
        assert answers(user(made_root).address())


class TestDisk:
    @pytest.fixture
    def small_disk(self, folder):
        """Mounts one of so many megabytes."""
        place = folder / "small"
        place.mkdir()

        def mount(size):
            command = ["mount", "-t", "tmpfs", "-o", f"size={size}m,mode=755", "tmpfs", place]
            if subprocess.run(command, capture_output=True).returncode:
                pytest.skip("这里不能挂载小磁盘")
            return place

        yield mount
        stop(place / "pg")
        subprocess.run(["umount", "-l", place], capture_output=True)

    def test_a_disk_too_small_for_a_new_cluster_is_told_in_one_line(self, small_disk, user):
        refusal = user(small_disk(8) / "pg").refusal()
        assert refusal.count("\n") == 1
        assert "磁盘已满" in refusal

    def test_when_it_is_full_the_reserve_lets_the_server_run_and_come_up_again(self, small_disk, user):
        disk = small_disk(500)
        root = disk / "pg"
        first = user(root)
        address = first.address()
        ask(address, "CREATE TABLE kept AS SELECT 7 AS number")
        wait_until(lambda: (root / "reserve").exists())
        fill(disk / "filler")
        wait_until(lambda: not (root / "reserve").exists())
        server_of(root).kill()
        wait_until(lambda: first.again() == address and answers(address), seconds=10)
        assert ask(address, "SELECT number FROM kept") == (7,)
        (disk / "filler").unlink()
        wait_until(lambda: (root / "reserve").exists())

    def test_with_no_byte_left_it_says_so_and_is_back_soon_after_there_is_room(self, small_disk, user):
        disk = small_disk(500)
        root = disk / "pg"
        first = user(root)
        address = first.address()
        ask(address, "CREATE TABLE kept AS SELECT 7 AS number")
        fill(disk / "filler")
        wait_until(lambda: not (root / "reserve").exists())

        def is_refused():
            """The server frees a page here and there when it comes up, and may run on that for a while."""
            fill(disk / "filler")
            if server := server_of(root):
                server.kill()
            return isinstance(first.again(), str)

        wait_until(is_refused)
        assert "磁盘已满" in first.again()
        (disk / "filler").unlink()
        wait_until(lambda: first.again() == address and answers(address), seconds=10)
        assert ask(address, "SELECT number FROM kept") == (7,)

    def test_who_is_about_to_write_more_than_there_is_room_for_hears_it_in_one_line(self, folder):
        assert free_space_problem(folder) is None
        assert "磁盘空间不够" in free_space_problem(folder, 10**15)


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

    def test_root_runs_the_server_and_its_keeper_as_another_account_to_whom_all_of_the_folder_belongs(
        self, made_root, user
    ):
        user(made_root).address()
        uid = server_of(made_root).uids().effective
        assert uid != 0
        assert keeper_of(made_root).uids().effective == uid
        assert {path.lstat().st_uid for path in (made_root, *made_root.rglob("*"))} == {uid}

    def test_root_that_has_stepped_down_to_the_account_uses_the_server_as_before(self, made_root, user):
        first = user(made_root)
        address = first.address()
        code = """
import os, pathlib, sys
from embedded_postgres import ensure_embedded_server
from embedded_postgres.account import step_down
from embedded_postgres.cluster import Cluster
step_down(Cluster(pathlib.Path(sys.argv[1])).owner())
print(os.geteuid(), os.getgroups(), ensure_embedded_server(pathlib.Path(sys.argv[1]))["HOST"])
"""
        said = subprocess.check_output([sys.executable, "-c", code, made_root], cwd=PROJECT, text=True)
        assert said.split() == [str(server_of(made_root).uids().effective), "[]", address["HOST"]]

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
