import base64
import io
import re
from urllib.parse import urlencode

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.test import Client
from django_otp.oath import totp
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import Record

from .conftest import PASSWORD


def app_code(device, later=0):
    """What the app on the phone shows, `later` steps of thirty seconds from now."""
    return f"{totp(device.bin_key, t0=-30 * later):06d}"


def rest(user):
    """As if enough time had passed: no device is slowed down, and no code is used up."""
    TOTPDevice.objects.filter(user=user).update(
        throttling_failure_count=0, throttling_failure_timestamp=None, last_t=-1
    )


def set_up(client, user):
    """Turns the second step on as its owner does; the codes on paper."""
    client.get("/admin/two-step/")
    device = TOTPDevice.objects.get(user=user)
    page = client.post("/admin/two-step/", {"code": app_code(device)}).content.decode()
    rest(user)
    return re.findall(r"<li><code>(\w+)</code>", page)


@pytest.fixture
def paper(admin, client):
    client.force_login(admin)
    return set_up(client, admin)


class TestSettingItUp:
    def test_the_page_shows_a_code_to_scan_and_the_same_secret_to_type(self, admin, client):
        client.force_login(admin)
        page = client.get("/admin/two-step/").content.decode()
        device = TOTPDevice.objects.get()
        picture = re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', page)[1]
        assert b"<svg" in base64.b64decode(picture)
        secret = re.search(r"<code>([A-Z2-7 ]+)</code>", page)[1].replace(" ", "")
        assert base64.b32decode(secret) == device.bin_key
        assert secret in client.get("/admin/two-step/").content.decode().replace(" ", "")

    def test_it_counts_only_once_a_code_has_shown_that_the_app_has_it(self, admin, client, log_in):
        client.force_login(admin)
        client.get("/admin/two-step/")
        assert "验证码不对" in client.post("/admin/two-step/", {"code": "000000"}).content.decode()
        assert log_in("admin", PASSWORD).client.get("/admin/").status_code == 200

    def test_it_gives_ten_codes_for_paper_once(self, paper, client):
        assert len(set(paper)) == 10
        assert not any(code in client.get("/admin/two-step/").content.decode() for code in paper)

    def test_who_set_it_up_goes_on_working(self, paper, client):
        assert client.get("/admin/").status_code == 200

    def test_nothing_cached_keeps_the_codes(self, admin, client):
        client.force_login(admin)
        client.get("/admin/two-step/")
        answer = client.post("/admin/two-step/", {"code": app_code(TOTPDevice.objects.get())})
        assert "no-store" in answer["Cache-Control"]


class TestLoggingIn:
    def test_the_password_alone_opens_nothing(self, paper, log_in):
        client = log_in("admin", PASSWORD).client
        for address in ("/admin/", "/admin/catalog/case/", "/admin/two-step/", "/admin/password_change/"):
            assert client.get(address)["Location"] == f"/admin/second-step/?{urlencode({'next': address})}"
        assert client.post("/admin/two-step/", {"old_password": PASSWORD, "remove": "1"}).status_code == 302
        assert TOTPDevice.objects.filter(confirmed=True).exists()

    def test_the_code_of_the_app_opens_it(self, paper, admin, log_in):
        client = log_in("admin", PASSWORD).client
        target = {"code": app_code(TOTPDevice.objects.get()), "next": "/admin/catalog/case/"}
        assert client.post("/admin/second-step/", target)["Location"] == "/admin/catalog/case/"
        assert client.get("/admin/").status_code == 200

    def test_it_leads_to_no_other_site(self, paper, log_in):
        client = log_in("admin", PASSWORD).client
        target = {"code": app_code(TOTPDevice.objects.get()), "next": "//evil.example/"}
        assert client.post("/admin/second-step/", target)["Location"] == "/admin/"

    def test_a_code_is_good_for_one_time(self, paper, log_in):
        code = app_code(TOTPDevice.objects.get())
        first, second = log_in("admin", PASSWORD).client, log_in("admin", PASSWORD).client
        first.post("/admin/second-step/", {"code": code})
        second.post("/admin/second-step/", {"code": code})
        assert first.get("/admin/").status_code == 200
        assert second.get("/admin/").status_code == 302

    def test_so_is_one_on_paper_however_it_is_typed(self, paper, log_in):
        code = paper[3]
        client = log_in("admin", PASSWORD).client
        client.post("/admin/second-step/", {"code": f" {code[:4].upper()} {code[4:]} "})
        assert client.get("/admin/").status_code == 200
        again = log_in("admin", PASSWORD).client
        again.post("/admin/second-step/", {"code": code})
        assert again.get("/admin/").status_code == 302
        assert StaticToken.objects.count() == 9

    def test_guesses_are_recorded_and_slowed_down(self, paper, log_in):
        client = log_in("admin", PASSWORD).client
        for number in range(5):
            client.post("/admin/second-step/", {"code": f"{number:06d}"})
        assert Record.objects.filter(kind="step_failed", subject="admin").count() == 5
        client.post("/admin/second-step/", {"code": app_code(TOTPDevice.objects.get(), later=1)})
        assert client.get("/admin/").status_code == 302  # the right one, but too soon

    def test_guessing_codes_of_the_app_does_not_shut_out_the_codes_on_paper(self, paper, log_in):
        client = log_in("admin", PASSWORD).client
        for number in range(5):
            client.post("/admin/second-step/", {"code": f"{number:06d}"})
        client.post("/admin/second-step/", {"code": paper[0]})
        assert client.get("/admin/").status_code == 200

    @pytest.mark.parametrize("code", ["", "x" * 21, "١٢٣٤٥٦", "-1", "1e5", "a\0b"])
    def test_odd_codes_are_refused_plainly(self, paper, log_in, code):
        client = log_in("admin", PASSWORD).client
        assert client.post("/admin/second-step/", {"code": code}).status_code == 200
        assert client.get("/admin/").status_code == 302

    def test_anothers_code_opens_nothing(self, paper, admin, log_in):
        other = get_user_model().objects.create_superuser("other", password=PASSWORD)
        theirs = Client()
        theirs.force_login(other)
        codes = set_up(theirs, other)
        client = log_in("admin", PASSWORD).client
        client.post("/admin/second-step/", {"code": codes[0]})
        client.post("/admin/second-step/", {"code": app_code(TOTPDevice.objects.get(user=other))})
        assert client.get("/admin/").status_code == 302


class TestTakingItAway:
    def test_it_takes_the_password(self, paper, client, log_in):
        assert "不对" in client.post("/admin/two-step/", {"old_password": "x", "remove": "1"}).content.decode()
        assert TOTPDevice.objects.exists()
        client.post("/admin/two-step/", {"old_password": PASSWORD, "remove": "1"})
        assert log_in("admin", PASSWORD).client.get("/admin/").status_code == 200
        assert list(Record.objects.filter(kind__startswith="step").values_list("kind", flat=True)) == [
            "step_removed",
            "step_added",
        ]

    def test_new_codes_for_paper_replace_the_old(self, paper, client, log_in):
        page = client.post("/admin/two-step/", {"old_password": PASSWORD, "renew": "1"}).content.decode()
        fresh = re.findall(r"<li><code>(\w+)</code>", page)
        assert len(fresh) == 10
        assert not set(fresh) & set(paper)
        theirs = log_in("admin", PASSWORD).client
        theirs.post("/admin/second-step/", {"code": paper[0]})
        assert theirs.get("/admin/").status_code == 302

    def test_an_operator_does_it_for_who_has_lost_everything(self, paper, log_in):
        call_command("remove_two_step", "admin", stdout=io.StringIO())
        assert log_in("admin", PASSWORD).client.get("/admin/").status_code == 200
        with pytest.raises(CommandError, match="没有启用两步验证"):
            call_command("remove_two_step", "admin")
        with pytest.raises(CommandError, match="没有账号"):
            call_command("remove_two_step", "nobody")


class TestRequiringIt:
    def test_superusers_set_it_up_before_anything_else_and_others_need_not(self, admin, client, settings):
        settings.OTP_REQUIRED = True
        client.force_login(admin)
        assert client.get("/admin/catalog/case/")["Location"] == "/admin/two-step/"
        set_up(client, admin)
        assert client.get("/admin/catalog/case/").status_code == 200
        editor = get_user_model().objects.create_user("li", password=PASSWORD, is_staff=True)
        theirs = Client()
        theirs.force_login(editor)
        assert theirs.get("/admin/").status_code == 200

    def test_no_page_of_the_admin_shows_anyones_secret(self, paper, client):
        index = client.get("/admin/").content.decode()
        assert "otp_totp" not in index
        assert client.get("/admin/otp_totp/totpdevice/").status_code == 404
