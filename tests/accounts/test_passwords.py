import io
import os
import stat

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from accounts.models import PasswordDue, Record
from operations.management.commands.prepare import Command as Prepare

from .conftest import PASSWORD

NEW = "Ein-neues-Wort-77"


@pytest.fixture
def first_password_file(settings, tmp_path):
    settings.FIRST_PASSWORD_FILE = tmp_path / "first-password"
    return settings.FIRST_PASSWORD_FILE


class Terminal(io.StringIO):
    def isatty(self):
        return True


def create_admin(output):
    Prepare(stdout=output).create_admin()
    return output.getvalue()


def change(client, old, new=NEW):
    fields = {"old_password": old, "new_password1": new, "new_password2": new}
    return client.post("/admin/password_change/", fields)


class TestWhatAPasswordMayBe:
    @pytest.mark.parametrize(
        "password", ["", "Kurz-1", "elf-zeichen", "123456789012", "abcabcabcabc", "passwordpassword", "administrator"]
    )
    def test_weak_ones_are_refused_in_chinese(self, password):
        user = get_user_model()(username="administrator")
        with pytest.raises(ValidationError) as caught:
            validate_password(password, user)
        for message in caught.value.messages:
            assert not message.isascii()

    @pytest.mark.parametrize("password", [PASSWORD, NEW, "白日依山尽黄河入海流欲穷千", "x" * 11 + "12345678"])
    def test_long_ones_are_taken(self, password):
        validate_password(password, get_user_model()(username="admin"))


class TestTheFirstPassword:
    def test_on_a_terminal_it_is_shown_once_and_kept_nowhere(self, db, first_password_file, log_in):
        told = create_admin(Terminal())
        password = told.split("密码：")[1].split("（")[0]
        assert log_in("admin", password).status_code == 302
        assert not first_password_file.exists()
        assert password not in create_admin(Terminal())

    def test_a_log_names_only_the_file_which_the_owner_alone_can_read(self, db, first_password_file, log_in):
        told = create_admin(io.StringIO())
        password = first_password_file.read_text().strip()
        assert str(first_password_file) in told
        assert password not in told
        assert stat.S_IMODE(first_password_file.stat().st_mode) == 0o600
        again = create_admin(io.StringIO())
        assert str(first_password_file) in again
        assert password not in again
        assert log_in("admin", password).status_code == 302

    def test_a_file_or_link_that_lies_there_already_is_not_written_into(self, db, first_password_file, tmp_path):
        (tmp_path / "target").write_text("theirs")
        os.symlink(tmp_path / "target", first_password_file)
        create_admin(io.StringIO())
        assert (tmp_path / "target").read_text() == "theirs"
        assert not first_password_file.is_symlink()

    def test_nothing_of_the_admin_opens_before_it_is_changed(self, db, first_password_file, log_in):
        create_admin(io.StringIO())
        password = first_password_file.read_text().strip()
        client = log_in("admin", password).client
        for address in ("/admin/", "/admin/catalog/case/", "/admin/auth/user/add/", "/admin/two-step/"):
            assert client.get(address)["Location"] == "/admin/password_change/"
        assert client.post("/admin/catalog/case/preview/", {"body": "x"}).status_code == 302
        assert "须先更换" in client.get("/admin/password_change/").content.decode()
        assert client.get("/").status_code == 200

        assert "不能与现在的相同" in change(client, password, password).content.decode()
        assert client.get("/admin/").status_code == 302
        assert change(client, password).status_code == 302
        assert client.get("/admin/").status_code == 200
        assert not first_password_file.exists()
        assert "changepassword admin" in create_admin(io.StringIO())

    def test_logging_out_is_always_possible(self, db, first_password_file, log_in):
        create_admin(io.StringIO())
        client = log_in("admin", first_password_file.read_text().strip()).client
        client.post("/admin/logout/")
        assert "_auth_user_id" not in client.session


class TestPasswordsOfOthers:
    def test_one_that_a_superuser_gave_has_to_be_changed(self, admin, client, log_in):
        client.force_login(admin)
        added = {"username": "li", "usable_password": "true", "password1": NEW, "password2": NEW}
        assert client.post("/admin/auth/user/add/", added).status_code == 302
        li = get_user_model().objects.get(username="li")
        li.is_staff = True
        li.save()
        theirs = log_in("li", NEW).client
        assert theirs.get("/admin/")["Location"] == "/admin/password_change/"
        assert change(theirs, NEW, PASSWORD).status_code == 302
        assert theirs.get("/admin/").status_code == 200

        reset = {"usable_password": "true", "password1": NEW, "password2": NEW, "set-password": "1"}
        assert client.post(f"/admin/auth/user/{li.pk}/password/", reset).status_code == 302
        assert log_in("li", NEW).client.get("/admin/")["Location"] == "/admin/password_change/"

    def test_ones_own_set_on_the_same_page_is_ones_own(self, admin, client):
        client.force_login(admin)
        reset = {"usable_password": "true", "password1": NEW, "password2": NEW, "set-password": "1"}
        client.post(f"/admin/auth/user/{admin.pk}/password/", reset)
        assert client.get("/admin/").status_code == 200

    def test_one_of_former_days_that_is_too_short_now_has_to_be_changed(self, db, log_in):
        get_user_model().objects.create_superuser("old", password="kurz-123")
        client = log_in("old", "kurz-123").client
        assert client.get("/admin/")["Location"] == "/admin/password_change/"

    @pytest.mark.parametrize(("options", "due"), [([], False), (["--must-change"], True)])
    def test_the_command_sets_or_lifts_the_mark(self, admin, options, due, monkeypatch):
        PasswordDue.objects.create(user=admin)
        monkeypatch.setattr("getpass.getpass", lambda prompt="": NEW)
        call_command("changepassword", "admin", *options, stdout=io.StringIO())
        admin.refresh_from_db()
        assert admin.check_password(NEW)
        assert PasswordDue.objects.filter(user=admin).exists() is due
        assert Record.objects.filter(kind="password", subject="admin", actor="").exists()

    def test_the_command_takes_no_weak_one_and_says_so_in_chinese(self, admin, monkeypatch):
        monkeypatch.setattr("getpass.getpass", lambda prompt="": "kurz")
        told = io.StringIO()
        with pytest.raises(CommandError, match="没有更换"):
            call_command("changepassword", "admin", stderr=told)
        assert "密码太短" in told.getvalue()
        with pytest.raises(CommandError, match="没有账号"):
            call_command("changepassword", "nobody")
