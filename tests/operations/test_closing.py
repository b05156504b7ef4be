"""Closed for a while, or only read: seen by everybody at once, whatever the database does."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from catalog.models import Case
from config.mode import Mode, current_state
from tests.factories import make_case


class TestClosed:
    """No test here has a database: none is asked."""

    def test_readers_see_a_page_that_says_when_to_come_back(self, client, mode, site_log):
        mode("on", "--message", "正在升级，下午三点恢复", "--minutes", "30")
        reply = client.get("/cases/?q=贷款")
        assert (reply.status_code, reply["Retry-After"]) == (503, "1800")
        assert "正在升级，下午三点恢复" in reply.content.decode()
        assert reply["X-Request-ID"] not in reply.content.decode()
        assert site_log.text == ""  # it is no fault

    @pytest.mark.parametrize("address", ["/", "/admin/", "/admin/login/", "/cases/x/", "/suggestions/?q=a"])
    def test_no_page_is_left_open(self, client, mode, address):
        mode("on")
        assert client.get(address).status_code == client.post(address).status_code == 503

    def test_a_program_is_told_as_json(self, client, mode):
        mode("on")
        reply = client.get("/api/cases/")
        assert (reply.status_code, reply["Retry-After"]) == (503, "600")
        assert reply.json() == {"detail": "网站正在维护，请稍后再来。"}

    def test_what_is_told_is_text(self, client, mode):
        mode("on", "--message", "<script>alert(1)</script>")
        assert "<script>alert" not in client.get("/").content.decode()

    def test_load_balancers_are_answered(self, client, mode):
        mode("on")
        assert client.get("/healthz").status_code == 200

    @pytest.mark.parametrize("content", ["", "{", "[]", '{"mode": "half"}', '"on"', "null", '{"mode": "on"}'])
    def test_a_damaged_file_closes(self, client, settings, mode, content):
        settings.MAINTENANCE_FILE.write_text(content)
        assert client.get("/").status_code == 503

    def test_it_is_open_again_at_once(self, client, mode, db):
        mode("on")
        assert client.get("/").status_code == 503
        mode("off")
        assert client.get("/").status_code == 200


@pytest.fixture
def reading(mode):
    mode("read-only")


class TestOnlyRead:
    pytestmark = pytest.mark.django_db(transaction=True)

    def test_cases_are_read_and_searched(self, client, reading):
        make_case("小微贷款", "支持茶农。")
        for address in ("/", "/cases/?q=茶农", Case.objects.get().get_absolute_url(), "/api/cases/?q=茶农"):
            assert client.get(address).status_code == 200
        assert client.get("/api/cases/?q=茶农").json()["count"] == 1

    def test_the_admin_is_read_by_who_is_logged_in(self, admin_client, mode, settings):
        settings.SESSION_SAVE_EVERY_REQUEST = True
        case = make_case("小微贷款")
        mode("read-only")
        assert admin_client.get("/admin/").status_code == 200
        assert admin_client.get(f"/admin/catalog/case/{case.pk}/change/").status_code == 200

    def test_a_session_that_ends_is_in_the_way_of_no_page(self, admin_client, mode, reader):
        reader.cookies = admin_client.cookies
        mode("read-only")
        assert reader.get("/ending/").status_code == 200

    def test_nothing_is_saved_and_the_editor_is_told(self, admin_client, mode):
        case = make_case("小微贷款")
        mode("read-only", "--message", "今晚只读")
        reply = admin_client.post(f"/admin/catalog/case/{case.pk}/delete/", {"post": "yes"})
        assert (reply.status_code, reply["Retry-After"]) == (503, "600")
        assert "今晚只读" in reply.content.decode()
        assert Case.objects.exists()

    def test_a_method_that_no_page_takes_is_not_for_later(self, client, reading):
        assert client.put("/cases/").status_code == 405

    def test_nobody_logs_in(self, client, reading):
        assert client.post("/admin/login/", {"username": "a", "password": "b"}).status_code == 503

    def test_the_database_refuses_what_a_page_writes_on_being_read(self, reader, mode, site_log):
        make_case("小微贷款")
        mode("read-only")
        reply = reader.get("/writing/")
        assert reply.status_code == 503
        assert "只" in reply.content.decode()
        assert Case.objects.get().title == "小微贷款"

    def test_nothing_of_it_stays_with_the_connection(self, client, reading, mode):
        client.get("/")
        mode("off")
        make_case("之后")
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('transaction_read_only'), current_setting('transaction_isolation')")
            assert cursor.fetchone() == ("off", "read committed")

    @pytest.mark.parametrize(
        "command", [["import_cases"], ["import_thesaurus"], ["rebuild_index"], ["check_index", "--repair"]]
    )
    def test_commands_that_write_say_why_they_do_not(self, reading, command):
        with pytest.raises(CommandError, match="网站现在只读"):
            call_command(*command)

    def test_what_a_file_would_become_can_be_looked_at(self, reading, tmp_path):
        (tmp_path / "a.jsonl").write_text('{"title": "甲", "body": "乙"}\n')
        call_command("import_cases", tmp_path / "a.jsonl", dry_run=True)


def test_the_file_tells_every_account_and_nothing_is_left_beside_it(mode, settings):
    mode("on")
    mode("read-only")
    assert current_state().mode == Mode.READ_ONLY
    assert [path.name for path in settings.MAINTENANCE_FILE.parent.iterdir()] == ["maintenance.json"]
    assert settings.MAINTENANCE_FILE.stat().st_mode & 0o777 == 0o644


def test_a_database_that_is_away_is_no_error_of_ours(reader, mode, site_log):
    reply = reader.get("/away/")
    assert (reply.status_code, reply["Retry-After"]) == (503, "10")
    assert "数据库" in reader.get("/api/away/").json()["detail"]
    assert "/away/" in site_log.text
