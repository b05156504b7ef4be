from django.conf import settings
from django.db import models


class Record(models.Model):
    """What happened at the doors. Rows are only added: a trigger refuses to change them, or to delete young ones.

    Who and whom are names, not foreign keys: a record outlives the account it is about. What changes accounts and
    rights is recorded by triggers of the database, whoever does it (migrations/0001_record.sql).
    """

    class Kind(models.TextChoices):
        LOGGED_IN = "logged_in", "登录"
        LOGGED_OUT = "logged_out", "退出"
        EXPIRED = "expired", "登录到期"
        FAILED = "failed", "登录失败"
        LOCKED = "locked", "登录被锁"
        UNLOCKED = "unlocked", "解除锁定"
        STEP_FAILED = "step_failed", "验证码不对"
        STEP_ADDED = "step_added", "启用两步验证"
        STEP_REMOVED = "step_removed", "停用两步验证"
        CREATED = "created", "建立账号"
        DELETED = "deleted", "删除账号"
        PASSWORD = "password", "改密码"
        RIGHTS = "rights", "改权限"

    at = models.DateTimeField("时间", db_default=models.functions.Now(), db_index=True)
    kind = models.CharField("事情", max_length=16, choices=Kind.choices)
    actor = models.CharField("谁", max_length=150, blank=True, db_default="", help_text="空着：命令行或数据库")
    subject = models.CharField("账号", max_length=150, blank=True, db_default="")
    address = models.GenericIPAddressField("地址", null=True, blank=True)
    detail = models.TextField("详情", blank=True, db_default="")

    class Meta:
        verbose_name = verbose_name_plural = "登录与权限记录"
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(
                fields=["subject", "address", "at"], condition=models.Q(kind="logged_in"), name="accounts_record_logins"
            )
        ]

    def __str__(self):
        return f"{self.get_kind_display()} {self.subject}"


class PasswordDue(models.Model):
    """The account has to choose a new password at its next log-in, before anything else."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="password_due", verbose_name="账号"
    )

    class Meta:
        verbose_name = verbose_name_plural = "须改密码"

    def __str__(self):
        return str(self.user_id)


class LocksSeen(models.Model):
    """Up to which record an administrator has seen the locked log-ins."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+")
    record = models.BigIntegerField()

    class Meta:
        verbose_name = verbose_name_plural = "看过的锁定"

    def __str__(self):
        return str(self.user_id)
