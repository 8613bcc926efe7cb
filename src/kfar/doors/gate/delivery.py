"""What comes in at the gate: a request on its way through the steps of its route."""

from __future__ import annotations

import binascii
import time
from base64 import b64decode
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from kfar.doors.gate.http import Request, cors, refuse
from kfar.doors.gate.refusals import Refusal
from kfar.lake.intake.notice import Key

if TYPE_CHECKING:
    from kfar.doors.gate.app import App

OK = b'{"success":true}'
JSON = b"Content-Type: application/json\r\n"


class Delivery:
    """A request, what is known of it so far, and what is to be kept and answered."""

    __slots__ = (
        "again",
        "answer",
        "app",
        "body",
        "content",
        "counted",
        "key",
        "kind",
        "message",
        "network",
        "received",
        "record",
        "rejected",
        "request",
        "sound",
        "voter",
    )

    def __init__(self, app: App, request: Request, kind: str) -> None:
        self.app = app
        self.request = request
        self.kind = kind  # of the route: "track", "batch", …
        self.received = time.time_ns() // 1_000_000
        self.body = request.body
        self.message: Any = None  # what the body says, once it is read
        self.sound = False  # it says all that its kind needs
        self.key: Key | None = None
        self.record = b""  # what is put into the intake, if anything
        self.counted = ("events", 0)  # what it counts as once it is durable
        self.rejected: list[Refusal] = []  # events of a batch, counted with it
        self.voter = (b"", 0)  # of a ballot: its question's 16 bytes, the voter's number
        self.network = ""  # of a voter who is new with it
        self.answer = OK
        self.content = JSON
        self.again = 1  # seconds until it may be tried again, where that can help

    def told(self, why: Refusal | None) -> None:
        """Answer, now that the record is durable or refused."""
        if why is not None:
            self.refuse(why)
            return
        self.app.counts.add(*self.counted)
        for rejected in self.rejected:
            self.app.counts.add(rejected)
        self.request.answer(b"200 OK", self.answer, cors(self.request) + self.content)

    def refuse(self, why: Refusal) -> None:
        """Answer that nothing was kept, and count it."""
        self.app.counts.add(why)
        refuse(self.request, why, again=self.again)


#: A step lets a delivery go on (None), or says why not.
Step = Callable[[Delivery], Refusal | None]


def preflight(request: Request) -> None:
    """Answer a browser that asks whether it may send."""
    asked = request.header(b"access-control-request-headers") or b"Authorization, Content-Type"
    request.answer(
        b"204 No Content",
        b"",
        cors(request) + b"Access-Control-Allow-Methods: GET, POST, OPTIONS\r\n"
        b"Access-Control-Allow-Headers: %b\r\nAccess-Control-Max-Age: 86400\r\n" % asked,
    )


def given_key(request: Request) -> str:
    """Return the key that came outside of the body: Basic's name, Bearer's, or the query's."""
    scheme, _, value = request.header(b"authorization").partition(b" ")
    if scheme.lower() == b"basic":
        with suppress(binascii.Error, UnicodeDecodeError):
            if key := b64decode(value).partition(b":")[0].decode():
                return key
    if scheme.lower() == b"bearer":
        return value.strip().decode("latin-1")
    query = request.url.partition(b"?")[2]
    if b"riteKey=" in query:
        return parse_qs(query.decode("latin-1")).get("writeKey", [""])[0]
    return ""
