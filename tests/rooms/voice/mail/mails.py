"""Mails for tests."""

from __future__ import annotations

from email import policy
from email.message import EmailMessage
from typing import Any
from uuid import uuid4

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
