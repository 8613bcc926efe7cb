"""What somebody might say on a channel."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import timezone

from kfar.rooms.voice.channels import commands
from kfar.rooms.voice.channels.rules import Message


def a_hook(name: str = "shop", **about: Any) -> UUID:
    """A channel that tells us by signed webhooks."""
    made = commands.add(kind="hook", name=name, about=about)
    commands.renew(name=name)
    return made


def message(text: str = "The fridge is warm.", **given: Any) -> Message:
    """A message of Zosia's."""
    said: dict[str, Any] = {
        "id": "1",
        "author": "u7",
        "name": "Zosia",
        "at": timezone.now(),
    } | given
    return Message(text=text, **said)
