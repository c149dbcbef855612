"""Every setting of the service, in one file; each knob says what it is for.

Values come from the environment through `config.env`, which refuses nonsense. Nothing here needs a running
server. `DEMO=1` is the only switch that relaxes anything, and each place where it does is marked.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.conf.locale import LANG_INFO
from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _

from config import addresses, env
from config.logging import configuration as logging_configuration

BASE_DIR = Path(__file__).resolve().parent.parent
source: Mapping[str, str] = os.environ

# --- What the operator decides ----------------------------------------------------------------------------

# One machine, embedded servers, readable mailbox. Never for real members.
DEMO = env.boolean(source, "DEMO", default=False)

# Everything the service itself keeps on disk; the demo's servers live here too.
DATA_DIR = Path(env.text(source, "DATA_DIR", str(BASE_DIR / ".data"))).absolute()

# Where people reach the service. Links in letters are made from this, never from a request's Host header.
PORT = env.integer(source, "PORT", default=8000, minimum=1, maximum=65535)
PUBLIC_URL = env.origin(source, "PUBLIC_URL", f"http://localhost:{PORT}" if DEMO else None)

if DEMO:
    # Relaxed for the demo: secrets are made once and kept in DATA_DIR.
    for secret_name in ("SECRET_KEY", "MASTER_KEY"):
        if not source.get(secret_name) and not source.get(f"{secret_name}_FILE"):
            made = env.kept_secret(DATA_DIR / secret_name.lower().replace("_", "-"))
            source = {**source, secret_name: made}

# Signs sessions and forms.
SECRET_KEY = env.secret(source, "SECRET_KEY", minimum=50)

# Seals what must be readable to the service but not in a copy of the database. 32 bytes.
MASTER_KEY = env.key32("MASTER_KEY", env.secret(source, "MASTER_KEY", minimum=43))

# Replicas of the surveys' keys: apart from the database and its backups, best on different volumes.
KEYRING = env.directories(source, "KEYRING", [DATA_DIR / "keyring-1", DATA_DIR / "keyring-2"])

# How many people must approve the destruction of a survey's key. Relaxed for the demo.
CLOSING_APPROVALS = env.integer(source, "CLOSING_APPROVALS", default=1 if DEMO else 2, minimum=1, maximum=2)

# Days after closing until the last backup or WAL that the operator controls has expired.
CLEAN_DAYS = env.integer(source, "CLEAN_DAYS", default=30, minimum=0, maximum=3650)

# Days after a survey has stopped taking answers until its letters are erased.
LETTERS_KEPT_DAYS = 30

# Who asks, and whom people can turn to: named on the pages of respondents, as the law demands (GDPR article 13).
UNION_NAME = env.text(source, "UNION_NAME", "Forbundet (demo)" if DEMO else "")
CONTACT_EMAIL = env.mailbox(source, "CONTACT_EMAIL") or ("undersokelser@forbundet.example" if DEMO else "")
CONTACT_PHONE = env.text(source, "CONTACT_PHONE", "")
# Name or address of the data protection officer, if there is one.
DATA_PROTECTION_OFFICER = env.text(source, "DATA_PROTECTION_OFFICER", "")
# Who runs servers and mail for the union, and where.
DATA_PROCESSORS = env.text(source, "DATA_PROCESSORS", "")

# Fewest respondents behind any published figure. 5 is a floor: the environment may only raise it.
DISCLOSURE_K_FLOOR = 5
DISCLOSURE_K = env.integer(source, "DISCLOSURE_K", default=DISCLOSURE_K_FLOOR, minimum=DISCLOSURE_K_FLOOR, maximum=1000)

# Fewest responses for anyone to read what was written in an anonymous survey.
FEWEST_FOR_TEXTS = 10

# DEBUG, INFO, WARNING, ERROR.
LOG_LEVEL = env.choice(source, "LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"))

# Who asks for all figures of /metrics shows this as a bearer token; without it only coarse ones are given.
METRICS_TOKEN = (
    env.secret(source, "METRICS_TOKEN", minimum=32)
    if source.get("METRICS_TOKEN") or source.get("METRICS_TOKEN_FILE")
    else ""
)

# How many reverse proxies stand before the service: as many entries of X-Forwarded-For are believed.
TRUSTED_PROXIES = env.integer(source, "TRUSTED_PROXIES", default=0, minimum=0, maximum=9)

# Static files were gathered by collectstatic (the image does). The demo and the tests serve them in place.
STATIC_COLLECTED = env.boolean(source, "STATIC_COLLECTED", default=not DEMO)

# --- Addresses and transport ------------------------------------------------------------------------------

DEBUG = False
IS_HTTPS = PUBLIC_URL.startswith("https://")
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

ALLOWED_HOSTS = [str(urlsplit(PUBLIC_URL).hostname)]
if DEMO:
    # Relaxed for the demo: whoever sits at the machine may use any of its own names.
    ALLOWED_HOSTS += ["localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600  # a working day
if IS_HTTPS:
    # TLS ends at the proxy, which says so; the prefix binds the cookies to this very host.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# Nothing from another host, nothing inline. /admin/ gets ADMIN_CSP on top, see config.middleware.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
# The admin's theme evaluates expressions in attributes and sets styles from script.
ADMIN_CSP = {"script-src": [SELF, "'unsafe-eval'"], "style-src": [SELF, "'unsafe-inline'"]}

# Respondents send text, staff send files: a form stays small, a file is cut off by the upload handler.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
DATA_UPLOAD_MAX_NUMBER_FILES = 10
UPLOAD_MAX_SIZE = 10 * 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "config.uploads.LimitedUploadHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
FILE_UPLOAD_PERMISSIONS = 0o600

# --- Applications -----------------------------------------------------------------------------------------

INSTALLED_APPS = [
    # Before the admin: both replace some of its classes and templates.
    "modeltranslation",
    "unfold",
    "config.apps.ProjectConfig",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "tree_queries",
    "allauth",
    "allauth.account",
    "csp",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "surveys",
    "consult",
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

MIDDLEWARE = [
    "config.middleware.ProbesMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.middleware.PlainRequestsMiddleware",
    "config.middleware.ClockMiddleware",
    "config.middleware.PrivatePagesMiddleware",
    "config.middleware.PolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

# --- Database, cache, background work ---------------------------------------------------------------------

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        # The pool keeps connections; Django must not keep them as well.
        "CONN_MAX_AGE": 0,
        **env.database(source, "DATABASE_URL", addresses.database_url(DATA_DIR)),
    }
}
if source.get("DATABASE_PASSWORD") or source.get("DATABASE_PASSWORD_FILE"):
    # Apart from the address, so that the password can come from a file.
    DATABASES["default"]["PASSWORD"] = env.secret(source, "DATABASE_PASSWORD", minimum=16)
# Per process. As many as a web process has threads at work; PostgreSQL's default allows 100 in all.
DATABASE_POOL = env.integer(source, "DATABASE_POOL", default=8, minimum=1, maximum=100)
DATABASES["default"]["OPTIONS"] |= {"pool": {"min_size": 1, "max_size": DATABASE_POOL, "timeout": 15}}
# What surveys.box.preparing runs is planned once a connection: from its second time on.
DATABASES["default"]["OPTIONS"]["prepare_threshold"] = 1

try:
    redis_addresses = addresses.redis_addresses(
        env.text(source, "REDIS_URL", addresses.redis_url(DATA_DIR)),
    )
except ValueError as error:
    raise ImproperlyConfigured(str(error)) from None

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": redis_addresses.cache,
        "KEY_PREFIX": "raadslag",
    }
}

CELERY_BROKER_URL = redis_addresses.broker
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A killed worker's task is taken up again; rows, not messages, are what must not be lost or doubled.
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
# A result would say which invitation something happened to.
CELERY_TASK_IGNORE_RESULT = True
# Longer than the longest task (closing a million answers), or it would be handed out twice.
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600, "unacked_restore_throttle": 1}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "Europe/Oslo"
# The timetable is static and holds intervals only: nothing to remember on disk.
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"

# --- Language and time ------------------------------------------------------------------------------------

LANGUAGE_CODE = "nb"
LANGUAGES = [("nb", _("Norwegian Bokmål")), ("nn", _("Norwegian Nynorsk")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
# How dates are written; Django's English is American.
FORMAT_MODULE_PATH = ["config.formats"]
TIME_ZONE = "Europe/Oslo"
USE_TZ = True

# Content exists in Northern Sámi too; the interface does not. Django has not heard of the language.
LANG_INFO.setdefault("se", {"bidi": False, "code": "se", "name": "Northern Sami", "name_local": "davvisámegiella"})
MODELTRANSLATION_DEFAULT_LANGUAGE = "nb"
MODELTRANSLATION_LANGUAGES = ("nb", "nn", "en", "se")
MODELTRANSLATION_FALLBACK_LANGUAGES = ("nb",)

# --- Files ------------------------------------------------------------------------------------------------

STATIC_URL = "static/"
# None in place: nothing is gathered there, and whitenoise would look.
STATIC_ROOT = BASE_DIR / "staticfiles" if STATIC_COLLECTED else None
STATICFILES_DIRS = [BASE_DIR / "static"] if (BASE_DIR / "static").is_dir() else []
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if STATIC_COLLECTED
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not STATIC_COLLECTED
WHITENOISE_AUTOREFRESH = False
MEDIA_ROOT = DATA_DIR / "media"

# --- Mail -------------------------------------------------------------------------------------------------

try:
    # smtp://user:password@host:587, smtp+tls://, smtp+ssl://; config.checks refuses everything else.
    mail = environ.Env.email_url_config(env.text(source, "EMAIL_URL", "smtp://localhost:25"))
except (ImproperlyConfigured, KeyError, ValueError):
    raise ImproperlyConfigured("EMAIL_URL must be a mail address such as smtp+tls://host:587.") from None
EMAIL_BACKEND = str(mail["EMAIL_BACKEND"])
EMAIL_HOST = str(mail["EMAIL_HOST"] or "localhost")
EMAIL_PORT = int(mail["EMAIL_PORT"] or 25)
EMAIL_HOST_USER = str(mail["EMAIL_HOST_USER"] or "")
EMAIL_HOST_PASSWORD = str(mail["EMAIL_HOST_PASSWORD"] or "")
EMAIL_USE_TLS = bool(mail.get("EMAIL_USE_TLS"))
EMAIL_USE_SSL = bool(mail.get("EMAIL_USE_SSL"))
EMAIL_FILE_PATH = str(mail["EMAIL_FILE_PATH"] or DATA_DIR / "mail")
# A relay that does not answer must not hold a worker for ever; far shorter than a letter's lease.
EMAIL_TIMEOUT = 30
DEFAULT_FROM_EMAIL = env.text(source, "DEFAULT_FROM_EMAIL", f"Rådslag <no-reply@{urlsplit(PUBLIC_URL).hostname}>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# Where answers to letters go, when not to the sender.
REPLY_TO_EMAIL = env.mailbox(source, "REPLY_TO_EMAIL")
# The log of a mail server beside us (Postfix's form), where the fate of a doubtful letter can be looked up.
MTA_LOG = env.text(source, "MTA_LOG", "")

# --- Accounts ---------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "consult.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/results/"
LOGOUT_REDIRECT_URL = ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "config.accounts.ClosedAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES

# --- API --------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["consult.api.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    # By cursor: an offset costs more the further one reads.
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.CursorPagination",
    "PAGE_SIZE": 100,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Rådslag",
    "DESCRIPTION": "Surveys of elected representatives: surveys, participation and released results.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    # From our own static files; the default is another host.
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

# --- Logs and checks --------------------------------------------------------------------------------------

# Relaxed for the demo: lines for people instead of JSON.
LOGGING_CONFIG = "config.logging.configure"
LOGGING = logging_configuration(LOG_LEVEL, as_json=not DEMO)

# --- Where the parts meet ---------------------------------------------------------------------------------

# The module that knows which facts the register can add to an answer. `surveys` asks it when a survey is
# planned, without knowing that there is a register.
BACKGROUND_FACTS = "consult.describing"

# --- The admin's theme ------------------------------------------------------------------------------------

UNFOLD = {
    "SITE_TITLE": "Rådslag",
    "SITE_HEADER": "Rådslag",
    "SITE_ICON": lambda _request: static("images/mark.svg"),
    "SITE_URL": "/results/",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda _request: static("images/mark.svg")}],
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
    "SHOW_LANGUAGES": True,
    "DASHBOARD_CALLBACK": "consult.admin.start.fill",
    "STYLES": [lambda _request: static("css/admin.css")],
    # The brand of static/css/site.css, from light to dark.
    "COLORS": {
        "primary": {
            "50": "#f0f7f8",
            "100": "#e1eef0",
            "200": "#c3dde1",
            "300": "#95c3ca",
            "400": "#5fa1ab",
            "500": "#3c8490",
            "600": "#1d6a78",
            "700": "#145665",
            "800": "#114b57",
            "900": "#0b363f",
            "950": "#06222a",
        }
    },
    "SIDEBAR": {"navigation": "config.navigation.groups", "show_all_applications": False},
}
