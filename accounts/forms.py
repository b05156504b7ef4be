from django import forms
from django.contrib.admin.forms import AdminPasswordChangeForm
from django.contrib.auth import authenticate
from django.contrib.auth.forms import AdminPasswordChangeForm as AnotherPasswordForm
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.passwords import is_weak, require_change, settle_change

CODE = forms.TextInput({"autocomplete": "one-time-code", "inputmode": "text", "autofocus": True, "size": 12})


class LoginForm(AuthenticationForm):
    """Any account may log in: one without rights is told so on a page of its own, not as if the password were wrong."""

    error_messages = AuthenticationForm.error_messages | {"invalid_login": "用户名或密码不对（区分大小写）。"}

    def get_invalid_login_error(self):
        return ValidationError(self.error_messages["invalid_login"], code="invalid_login")

    def confirm_login_allowed(self, user):
        super().confirm_login_allowed(user)
        if is_weak(self.cleaned_data["password"], user):
            require_change(user)


class OwnPassword(forms.Form):
    """Asks for the password of whoever is logged in; wrong ones count as failed log-ins do."""

    old_password = forms.CharField(
        label="现在的密码", strip=False, widget=forms.PasswordInput({"autocomplete": "current-password"})
    )

    def __init__(self, request, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.request = request

    def clean_old_password(self):
        return checked_password(self.request, self.cleaned_data["old_password"])


def checked_password(request, password: str) -> str:
    if authenticate(request, username=request.user.get_username(), password=password) is None:
        raise ValidationError("现在的密码不对。", code="password_incorrect")
    return password


class OthersPassword(AnotherPasswordForm):
    """Of an account that someone else has; Django's, whose warning is English in every language."""

    usable_password_help_text = "停用以后，这个账号不能再用密码登录，它现在的密码也不再保留。"


class OwnPasswordChange(AdminPasswordChangeForm):
    """Choosing a new password; the old one is no choice."""

    def __init__(self, user, *args, request, **kwargs):
        super().__init__(user, *args, **kwargs)
        self.request = request

    def clean_old_password(self):
        return checked_password(self.request, self.cleaned_data["old_password"])

    def clean(self):
        chosen = self.cleaned_data.get("new_password1")
        if chosen and chosen == self.cleaned_data.get("old_password"):
            self.add_error("new_password1", "新密码不能与现在的相同。")
        return super().clean()

    def save(self, commit=True):
        with transaction.atomic():  # so that the record names who did it
            user = super().save(commit)
            settle_change(user)
        return user


class CodeForm(forms.Form):
    """A code of the second step: six digits of the app, or one of the codes on paper."""

    code = forms.CharField(label="验证码", max_length=20, widget=CODE)

    def clean_code(self):
        return "".join(self.cleaned_data["code"].split()).lower()
