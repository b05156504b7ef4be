from pathlib import Path

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

SQL = Path(__file__).with_suffix(".sql").read_text("utf-8")


class Migration(migrations.Migration):
    """The record of log-ins and rights, kept by the database itself whoever changes accounts."""

    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.CreateModel(
            name="LocksSeen",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("record", models.BigIntegerField()),
            ],
            options={
                "verbose_name": "看过的锁定",
                "verbose_name_plural": "看过的锁定",
            },
        ),
        migrations.CreateModel(
            name="PasswordDue",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="password_due",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="账号",
                    ),
                ),
            ],
            options={
                "verbose_name": "须改密码",
                "verbose_name_plural": "须改密码",
            },
        ),
        migrations.CreateModel(
            name="Record",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), db_index=True, verbose_name="时间"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("logged_in", "登录"),
                            ("logged_out", "退出"),
                            ("expired", "登录到期"),
                            ("failed", "登录失败"),
                            ("locked", "登录被锁"),
                            ("unlocked", "解除锁定"),
                            ("step_failed", "验证码不对"),
                            ("step_added", "启用两步验证"),
                            ("step_removed", "停用两步验证"),
                            ("created", "建立账号"),
                            ("deleted", "删除账号"),
                            ("password", "改密码"),
                            ("rights", "改权限"),
                        ],
                        max_length=16,
                        verbose_name="事情",
                    ),
                ),
                (
                    "actor",
                    models.CharField(
                        blank=True, db_default="", help_text="空着：命令行或数据库", max_length=150, verbose_name="谁"
                    ),
                ),
                ("subject", models.CharField(blank=True, db_default="", max_length=150, verbose_name="账号")),
                ("address", models.GenericIPAddressField(blank=True, null=True, verbose_name="地址")),
                ("detail", models.TextField(blank=True, db_default="", verbose_name="详情")),
            ],
            options={
                "verbose_name": "登录与权限记录",
                "verbose_name_plural": "登录与权限记录",
                "ordering": ["-at", "-pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("kind", "logged_in")),
                        fields=["subject", "address", "at"],
                        name="accounts_record_logins",
                    )
                ],
            },
        ),
        migrations.RunSQL(SQL, migrations.RunSQL.noop),
    ]
