"""Mails for tests."""

from __future__ import annotations

from dataclasses import replace
from email import policy
from email.message import EmailMessage
from typing import Any
from uuid import uuid4

from kfar.rooms.voice.mail.reading import Attachment, Letter
from tests.people import email

ORCHARD = "kfar@orchard.example"


def mail(
    text: str = "The fridge is warm.", sender: str = "Anna <anna@village.example>", **fields: str
) -> EmailMessage:
    """A mail as a person writes it; fields by name, `_` for `-`."""
    message = EmailMessage(policy=policy.SMTP)
    message.set_content(text)
    given = {"Subject": "Fridge", "To": ORCHARD, "Message_ID": f"<{uuid4()}@village.example>"}
    message["From"] = sender
    for name, value in (given | fields).items():
        if value:
            message[name.replace("_", "-")] = value
    return message


def raw(*said: Any, **fields: str) -> bytes:
    """The same in bytes."""
    return mail(*said, **fields).as_bytes()


def letter(text: str = "The fridge is warm.", name: str = "Anna", **said: str) -> Letter:
    """What a mail of theirs says, another each time."""
    key = uuid4().hex
    given = Letter(
        key=key,
        address=email(name),
        name=name,
        subject="Fridge",
        text=text,
        language="",
        attachments=(Attachment("photo.jpg", "image/jpeg", 1000),),
        message_id=f"<{key}@village.example>",
        answers=(),
    )
    return replace(given, **said)  # type: ignore[arg-type]
