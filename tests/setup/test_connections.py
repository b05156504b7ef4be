"""The site's connections to its database, on real servers: how many there are, what they are told, how long they wait,
and what a reader sees when the server is away, frozen, busy or read-only.
"""

import re
import shutil
import socket
import struct
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlencode

import psycopg
import pytest
from django.db.utils import InternalError, OperationalError

from config.database.connections import Connection, patience

from .conftest import own_environment, quick_place, server_of, wait_until
from .servers import DATABASE, OWNER, READER, OwnServer, Site, run

pytestmark = pytest.mark.slow

PATHS = ["/", "/cases/", "/banks/", "/products/", "/sources/", "/api/cases/", "/admin/login/"]
ASKING = [path for path in PATHS if path != "/admin/login/"]  # those that need the database
# What a process says of its connection: as one that serves pages (`pages`) or as a command.
TOLD = """
import sys, django
django.setup()
if sys.argv[1] == "pages":
    import config.wsgi
from django.db import connection
with connection.cursor() as cursor:
    for name in sys.argv[2:]:
        cursor.execute("SELECT current_setting(%s)", [name])
        print(cursor.fetchone()[0])
"""

VOCABULARY = """
import config.wsgi
from catalog.search.query import current_vocabulary
from django.db import connection
connection.ensure_connection()
current_vocabulary.current()
"""

# What was read before a fork, and by both after it: the number of the server's process.
FORK = """
import os
import config.wsgi
from django.db import connection
def number():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        print(cursor.fetchone()[0], flush=True)
number()
connection.close()
if child := os.fork():
    os.waitpid(child, 0)
number()
connection.close()
"""


@pytest.fixture(scope="module")
def server():
    with tempfile.TemporaryDirectory(prefix="setup-test-", dir=quick_place()) as name:
        folder = Path(name)
        folder.chmod(0o755)
        server = OwnServer(folder)
        server.make()
        server.start(jit="on")
        server.ask(f"CREATE ROLE {READER} LOGIN", "postgres")
        server.ask(f"CREATE DATABASE {DATABASE} OWNER {READER}", "postgres")
        run(environment_of(server, own_environment()), "manage.py", "migrate", "-v0")
        yield server
        server.stop()


def environment_of(server, environment, **more):
    return environment | {"DATABASE_URL": server.url(), **more}


@pytest.fixture(scope="module")
def site(server):
    """Two workers on the server: twelve pages at most are worked on at once."""
    site = Site(environment_of(server, own_environment()))
    yield site
    site.stop()


def all_is_well(site, paths=PATHS):
    return {answer.status for answer in site.get_at_once(paths * 2)} == {200}


class TestPool:
    def test_readers_share_few_connections_and_hold_none_afterwards(self, server, site):
        answers = site.get_at_once(ASKING * 12, threads=32)
        assert {answer.status for answer in answers} == {200}
        wait_until(lambda: {state for _, state in server.connections()} == {"idle"})
        assert len(server.connections()) <= 2 * 3

    def test_ten_connections_are_enough_for_workers_and_a_lane(self, server, site, environment):
        lane = Site(environment_of(server, environment, DATABASE_POOL="1"), workers=1)
        server.stop()
        server.start(max_connections=10)  # three of them for superusers
        try:
            answers = site.get_at_once(ASKING * 20, threads=32) + lane.get_at_once(ASKING * 7, threads=8)
            assert {answer.status for answer in answers} == {200}
        finally:
            lane.stop()
            server.stop()
            server.start()

    def test_a_fork_shares_no_connection_of_a_pool_that_was_open(self, server, environment):
        before, child, parent = run(environment_of(server, environment), "-c", FORK).split()
        assert len({before, child, parent}) == 3

    def test_a_server_that_allows_too_few_is_told(self, server, environment):
        environment = environment_of(server, environment, WEB_CONCURRENCY="40")
        said = run(environment, "manage.py", "check", "--database", "default")
        assert "最多给网站 97 个连接，网站忙时要用 169 个" in said

    def test_the_vocabulary_is_built_though_the_page_that_waits_for_it_has_the_last_connection(
        self, server, environment
    ):
        environment = environment_of(server, environment, DATABASE_POOL="1")
        assert "could not be built" not in run(environment, "-c", VOCABULARY)


class TestWhatIsSet:
    def told(self, server, environment, kind, names):
        return run(environment_of(server, environment), "-c", TOLD, kind, *names).split()

    @pytest.mark.parametrize(("kind", "limits"), [("pages", ["15s", "8s", "30s"]), ("command", ["0", "0", "0"])])
    def test_any_server_is_told_what_it_is_for_and_pages_have_limits_of_time(self, server, environment, kind, limits):
        assert server.ask("SHOW jit") == [("on",)]
        names = ["jit", "timezone", "statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"]
        assert self.told(server, environment, kind, names) == ["off", "UTC", *limits]

    def test_a_pooler_that_refuses_options_is_no_obstacle(self, server, environment):
        with pooler_before(server) as port:
            url = f"postgres://{READER}@127.0.0.1:{port}/{DATABASE}?sslmode=disable"
            names = ["application_name", "statement_timeout"]
            assert run(environment | {"DATABASE_URL": url}, "-c", TOLD, "pages", *names).split() == ["anliku", "0"]


class TestAConnection:
    def test_it_gives_up_a_server_that_does_not_answer(self, server):
        with Connection.connect(host=str(server.folder), user=OWNER, dbname=DATABASE) as connection:
            with pytest.raises(psycopg.OperationalError, match="has not answered"), patience(connection, 0.3):
                connection.execute("SELECT pg_sleep(20)")
            assert connection.closed

    def test_it_waits_for_one_that_answers_in_time(self, server):
        with Connection.connect(host=str(server.folder), user=OWNER, dbname=DATABASE) as connection:
            with patience(connection, 5):
                connection.execute("SELECT pg_sleep(0.3)")
            assert connection.patience is None
            assert connection.execute("SELECT 7").fetchone() == (7,)


class TestAServerThatIsAway:
    def test_pages_say_so_at_once_and_are_back_with_it(self, server, site):
        assert all_is_well(site)
        server.stop()
        try:
            for answer in site.get_at_once(ASKING * 3):
                assert answer.status == 503
                assert answer.headers["Retry-After"].isdecimal()
                assert "数据库暂时连不上" in answer.text
        finally:
            server.start()
        wait_until(lambda: all_is_well(site), seconds=60)

    def test_programs_are_told_in_json(self, server, site):
        server.stop()
        try:
            answer = site.get("/api/cases/")
            assert answer.status == 503
            assert "数据库暂时连不上" in answer.json()["detail"]
        finally:
            server.start()

    def test_editors_are_told_as_well(self, server, site):
        wait_until(lambda: all_is_well(site), seconds=60)
        cookie = re.search(r"csrftoken=(\w+)", site.get("/admin/login/").headers["Set-Cookie"])[1]
        headers = {
            "Cookie": f"csrftoken={cookie}; sessionid={'a' * 32}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        form = urlencode({"csrfmiddlewaretoken": cookie, "username": "a", "password": "b"})
        server.stop()
        try:
            assert site.request("GET", "/admin/", headers=headers).status == 503
            assert site.request("POST", "/admin/login/", form, headers).status == 503
        finally:
            server.start()

    def test_a_restart_between_two_pages_is_seen_by_nobody(self, server, site):
        wait_until(lambda: all_is_well(site), seconds=60)
        server.cut_off()
        assert all_is_well(site)

    def test_a_connection_lost_in_the_middle_of_a_page_is_no_fault_of_the_site(self, server, site):
        with table_locked(server), background(lambda: site.get("/banks/")) as answers:
            wait_until(server.has_waiting)
            server.cut_off()
        assert [answer.status for answer in answers] == [503]
        assert all_is_well(site)

    def test_one_who_waits_for_a_lock_too_long_is_told_that_the_database_is_busy(self, server, environment):
        url = f"{server.url()}&options={quote('-c lock_timeout=300ms')}"
        site = Site(environment | {"DATABASE_URL": url}, workers=1)
        try:
            with table_locked(server):
                answer = site.get("/banks/")
            assert answer.status == 503
            assert "现在太忙" in answer.text
            assert site.get("/banks/").status == 200
        finally:
            site.stop()

    def test_a_frozen_one_holds_no_page_for_ever(self, server, site):
        assert all_is_well(site)
        with server.frozen():
            answers = site.get_at_once(ASKING * 4, threads=24)
            assert {answer.status for answer in answers} == {503}
            # It is known by now: the threads are free for what needs no database.
            assert {answer.status for answer in site.get_at_once(["/admin/login/"] * 8)} == {200}
        wait_until(lambda: all_is_well(site), seconds=60)

    def test_one_that_only_reads_serves_readers_and_tells_editors(self, server, site, environment):
        run(
            environment_of(server, environment, DJANGO_SUPERUSER_PASSWORD="ein-langes-Wort"),
            *("manage.py", "createsuperuser", "--noinput", "--username", "chef", "--email", "chef@example.org"),
        )
        server.ask(f"ALTER ROLE {READER} SET default_transaction_read_only = on")
        server.cut_off()
        try:
            assert all_is_well(site)
            cookie = re.search(r"csrftoken=(\w+)", site.get("/admin/login/").headers["Set-Cookie"])[1]
            headers = {"Cookie": f"csrftoken={cookie}", "Content-Type": "application/x-www-form-urlencoded"}
            form = {"csrfmiddlewaretoken": cookie, "username": "chef", "password": "ein-langes-Wort"}
            answer = site.request("POST", "/admin/login/", urlencode(form), headers)
            assert answer.status == 503
            assert "现在只能读" in answer.text
        finally:
            server.ask(f"ALTER ROLE {READER} RESET default_transaction_read_only")
            server.cut_off()


class TestTheEmbeddedServer:
    def test_pages_come_back_after_its_death_and_are_only_not_there_until_then(self, made_root, environment):
        environment = environment | {"EMBEDDED_ROOT": str(made_root)}
        run(environment, "manage.py", "migrate", "-v0")
        site = Site(environment)
        try:
            assert all_is_well(site)
            server_of(made_root).kill()
            killed = time.monotonic()
            while not all_is_well(site):
                assert time.monotonic() - killed < 60
                assert {answer.status for answer in site.get_at_once(PATHS)} <= {200, 503}
        finally:
            site.stop()
            wait_until(lambda: server_of(made_root) is None)
            shutil.rmtree(made_root)


class Failing:
    """A middleware that fails after the view, as the one of sessions does when it cannot save."""

    error: Exception

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        self.get_response(request)
        raise self.error


class TestErrorsOfNoView:
    @pytest.fixture
    def ask(self, client, settings, monkeypatch):
        client.raise_request_exception = False
        settings.MIDDLEWARE = [f"{__name__}.Failing", *settings.MIDDLEWARE]

        def ask(error, cause):
            error.__cause__ = cause
            monkeypatch.setattr(Failing, "error", error, raising=False)
            return client.get("/robots.txt")

        return ask

    @pytest.mark.parametrize(
        ("error", "cause", "text"),
        [
            (OperationalError("consuming input failed"), psycopg.OperationalError("consuming input failed"), "连不上"),
            (OperationalError("full"), psycopg.errors.DiskFull("full"), "磁盘已满"),
            (InternalError("read-only"), psycopg.errors.ReadOnlySqlTransaction("read-only"), "只能读"),
        ],
    )
    def test_the_databases_state_is_told_as_elsewhere(self, ask, error, cause, text):
        answer = ask(error, cause)
        assert answer.status_code == 503
        assert text in answer.content.decode()

    def test_a_fault_of_the_program_is_one(self, ask):
        assert ask(OperationalError("?"), None).status_code == 500
        assert ask(ZeroDivisionError(), None).status_code == 500


@contextmanager
def table_locked(server):
    with psycopg.connect(host=str(server.folder), user=OWNER, dbname=DATABASE) as connection:
        connection.execute("LOCK TABLE catalog_bank IN ACCESS EXCLUSIVE MODE")
        yield


@contextmanager
def background(ask):
    """A list, in which stands after the block what `ask` answered, which was called when it began."""
    answers = []
    thread = threading.Thread(target=lambda: answers.append(ask()))
    thread.start()
    yield answers
    thread.join(60)


@contextmanager
def pooler_before(server):
    """A port that takes connections as PgBouncer does: who asks for `options` is refused, the others are passed on."""

    def serve(client):
        with client, socket.socket(socket.AF_UNIX) as upstream:
            (length,) = struct.unpack("!I", client.recv(4))
            startup = client.recv(length - 4)
            if b"\0options\0" in startup:
                message = b"SFATAL\0C08P01\0Munsupported startup parameter: options\0\0"
                client.sendall(b"E" + struct.pack("!I", len(message) + 4) + message)
                return
            upstream.connect(f"{server.folder}/.s.PGSQL.5432")
            upstream.sendall(struct.pack("!I", length) + startup)
            threading.Thread(target=pass_on, args=(upstream, client), daemon=True).start()
            pass_on(client, upstream)

    def pass_on(source, target):
        while data := source.recv(65536):
            target.sendall(data)

    def listen():
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(client,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=listen, daemon=True).start()
        yield listener.getsockname()[1]
