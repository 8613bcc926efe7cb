"""The demo's mail: what Kfar sent, to be opened like anybody's mailbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parsedate_to_datetime
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET


@dataclass(frozen=True)
class Mail:
    """A mail as its reader sees it."""

    key: str
    to: str
    subject: str
    text: str
    at: datetime


@require_GET
def mailbox(request: HttpRequest, key: str = "") -> HttpResponse:
    """Show the latest mails, of all or of one address, and one of them opened."""
    if not settings.KFAR_DEMO:
        raise Http404
    to = request.GET.get("to", "")
    mails = latest(to)
    opened = next((m for m in mails if m.key == key), None) or (mails[0] if mails else None)
    return render(request, "web/mailbox.html", {"mails": mails, "opened": opened, "to": to})


def latest(to: str = "", most: int = 50) -> list[Mail]:
    """Return the latest mails, newest first, of all or of one address."""
    folder = settings.KFAR_DATA_DIR / "mail" / "new"
    if not folder.is_dir():
        return []
    paths = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    if to:
        # Parsing a mail takes a hundred times as long as finding its address in the head.
        line = f"\nTo: {to}\n".encode()
        paths = [path for path in paths if line in _head(path)]
    return [_read(path) for path in paths[:most]]


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(2000).replace(b"\r\n", b"\n")


def _read(path: Path) -> Mail:
    with path.open("rb") as file:
        message = BytesParser(EmailMessage, policy=policy.default).parse(file)
    body = message.get_body(("plain",))
    at = parsedate_to_datetime(str(message["Date"]))
    return Mail(
        key=path.name,
        to=str(message["To"] or ""),
        subject=str(message["Subject"] or ""),
        text=body.get_content() if body else "",
        at=at if at.tzinfo else at.replace(tzinfo=UTC),  # "-0000" says UTC, not where
    )
