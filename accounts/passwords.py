"""Passwords: what they may not be, and which have to be changed at the next log-in."""

import logging
import os

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError

from accounts.models import PasswordDue

logger = logging.getLogger(__name__)

DIFFERENT = 6  # characters: fewer make a pattern


class LengthValidator:
    """At least so many characters. Django has the same, without a Chinese message."""

    def __init__(self, least: int):
        self.least = least

    def validate(self, password: str, user=None) -> None:
        if len(password) < self.least:
            raise ValidationError(f"密码太短：至少要有 {self.least} 个字符。", code="password_too_short")

    def get_help_text(self) -> str:
        return f"密码至少要有 {self.least} 个字符。"


class PatternValidator:
    """Refuses what is long by repetition alone, such as abcabcabcabc or passwordpassword."""

    def validate(self, password: str, user=None) -> None:
        folded = password.casefold()
        repeated = folded in (folded + folded)[1:-1]  # true of what is a shorter piece several times over
        if repeated or len(set(folded)) < DIFFERENT:
            raise ValidationError("密码只是重复了几个字符，太容易猜。", code="password_pattern")

    def get_help_text(self) -> str:
        return "密码不能只是几个字符的重复。"


def require_change(user) -> None:
    """The account has to choose another password at its next log-in."""
    PasswordDue.objects.get_or_create(user=user)


def settle_change(user) -> None:
    """The account has chosen a password of its own: the mark goes, and so does the file with the first one."""
    PasswordDue.objects.filter(user=user).delete()
    if user.is_superuser and not PasswordDue.objects.filter(user__is_superuser=True).exists():
        forget_first_password()


def keep_first_password(password: str) -> None:
    """Into a file for the owner alone, written anew."""
    path = settings.FIRST_PASSWORD_FILE
    path.unlink(missing_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(password + "\n")


def forget_first_password() -> None:
    try:
        settings.FIRST_PASSWORD_FILE.unlink(missing_ok=True)
    except OSError as error:
        # It opens nothing any more; the password in it has been replaced.
        logger.warning("首个密码已经作废，但删不掉它的文件 %s：%s", settings.FIRST_PASSWORD_FILE, error.strerror)


def is_weak(password: str, user) -> bool:
    """Whether a password of former days breaks today's rules."""
    from django.contrib.auth.password_validation import validate_password

    try:
        validate_password(password, user)
    except ValidationError:
        return True
    return False


def name_exists(name: str) -> bool:
    users = get_user_model()
    return users.objects.filter(**{users.USERNAME_FIELD: name}).exists()
