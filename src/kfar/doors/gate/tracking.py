"""The Segment HTTP tracking API, as the clients that speak it do.

Source: Segment, "HTTP Tracking API" (spec of calls, limits, batch, writeKey, timestamps), and
what the clients send in fact. An event that cannot be taken is rejected by its place in the
batch and the rest is kept: a 4xx would make a client throw all of it away.
"""

from __future__ import annotations

import json
import re
import zlib
from os import urandom
from typing import Any

import msgspec

from kfar.doors.gate.delivery import Delivery, Step, given_key
from kfar.doors.gate.refusals import Refusal

#: Bytes of one event, and of a request, when unpacked.
EVENT, REQUEST = 32 * 1024, 500 * 1024
#: Kinds of events, with the letters by which browsers call them.
KINDS = {
    "identify": "i",
    "track": "t",
    "page": "p",
    "screen": "s",
    "group": "g",
    "alias": "a",
}
#: What a kind has to say besides who it is of.
NEEDED = {
    "track": ("event", Refusal.NO_EVENT_NAME),
    "group": ("group_id", Refusal.NO_GROUP),
    "alias": ("previous_id", Refusal.NO_PREVIOUS),
}
#: A number by which somebody is called is an id too; nothing else is.
ID = (str, int, float)
LONGEST_ID = 254


class Event(msgspec.Struct, rename="camel"):
    """What the gate has to know of an event; everything else passes by unread."""

    type: Any = None
    user_id: Any = None
    anonymous_id: Any = None
    previous_id: Any = None
    group_id: Any = None
    message_id: Any = None
    event: Any = None


class Message(Event, rename="camel"):
    """A body: one event, or a batch of them; the key may stand beside."""

    write_key: Any = None
    batch: list[msgspec.Raw] | None = None


_message = msgspec.json.Decoder(Message)
_event = msgspec.json.Decoder(Event)
_GZIP, _ZLIB = b"\x1f\x8b", (b"\x78\x01", b"\x78\x9c", b"\x78\xda")
_BREAKS = re.compile(rb"[\r\n]")


def put_plain_body(delivery: Delivery) -> Refusal | None:
    """Unpack what is packed, whatever the headers call it, and no further than the limit."""
    body = delivery.body
    if body[:2] == _GZIP or body[:2] in _ZLIB:
        unpacking = zlib.decompressobj(zlib.MAX_WBITS | 32)
        try:
            body = unpacking.decompress(body, REQUEST + 1)
        except zlib.error:
            return Refusal.BAD_GZIP
        if len(body) <= REQUEST and not unpacking.eof:
            return Refusal.BAD_GZIP  # it ends before its end
        delivery.body = body
    return None


def check_length(delivery: Delivery) -> Refusal | None:
    """No request is longer than 500 KB."""
    return Refusal.BODY_TOO_LARGE if len(delivery.body) > REQUEST else None


def put_clean_json(delivery: Delivery) -> Refusal | None:
    """Make sure that it is JSON on one line that everyone after us reads alike."""
    try:
        delivery.body, delivery.message = clean(delivery.body)
    except (ValueError, RecursionError):
        return Refusal.NOT_JSON
    return None


def clean(body: bytes) -> tuple[bytes, Message]:
    """Return JSON on one line, and what it says; half a character becomes U+FFFD.

    Raises `ValueError` where it is no object in JSON.
    """
    try:
        body.isascii() or body.decode()
        message = _message.decode(body)
    except (UnicodeDecodeError, msgspec.DecodeError):
        said = json.loads(body.decode("utf-8-sig", errors="replace"))
        if not isinstance(said, dict):
            raise ValueError("not an object") from None
        whole = json.dumps(said, ensure_ascii=False, allow_nan=False)
        body = whole.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
        message = _message.decode(body)
    if b"\n" in body or b"\r" in body:
        body = _BREAKS.sub(b" ", body)
    return body, message


def check_key(delivery: Delivery) -> Refusal | None:
    """The key came by Basic auth, or in the body; it must be one of ours."""
    board = delivery.app.board
    said = delivery.message.write_key
    given = [key for key in (given_key(delivery.request), said) if key and isinstance(key, str)]
    delivery.key = next(filter(None, map(board.opens, given)), None)
    if delivery.key is None:
        return Refusal.UNKNOWN_KEY if given else Refusal.NO_KEY
    return None


def drop_over_rate(delivery: Delivery) -> Refusal | None:
    """A key sends no faster than it may: the client is told to come back."""
    key = delivery.key
    assert key is not None  # noqa: S101 - check_key stands before this step
    return None if delivery.app.rates.take(key) else Refusal.OVER_RATE


def put_event(delivery: Delivery) -> Refusal | None:
    """Check the one event that the body is, and make its record."""
    if len(delivery.body) > EVENT:
        return Refusal.EVENT_TOO_LARGE
    delivery.message.type = delivery.kind
    why = refused(delivery.message)
    if why is None:
        delivery.record = _record(delivery, b'"one":"%b",' % delivery.kind.encode())
        delivery.counted = ("events", 1)
    return why


def put_batch(delivery: Delivery) -> Refusal | None:
    """Check every event of a batch; note the rejected ones by their places, keep the others."""
    batch = delivery.message.batch
    if batch is None:
        return Refusal.NOT_JSON
    rejected: dict[int, str] = {}
    for place, raw in enumerate(batch):
        why = _refused_raw(raw)
        if why is not None:
            rejected[place] = why
            delivery.app.counts.add(why)
    delivery.counted = ("events", len(batch) - len(rejected))
    if batch:
        without = b'"x":%b,' % msgspec.json.encode(rejected) if rejected else b""
        delivery.record = _record(delivery, without)
    return None


def _refused_raw(raw: msgspec.Raw) -> Refusal | None:
    if len(memoryview(raw)) > EVENT:
        return Refusal.EVENT_TOO_LARGE
    try:
        return refused(_event.decode(raw))
    except msgspec.DecodeError:
        return Refusal.NOT_AN_OBJECT


def refused(event: Event) -> Refusal | None:
    """Return why an event cannot be taken, if it cannot. An id that is null or "" is absent."""
    if event.type not in KINDS:
        return Refusal.UNKNOWN_TYPE
    for given in (event.user_id, event.anonymous_id, event.previous_id, event.group_id):
        if given is not None and (
            not isinstance(given, ID)
            or isinstance(given, bool)
            or (isinstance(given, str) and len(given) > LONGEST_ID)
        ):
            return Refusal.BAD_ID
    if not _is(event.user_id) and not _is(event.anonymous_id):
        return Refusal.NOBODY
    needed = NEEDED.get(event.type)
    if needed is not None and not _is(getattr(event, needed[0])):
        return needed[1]
    return None


def _is(given: object) -> bool:
    return given is not None and given != ""


def _record(delivery: Delivery, more: bytes) -> bytes:
    """Return the record of this request: whose key, when, and the body as it came."""
    key = delivery.key
    assert key is not None  # noqa: S101 - check_key stands before this step
    return b'{"k":"events","r":%d,"s":"%b","t":%b,"u":"%b",%b"b":%b}\n' % (
        delivery.received,
        key.source.encode(),
        b"true" if key.scope == "server" else b"false",
        urandom(12).hex().encode(),  # names the events that have no messageId
        more,
        delivery.body,
    )


BODY: tuple[Step, ...] = (put_plain_body, check_length, put_clean_json, check_key, drop_over_rate)
#: What happens to one event, and to a batch.
TRACK: tuple[Step, ...] = (*BODY, put_event)
BATCH: tuple[Step, ...] = (*BODY, put_batch)
