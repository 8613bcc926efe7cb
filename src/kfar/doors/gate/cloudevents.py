"""CloudEvents 1.0 over HTTP: binary, structured and batched, as `track` events of ours.

Source: CNCF, "CloudEvents 1.0.2" and its "HTTP Protocol Binding". An event's `type` is its
name, `subject` (or the extension `userid`) who did it, `anonymousid` who it was before that,
`time` when; `source` and `id` together name the event, so that a retry is one event.
"""

from __future__ import annotations

from base64 import b64decode
from binascii import Error
from typing import Any
from urllib.parse import unquote

import msgspec

from kfar.doors.gate import tracking
from kfar.doors.gate.delivery import Delivery, Step
from kfar.doors.gate.refusals import Refusal


def put_cloud_events(delivery: Delivery) -> Refusal | None:
    """Turn the request into a tracking event or a batch of them, in whichever mode it came."""
    request = delivery.request
    content = request.header(b"content-type").partition(b";")[0].strip().lower()
    try:
        if content == b"application/cloudevents-batch+json":
            events = msgspec.json.decode(delivery.body, type=list[Any])
            said = {"batch": [as_track(e) if isinstance(e, dict) else e for e in events]}
        elif content == b"application/cloudevents+json" or not request.header(b"ce-id"):
            said = as_track(msgspec.json.decode(delivery.body, type=dict[str, Any]))
            delivery.kind = "track"
        else:
            said = as_track(_binary(delivery, content))
            delivery.kind = "track"
        delivery.body = msgspec.json.encode(said)
    except RecursionError:
        return Refusal.TOO_DEEP
    except ValueError:
        return Refusal.NOT_JSON
    return None


def put_events(delivery: Delivery) -> Refusal | None:
    """Check what came: one that can't be taken is refused, a batch keeps its others."""
    one = delivery.kind == "track"
    return tracking.put_event(delivery) if one else tracking.put_batch(delivery)


def as_track(event: dict[str, Any]) -> dict[str, Any]:
    """Return a CloudEvent as a tracking event; what lacks is found lacking by the next step."""
    data = event.get("data")
    if data is None and isinstance(event.get("data_base64"), str):
        try:
            data = msgspec.json.decode(b64decode(event["data_base64"]))
        except (Error, msgspec.DecodeError):
            data = None
    named = event.get("id") and event.get("source") and event.get("specversion") == "1.0"
    return {
        "type": "track",
        "event": event.get("type") if named else None,
        "messageId": f"{event.get('source')} {event.get('id')}",
        "userId": event.get("userid") or event.get("subject"),
        "anonymousId": event.get("anonymousid"),
        "timestamp": event.get("time"),
        "properties": data if isinstance(data, dict) or data is None else {"data": data},
    }


def _binary(delivery: Delivery, content: bytes) -> dict[str, Any]:
    event: dict[str, Any] = {
        name[3:].decode().lower(): unquote(value.decode())
        for name, value in delivery.request.headers
        if name[:3].lower() == b"ce-"
    }
    if content.endswith(b"json"):
        event["data"] = msgspec.json.decode(delivery.body)
    elif delivery.body:
        event["data"] = delivery.body.decode()
    return event


#: The key comes outside of the body here.
CLOUD: tuple[Step, ...] = (
    tracking.put_plain_body,
    tracking.check_length,
    put_cloud_events,
    tracking.check_length,
    tracking.put_clean_json,
    tracking.check_key,
    put_events,
    tracking.drop_over_rate,
)
