"""What goes wrong stands in var/log/site.log, with its request, and with nothing of who asked what."""

import json
import logging
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings as project
from django.contrib.auth import get_user_model
from django.test import Client

from config.logging import MOST_ALIKE, JsonFormatter, hide_persons

ID = "0123456789abcdef0123456789abcdef"


class TestAFault:
    def test_is_written_once_with_the_id_that_the_page_tells(self, reader, site_log):
        reply = reader.get("/broken/")
        assert reply.status_code == 500
        assert "错误已经记下" in reply.content.decode()
        told = re.search(r"编号 ([0-9a-f]{32})", reply.content.decode())[1]
        assert reply["X-Request-ID"] == told
        (record,) = site_log.records
        assert f"[{told} GET /broken/]" in record
        assert 'faults.py", line' in site_log.text
        assert "RuntimeError" in site_log.text

    def test_has_the_id_that_the_front_has_given(self, reader, site_log):
        assert reader.get("/broken/", headers={"X-Request-ID": ID})["X-Request-ID"] == ID
        assert f"[{ID} GET /broken/]" in site_log.text

    @pytest.mark.parametrize(
        "forged", ["1234567", "a" * 65, "abc def gh", "<script>alert(1)</script>", "中文编号八个字长"]
    )
    def test_takes_no_id_that_is_none(self, reader, site_log, forged):
        reply = reader.get("/broken/", headers={"X-Request-ID": forged})
        assert re.fullmatch("[0-9a-f]{32}", reply["X-Request-ID"])
        assert forged not in reply.content.decode()

    def test_of_a_program_is_told_as_json(self, reader, site_log):
        reply = reader.get("/api/fault/broken/")
        assert (reply.status_code, reply["Content-Type"]) == (500, "application/json")
        assert set(reply.json()) == {"detail", "request_id"}
        assert reply.json()["request_id"] in site_log.text

    def test_tells_of_an_account_its_number(self, reader, site_log, db):
        user = get_user_model().objects.create_user("wang.xiaoming", password="x")
        reader.force_login(user)
        reader.get("/fault/broken/")
        assert "wang.xiaoming" not in site_log.text

    def test_is_one_line_of_json_where_that_is_asked_for(self, reader, site_log, monkeypatch):
        monkeypatch.setattr(site_log.handler, "formatter", JsonFormatter())
        reader.get("/broken/?q=张三", headers={"X-Request-ID": ID})
        (line,) = site_log.text.splitlines()
        record = json.loads(line)
        assert (record["level"], record["request_id"], record["method"], record["path"]) == (
            "ERROR",
            ID,
            "GET",
            "/broken/",
        )
        assert "RuntimeError" in record["details"]
        assert "张三" not in line


class TestNothingOfPersons:
    def test_neither_query_form_cookies_nor_address(self, reader, site_log):
        reader.cookies["note"] = "Keks-4711"
        reader.post(
            "/broken/?q=张三丰的贷款+13800138000&mail=li@example.org",
            {"name": "李四光"},
            REMOTE_ADDR="203.0.113.9",
            headers={"User-Agent": "Mozilla-Kennung", "Referer": "http://testserver/?q=王五"},
        )
        assert "/broken/" in site_log.text
        for secret in ("张三丰", "13800138000", "example.org", "李四光", "Keks", "203.0.113.9", "Kennung", "王五"):
            assert secret not in site_log.text

    def test_not_what_the_database_quotes(self, reader, site_log, db):
        assert reader.get("/sql/?q=張三").status_code == 500
        assert "invalid input syntax" in site_log.text
        assert "張三" not in site_log.text

    def test_not_what_was_folded_and_cut_off(self, reader, site_log):
        reader.get("/cutting/?q=張三豐與李四光")
        assert "cannot read" in site_log.text
        assert "张三" not in site_log.text

    def test_a_message_of_a_library_is_cleared(self):
        text = (
            'New login failure by {username: "li.si", ip_address: "203.0.113.9", user_agent: "Kennung"} 2001:db8:0:1::7'
        )
        cleared = hide_persons(text)
        assert cleared.startswith("New login failure by")
        assert not re.search(r"li\.si|203|Kennung|2001", cleared)

    def test_a_time_is_no_address(self):
        assert hide_persons("at 12:03:22, 5.2.19") == "at 12:03:22, 5.2.19"


class TestWarnings:
    def test_a_form_without_its_token(self, site_log, db):
        assert Client(enforce_csrf_checks=True).post("/admin/login/", {"username": "admin"}).status_code == 403
        assert "WARNING django.security.csrf" in site_log.text

    def test_a_host_that_is_not_ours_but_no_line_of_its_own(self, reader, site_log):
        assert reader.get("/", headers={"Host": "evil.example"}).status_code == 400
        (record,) = site_log.records
        assert "django.security.DisallowedHost" in record
        assert "evil.example" in record

    def test_a_worker_that_hangs(self, site_log):
        logging.getLogger("gunicorn.error").critical("WORKER TIMEOUT (pid:%s)", 4711)
        assert "CRITICAL gunicorn.error" in site_log.text

    def test_a_text_cannot_pass_for_a_record(self, site_log):
        logging.getLogger("operations").warning("%s", "x\n2026-01-01 ERROR forged\x1b[31m")
        (record,) = site_log.records
        assert "\\n2026" in record
        assert "\x1b" not in record

    def test_more_parameters_than_are_read(self, reader, site_log):
        assert reader.get("/broken/?" + "&".join(f"p{n}=x" for n in range(1500))).status_code == 400
        (record,) = site_log.records
        assert "TooManyFieldsSent" in record

    def test_a_message_without_end_is_cut(self, site_log):
        logging.getLogger("operations").warning("%s", "a" * 10**6)
        assert len(site_log.text) < 3_000

    def test_wrong_addresses_are_the_access_logs(self, reader, site_log, db):
        assert reader.get("/nothing/").status_code == 404
        assert site_log.text == ""


class TestAFlood:
    def test_is_cut_and_counted(self, reader, site_log):
        for _ in range(MOST_ALIKE + 20):
            reader.get("/broken/")
        reader.get("/fault/bad/")
        assert len(site_log.records) == MOST_ALIKE + 1

    def test_is_told_in_the_next_minute(self, site_log, monkeypatch):
        clock = [100.0]
        monkeypatch.setattr("config.logging.time.monotonic", lambda: clock[0])
        for _ in range(2):
            for _ in range(MOST_ALIKE + 20):
                logging.getLogger("operations").warning("again")
            clock[0] += 61
        assert len(site_log.records) == 2 * MOST_ALIKE
        assert site_log.text.count("另有 20 条没有写") == 1


class TestTheFile:
    def test_is_for_the_sites_account_alone(self, site_log):
        logging.getLogger("operations").warning("x")
        assert stat.S_IMODE(site_log.path.stat().st_mode) == 0o600
        assert stat.S_IMODE(site_log.path.parent.stat().st_mode) == 0o700

    def test_is_opened_anew_once_it_was_moved_aside(self, site_log):
        logging.getLogger("operations").warning("first")
        site_log.path.rename(site_log.path.with_suffix(".1"))
        logging.getLogger("operations").warning("second")
        assert "second" in site_log.text
        assert "first" not in site_log.text

    def test_that_cannot_be_written_breaks_no_page(self, reader, site_log, capsys):
        site_log.path.parent.mkdir()
        site_log.path.mkdir()
        for _ in range(3):
            assert reader.get("/broken/").status_code == 500
        assert capsys.readouterr().err.count("日志写不进") == 1

    def test_through_a_link_is_refused(self, site_log, tmp_path):
        site_log.path.parent.mkdir()
        target = tmp_path / "other"
        target.write_text("")
        site_log.path.symlink_to(target)
        logging.getLogger("operations").warning("x")
        assert target.read_text() == ""


@pytest.mark.slow
def test_a_process_of_production_writes_it(tmp_path):
    code = (
        "import config.settings as s, logging, django; "
        f"s.LOGGING['handlers']['file']['filename'] = {str(tmp_path / 'site.log')!r}; django.setup(); "
        "logging.getLogger('some.library').warning('seen'); logging.getLogger('some.library').info('unseen')"
    )
    environment = {"PATH": "/usr/bin:/bin", "DJANGO_SETTINGS_MODULE": "config.settings", "LOG_FORMAT": "json"}
    subprocess.run([sys.executable, "-c", code], cwd=project.BASE_DIR, env=environment, check=True, capture_output=True)
    (line,) = Path(tmp_path / "site.log").read_text("utf-8").splitlines()
    assert json.loads(line)["message"] == "seen"
