from django.conf import settings
from django.contrib import messages
from django.contrib.auth import get_user_model, logout
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import sessions
from accounts.models import PasswordDue, Record
from accounts.recording import current_request, record
from serving.headers import HEADERS

# Of the admin's own addresses, what is open to an account that has yet to do something.
# What an open page asks by itself, which is no sign that anybody sits before it: the name of the address ends so.
UNATTENDED = "_open"
ALWAYS_OPEN = {"login", "logout", "jsi18n", "csp_report"}


class ResourcePolicyMiddleware:
    """Cross-Origin-Resource-Policy, for which Django has no setting."""

    name = "Cross-Origin-Resource-Policy"

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault(self.name, HEADERS[self.name])
        return response


class DoorsMiddleware:
    """Ends log-ins that have lasted too long, and leads an account first to what it has yet to do.

    Readers carry no session, and cost nothing here.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = current_request.set(request)
        try:
            if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
                self.check_session(request)
            return self.get_response(request)
        finally:
            current_request.reset(token)

    def check_session(self, request: HttpRequest) -> None:
        if not sessions.is_over(request.session):
            return
        record(Record.Kind.EXPIRED, request, subject=request.user.get_username())
        logout(request)
        messages.info(request, "登录已到期，请重新登录。")

    def process_view(self, request: HttpRequest, view, args, kwargs) -> HttpResponse | None:
        match = request.resolver_match
        is_logged_in = settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated
        if is_logged_in and not (match.url_name or "").endswith(UNATTENDED):
            sessions.keep_in_use(request.session)
        if match.app_name != "admin" or match.url_name in ALWAYS_OPEN or not request.user.is_authenticated:
            return None
        duty = first_duty(request)
        if duty is None or match.url_name == duty:
            return None
        wanted = {"next": request.get_full_path()} if duty == "second_step" and request.method == "GET" else None
        return redirect(reverse(f"admin:{duty}", query=wanted))


def first_duty(request: HttpRequest) -> str | None:
    """The address in the admin where the account has to do something before it may go anywhere else."""
    user = request.user
    duties = get_user_model().objects.values_list(
        Exists(TOTPDevice.objects.filter(user=OuterRef("pk"), confirmed=True)),
        Exists(PasswordDue.objects.filter(user=OuterRef("pk"))),
    )
    has_step, password_due = duties.get(pk=user.pk)
    if has_step and not user.is_verified():
        return "second_step"
    if password_due and user.is_staff:
        return "password_change"
    if settings.OTP_REQUIRED and user.is_superuser and not has_step:
        return "two_step"
    return None
