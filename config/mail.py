"""Where mail is sent through: EMAIL_URL, such as smtp://user:password@mail.example.org:587 (STARTTLS) or smtps://…:465."""

from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

EXAMPLE = "应形如 smtps://用户:密码@主机:465 或 smtp://主机:25（用户名和密码里的特殊字符须百分号编码）"
PORTS = {"smtp": 25, "smtps": 465}


def mail_config(environ: Mapping[str, str]) -> dict:
    """Django's EMAIL_* settings; without EMAIL_URL no mail is sent.

    The messages never repeat the address: it holds a password.
    """
    from django.core.exceptions import ImproperlyConfigured

    url = environ.get("EMAIL_URL", "").strip()
    if not url:
        return {"EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend"}
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ImproperlyConfigured(f"EMAIL_URL 无法解析，{EXAMPLE}") from None
    if parts.scheme not in PORTS or not host:
        raise ImproperlyConfigured(f"EMAIL_URL 无法解析，{EXAMPLE}")
    port = port or PORTS[parts.scheme]
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": host,
        "EMAIL_PORT": port,
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        # A password never travels in the clear.
        "EMAIL_USE_TLS": parts.scheme == "smtp" and (port == 587 or bool(parts.password)),
        "EMAIL_TIMEOUT": 10,
    }
