from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts import sessions
from accounts.models import Record

from .conftest import PASSWORD


def age(client, key, seconds):
    session = client.session
    session[key] -= seconds
    session.save()


def is_open(client):
    return client.get("/admin/").status_code == 200


class TestTheEnd:
    def test_it_comes_twelve_hours_after_the_log_in_however_busy_the_editor(self, admin, client):
        client.force_login(admin)
        age(client, sessions.STARTED, 12 * 3600 - 60)
        assert is_open(client)
        age(client, sessions.STARTED, 61)
        page = client.get("/admin/", follow=True)
        assert page.redirect_chain[0][0].startswith("/admin/login/")
        assert "登录已到期" in page.content.decode()
        assert not Session.objects.filter(pk=client.session.session_key).exists()
        assert Record.objects.filter(kind="expired", subject="admin").exists()

    def test_two_hours_without_a_request_end_it(self, admin, client):
        client.force_login(admin)
        left = Session.objects.get().expire_date - timezone.now()
        assert 7000 < left.total_seconds() <= 7200
        Session.objects.update(expire_date=timezone.now())
        assert not is_open(client)

    def test_each_use_puts_the_idle_end_off_and_not_the_other(self, admin, client):
        client.force_login(admin)
        started = client.session[sessions.STARTED]
        age(client, sessions.USED, 3600)
        Session.objects.update(expire_date=timezone.now() + timezone.timedelta(minutes=5))
        assert is_open(client)
        assert (Session.objects.get().expire_date - timezone.now()).total_seconds() > 7000
        assert client.session[sessions.STARTED] == started

    def test_a_session_of_former_days_that_knows_no_beginning_is_over(self, admin, client):
        client.force_login(admin)
        session = client.session
        del session[sessions.STARTED]
        session.save()
        assert not is_open(client)

    def test_one_that_begins_in_the_future_is_over(self, admin, client):
        client.force_login(admin)
        age(client, sessions.STARTED, -3600)
        assert not is_open(client)

    def test_readers_have_no_session_and_none_is_looked_up(self, db, client):
        client.cookies["sessionid"] = "x" * 32
        before = Session.objects.count()
        assert client.get("/").status_code == 200
        assert Session.objects.count() == before
        assert "sessionid" not in Client().get("/").cookies


class TestLogIn:
    def test_it_makes_a_new_session_and_clears_the_expired_ones(self, admin, log_in):
        stale = Session.objects.create(session_key="s" * 32, session_data="", expire_date=timezone.now())
        client = Client(REMOTE_ADDR="203.0.113.7")
        client.cookies["sessionid"] = "given-by-a-stranger-000000000000"
        answer = log_in("admin", PASSWORD, client=client)
        assert client.session.session_key != "given-by-a-stranger-000000000000"
        assert not Session.objects.filter(pk=stale.pk).exists()
        cookie = answer.cookies["sessionid"]
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"
        assert not cookie["max-age"]  # it goes with the browser

    def test_without_a_target_it_leads_to_the_admin(self, admin, log_in):
        assert log_in("admin", PASSWORD)["Location"] == "/admin/"

    def test_with_a_target_it_leads_there_and_never_elsewhere(self, admin, log_in):
        assert log_in("admin", PASSWORD, next="/admin/catalog/case/")["Location"] == "/admin/catalog/case/"
        for target in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"):
            assert log_in("admin", PASSWORD, next=target)["Location"] == "/admin/"

    def test_an_account_without_rights_is_told_so_and_can_log_out(self, db, log_in):
        get_user_model().objects.create_user("reader", password=PASSWORD)
        answer = log_in("reader", PASSWORD)
        client = answer.client
        page = client.get(answer["Location"], follow=True)
        assert page.status_code == 403
        assert "没有进入后台的权限" in page.content.decode()
        client.post("/admin/logout/")
        assert client.get("/admin/login/").status_code == 200

    def test_an_account_that_is_off_is_told_no_more_than_a_stranger(self, db, log_in):
        get_user_model().objects.create_user("gone", password=PASSWORD, is_active=False, is_staff=True)
        assert "用户名或密码不对" in log_in("gone", PASSWORD).content.decode()
        assert "用户名或密码不对" in log_in("gone", "wrong").content.decode()

    def test_it_is_the_only_one_of_the_site(self, db, client):
        assert client.get("/accounts/login/").status_code == 404


class TestPasswordChange:
    def test_it_ends_every_other_log_in(self, admin):
        here, elsewhere = Client(), Client()
        for client in (here, elsewhere):
            client.force_login(admin)
        new = "Ein-neues-Wort-77"
        old_key = here.session.session_key
        fields = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
        assert here.post("/admin/password_change/", fields).status_code == 302
        assert is_open(here)
        assert here.session.session_key != old_key
        assert not is_open(elsewhere)

    def test_switching_an_account_off_ends_its_log_in_at_once(self, admin, client):
        client.force_login(admin)
        assert is_open(client)
        get_user_model().objects.update(is_active=False)
        assert not is_open(client)
