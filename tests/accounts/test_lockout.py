import re
import threading

import pytest
from axes.models import AccessAttempt
from django.contrib.auth import get_user_model
from django.core import mail
from django.core.management import call_command
from django.test import Client

from accounts import lockout, notices
from accounts.models import Record

from .conftest import PASSWORD

HOME, ELSEWHERE = "203.0.113.7", "198.51.100.9"


def kinds(**conditions):
    return list(Record.objects.filter(**conditions).order_by("pk").values_list("kind", flat=True))


def is_in(answer):
    return answer.status_code == 302 and "_auth_user_id" in answer.client.session


class TestWrongPasswords:
    @pytest.mark.slow
    def test_a_hundred_of_them_and_then_the_right_one_is_refused_recorded_and_told(self, admin, log_in, client):
        for number in range(100):
            log_in("admin", f"wrong-{number}", address=ELSEWHERE)
        answer = log_in("admin", PASSWORD, address=ELSEWHERE)
        assert answer.status_code == 429
        assert not is_in(answer)
        assert kinds(subject="admin", address=ELSEWHERE) == ["failed"] * 5 + ["locked"]

        client.force_login(admin)
        assert "登录被锁 1 次" in client.get("/admin/").content.decode()
        assert "登录被锁 1 次" in client.get("/admin/").content.decode()
        seen = client.get("/admin/accounts/record/?kind__exact=locked").content.decode()
        assert ELSEWHERE in seen
        assert "登录被锁 1 次" not in client.get("/admin/").content.decode()

    def test_the_owner_gets_in_from_where_they_are(self, admin, log_in):
        for number in range(20):
            log_in("admin", f"wrong-{number}", address=ELSEWHERE)
        assert is_in(log_in("admin", PASSWORD, address=HOME))

    def test_the_page_says_how_long_in_chinese_and_nothing_of_the_account(self, admin, log_in):
        answers = {}
        for name in ("admin", "nobody"):
            for number in range(6):
                answers[name] = log_in(name, f"wrong-{number}", address=f"192.0.2.{len(name)}")
        page = answers["admin"].content.decode()
        assert "请在 15 分钟以后再试" in page
        assert 0 < int(answers["admin"]["Retry-After"]) <= 15 * 60

        def told(answer):
            return answer.status_code, re.sub(r'value="[^"]*"', "", answer.content.decode())

        assert told(answers["admin"]) == told(answers["nobody"])

    def test_a_lock_ends_by_itself_and_going_on_trying_does_not_prolong_it(self, admin, log_in):
        for number in range(5):
            log_in("admin", f"wrong-{number}")
        last = AccessAttempt.objects.get().attempt_time
        log_in("admin", "wrong again")
        attempt = AccessAttempt.objects.get()
        assert attempt.attempt_time == last
        AccessAttempt.objects.update(attempt_time=last - lockout.settings.AXES_COOLOFF_TIME)
        assert is_in(log_in("admin", PASSWORD))

    def test_four_of_them_are_forgiven_and_forgotten(self, admin, log_in):
        for _ in range(3):
            for number in range(4):
                log_in("admin", f"wrong-{number}")
            assert is_in(log_in("admin", PASSWORD))

    def test_one_password_on_many_accounts_locks_the_address(self, admin, log_in):
        for number in range(lockout.ADDRESS_LIMIT):
            log_in(f"name-{number}", "Passw0rd")
        assert log_in("admin", PASSWORD).status_code == 429
        assert is_in(log_in("admin", PASSWORD, address=ELSEWHERE))

    def test_an_account_of_ones_own_clears_no_address(self, admin, log_in):
        get_user_model().objects.create_user("mine", password=PASSWORD)
        for number in range(lockout.ADDRESS_LIMIT):
            log_in(f"name-{number}", "Passw0rd")
            if number % 5 == 0:
                log_in("mine", PASSWORD)
        assert log_in("admin", PASSWORD).status_code == 429

    @pytest.mark.slow
    def test_a_guess_from_many_addresses_locks_the_account_but_not_from_where_its_owner_works(self, admin, log_in):
        assert is_in(log_in("admin", PASSWORD, address=HOME))
        for number in range(lockout.ACCOUNT_LIMIT):
            log_in("admin", "wrong", address=f"198.51.100.{number}")
        assert log_in("admin", PASSWORD, address=ELSEWHERE).status_code == 429
        assert is_in(log_in("admin", PASSWORD, address=HOME))

    def test_an_ipv6_network_is_one_address(self, admin, log_in):
        for number in range(5):
            log_in("admin", "wrong", address=f"2001:db8:1:2::{number:x}")
        assert log_in("admin", PASSWORD, address="2001:db8:1:2:ffff::1").status_code == 429
        assert is_in(log_in("admin", PASSWORD, address="2001:db8:1:3::1"))

    def test_no_header_changes_the_address_that_is_counted(self, admin, log_in):
        for number in range(5):
            forged = {"X-Forwarded-For": f"192.0.2.{number}", "X-Real-IP": f"192.0.2.{number}"}
            log_in("admin", "wrong", client=Client(REMOTE_ADDR=ELSEWHERE, headers=forged))
        assert log_in("admin", PASSWORD, address=ELSEWHERE).status_code == 429

    @pytest.mark.parametrize("name", ["x" * 5000, "a\0b", "管理员\r\nx", "' OR 1=1 --", ""])
    def test_odd_names_are_refused_plainly(self, db, log_in, name):
        answer = log_in(name, "x" * 5000)
        assert answer.status_code == 200
        assert not is_in(answer)

    def test_without_an_address_it_counts_all_the_same(self, admin, log_in):
        for _ in range(5):
            log_in("admin", "wrong", address="")
        assert log_in("admin", PASSWORD, address="").status_code == 429


class TestWhatIsKept:
    def test_what_was_typed_where_no_such_account_is_stands_nowhere(self, db, log_in):
        for _ in range(6):
            log_in("my-secret-password", "my-other-secret", extra="my-third-secret")
        rows = [*Record.objects.values(), *AccessAttempt.objects.values("username", "get_data", "http_accept")]
        assert "secret" not in str(rows)
        assert kinds(detail="没有这个账号") == ["failed"] * 5 + ["locked"]

    def test_no_password_stands_in_the_counts(self, admin, client):
        client.force_login(admin)
        wrong = {"old_password": "typed-old", "new_password1": "typed-new-1", "new_password2": "typed-new-1"}
        client.post("/admin/password_change/", wrong)
        assert "typed" not in str(AccessAttempt.objects.values())

    def test_guessing_the_old_password_at_the_page_that_changes_it_is_locked_too(self, admin, client):
        client.force_login(admin)
        wrong = {"old_password": "typed-old", "new_password1": "Neues-Wort-77", "new_password2": "Neues-Wort-77"}
        codes = [client.post("/admin/password_change/", wrong).status_code for _ in range(6)]
        assert codes == [200] * 4 + [429] * 2


class TestUnlocking:
    @pytest.mark.parametrize("arguments", [["admin"], ["--address", ELSEWHERE], ["--all"]])
    def test_an_operator_can_do_it_and_it_is_recorded(self, admin, log_in, arguments):
        for number in range(6):
            log_in("admin", f"wrong-{number}", address=ELSEWHERE)
        call_command("unlock", *arguments)
        assert is_in(log_in("admin", PASSWORD, address=ELSEWHERE))
        assert kinds()[-2:] == ["unlocked", "logged_in"]


class TestMail:
    def letters(self):
        for thread in threading.enumerate():
            if thread.name.startswith("lock-mail"):
                thread.join(10)
        return mail.outbox

    @pytest.mark.slow
    def test_locks_from_many_addresses_fill_no_mailbox(self, admin, log_in, settings):
        settings.LOCK_MAIL_TO = ["it@example.org"]
        settings.AXES_FAILURE_LIMIT = 1
        for number in range(20):
            log_in(f"name-{number}", "wrong", address=f"198.51.100.{number}")
        assert Record.objects.filter(kind="locked").count() == 20
        assert len(self.letters()) == notices.MAILS_AN_HOUR

    def test_a_lock_is_mailed_once_without_waiting_for_the_mail_server(self, admin, log_in, settings):
        settings.LOCK_MAIL_TO = ["it@example.org"]
        for number in range(20):
            log_in("admin", f"wrong-{number}", address=ELSEWHERE)
        (letter,) = self.letters()
        assert letter.to == ["it@example.org"]
        assert ELSEWHERE in letter.body
        assert "admin" in letter.body

    def test_a_mail_server_that_is_away_is_logged(self, settings, caplog):
        settings.LOCK_MAIL_TO = ["it@example.org"]
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
        notices._send("…")
        assert "could not be sent" in caplog.text
