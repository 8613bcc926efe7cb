"""Pixels: an event in the address of a picture, for letters and for pages without scripts.

Segment's is `GET /v1/pixel/track?data=<the event in JSON, base64>`; RudderStack's is
`GET /pixel/v1/track?writeKey=…&anonymousId=…&event=…&properties.colour=…`, where a dot leads
into an object.
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from typing import Any
from urllib.parse import parse_qsl, unquote_to_bytes

import msgspec

from kfar.doors.gate import tracking
from kfar.doors.gate.delivery import Delivery, Step
from kfar.doors.gate.events import DEEPEST
from kfar.doors.gate.refusals import Refusal

#: One transparent point.
GIF = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00"
    b",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)
CONTENT = b"Content-Type: image/gif\r\nCache-Control: no-store\r\n"


def put_data(delivery: Delivery) -> Refusal | None:
    """The body is what stands in `data`, in either alphabet of base64, padded or not."""
    query = delivery.request.url.partition(b"?")[2]
    given = dict(part.split(b"=", 1) for part in query.split(b"&") if b"=" in part)
    data = unquote_to_bytes(given.get(b"data", b""))
    letters = data.translate(bytes.maketrans(b"-_ ", b"+/+")).rstrip(b"=")
    try:
        delivery.body = b64decode(letters + b"=" * (-len(letters) % 4), validate=True)
    except binascii.Error:
        return Refusal.NOT_JSON
    return None


def put_query(delivery: Delivery) -> Refusal | None:
    """The body is made of the query: `context.page.title=Hello` is three objects deep."""
    event: dict[str, Any] = {}
    query = delivery.request.url.partition(b"?")[2].decode("latin-1")
    for name, value in parse_qsl(query, keep_blank_values=True):
        *path, last = name.split(".")
        if len(path) > DEEPEST:
            return Refusal.TOO_DEEP
        inner = event
        for part in path:
            inner = inner.setdefault(part, {})
            if not isinstance(inner, dict):
                return Refusal.NOT_JSON
        inner[last] = value
    delivery.body = msgspec.json.encode(event)
    return None


def put_picture(delivery: Delivery) -> Refusal | None:
    """Answer with a picture nobody sees."""
    delivery.answer = GIF
    delivery.content = CONTENT
    return None


#: What happens to each kind of pixel.
SEGMENT: tuple[Step, ...] = (put_data, *tracking.TRACK, put_picture)
RUDDER: tuple[Step, ...] = (put_query, *tracking.TRACK, put_picture)
