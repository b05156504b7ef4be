import json
import os
import stat
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.friendly import PROJECT, SetupError
from config.mail import mail_config
from config.secrets import secret_key

GOOD = "q8#Vb2-xKf0Zr7mTn4w@LdPyG6sJh3cE9aUo1iXkRtMzWqBv5eY7"  # of a generator

SHOW = """
import json, django
from django.conf import settings
django.setup()
from config.deployment import warnings_of_deployment
names = "SECURE_HSTS_PRELOAD SECURE_HSTS_SECONDS SESSION_COOKIE_NAME SESSION_COOKIE_SECURE SECURE_PROXY_SSL_HEADER"
shown = {name: getattr(settings, name) for name in names.split()}
print(json.dumps({"settings": shown, "warnings": warnings_of_deployment()}))
"""


def run(*arguments, **environment):
    """(exit code, output, errors) of Python with these settings."""
    base = {name: value for name, value in os.environ.items() if name not in ("ALLOWED_HOSTS", "DEBUG", "HTTPS")}
    base.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)  # the browser tests' own
    result = subprocess.run(
        [sys.executable, *arguments],
        cwd=PROJECT,
        env=base | {"DJANGO_SETTINGS_MODULE": "config.settings"} | environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return result.returncode, result.stdout, result.stderr


def shown(**environment):
    code, output, errors = run("-c", SHOW, **environment)
    assert code == 0, errors
    return json.loads(output)


@pytest.mark.slow
class TestRefusals:
    @pytest.mark.parametrize(
        ("environment", "complaint"),
        [
            ({"SECRET_KEY": "abc"}, "SECRET_KEY 太容易猜"),
            ({"SECRET_KEY": "a" * 60}, "SECRET_KEY 太容易猜"),
            ({"SECRET_KEY": "django-insecure-" + GOOD}, "SECRET_KEY 太容易猜"),
            ({"DEBUG": "1", "ALLOWED_HOSTS": "*"}, "DEBUG=1"),
            ({"DEBUG": "1", "ALLOWED_HOSTS": "anli.example.org"}, "DEBUG=1"),
            ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS=*"),
            ({"ALLOWED_HOSTS": "anli.example.org, *"}, "ALLOWED_HOSTS=*"),
            ({"HTTPS": "1", "HSTS_SECONDS": "long"}, "HSTS_SECONDS"),
            ({"SESSION_HOURS": "0"}, "SESSION_HOURS"),
            ({"RECORD_DAYS": "7"}, "RECORD_DAYS"),
            ({"EMAIL_URL": "http://geheim@example.org"}, "EMAIL_URL"),
        ],
    )
    def test_are_one_chinese_line_before_anything_starts(self, environment, complaint):
        code, _, errors = run("manage.py", "check", **environment)
        assert code == 1
        assert complaint in errors
        assert errors.count("\n") == 1
        assert not {"geheim", environment.get("SECRET_KEY", "geheim")} & set(errors.split())


@pytest.mark.slow
class TestDeployment:
    def test_a_site_of_this_machine_and_one_behind_tls_start_without_a_word(self):
        assert shown()["warnings"] == []
        assert shown(HTTPS="1", ALLOWED_HOSTS="anli.example.org")["warnings"] == []

    def test_one_for_others_without_tls_says_so_in_one_line(self):
        (line,) = shown(ALLOWED_HOSTS="anli.example.org")["warnings"]
        assert "HTTPS=1" in line

    def test_the_scheme_is_taken_from_a_header_only_where_readers_come_by_tls(self):
        assert shown()["settings"]["SECURE_PROXY_SSL_HEADER"] is None
        assert shown(HTTPS="1")["settings"]["SECURE_PROXY_SSL_HEADER"] == ["HTTP_X_FORWARDED_PROTO", "https"]

    def test_the_browsers_own_lists_are_entered_only_when_asked_for(self):
        secure = {"SECURE_HSTS_PRELOAD": False, "SECURE_HSTS_SECONDS": 31_536_000, "SESSION_COOKIE_SECURE": True}
        assert shown(HTTPS="1")["settings"].items() >= secure.items()
        asked = shown(HTTPS="1", HSTS_PRELOAD="1", HSTS_SECONDS="300")["settings"]
        assert (asked["SECURE_HSTS_PRELOAD"], asked["SECURE_HSTS_SECONDS"]) == (True, 300)
        assert asked["SESSION_COOKIE_NAME"].startswith("__Host-")


def test_a_key_that_others_could_read_is_the_owners_alone_again(tmp_path):
    key = secret_key(tmp_path, {})
    (tmp_path / "var" / "secret-key").chmod(0o644)
    assert secret_key(tmp_path, {}) == key
    assert stat.S_IMODE((tmp_path / "var" / "secret-key").stat().st_mode) == 0o600


def test_a_key_that_was_made_by_a_generator_is_taken(tmp_path):
    assert secret_key(tmp_path, {"SECRET_KEY": GOOD}) == GOOD
    with pytest.raises(SetupError):
        secret_key(tmp_path, {"SECRET_KEY": GOOD[:40]})


class TestMailServer:
    def test_its_address_is_read(self):
        config = mail_config({"EMAIL_URL": "smtp://it%40example.org:p%2Fw@mail.example.org:587"})
        assert (config["EMAIL_HOST"], config["EMAIL_PORT"]) == ("mail.example.org", 587)
        assert (config["EMAIL_HOST_USER"], config["EMAIL_HOST_PASSWORD"]) == ("it@example.org", "p/w")
        assert config["EMAIL_USE_TLS"]
        assert mail_config({"EMAIL_URL": "smtps://mail.example.org"})["EMAIL_USE_SSL"]

    def test_a_password_never_goes_out_in_the_clear(self):
        assert mail_config({"EMAIL_URL": "smtp://a:b@mail.example.org"})["EMAIL_USE_TLS"]

    @pytest.mark.parametrize("url", ["mail.example.org", "smtp://", "smtp://u:geheim@h:port", "smtp://[::geheim"])
    def test_a_bad_one_is_told_without_its_password(self, url):
        with pytest.raises(ImproperlyConfigured) as caught:
            mail_config({"EMAIL_URL": url})
        assert "geheim" not in str(caught.value)
