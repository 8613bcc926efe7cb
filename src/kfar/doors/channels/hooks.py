"""Signed webhooks, in and out, after Standard Webhooks (standardwebhooks.com, 2023).

A request carries `webhook-id`, `webhook-timestamp` and `webhook-signature`: `v1,` and base64 of
the HMAC-SHA256 of `id.timestamp.body`; several of them, parted by spaces, while a secret is being
renewed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from kfar.ground import webhooks
from kfar.ground.errors import Refused
from kfar.rooms.customers import names
from kfar.rooms.voice.channels.rules import LINE, LINK, LONGEST, Message

#: How much one request may say, in bytes.
MOST = 512 * 1024

Line = Annotated[str, Field(max_length=LINE)]


class Author(BaseModel):
    """Who wrote, as the source knows them."""

    model_config = ConfigDict(extra="forbid", strict=True)

    id: Annotated[str, Field(min_length=1, max_length=LINE)]
    name: Line = ""
    email: Line = ""


class Told(BaseModel):
    """One message, as docs/reference/hooks.md describes it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    id: Annotated[str, Field(min_length=1, max_length=LINE)]
    text: Annotated[str, Field(min_length=1, max_length=LONGEST)]
    author: Author
    at: AwareDatetime
    url: Annotated[str, Field(max_length=LINK)] = ""
    thread: Line = ""
    answers: Line = ""
    language: Annotated[str, Field(max_length=35)] = ""
    private: bool = False
    program: bool = False


def sign(secret: str, *, delivery: str, at: datetime, body: bytes) -> dict[str, str]:
    """Return the header fields by which a request proves who sent it."""
    stamp = int(at.timestamp())
    return {
        "webhook-id": delivery,
        "webhook-timestamp": str(stamp),
        "webhook-signature": webhooks.sign(secret, delivery, stamp, body),
    }


def check(fields: Mapping[str, str], body: bytes, secrets: Iterable[str], *, now: datetime) -> str:
    """Return the id of a request that one of these secrets signed.

    Refuses with `hooks.unsigned` where a field is missing or is no sign of a time,
    `hooks.too_old` where its clock is more than five minutes from ours, `hooks.forged`.
    """
    delivery, stamp = fields.get("webhook-id", ""), fields.get("webhook-timestamp", "")
    signed = fields.get("webhook-signature", "")
    plain = stamp.isascii() and stamp.isdecimal() and len(stamp) < 13
    if not delivery or len(delivery) > LINE or not plain or not signed:
        raise Refused("hooks.unsigned")
    clock = now.timestamp()
    if abs(clock - int(stamp)) > webhooks.TOLERANCE:
        raise Refused("hooks.too_old")
    if not any(webhooks.signed(one, delivery, stamp, signed, body, now=clock) for one in secrets):
        raise Refused("hooks.forged")
    return delivery


def read(body: bytes) -> Message:
    """Return the message a request tells of; refuses `hooks.not_understood`, saying which field."""
    try:
        told = Told.model_validate_json(body)
    except ValidationError as error:
        [first, *_more] = error.errors(include_input=False, include_url=False)
        where = ".".join(map(str, first["loc"])) or "body"
        raise Refused("hooks.not_understood", where=where[:60], why=first["msg"][:200]) from error
    except ValueError as error:
        raise Refused("hooks.not_understood", where="body", why="JSON") from error
    return Message(
        id=told.id,
        text=told.text,
        at=told.at,
        author=told.author.id,
        name=told.author.name,
        email=told.author.email,
        address=names.email(told.author.email),
        thread=told.thread,
        answers=(told.answers,) if told.answers else (),
        url=told.url,
        language=told.language,
        private=told.private,
        program=told.program,
    )
