from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db import InternalError, ProgrammingError, connection, transaction
from django.utils import timezone

from accounts.models import Record
from tests.roles import role

from .conftest import PASSWORD

User = get_user_model()


def lines(**conditions):
    """Kind, account, actor and detail of each record, oldest first."""
    fields = ("kind", "subject", "actor", "detail")
    return list(Record.objects.filter(**conditions).order_by("pk").values_list(*fields))


@pytest.fixture
def li(db):
    user = User.objects.create_user("li", password=PASSWORD)
    forget_all()
    return user


def forget_all():
    """As TRUNCATE does between tests; the guard has its own test."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE accounts_record")


class TestComingAndGoing:
    def test_log_ins_and_log_outs_are_recorded_with_their_address(self, admin, log_in):
        forget_all()
        client = log_in("admin", PASSWORD, address="2001:db8:1:2:3::4").client
        client.post("/admin/logout/")
        assert [line[:2] for line in lines(address="2001:db8:1:2::")] == [
            ("logged_in", "admin"),
            ("logged_out", "admin"),
        ]


class TestRights:
    def test_what_an_administrator_changes_in_the_admin_names_them(self, admin, li, client):
        client.force_login(admin)
        forget_all()
        editors = Group.objects.create(name="编辑组")
        fields = {"username": "li", "is_staff": "on", "groups": [editors.pk], "is_active": "on"}
        joined = {"date_joined_0": "2026-01-01", "date_joined_1": "10:00:00"}
        answer = client.post(f"/admin/auth/user/{li.pk}/change/", fields | joined)
        assert answer.status_code == 302
        assert lines(kind="rights", subject="li") == [
            ("rights", "li", "admin", "可进后台：是"),
            ("rights", "li", "admin", "给予 组 编辑组"),
        ]
        assert Record.objects.filter(subject="li", address="127.0.0.1").count() == 2

    @pytest.mark.django_db(transaction=True)
    def test_nothing_of_one_request_is_said_of_the_next(self, admin, li, client):
        self.test_what_an_administrator_changes_in_the_admin_names_them(admin, li, client)
        forget_all()
        User.objects.filter(pk=li.pk).update(is_superuser=True)
        assert lines() == [("rights", "li", "", "超级用户：是")]

    @pytest.mark.parametrize(
        ("change", "expected"),
        [
            (
                lambda li: User.objects.filter(pk=li.pk).update(is_superuser=True, is_staff=True),
                "超级用户：是，可进后台：是",
            ),
            (lambda li: User.objects.filter(pk=li.pk).update(is_active=False), "有效：否"),
            (lambda li: User.objects.filter(pk=li.pk).update(username="li2"), "原名 li"),
            (lambda li: li.user_permissions.add(Permission.objects.get(codename="add_case")), "给予 权限 add_case"),
        ],
    )
    def test_whatever_changes_them_is_recorded(self, li, change, expected):
        change(li)
        (line,) = lines()
        assert (line[0], line[3]) == ("rights", expected)

    def test_so_is_what_comes_by_sql(self, li):
        with connection.cursor() as cursor:
            cursor.execute("UPDATE auth_user SET password = 'x', last_login = now() WHERE username = 'li'")
        assert lines() == [("password", "li", "", "")]

    def test_so_are_groups_and_what_they_may_do(self, li):
        group = Group.objects.create(name="助编")
        permission = Permission.objects.get(codename="delete_case")
        group.permissions.add(permission)
        li.groups.add(group)
        group.permissions.clear()
        group.name = "主编"
        group.save()
        group.delete()
        assert [line[3] for line in lines()] == [
            "建立组 助编",
            "给予 组 助编 权限 delete_case",
            "给予 组 助编",
            "收回 组 助编 权限 delete_case",
            "组 助编 改名为 主编",
            "收回 组 主编",
            "删除组 主编",
        ]

    def test_accounts_that_come_and_go_are_recorded_and_the_record_outlives_them(self, db):
        forget_all()
        User.objects.create_superuser("boss").delete()
        assert lines() == [("created", "boss", "", "超级用户，可进后台"), ("deleted", "boss", "", "")]

    def test_a_log_in_alone_changes_no_right(self, admin, log_in):
        forget_all()
        log_in("admin", PASSWORD)
        assert [line[0] for line in lines()] == ["logged_in"]


class TestTheRecordItself:
    @pytest.mark.parametrize("statement", ["UPDATE accounts_record SET subject = 'x'", "DELETE FROM accounts_record"])
    def test_the_database_refuses_to_change_it(self, li, statement):
        User.objects.filter(pk=li.pk).update(is_staff=True)
        with pytest.raises((InternalError, ProgrammingError)), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
        assert len(lines()) == 1

    def test_only_the_old_is_forgotten_and_only_by_the_command(self, li):
        now = timezone.now()
        for days in (400, 366, 364, 1):
            Record.objects.create(kind="failed", subject=f"{days}", at=now - timedelta(days=days))
        with pytest.raises((InternalError, ProgrammingError)), transaction.atomic():
            Record.objects.filter(subject="400").delete()
        call_command("forget_records")
        assert [line[1] for line in lines()] == ["364", "1"]

    def test_not_even_the_command_forgets_the_last_thirty_days(self, li, settings):
        settings.RECORD_DAYS = 0
        Record.objects.create(kind="failed", subject="young")
        with pytest.raises((InternalError, ProgrammingError)), transaction.atomic():
            call_command("forget_records")
        assert len(lines()) == 1

    def test_superusers_read_it_in_chinese_and_nobody_changes_it(self, admin, li, client):
        client.force_login(admin)
        record = Record.objects.create(kind="failed", subject="li")
        page = client.get("/admin/accounts/record/", {"q": "li"}).content.decode()
        assert "登录失败" in page
        address = f"/admin/accounts/record/{record.pk}"
        assert client.get(f"{address}/change/").status_code == 200
        assert client.post(f"{address}/change/", {"subject": "x"}).status_code == 403
        assert client.post(f"{address}/delete/", {"post": "yes"}).status_code == 403
        assert client.get("/admin/accounts/record/add/").status_code == 403

    def test_editors_do_not_see_it(self, li, client):
        User.objects.filter(pk=li.pk).update(is_staff=True)
        li.groups.add(role("审核"))
        client.force_login(li)
        assert client.get("/admin/accounts/record/").status_code == 403
        assert "登录与权限记录" not in client.get("/admin/").content.decode()


class TestWhoGivesRights:
    @pytest.fixture
    def manager(self, li):
        """Staff who may change accounts, and is no superuser."""
        User.objects.filter(pk=li.pk).update(is_staff=True)
        li.user_permissions.set(Permission.objects.filter(codename__endswith="_user"))
        return User.objects.get(pk=li.pk)

    def test_who_is_no_superuser_cannot_make_oneself_one(self, manager, client):
        client.force_login(manager)
        fields = {"username": "li", "is_staff": "on", "is_superuser": "on", "is_active": "on"}
        joined = {"date_joined_0": "2026-01-01", "date_joined_1": "10:00:00"}
        assert client.post(f"/admin/auth/user/{manager.pk}/change/", fields | joined).status_code == 302
        manager.refresh_from_db()
        assert not manager.is_superuser
        assert manager.user_permissions.exists()

    def test_nor_by_way_of_a_group(self, manager, client):
        editors = Group.objects.create(name="编辑组")
        manager.groups.add(editors)
        manager.user_permissions.set(Permission.objects.filter(codename__endswith="_group"))
        client.force_login(manager)
        fields = {"name": "编辑组", "permissions": [Permission.objects.get(codename="delete_case").pk]}
        assert client.post(f"/admin/auth/group/{editors.pk}/change/", fields).status_code == 403
        assert client.post("/admin/auth/group/add/", fields | {"name": "x"}).status_code == 403
        assert not editors.permissions.exists()

    def test_nor_touch_one(self, admin, manager, client):
        client.force_login(manager)
        for page in ("change", "password", "delete"):
            assert client.post(f"/admin/auth/user/{admin.pk}/{page}/", {"post": "yes"}).status_code == 403
        chosen = {"action": "delete_selected", "_selected_action": [admin.pk], "post": "yes"}
        client.post("/admin/auth/user/", chosen)
        assert User.objects.filter(pk=admin.pk).exists()
