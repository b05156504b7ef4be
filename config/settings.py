"""Settings of 案例库. Everything that differs between machines comes from the environment:

DATABASE_URL        another PostgreSQL server; without it the embedded one in var/postgres
SECRET_KEY          at least 50 random characters; without it a random key is made once in var/secret-key (mode 600)
DEBUG               1 for the reloading development server
ALLOWED_HOSTS       comma-separated; local names by default; `*` is refused, and so is any other than these with DEBUG
HTTPS               1 where readers come by TLS: secure cookies, HSTS, redirect
HSTS_SECONDS        how long browsers keep to HTTPS (a year)
HSTS_PRELOAD        1 to allow the domain into the browsers' own lists, from which it is hard to get out again
CSRF_TRUSTED_ORIGINS  comma-separated, with scheme
DATABASE_POOL       connections of each process that serves pages, 3 by default
CSP_REPORTS         1 to have browsers report what the content security policy stopped, into the log
SESSION_IDLE_MINUTES  after which an editor who does nothing is logged out (120)
SESSION_HOURS       after which every log-in ends (12)
LOGIN_LOCK_MINUTES  how long a log-in stays locked after too many failures (15)
OTP_REQUIRED        1 to require the second step of every superuser
RECORD_DAYS         how long the record of log-ins and rights is kept (365, at least 30)
EMAIL_URL, EMAIL_FROM, EMAIL_TO  through which server, as whom and to whom (comma-separated) locked log-ins are told
SLOW_SEARCH_MS      a search that takes so many milliseconds is logged with its plan; 1000 by default
METRICS             1 gives figures for Prometheus at /metrics, to METRICS_ALLOWED (networks; this machine by default)
SENTRY_DSN          where errors are sent to besides the log, without personal data
NO_SEARCH_STATISTICS  1 counts no searches for the editors
LOG_FORMAT          json for one JSON object a line in the logs; lines for reading by default
PG_PROGRAMS         folder of pg_dump and pg_restore, where backups should not look for them (operations/backup)
UPGRADE_WITHOUT_BACKUP  1 to change the tables of a database without saving it first (operations/backup)

Read by `manage.py serve` alone (serving/front.py, operations/management/commands/serve.py):

HOST, PORT          where it listens; 127.0.0.1 and 8000 by default, port 0 for any that is free
WEB_CONCURRENCY     worker processes; by default one a core, at least two
WORKER_MEMORY       MB of memory with which a worker is replaced; 600 by default
BACKGROUND_MEMORY   MB of memory with which the process that imports is ended, with its helpers; 2500 by default
MAX_UPLOAD          the largest body of a request, such as 64m, the default
RATE_LIMIT          requests a second that one address may make of search and API; 20 by default, 0 for no limit
TRUSTED_PROXIES     comma-separated addresses or networks whose X-Forwarded-For and -Proto are believed; none by default
TLS_CERTIFICATE, TLS_KEY  files: the site speaks TLS itself
SECURITY_CONTACT    mailto:, https:// or tel:, shown in /.well-known/security.txt
NGINX               the nginx to use instead of the package's
"""

import os
from datetime import timedelta
from pathlib import Path

import pghistory

from config.deployment import refuse_contradictions
from config.friendly import SetupError
from config.logging import log_settings
from config.mail import mail_config
from config.metrics import share_metrics
from config.postgres import database_config
from config.secrets import secret_key
from serving.front import upload_bytes
from serving.headers import CONTENT_POLICY, HEADERS, UNUSED_POWERS

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"
SEEDS_DIR = BASE_DIR / "seeds"


def flag(name: str) -> bool:
    return os.environ.get(name, "").strip().lower() in {"1", "true", "yes", "on"}


def listed(name: str, default: str = "") -> list[str]:
    return [item.strip() for item in os.environ.get(name, default).split(",") if item.strip()]


def number(name: str, default: int, least: int = 1) -> int:
    text = os.environ.get(name, "").strip()
    if text and not (text.isascii() and text.isdecimal() and int(text) >= least):
        raise SetupError(f"{name} 应是不小于 {least} 的整数")
    return int(text or default)


DEBUG = flag("DEBUG")
SECRET_KEY = secret_key(BASE_DIR, os.environ)
ALLOWED_HOSTS = listed("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
refuse_contradictions(debug=DEBUG, hosts=ALLOWED_HOSTS)
CSRF_TRUSTED_ORIGINS = listed("CSRF_TRUSTED_ORIGINS")

INSTALLED_APPS = [
    "config.admin.AdminConfig",
    # Before auth, whose command changepassword it replaces.
    "accounts",
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
    "axes",
    "csp",
    "django_otp",
    "django_otp.plugins.otp_static",
    "django_otp.plugins.otp_totp",
    "pgtrigger",
    "pghistory",
    "django_tasks",
    "django_tasks_db",
    "catalog",
    "jobs",
    "intake",
    "operations",
]

MIDDLEWARE = [
    "operations.middleware.RequestIdMiddleware",
    # What every answer carries, static files and errors included, is added outside of all that may answer.
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "accounts.middleware.ResourcePolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    # Before all that looks at the host, the scheme or the account: load balancers ask by address.
    "operations.health.HealthMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "operations.middleware.MethodMiddleware",
    "operations.closing.MaintenanceMiddleware",
    "config.caching.RevalidationMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "operations.closing.SessionsLeftAloneMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "accounts.middleware.DoorsMiddleware",
    "catalog.history.recording.HistoryMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
    "catalog.pages.middleware.UnavailableMiddleware",
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
    {"NAME": "accounts.passwords.LengthValidator", "OPTIONS": {"least": 12}},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "accounts.passwords.PatternValidator"},
]
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
LOGOUT_REDIRECT_URL = "admin:login"

# Failed log-ins are counted by django-axes: accounts/lockout.py says of whom, and how many are too many.
AXES_HANDLER = "accounts.lockout.LockoutHandler"
AXES_LOCKOUT_CALLABLE = "accounts.lockout.locked_page"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"], "ip_address"]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=number("LOGIN_LOCK_MINUTES", 15))
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # who goes on trying makes nobody wait longer
AXES_CLIENT_IP_CALLABLE = "accounts.lockout.counted_address"
AXES_USERNAME_CALLABLE = "accounts.lockout.name_key"
AXES_SENSITIVE_PARAMETERS = [
    *("username", "ip_address", "user_agent", "csrfmiddlewaretoken"),
    *("old_password", "new_password1", "new_password2"),
]
AXES_DISABLE_ACCESS_LOG = True  # accounts.Record has it
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

# A log-in ends when nothing was done for a while, and in any case after some hours (accounts/sessions.py).
SESSION_COOKIE_AGE = 60 * number("SESSION_IDLE_MINUTES", 120)
SESSION_LONGEST = timedelta(hours=number("SESSION_HOURS", 12))
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_HTTPONLY = True

OTP_REQUIRED = flag("OTP_REQUIRED")
OTP_TOTP_ISSUER = "案例库"
FIRST_PASSWORD_FILE = VAR_DIR / "first-password"
RECORD_DAYS = number("RECORD_DAYS", 365, least=30)

# Not ADMINS: Django would mail them whole requests.
globals().update(mail_config(os.environ))
DEFAULT_FROM_EMAIL = os.environ.get("EMAIL_FROM", "").strip() or "anliku@localhost"
LOCK_MAIL_TO = listed("EMAIL_TO")

LANGUAGE_CODE = "zh-hans"
LOCALE_PATHS = [BASE_DIR / "locale"]  # what Django says in English or not as it is meant here
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

# A folder's worth of files; how many bytes they may have together is the front's to say.
DATA_UPLOAD_MAX_NUMBER_FILES = 1000
MAX_UPLOAD = upload_bytes(os.environ)

# Work in the background: see jobs/.
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

# What every answer carries (serving/headers.py), by Django's names for it.
CSP_REPORT_PATH = "/admin/csp-report/"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": CONTENT_POLICY | ({"report-uri": [CSP_REPORT_PATH]} if flag("CSP_REPORTS") else {})
}
PERMISSIONS_POLICY = {power: [] for power in UNUSED_POWERS}
WHITENOISE_ALLOW_ALL_ORIGINS = False  # no other site uses our files
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = HEADERS["Referrer-Policy"]
SECURE_CROSS_ORIGIN_OPENER_POLICY = HEADERS["Cross-Origin-Opener-Policy"]
X_FRAME_OPTIONS = HEADERS["X-Frame-Options"]
if flag("HTTPS"):
    # Our own front sets the header anew on every request; nobody else reaches Django.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz)$"]  # load balancers ask by address, without TLS
    SECURE_HSTS_SECONDS = number("HSTS_SECONDS", 31_536_000, least=0)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = flag("HSTS_PRELOAD")
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    # Browsers take cookies of these names only from this very host, by TLS.
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
# A preloaded domain is hard to take back: that is the operator's choice, not a fault.
SILENCED_SYSTEM_CHECKS = ["security.W021"]

# What is recorded of cases: see catalog/models/history.py.
PGHISTORY_FIELD = pghistory.Field(null=True)
PGHISTORY_FOREIGN_KEY_FIELD = pghistory.ForeignKey(null=True, db_index=False)
PGHISTORY_MIDDLEWARE_METHODS = ("POST", "PUT", "PATCH", "DELETE")
PGHISTORY_INSTALL_CONTEXT_FUNC_ON_MIGRATE = False

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
