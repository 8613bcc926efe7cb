"""Text messages: a small port through which they go, and how they come in, as Twilio does both.

`Twilio` speaks to its REST API (2010-04-01), `Kept` puts messages where mails are kept when no
server is set, to be read in the demo's mailbox. What comes in is signed by whoever sends it on.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha1
from hmac import compare_digest
from hmac import new as hmac
from typing import Protocol
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener
from xml.sax.saxutils import escape

import structlog
from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from kfar.ground.errors import Refused

log = structlog.get_logger(__name__)

#: Where Twilio takes messages.
API = "https://api.twilio.com/2010-04-01"
#: What stands before a number of WhatsApp's.
WHATSAPP = "whatsapp:"
#: For how many seconds we wait for it.
PATIENCE = 10.0


class Texter(Protocol):
    """What sends text messages."""

    def send(self, *, to: str, text: str, sender: str = "") -> None:
        """Send a text to a number in E.164; refuse `texts.not_sent`.

        To "whatsapp:+…" it goes as a message of WhatsApp. `sender` is another number of ours than
        that of the settings: the one they wrote to.
        """


class Kept:
    """Keeps them as mails, in the data directory."""

    def send(self, *, to: str, text: str, sender: str = "") -> None:
        """Keep a text; its first line is the subject."""
        connection = get_connection("kfar.doors.mail.maildir.EmailBackend")
        subject = " ".join(text.split("\n", 1)[0].split())
        EmailMessage(subject=subject, body=text, to=[to], connection=connection).send()


class Twilio:
    """Sends them through Twilio's REST API, or one that speaks like it at `api`."""

    def __init__(self, sid: str, token: str, sender: str, api: str = API) -> None:
        self.address = f"{api}/Accounts/{sid}/Messages.json"
        self.proof = b64encode(f"{sid}:{token}".encode()).decode()
        self.sender = sender

    def send(self, *, to: str, text: str, sender: str = "") -> None:
        """Send a text; refuse `texts.not_sent` where Twilio is away or does not take it."""
        body = urlencode({"To": to, "From": sender or self.sender, "Body": text}).encode()
        headers = {"Authorization": f"Basic {self.proof}"}
        try:
            with _opener.open(Request(self.address, body, headers), timeout=PATIENCE):  # noqa: S310
                return
        except HTTPError as error:
            log.error("texts.not_sent", status=error.code)
        except (URLError, OSError) as error:
            # The class alone: a message may carry the number.
            log.error("texts.not_sent", error=type(error).__name__)
        raise Refused("texts.not_sent")


class _Nowhere(HTTPRedirectHandler):
    """Follows nobody elsewhere, as our proof would go along."""

    def redirect_request(self, *_args: object) -> None:
        """Take the answer as it is: not ours to follow."""


_opener = build_opener(_Nowhere)


#: What stands in no message of 160 signs, and what says the same there (GSM 03.38).
PLAIN = str.maketrans(
    {"“": '"', "”": '"', "„": '"', "’": "'", "‘": "'", "–": "-", "—": "-", "…": "...", "\xa0": " "}
)


def plain(text: str) -> str:
    """Return a text with signs for which none has to be sent at twice the length."""
    return text.translate(PLAIN)


def ready() -> bool:
    """Return whether text messages reach somebody: a phone, or the demo's mailbox."""
    return bool(settings.KFAR_TWILIO[0]) or settings.KFAR_DEMO


def texter() -> Texter:
    """Return what sends text messages here, as the settings say."""
    sid, token, sender = settings.KFAR_TWILIO
    return Twilio(sid, token, sender) if sid else Kept()


def signature(token: str, url: str, fields: Mapping[str, Sequence[str]]) -> str:
    """Return how Twilio signs what it posts: base64 of the HMAC-SHA1 of URL and sorted fields.

    `url` is whole, as the outside knows it; a field with several values has each once.
    """
    said = url + "".join(
        name + value for name in sorted(fields) for value in sorted(set(fields[name]))
    )
    return b64encode(hmac(token.encode(), said.encode(), sha1).digest()).decode()


def signed(said: str, token: str, url: str, fields: Mapping[str, Sequence[str]]) -> bool:
    """Return whether `said` is the signature; takes as long whatever is wrong. No token: no."""
    return bool(token) and compare_digest(said.encode(), signature(token, url, fields).encode())


@dataclass(frozen=True)
class Came:
    """A message that came in: from which number, to which of ours. `files` are media types.

    `message` is what Twilio calls it, "" where it does not. `name` is the sender's, where known.
    """

    number: str
    ours: str
    text: str
    message: str
    name: str
    files: tuple[str, ...]
    whatsapp: bool


def came(fields: Mapping[str, Sequence[str]]) -> Came:
    """Return the message that was posted to us, by SMS or by WhatsApp."""

    def said(name: str) -> str:
        return next(iter(fields.get(name, ())), "").strip()

    count = said("NumMedia")
    files = range(min(int(count), 10) if count.isascii() and count.isdecimal() else 0)
    return Came(
        number=said("From").removeprefix(WHATSAPP),
        ours=said("To").removeprefix(WHATSAPP),
        text=said("Body"),
        message=said("MessageSid"),
        name=said("ProfileName"),
        files=tuple(said(f"MediaContentType{n}") or "?" for n in files),
        whatsapp=said("From").startswith(WHATSAPP),
    )


def twiml(text: str) -> str:
    """Return the answer to a message, as Twilio reads it; without text nothing is answered."""
    message = f"<Message>{escape(text)}</Message>" if text else ""
    return f'<?xml version="1.0" encoding="UTF-8"?><Response>{message}</Response>'
