"""Settings of 案例库. Everything that differs between machines comes from the environment:

DATABASE_URL        another PostgreSQL server; without it the embedded one in var/postgres
SECRET_KEY          required where DEBUG is off and the site is not local; otherwise made once in var/secret-key
DEBUG               1 for the reloading development server
ALLOWED_HOSTS       comma-separated; local names by default
HTTPS               1 behind a proxy that speaks TLS: secure cookies, HSTS, redirect
CSRF_TRUSTED_ORIGINS  comma-separated, with scheme
SLOW_SEARCH_MS      a search that takes so many milliseconds is logged with its plan; 1000 by default
METRICS             1 gives figures for Prometheus at /metrics, to METRICS_ALLOWED (networks; this machine by default)
SENTRY_DSN          where errors are sent to besides the log, without personal data
NO_SEARCH_STATISTICS  1 counts no searches for the editors
LOG_FORMAT          json for one JSON object a line in the logs; lines for reading by default
"""

import os
from pathlib import Path

from config.friendly import SetupError
from config.logging import log_settings
from config.metrics import share_metrics
from config.postgres import database_config
from config.secrets import secret_key

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"
SEEDS_DIR = BASE_DIR / "seeds"


def flag(name: str) -> bool:
    return os.environ.get(name, "").strip().lower() in {"1", "true", "yes", "on"}


def listed(name: str, default: str = "") -> list[str]:
    return [item.strip() for item in os.environ.get(name, default).split(",") if item.strip()]


def number(name: str, default: int, least: int = 1) -> int:
    text = os.environ.get(name, "").strip()
    if text and not (text.isdecimal() and int(text) >= least):
        raise SetupError(f"{name} 应是不小于 {least} 的整数")
    return int(text or default)


DEBUG = flag("DEBUG")
SECRET_KEY = secret_key(BASE_DIR, os.environ)
ALLOWED_HOSTS = listed("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = listed("CSRF_TRUSTED_ORIGINS")

INSTALLED_APPS = [
    "config.admin.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    # Before staticfiles, so that runserver leaves static files to whitenoise as production does.
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_filters",
    "django_htmx",
    "rest_framework",
    "catalog",
    "accounts",
    "operations",
]

MIDDLEWARE = [
    "operations.middleware.RequestIdMiddleware",
    # Before all that looks at the host, the scheme or the account: load balancers ask by address.
    "operations.health.HealthMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "operations.middleware.MethodMiddleware",
    "operations.closing.MaintenanceMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "operations.closing.SessionsLeftAloneMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "catalog.pages.middleware.SearchTimeoutMiddleware",
    "operations.searches.slow.StatementsMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "catalog.pages.script_preference.script_preference",
            ],
        },
    },
]

DATABASES = {"default": database_config(BASE_DIR, os.environ)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "static-built"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# The API is public and read-only: it has no accounts, no forms and no pages.
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "UNAUTHENTICATED_USER": None,
    "URL_FORMAT_OVERRIDE": None,
}

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if flag("HTTPS"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

# What becomes known of searches: see operations/searches.
SLOW_SEARCH_MS = number("SLOW_SEARCH_MS", 1000, least=0)
SEARCH_STATISTICS = not flag("NO_SEARCH_STATISTICS")

# Figures for Prometheus: see operations/metrics.py. The first and the last middleware time what is between them.
METRICS = flag("METRICS")
METRICS_ALLOWED = listed("METRICS_ALLOWED", "127.0.0.0/8,::1")
METRICS_FOLDER = VAR_DIR / "run" / "metrics"
if METRICS:
    share_metrics(METRICS_FOLDER)
    INSTALLED_APPS.append("django_prometheus")
    MIDDLEWARE.insert(0, "django_prometheus.middleware.PrometheusBeforeMiddleware")
    MIDDLEWARE.append("django_prometheus.middleware.PrometheusAfterMiddleware")

# Errors are sent there too: see operations/reporting.py.
SENTRY_DSN = os.environ.get("SENTRY_DSN", "").strip()

# Closed for a while, or only read: see config/mode.py.
MAINTENANCE_FILE = VAR_DIR / "maintenance.json"

# What goes wrong is written down: see config/logging.py.
LOGGING = log_settings(VAR_DIR / "log", as_json=os.environ.get("LOG_FORMAT", "").strip().lower() == "json")
