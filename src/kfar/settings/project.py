"""Django's settings, all of them following from `Env`."""

from __future__ import annotations

import logging
from datetime import timedelta
from email.utils import formataddr
from operator import attrgetter
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import dj_database_url
import structlog
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from kfar import __version__
from kfar.rooms.service.clocks.rules import read_within
from kfar.settings.env import Env, secret_key

ENV = Env()

# --- who and where -----------------------------------------------------------------------
KFAR_VERSION = __version__
KFAR_COMPANY = ENV.company
KFAR_WITNESSES = ENV.witnesses.split()
KFAR_ASK_EVERY = timedelta(days=ENV.ask_every_days)
KFAR_NAME_EMPLOYEES = ENV.name_employees
KFAR_LEFT_ALONE = ENV.left_alone
KFAR_BAD_EXPERIENCES = ENV.bad_experiences.split()
KFAR_WORK_HOURS, KFAR_HOLIDAYS = ENV.work_hours, ENV.holidays
KFAR_DECIDE_WITHIN = read_within(ENV.decide_within)
KFAR_ASSIGN_AFTER = read_within(ENV.assign_after).get("")
KFAR_APPROVE_WITHIN = read_within(ENV.approve_within)[""]
KFAR_COUNTRY = ENV.country
KFAR_CURRENCY = ENV.currency
KFAR_DATA_DIR = ENV.data_dir.resolve()
KFAR_DATA_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
KFAR_DEMO = ENV.demo
KFAR_INTAKE_URL = ENV.intake_url
KFAR_ENGINE = ENV.engine
KFAR_EMBEDDINGS = ENV.embeddings
KFAR_IMAP_URL = ENV.imap_url
KFAR_KEEP_TOUCHES = timedelta(days=ENV.keep_touches_days) if ENV.keep_touches_days else None
KFAR_LAKE_URL = ENV.lake_url
KFAR_MAILS = ENV.mails
KFAR_POSTS = ENV.posts
KFAR_LISTEN = (ENV.host, ENV.port)
KFAR_PROXIES = ENV.proxies
KFAR_REACH = frozenset(ENV.reach.lower().split())
KFAR_BROKEN_AFTER = timedelta(days=ENV.broken_after_days)
KFAR_TRACKER_TOKENS = {
    name.strip(): token.strip()
    for name, _equals, token in (one.partition("=") for one in ENV.tracker_tokens.split(";"))
    if name.strip()
}
KFAR_TWILIO = (ENV.twilio_sid, ENV.twilio_token, ENV.twilio_from)
KFAR_NEW_VOTERS, KFAR_VOTES, KFAR_CODES = ENV.new_voters, ENV.votes, ENV.codes
KFAR_CODES_ADDRESS, KFAR_CODES_BLOCK = ENV.codes_address, ENV.codes_block
KFAR_CODES_COUNTRY, KFAR_CODES_ALL = ENV.codes_country, ENV.codes_all
KFAR_TEXTS, KFAR_NEW_VOTERS_COUNTRY = ENV.texts, ENV.new_voters_country
KFAR_GEOIP = str(ENV.geoip or "")
KFAR_URL = ENV.url.rstrip("/") or f"http://127.0.0.1:{ENV.port}"

DEBUG = False
SECRET_KEY = ENV.secret_key or secret_key(KFAR_DATA_DIR)
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", urlsplit(KFAR_URL).hostname or "localhost"]
CSRF_TRUSTED_ORIGINS = [KFAR_URL]
ROOT_URLCONF = "kfar.settings.urls"
WSGI_APPLICATION = "kfar.settings.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "kfar.settings.apps.Kfar",
    "kfar.lake",
    "kfar.rooms.village",
    "kfar.rooms.customers",
    "kfar.rooms.touchpoints",
    "kfar.rooms.voice",
    "kfar.rooms.service",
    "kfar.rooms.promises",
    "kfar.rooms.decisions",
    "kfar.rooms.insight",
    "kfar.doors.web",
    "kfar.doors.mail",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
]

MIDDLEWARE = [
    "kfar.doors.web.middleware.requests",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "kfar.doors.web.middleware.languages",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "kfar.doors.web.middleware.refusals",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "kfar.doors.web.context.here",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "kfar.doors.ballots",
                "kfar.doors.reasons",
                "kfar.doors.words",
                "kfar.doors.web.declared",
                "kfar.doors.web.telling",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
INSTALLED_APPS.append("django.forms")

# --- what is kept ------------------------------------------------------------------------
if ENV.database_url:
    DATABASES: dict[str, Any] = {
        "default": dj_database_url.parse(ENV.database_url, conn_max_age=60, conn_health_checks=True)
    }
else:
    DATABASES = {
        "default": {
            "ENGINE": "kfar.settings.sqlite",
            "NAME": KFAR_DATA_DIR / "kfar.sqlite3",
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
                "PRAGMA secure_delete=ON;",
            },
        }
    }

TASKS = {"default": {"BACKEND": ENV.tasks_backend}}
CACHES = {
    # Rate limits and nothing else; in the database, so that every process counts alike.
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "kfar_cache",
        "KEY_FUNCTION": "kfar.settings.cache.sealed",
        "OPTIONS": {"MAX_ENTRIES": 50_000},  # Django forgets some above 300: a way round limits
    }
}

# --- languages and time ------------------------------------------------------------------
LANGUAGE_CODE = ENV.language
LANGUAGES = [("he", _("Hebrew")), ("pl", _("Polish")), ("en", _("English"))]
LANGUAGE_COOKIE_NAME = "kfar_language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
USE_I18N = True
USE_TZ = True
TIME_ZONE = ENV.time_zone

# --- sign-in -----------------------------------------------------------------------------
AUTH_USER_MODEL = "village.Login"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_request_login_code"
LOGIN_REDIRECT_URL = LOGOUT_REDIRECT_URL = "web:home"
PASSWORD_RESET_TIMEOUT = 3 * 24 * 3600
ALLAUTH_TRUSTED_PROXY_COUNT = ENV.proxies + 1  # the gate is one
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "length": 6, "dashed": False}
ACCOUNT_ADAPTER = "kfar.doors.web.signin.adapter.Adapter"
ACCOUNT_FORMS = {
    "confirm_login_code": "kfar.doors.web.signin.forms.GiveCode",
    "login": "kfar.doors.web.signin.forms.Password",
    "request_login_code": "kfar.doors.web.signin.forms.AskForCode",
    "reset_password": "kfar.doors.web.signin.forms.ForgottenPassword",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_DISPLAY = attrgetter("email")
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # a customer's code proves it, the operator an employee's
ACCOUNT_EMAIL_NOTIFICATIONS = True  # a changed password, a new passkey: the owner is told
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 600
ACCOUNT_LOGIN_TIMEOUT = 3600  # longer than a code, so that a late one is told why
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 3
ACCOUNT_RATE_LIMITS = {
    # Three tries a code: somebody who guesses at one address has 30 in a million an hour.
    "request_login_code": "20/m/ip,3/m/key,10/h/key",
    "login_failed": "10/m/ip,5/300s/key",
    "reset_password": "20/m/ip,3/m/key,10/h/key",
    # Of people whom nobody knows: more at one address are rather one person, or a machine.
    "take_part": "60/h/ip",
    "return_link": "20/h/ip,3/m/key,10/h/key",
}
ACCOUNT_SESSION_REMEMBER = False  # by password alone until the browser closes; see SHIFT
MFA_ADAPTER = "kfar.doors.web.signin.adapter.SecondFactors"
MFA_FORMS = {
    "add_webauthn": "kfar.doors.web.signin.forms.AddPasskey",
    "edit_webauthn": "kfar.doors.web.signin.forms.RenamePasskey",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # as above: nobody here signed up with another's address
MFA_TOTP_ISSUER = KFAR_COMPANY

# --- what a browser may do ---------------------------------------------------------------
SECURE = KFAR_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 30 * 24 * 3600
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if SECURE else 0
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENV.proxies else None
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "manifest-src": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
CSRF_FAILURE_VIEW = "kfar.doors.web.views.errors.csrf"

# --- files the browser asks for ----------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = KFAR_DATA_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# --- mail --------------------------------------------------------------------------------
DEFAULT_FROM_EMAIL = SERVER_EMAIL = ENV.mail_from or formataddr(
    (KFAR_COMPANY, f"kfar@{urlsplit(KFAR_URL).hostname}")
)
if ENV.mail_url:
    _mail = urlsplit(ENV.mail_url)
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST = _mail.hostname or "localhost"
    EMAIL_PORT = _mail.port or (465 if _mail.scheme == "smtps" else 25)
    EMAIL_HOST_USER = unquote(_mail.username or "")
    EMAIL_HOST_PASSWORD = unquote(_mail.password or "")
    EMAIL_USE_TLS = parse_qs(_mail.query).get("tls") == ["starttls"]
    EMAIL_USE_SSL = _mail.scheme == "smtps"
    EMAIL_TIMEOUT = 20
else:
    EMAIL_BACKEND = "kfar.doors.mail.maildir.EmailBackend"

# --- logs: structured, with a request id, and no people in them --------------------------
_shared: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *_shared,
        structlog.processors.format_exc_info,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processor": structlog.processors.JSONRenderer(),
            "foreign_pre_chain": [*_shared, structlog.processors.format_exc_info],
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": ENV.log_level},
    "loggers": {
        # Their lines carry addresses and paths with tokens; ours say what is needed.
        "django.request": {"level": "CRITICAL"},
        "django.security": {"level": "CRITICAL"},
        "fido2": {"level": "WARNING"},
        "django_tasks": {"level": "WARNING"},
        "django_tasks_db": {"level": "WARNING"},
    },
}
logging.captureWarnings(capture=True)

# The proxy in front answers http, and other hosts of the domain are not ours to decide about.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W008", "security.W021"]
