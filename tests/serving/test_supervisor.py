"""Whatever is killed comes back, and nothing is left behind."""

import http.client
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import psutil
import pytest

from config.friendly import PROJECT
from embedded_postgres.locks import FileLock
from serving.ports import LEAST_FILES

from .conftest import gone, wait_until

pytestmark = pytest.mark.slow

LONG = "q=" + "%E9%93%B6" * 100


class TestKilled:
    def test_the_front_comes_back_and_a_reader_just_waits(self, start):
        site = start()
        front = site.front()
        workers = front.children()
        front.kill()
        assert site.ask().status == 200
        wait_until(lambda: gone([front, *workers]))

    def test_the_fronts_own_worker_comes_back(self, start):
        site = start()
        site.front().children()[0].kill()
        assert site.ask().status == 200

    def test_the_master_of_the_workers_comes_back_and_a_reader_does_not_wait_for_it(self, start):
        site = start(LOADING="2")
        master = site.pool()
        workers = master.children()
        master.kill()
        assert site.ask().told["pid"] in {worker.pid for worker in workers}
        wait_until(lambda: gone([master, *workers]))
        assert site.ask().told["pool"] == site.pool().pid != master.pid

    def test_the_lane_comes_back(self, start):
        site = start()
        lane = site.pool(1)
        lane.kill()
        wait_until(lambda: gone([lane]) and site.ask(f"/?{LONG}").status == 200)
        wait_until(lambda: site.ask(f"/?{LONG}").told["pool"] == site.pool(1).pid)

    def test_one_that_is_killed_in_the_middle_of_an_answer_leaves_no_half_of_it(self, start):
        site = start()
        mark = site.folder / "killed"
        assert site.ask(f"/?killed_midway={quote(str(mark))}").told["REQUEST_METHOD"] == "GET"
        assert mark.read_text() == "xx"

    def test_what_a_killed_worker_was_answering_is_asked_again_where_that_does_no_harm(self, start):
        site = start()
        mark = site.folder / "killed"
        assert site.ask(f"/?killed_once={quote(str(mark))}").status == 200
        assert mark.read_text() == "xx"
        mark.unlink()
        refused = site.ask(f"/?killed_once={quote(str(mark))}", "POST", b"a=1")
        assert refused.status == 503
        assert "网站暂时忙" in refused.text
        assert int(refused.headers["Retry-After"]) > 0
        assert mark.read_text() == "x"

    def test_what_keeps_the_supervisors_pipe_comes_back_too(self, start):
        site = start()
        (watch,) = site.children("serving.watch")
        watch.kill()
        wait_until(lambda: gone([watch]) and site.children("serving.watch"))

    @pytest.mark.parametrize("watched", [True, False], ids=["with the watch", "by the kernel alone"])
    def test_nothing_is_left_of_a_killed_supervisor_and_the_next_start_works(self, start, watched):
        if not watched and sys.platform != "linux":
            pytest.skip("only Linux ends a child with its parent")
        site = start()
        processes = site.all_processes()
        assert len(processes) >= 6
        if not watched:
            site.children("serving.watch")[0].kill()
        site.process.kill()
        wait_until(lambda: gone(processes), seconds=6)
        assert start().ask().status == 200

    def test_a_start_ends_what_an_earlier_one_could_not(self, start):
        site = start()
        master = site.pool()
        processes = [*site.front().children(), *master.children(), master]
        # Stopped, none of these hears a request to end; only the next start kills them.
        for process in processes:
            process.suspend()
        site.children("serving.watch")[0].kill()
        site.process.kill()
        site.process.wait()
        assert start().ask().status == 200
        wait_until(lambda: gone(processes))

    def test_it_comes_back_although_nothing_can_be_written_down(self, start):
        """As on a full disk."""
        site = start()
        (site.folder / "var" / "run" / f"processes-{site.process.pid}.new").mkdir()
        master = site.pool()
        master.kill()
        wait_until(lambda: gone([master]) and site.ask().status == 200)
        assert site.process.poll() is None


class TestStopped:
    @pytest.mark.parametrize("request_", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
    def test_it_ends_in_order_and_leaves_nothing(self, start, request_):
        site = start()
        processes = site.all_processes()
        assert site.stop(request_) == 0
        assert gone(processes)
        assert not list((site.folder / "var" / "run").glob("processes-*"))

    def test_readers_are_answered_first(self, start):
        site = start()
        with ThreadPoolExecutor(1) as pool:
            answer = pool.submit(site.ask, "/?seconds=1.5")
            time.sleep(0.5)
            site.stop()
            assert answer.result().status == 200

    def test_a_second_request_to_stop_does_not_wait_for_them(self, start):
        site = start()
        with ThreadPoolExecutor(1) as pool:
            pool.submit(site.ask, "/?seconds=9")
            time.sleep(0.5)
            site.process.send_signal(signal.SIGINT)
            time.sleep(0.5)
            asked = time.monotonic()
            site.stop(signal.SIGINT)
            assert time.monotonic() - asked < 6

    def test_under_nohup_a_closed_terminal_changes_nothing(self, start):
        site = start(nohup=True)
        site.process.send_signal(signal.SIGHUP)
        time.sleep(0.5)
        assert site.ask().status == 200
        assert site.process.poll() is None


class TestStart:
    def run(self, folder, **environment):
        command = [sys.executable, "-m", "tests.serving.run_site", str(folder)]
        return subprocess.run(
            command, cwd=PROJECT, env=os.environ | environment, capture_output=True, text=True, timeout=60
        )

    def test_a_second_one_in_the_same_folder_is_refused(self, start):
        site = start()
        refused = self.run(site.folder)
        assert refused.returncode
        assert "已在运行" in refused.stderr
        assert site.ask().status == 200

    def test_until_it_is_prepared_readers_are_told_to_come_back(self, folder):
        import socket

        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.serving.run_site", str(folder)],
            cwd=PROJECT,
            env=os.environ | {"PREPARE": "import time; time.sleep(60)", "PORT": str(port)},
            stdout=subprocess.DEVNULL,
        )
        try:

            def told_to_come_back():
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
                try:
                    connection.request("GET", "/")
                    answer = connection.getresponse()
                    return answer.status == 503 and "正在启动" in answer.read().decode()
                except OSError:
                    return False
                finally:
                    connection.close()

            wait_until(told_to_come_back)
            children = psutil.Process(process.pid).children(recursive=True)
        finally:
            process.terminate()
            assert process.wait(20) == 0
        assert gone(children)

    def test_a_preparation_that_fails_ends_it_with_its_code(self, folder):
        assert self.run(folder, PREPARE="import sys; sys.exit(7)").returncode == 7

    def test_a_configuration_that_nginx_refuses_is_told(self, folder):
        result = self.run(folder, NGINX="/bin/false")
        assert result.returncode
        assert "nginx 没有起来" in result.stderr

    def test_too_few_open_files_are_told_in_a_line_and_not_run_into(self, folder):
        import resource

        def few():
            resource.setrlimit(resource.RLIMIT_NOFILE, (LEAST_FILES // 4, LEAST_FILES // 4))

        command = [sys.executable, "-m", "tests.serving.run_site", str(folder)]
        result = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, preexec_fn=few, timeout=60)
        assert "ulimit -n" in result.stderr.splitlines()[-1]

    def test_a_low_limit_that_may_be_raised_is_raised(self, start):
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (128, hard))
        try:
            site = start()
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        if sys.platform == "linux":
            assert site.front().rlimit(psutil.RLIMIT_NOFILE)[0] >= min(hard, 4096)

    def test_nobody_else_may_enter_the_folder_of_the_sockets(self, start):
        site = start()
        for name in ("run", "log"):
            assert (site.folder / "var" / name).stat().st_mode & 0o777 == 0o700
        assert FileLock(site.folder / "var" / "run" / "supervisor.lock").is_seized()


class TestTheLane:
    def test_long_questions_are_answered_apart(self, site):
        assert site.ask("/cases/?q=short").told["pool"] == site.pool().pid
        assert site.ask(f"/cases/?{LONG}").told["pool"] == site.pool(1).pid

    def test_beyond_its_queue_they_are_told_to_come_back_while_others_are_answered(self, site):
        with ThreadPoolExecutor(24) as pool:
            flood = [pool.submit(site.ask, f"/cases/?{LONG}&seconds=0.3") for _ in range(24)]
            assert site.ask("/cases/?q=short").status == 200
            answers = [answer.result() for answer in flood]
        refused = [answer for answer in answers if answer.status != 200]
        assert len(refused) < len(answers)
        assert {answer.status for answer in refused} == {503}
        assert all(answer.headers["Retry-After"] for answer in refused)


class TestMemory:
    def test_a_worker_that_has_grown_too_large_is_replaced(self, start):
        site = start(WORKER_MEMORY="150")
        grown = site.ask("/?megabytes=200").told["pid"]
        wait_until(lambda: not psutil.pid_exists(grown) or gone([psutil.Process(grown)]), seconds=30)
        assert site.ask().status == 200


class TestTheBackground:
    IDLE = "import time; time.sleep(1000)"

    def test_is_started_anew_when_it_dies_and_ends_with_the_site(self, start):
        site = start(BACKGROUND=self.IDLE)
        first = site.child(self.IDLE)
        first.kill()
        wait_until(lambda: gone([first]))
        second = site.child(self.IDLE)
        site.stop()
        assert gone([second])

    def test_it_and_what_it_has_started_may_take_so_much_memory_together(self, start):
        helper = f"held = b'x' * 400_000_000; {self.IDLE}"
        leader = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {helper!r}])"
        site = start(BACKGROUND=leader, BACKGROUND_MEMORY="200")
        first = site.child("subprocess.run")
        wait_until(lambda: gone([first]), seconds=30)
        assert site.ask().status == 200


def test_a_signal_opens_the_logs_anew(start):
    site = start()
    site.ask("/before")
    log = site.folder / "var" / "log" / "access.log"
    log.rename(log.with_name("access.log.1"))
    site.process.send_signal(signal.SIGUSR1)
    wait_until(log.exists)
    site.ask("/after")
    wait_until(lambda: "/after" in log.read_text())  # a request is written down once it is answered
    assert "/before" not in log.read_text()
