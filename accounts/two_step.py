"""The second step of a log-in: a code of an app (TOTP), or one of ten codes on paper, each good for one time."""

import base64
from io import BytesIO

import django_otp
import qrcode
from django.contrib import messages
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from qrcode.image.svg import SvgPathFillImage

from accounts.forms import CodeForm, OwnPassword
from accounts.models import Record
from accounts.recording import record

PAPER_CODES = 10
APP_DIGITS = 6  # those on paper are longer


def devices_of(user: AbstractBaseUser) -> list:
    """The confirmed devices, locked so that two requests cannot both use one code."""
    kinds = (TOTPDevice, StaticDevice)
    return [device for kind in kinds for device in kind.objects.select_for_update().filter(user=user, confirmed=True)]


def verify(user: AbstractBaseUser, code: str):
    """The device that takes the code, or None. A wrong code slows down only the device that it was meant for."""
    meant = TOTPDevice if len(code) == APP_DIGITS else StaticDevice
    with transaction.atomic():
        for device in devices_of(user):
            if isinstance(device, meant) and device.verify_token(code):
                return device
    return None


def second_step(request: HttpRequest, context: dict) -> HttpResponse:
    """Asks for the code after the password."""
    user = request.user
    if user.is_verified():
        return redirect("admin:index")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if device := verify(user, form.cleaned_data["code"]):
            django_otp.login(request, device)
            return redirect(_wanted(request))
        record(Record.Kind.STEP_FAILED, request, subject=user.get_username())
        form.add_error("code", "验证码不对，或者试得太快。请等应用换出下一个验证码再试。")
    context |= {"title": "两步验证", "form": form, "next": _wanted(request)}
    return TemplateResponse(request, "admin/second_step.html", context)


def _wanted(request: HttpRequest) -> str:
    target = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if safe else "admin:index"


def two_step(request: HttpRequest, context: dict) -> HttpResponse:
    """Sets the second step up, and takes it away again."""
    if TOTPDevice.objects.filter(user=request.user, confirmed=True).exists():
        return _standing(request, context)
    return _setting_up(request, context)


def _setting_up(request: HttpRequest, context: dict) -> HttpResponse:
    # One unconfirmed device an account: the page may be asked for again, and shows the same secret.
    device, _ = TOTPDevice.objects.get_or_create(user=request.user, confirmed=False, defaults={"name": "应用"})
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if device.verify_token(form.cleaned_data["code"]):
            with transaction.atomic():
                device.confirmed = True
                device.save()
                codes = new_paper_codes(request.user)
                record(Record.Kind.STEP_ADDED, request, subject=request.user.get_username())
            django_otp.login(request, device)
            return _paper_codes(request, context, codes)
        form.add_error("code", "验证码不对，或者试得太快。请核对手机的时间，等下一个验证码再试。")
    context |= {
        "title": "启用两步验证",
        "form": form,
        "picture": _picture(device.config_url),
        "secret": _secret(device),
    }
    return TemplateResponse(request, "admin/two_step_setup.html", context)


def _standing(request: HttpRequest, context: dict) -> HttpResponse:
    form = OwnPassword(request, request.POST or None)
    if request.method == "POST" and form.is_valid():
        if "remove" in request.POST:
            remove(request.user)
            record(Record.Kind.STEP_REMOVED, request, subject=request.user.get_username())
            messages.success(request, "两步验证已停用。")
            return redirect("admin:index")
        return _paper_codes(request, context, new_paper_codes(request.user))
    left = StaticToken.objects.filter(device__user=request.user).count()
    context |= {"title": "两步验证", "form": form, "left": left}
    return TemplateResponse(request, "admin/two_step.html", context)


def _paper_codes(request: HttpRequest, context: dict, codes: list[str]) -> HttpResponse:
    response = TemplateResponse(request, "admin/paper_codes.html", context | {"title": "备用验证码", "codes": codes})
    response["Cache-Control"] = "no-store"
    return response


@transaction.atomic
def new_paper_codes(user: AbstractBaseUser) -> list[str]:
    """Ten new codes; the old ones are good no more."""
    device, _ = StaticDevice.objects.get_or_create(user=user, defaults={"name": "备用验证码"})
    device.token_set.all().delete()
    tokens = [StaticToken(device=device, token=StaticToken.random_token()) for _ in range(PAPER_CODES)]
    return [token.token for token in StaticToken.objects.bulk_create(tokens)]


@transaction.atomic
def remove(user: AbstractBaseUser) -> bool:
    """Takes the second step away; whether there was one."""
    removed, _ = TOTPDevice.objects.filter(user=user).delete()
    StaticDevice.objects.filter(user=user).delete()
    return bool(removed)


def _picture(address: str) -> str:
    """The address as a QR code, for the src of an image."""
    picture = BytesIO()
    qrcode.make(address, image_factory=SvgPathFillImage).save(picture)
    return f"data:image/svg+xml;base64,{base64.b64encode(picture.getvalue()).decode()}"


def _secret(device: TOTPDevice) -> str:
    """For typing it where no camera is at hand: in fours."""
    text = base64.b32encode(device.bin_key).decode().rstrip("=")
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))
