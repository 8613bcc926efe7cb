"""The Segment HTTP tracking API, as the clients that speak it do.

Source: Segment, "HTTP Tracking API" (spec of calls, limits, batch, writeKey, timestamps), and
what the clients send in fact. An event that cannot be taken is rejected by its place in the
batch and the rest is kept: a 4xx would make a client throw all of it away.
"""

from __future__ import annotations

import json
import re
import zlib
from itertools import count
from math import isfinite
from os import urandom
from typing import Any

import msgspec

from kfar.doors.gate.delivery import Delivery, Step, given_key
from kfar.doors.gate.events import (
    DEEPEST,
    EVENT,
    SOUND,
    all_fit,
    is_deep,
    is_somebody,
    loose,
    loose_batch,
    refused,
    refused_raw,
    without,
)
from kfar.doors.gate.refusals import Refusal

#: Bytes of a request, unpacked.
REQUEST = 500 * 1024
#: 24 letters for each record, by which its events without a messageId are known.
_names = map(f"{urandom(7).hex()}%010x".encode().__mod__, count())
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
    body = delivery.body
    try:
        body.isascii() or body.decode()
        delivery.message = SOUND[delivery.kind](body)
        delivery.sound = True
    except (UnicodeDecodeError, msgspec.DecodeError):
        read = loose_batch if delivery.kind == "batch" else loose
        try:
            body, delivery.message = clean(body, read)
        except RecursionError:
            return Refusal.TOO_DEEP
        except ValueError:
            return Refusal.NOT_JSON
    except RecursionError:
        return Refusal.TOO_DEEP
    if b"\n" in body or b"\r" in body:
        body = _BREAKS.sub(b" ", body)
    delivery.body = body
    return None


def clean(body: bytes, read: Any) -> tuple[bytes, Any]:
    """Return JSON, and what it says, read with `read`.

    Half a character becomes U+FFFD, a number that is none (NaN, 1e999) null.
    Raises `ValueError` where it is no object in JSON.
    """
    try:
        body.isascii() or body.decode()
        return body, read(body)
    except (UnicodeDecodeError, msgspec.DecodeError):
        said = json.loads(
            body.decode("utf-8-sig", errors="replace"),
            parse_constant=lambda _: None,
            parse_float=_number,
        )
        if not isinstance(said, dict):
            raise ValueError("not an object") from None
        whole = json.dumps(said, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        body = whole.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
        return body, read(body)


def _number(said: str) -> float | None:
    number = float(said)
    return number if isfinite(number) else None


def check_key(delivery: Delivery) -> Refusal | None:
    """The key came by Basic auth, or in the body; it must be one of ours."""
    board = delivery.app.board
    said = delivery.message.write_key
    given = [key for key in (given_key(delivery.request), said) if key and isinstance(key, str)]
    delivery.key = next(filter(None, map(board.opens, given)), None)
    if delivery.key is None:
        return Refusal.UNKNOWN_KEY if given else Refusal.NO_KEY
    return None


def put_event(delivery: Delivery) -> Refusal | None:
    """Check the one event that the body is, and make its record."""
    if len(delivery.body) > EVENT:
        return Refusal.EVENT_TOO_LARGE
    if is_deep(delivery.body):
        return Refusal.TOO_DEEP
    if not delivery.sound or not is_somebody(delivery.message):
        why = refused(delivery.message, delivery.kind)
        if why is not None:
            return why
    delivery.record = _record(delivery, b'"one":"%b",' % delivery.kind.encode())
    delivery.counted = ("events", 1)
    return None


def put_batch(delivery: Delivery) -> Refusal | None:
    """Check every event of a batch; note the rejected ones by their places, keep the others."""
    batch = delivery.message.batch
    rejected: dict[int, Refusal] = {}
    sound = delivery.sound and all([e.user_id or e.anonymous_id for e in batch])  # noqa: C419 - fast
    if not (sound and all_fit(delivery.body, len(batch))):
        raws = loose_batch(delivery.body).batch
        reasons = ((place, refused_raw(raw)) for place, raw in enumerate(raws))
        rejected = {place: why for place, why in reasons if why is not None}
        deep = {place for place, why in rejected.items() if why is Refusal.TOO_DEEP}
        if deep:  # who reads the record could not
            delivery.body = without(delivery.body, deep)
        if is_deep(delivery.body, DEEPEST + 2):
            return Refusal.TOO_DEEP
    delivery.rejected = list(rejected.values())
    delivery.counted = ("events", len(batch) - len(rejected))
    if batch:
        more = b'"x":%b,' % msgspec.json.encode(rejected) if rejected else b""
        delivery.record = _record(delivery, more)
    return None


def drop_over_rate(delivery: Delivery) -> Refusal | None:
    """A key sends no faster than it may: the client is told to come back."""
    key = delivery.key
    assert key is not None  # noqa: S101 - check_key stands before this step
    return None if delivery.app.rates.take(key, delivery.counted[1]) else Refusal.OVER_RATE


def _record(delivery: Delivery, more: bytes) -> bytes:
    """Return the record of this request: whose key, when, and the body as it came."""
    key = delivery.key
    assert key is not None  # noqa: S101 - check_key stands before this step
    return b'{"k":"events","r":%d,"s":%b,"t":%b,"u":"%b",%b"b":%b}\n' % (
        delivery.received,
        msgspec.json.encode(key.source),
        b"true" if key.scope == "server" else b"false",
        next(_names),
        more,
        delivery.body,
    )


BODY: tuple[Step, ...] = (put_plain_body, check_length, put_clean_json, check_key)
#: What happens to one event, and to a batch.
TRACK: tuple[Step, ...] = (*BODY, put_event, drop_over_rate)
BATCH: tuple[Step, ...] = (*BODY, put_batch, drop_over_rate)
