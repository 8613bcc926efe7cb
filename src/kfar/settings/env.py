"""The settings table: every environment variable Kfar reads, with what it is for."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path
from zoneinfo import ZoneInfo

import maxminddb
from phonenumbers import SUPPORTED_REGIONS
from pydantic import Field, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from kfar.ground import disk
from kfar.ground.limits import windows
from kfar.ground.text import LANGUAGES
from kfar.rooms.decisions.proving.heads import WITNESS, read_key
from kfar.rooms.service.clocks.rules import Calendar, read_within


class Env(BaseSettings):
    """Settings from the environment, each as `KFAR_<NAME>`."""

    model_config = SettingsConfigDict(env_prefix="KFAR_", env_ignore_empty=True, extra="ignore")

    data_dir: Path = Field(
        Path("kfar-data"),
        description="Where this Kfar keeps what it knows: database, lake, secret key.",
    )
    database_url: str = Field(
        "",
        description="A PostgreSQL to use instead of SQLite: `postgresql://user@host/name`.",
        pattern=r"^(postgres(ql)?://.+)?$",
    )
    intake_url: str = Field(
        "",
        description="The NATS servers that keep what the gate accepts until it has settled: "
        "`nats://host:4222,host2:4222,host3:4222`. Empty: a log in the data directory.",
        pattern=r"^(nats://[^/\s]+)?$",
    )
    lake_url: str = Field(
        "",
        description="A bucket (S3) that holds a copy of every file of the table of touchpoints: "
        "`s3://bucket/folder`. Who we are there, and where it is, stands in `AWS_ACCESS_KEY_ID`, "
        "`AWS_SECRET_ACCESS_KEY`, `AWS_REGION` and `AWS_ENDPOINT_URL`. Empty: the data directory "
        "alone.",
        pattern=r"^(s3://[^/?#\s]+(/[^?#\s]*)?)?$",
    )
    engine: str = Field(
        "duckdb",
        description="What reads the whole table of touchpoints: `duckdb`, `spark` (on this "
        "machine) or `spark://host:7077`.",
        pattern=r"^(duckdb|spark|spark://[^/\s:,]+:\d+(,[^/\s:,]+:\d+)*)$",
    )
    embeddings: str = Field(
        "",
        description="What gives texts their vectors, which makes voices be read better and more "
        "slowly: a model of sentence-transformers by its name or folder, or `off`. Empty: what "
        "the extra `embeddings` brings, where it is installed.",
    )
    url: str = Field(
        "",
        description="The address people open, as it stands in mails; https makes cookies secure. "
        "Empty: this machine's own, `http://127.0.0.1:8000`, with the port of `KFAR_PORT`.",
        pattern=r"^(https?://[^/?#\s]+/?)?$",
    )
    host: str = Field("127.0.0.1", description="The address `kfar serve` listens on.")
    port: int = Field(8000, description="The port `kfar serve` listens on.", ge=1, le=65535)
    witnesses: str = Field(
        "",
        description="Who outside watches the logs of decisions: the keys of witnesses, as "
        "`kfar witness` prints them, with spaces between.",
    )
    company: str = Field("Kfar", description="The company's name, as customers know it.")
    time_zone: str = Field(
        "UTC", description="The company's time zone (IANA name): days and weeks are its days."
    )
    currency: str = Field(
        "USD", description="The currency of remedies (ISO 4217).", pattern=r"^[A-Z]{3}$"
    )
    country: str = Field(
        "",
        description="The country of phone numbers without a leading + (ISO 3166, as PL). Empty: "
        "such numbers are not taken.",
        pattern=r"^([A-Z]{2})?$",
    )
    language: str = Field("en", description="The language before a person chose one: en, he, pl.")
    secret_key: str = Field(
        "",
        description="Signs sessions and links. Empty: made on first start, kept in the data "
        "directory with mode 600.",
    )
    mail_url: str = Field(
        "",
        description="The mail server: `smtp://user:password@host:587?tls=starttls`. Empty: mail "
        "is kept in the data directory.",
        pattern=r"^(smtps?://.+)?$",
    )
    mail_from: str = Field(
        "",
        description="Who mails come from: `Name <address>`. Empty: the company, at the host of "
        "`KFAR_URL`.",
    )
    imap_url: str = Field(
        "",
        description="The mailbox customers write to: `imaps://user:password@host:993`, or "
        "`imap://…:143`, which then turns to TLS. Empty: no mail is read.",
        pattern=r"^(imaps?://[^/\s]+/?)?$",
    )
    mails: int = Field(
        30,
        description="How many mails a day one customer's address is heard by; what comes above "
        "that stays in the mailbox, in `Kfar-unread`.",
        ge=1,
    )
    posts: int = Field(
        100,
        description="How many messages a day one person is heard by over channels: hooks are "
        "told to come again, posts stay where they are.",
        ge=1,
    )
    twilio_sid: str = Field(
        "",
        description="The account at Twilio, or at who speaks as they do, that sends text messages. "
        "Empty: they are kept in the data directory, as mails are.",
    )
    twilio_token: str = Field(
        "",
        description="Its auth token, which also signs what it tells us. Empty: no text message "
        "is taken.",
    )
    twilio_from: str = Field("", description="The number text messages come from: `+972…`.")
    reach: str = Field(
        "",
        description="Hosts of the company's own network that Kfar may ask all the same where "
        "somebody has written their address down (a tracker, a forum): `jira.example.lan "
        "10.0.0.7:8080`, with spaces between. Others are asked on the public internet alone.",
    )
    tracker_tokens: str = Field(
        "",
        description="What trackers want to be shown before they take a plan, as their "
        "`Authorization`: `NAME=Bearer abc; OTHER=Basic xyz`, by the names of `kfar tracker add`.",
    )
    broken_after_days: int = Field(
        30,
        description="A promise that was not kept so many days after it was due, nor moved, is "
        "broken, and those it was given to are told.",
        ge=1,
    )
    new_voters: str = Field(
        "60/minute 600/hour",
        description="How many new voters by link may come from one address (IPv4, or an IPv6 "
        "/64), and twenty times as many from its network (/24, /48): a household and a school fit, "
        "a program that makes voters does not. For a live night on mobile networks, more. "
        "`none`: any number; so for all that follow.",
    )
    geoip: Path | None = Field(
        None,
        description="A database of yours that says in which country an IP address is, in "
        "MaxMind's format: GeoLite2-Country, DB-IP Country Lite. It is read at the start; the "
        "country is neither kept nor logged. Empty: no country is known.",
    )
    new_voters_country: str = Field(
        "1000/minute 10000/hour",
        description="Where `KFAR_GEOIP` is set: how many new voters by link may come from one "
        "country other than `KFAR_COUNTRY`. Those databases age and proxies lie, so it slows "
        "down the coarse alone.",
    )
    votes: str = Field(
        "120/minute 3000/hour",
        description="How many ballots by page from one address, and how many from one phone "
        "number: who changes their mind is harmless, who floods is not.",
    )
    codes: str = Field(
        "3/10minutes 10/day",
        description="How many codes go to one mailbox or number: nobody is to be pestered with "
        "them, and whoever guesses has 50 tries in a million a day.",
    )
    codes_address: str = Field(
        "20/10minutes 200/day",
        description="How many codes are asked for from one address; twenty times as many from its "
        "network.",
    )
    codes_block: str = Field(
        "20/hour 60/day",
        description="How many codes go to numbers that differ in their last four digits alone: "
        "who earns by the message owns such a block.",
    )
    codes_country: str = Field(
        "300/minute 5000/hour",
        description="How many codes go to the numbers of one country; and where `KFAR_GEOIP` is "
        "set, how many are asked for from one other than `KFAR_COUNTRY`.",
    )
    codes_all: str = Field(
        "10000/hour", description="How many codes go out by text message in all: what it may cost."
    )
    texts: str = Field(
        "10000/hour",
        description="How many letters go out as text messages, to who has no mailbox: what it may "
        "cost. The others wait for their turn.",
    )
    ask_every_days: int = Field(
        30,
        description="A customer is invited to a survey or a meeting at most once in so many days, "
        "over all of them, whoever invites.",
        ge=1,
        le=3650,
    )
    name_employees: bool = Field(
        False,
        description="Show customers the names of who looked at their data, not the department "
        "alone. Who is in no department is named in any case.",
    )
    work_hours: str = Field(
        "",
        description="When the company works, in its time zone: `Sun-Thu 09:00-17:00, Fri "
        "09:00-12:00`. Empty: around the clock.",
    )
    holidays: str = Field(
        "",
        description="Days on which it does not, with spaces between: `2026-12-24`, or `05-03` for "
        "every year.",
    )
    decide_within: str = Field(
        "24h urgent=4h",
        description="In how much working time a case is to be decided first: in minutes (`m`), "
        "hours (`h`) or days of 24 such hours (`d`); by the channel it came by (`email=8h`), a "
        "return that a person decides (`return=8h`), and `urgent` where it was not good before. "
        "Empty: nothing is said.",
    )
    assign_after: str = Field(
        "30m",
        description="After how much working time a case that nobody took is given to who suits it "
        "best. Empty: never.",
    )
    approve_within: str = Field(
        "2h",
        description="How much working time somebody has to say whether they approve a remedy; "
        "then the next in line is asked. Half of it gone, they are reminded once.",
        pattern=r"^\d+[mhd]$",
    )
    keep_touches_days: int | None = Field(
        None,
        description="For how many days the lake keeps touchpoints. Empty: for ever.",
        ge=1,
    )
    left_alone: float = Field(
        0.1,
        ge=0,
        le=0.5,
        description="To what share of customers nothing is suggested, drawn by lot, so that it can "
        "be told what suggestions are worth.",
    )
    bad_experiences: str = Field(
        "voice not-good return complaint late-delivery",
        description="Which kinds of touchpoints are bad experiences, with spaces between. `voice` "
        "and `not-good` are Kfar's own: what a customer says here, and that it is not good yet; "
        "leave `voice` out where customers mostly send praise. The others are what your sources "
        "call them.",
        pattern=r"^[^\s,]+( [^\s,]+)*$",
    )
    tasks_backend: str = Field(
        "django_tasks_db.DatabaseBackend",
        description="Django tasks backend for background work, as a dotted path.",
    )
    proxies: int = Field(
        0,
        description="How many proxies of yours stand in front: they say who comes, and by https.",
        ge=0,
    )
    demo: bool = Field(
        False,
        description="Demo: one-click sign-in and an open mailbox. `kfar demo` sets it; never "
        "set it where real people's data is.",
    )
    log_level: str = Field(
        "INFO",
        description="What is logged: DEBUG, INFO, WARNING, ERROR.",
        pattern="^(DEBUG|INFO|WARNING|ERROR)$",
    )

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"no such time zone: {value}") from error
        return value

    @field_validator("work_hours", "holidays")
    @classmethod
    def _calendar(cls, value: str, info: ValidationInfo) -> str:
        said = {"hours" if info.field_name == "work_hours" else "holidays": value}
        Calendar.read("UTC", **said)
        return value

    @field_validator("decide_within", "assign_after")
    @classmethod
    def _spans(cls, value: str) -> str:
        read_within(value)
        return value

    @field_validator("country")
    @classmethod
    def _with_numbers(cls, value: str) -> str:
        if value and value not in SUPPORTED_REGIONS:
            raise ValueError(f"no such country: {value}")
        return value

    @field_validator(
        *("new_voters", "votes", "codes", "codes_address", "codes_block", "codes_country"),
        *("codes_all", "texts", "new_voters_country"),
    )
    @classmethod
    def _windows(cls, value: str) -> str:
        windows(value)
        return value

    @field_validator("geoip")
    @classmethod
    def _database(cls, value: Path | None) -> Path | None:
        if value is not None:
            try:
                maxminddb.open_database(value).close()
            except (OSError, maxminddb.InvalidDatabaseError) as error:
                raise ValueError(f"not a database of countries: {value}") from error
        return value and value.resolve()

    @field_validator("witnesses")
    @classmethod
    def _keys(cls, value: str) -> str:
        for text in value.split():
            key = read_key(text)
            if key is None or key[1] != WITNESS:
                raise ValueError(f"not the key of a witness: {text}")
        return value

    @field_validator("language")
    @classmethod
    def _spoken(cls, value: str) -> str:
        if value not in LANGUAGES:
            raise ValueError("Kfar speaks en, he and pl")
        return value


def secret_key(data_dir: Path) -> str:
    """Return this Kfar's secret, made once and kept in `data_dir/secret.key` (mode 600).

    It is whole and durable before anything is signed with it.
    """
    path = data_dir / "secret.key"
    if not path.exists():
        part = path.with_suffix(f".{os.getpid()}.part")
        handle = os.open(part, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(50))
            file.flush()
            os.fsync(handle)
        with suppress(FileExistsError):  # another process was first
            os.link(part, path)
        part.unlink()
        disk.sync(data_dir)
    return path.read_text().strip()
