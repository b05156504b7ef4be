import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys

import psutil
import pytest

from config.friendly import PROJECT
from embedded_postgres.locks import FileLock

from .conftest import server_of, wait_until

pytestmark = pytest.mark.slow


def manage(folder, *arguments, environment, python=(sys.executable,)):
    """(exit code, stderr) of manage.py in `folder`."""
    result = subprocess.run(
        [*python, "manage.py", *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=60
    )
    return result.returncode, result.stderr


class TestMake:
    def test_alone_it_lists_every_target_with_a_line_of_help(self, environment):
        listing = subprocess.check_output(["make"], cwd=PROJECT, env=environment, text=True)
        targets = re.search(r"^\.PHONY: help (.*)$", (PROJECT / "Makefile").read_text("utf-8"), re.MULTILINE)[1].split()
        for target in targets:
            assert re.search(rf"^  {target} +\S", listing, re.MULTILINE), target

    def test_the_data_are_removed_only_when_confirmed(self, checkout, environment):
        (checkout / "var" / "postgres").mkdir(parents=True)
        refused = subprocess.run(["make", "clean-data"], cwd=checkout, env=environment, capture_output=True, text=True)
        assert refused.returncode
        assert "CONFIRM=1" in refused.stderr
        assert (checkout / "var" / "postgres").exists()
        subprocess.run(["make", "clean-data", "CONFIRM=1"], cwd=checkout, env=environment, check=True)
        assert not (checkout / "var" / "postgres").exists()

    def test_the_locks_pin_every_package_with_hashes_and_name_no_index(self):
        for lock in (PROJECT / "requirements").glob("*.txt"):
            text = lock.read_text()
            pinned = re.findall(r"^(\S+?)==\S+", text, re.MULTILINE)
            assert len(pinned) == len(re.findall(r"^[^\s#]", text, re.MULTILINE))
            assert "://" not in text
            assert "opencc" not in pinned  # another package, which overwrites the files of ours


class TestTroublesInOneLine:
    def test_a_missing_package(self, environment):
        code, line = manage(PROJECT, "check", environment=environment, python=(sys.executable, "-S"))
        assert (code, line) == (1, "缺少模块 django：请运行 make setup\n")

    def test_a_bad_database_url(self, environment):
        code, line = manage(PROJECT, "check", environment=environment | {"DATABASE_URL": "sqlite:///x"})
        assert code == 1
        assert "DATABASE_URL" in line
        assert line.count("\n") == 1

    def test_a_database_server_that_is_away(self, environment):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        url = f"postgres://u:geheim@127.0.0.1:{port}/d"
        code, line = manage(PROJECT, "showmigrations", environment=environment | {"DATABASE_URL": url})
        assert code == 1
        assert "连不上数据库" in line
        assert "geheim" not in line
        assert line.count("\n") == 1

    def test_a_busy_port_before_anything_else_is_done(self, checkout, environment):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            bind = f"127.0.0.1:{taken.getsockname()[1]}"
            code, line = manage(checkout, "serve", "--bind", bind, environment=environment)
        assert code == 1
        assert re.fullmatch(r"端口 \d+ 已被占用：.*\n", line)
        assert not (checkout / "var" / "postgres").exists()

    @pytest.mark.parametrize("bind", ["127.0.0.1:x", "127.0.0.1:70000", "nosuch.invalid:80", "203.0.113.1:8000"])
    def test_an_impossible_address(self, bind, environment):
        code, line = manage(PROJECT, "serve", "--bind", bind, environment=environment)
        assert code == 1
        assert line.count("\n") == 1


class TestSetUpsAtOnce:
    """Of scripts/setup, where it has a lock: on systems with flock."""

    @pytest.fixture(autouse=True)
    def needs_flock(self):
        if not shutil.which("flock"):
            pytest.skip("no flock here")

    def set_up(self, checkout, environment):
        (checkout / ".venv").symlink_to(PROJECT / ".venv")
        return subprocess.Popen(
            ["scripts/setup", "base"],
            cwd=checkout,
            env=environment | {"SETUP_PATIENCE": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def test_nobody_else_may_open_the_lock(self, checkout, environment):
        lock = checkout / ".setup.lock"
        lock.touch(0o666)
        self.set_up(checkout, environment).communicate(timeout=60)
        assert lock.stat().st_mode & 0o777 == 0o600

    def test_one_that_does_not_end_is_named_and_not_waited_for_without_end(self, checkout, environment):
        lock = FileLock(checkout / ".setup.lock")
        lock.path.write_text(f"{os.getpid()}\n")
        assert lock.seize()
        waiting = self.set_up(checkout, environment)
        printed = waiting.communicate(timeout=60)[0]
        lock.release()
        assert waiting.returncode == 1
        assert f"进程 {os.getpid()}" in printed
        assert "还没有结束" in printed


class TestServe:
    def start(self, checkout, environment):
        return subprocess.Popen(
            [sys.executable, "manage.py", "serve", "--bind", "127.0.0.1:0"],
            cwd=checkout,
            env=environment | {"PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def until_up(self, site):
        """(port, what was printed) once the site takes requests."""
        printed = ""
        for line in site.stdout:
            printed += line
            if up := re.search(r"http://127\.0\.0\.1:(\d+)", line):
                return int(up[1]), printed
        raise AssertionError(printed)

    def stop(self, site, request):
        site.send_signal(request)
        return site.communicate(timeout=30)[0]

    def test_it_serves_from_nothing_and_ctrl_c_stops_all_it_started(self, checkout, environment):
        site = self.start(checkout, environment)
        try:
            port, printed = self.until_up(site)
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            connection.request("GET", "/admin/login/")
            answer = connection.getresponse()
            body = answer.read().decode()
            assert answer.status == 200
            css = re.search(r'href="(/static/[^"]+\.css)"', body)[1]
            connection.request("GET", css)
            assert connection.getresponse().status == 200
            server = server_of(checkout / "var" / "postgres")
            if os.geteuid() == 0:
                processes = [site_process := psutil.Process(site.pid), *site_process.children(recursive=True), server]
                assert 0 not in {process.uids().effective for process in processes}
            password = (checkout / "var" / "first-password").read_text().strip()
            assert password not in printed
            assert "已停止网站和内置数据库" in self.stop(site, signal.SIGINT)
            assert site.returncode == 0
            assert not server.is_running()

            site = self.start(checkout, environment)
            _, printed = self.until_up(site)
            assert "var/first-password" in printed
            assert password not in printed
            server = server_of(checkout / "var" / "postgres")
            site.kill()
            wait_until(lambda: not server.is_running())
        finally:
            site.kill()
            site.communicate()
