"""Plans for tests."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from kfar.rooms.promises.plans import commands
from kfar.rooms.promises.plans.rules import Source
from kfar.rooms.voice import commands as voice


def say(by: UUID, text: str = "The milk was sour", about: str = "MILK 1L") -> tuple[UUID, UUID]:
    """Say something about milk; return the voice and whose it is."""
    return voice.say(by=by, text=text, language="en", about_name=about), by


def plan(by: UUID, *spoke: tuple[UUID, UUID], **given: Any) -> UUID:
    """Plan cold milk within a day."""
    fresh: dict[str, Any] = {
        "title": "Cold milk",
        "needs": "The fridge of the van fails at noon.",
        "owner": by,
        "due": timezone.localdate(),
        "source": Source.PRODUCT,
        "ref": "MILK 1L",
        "label": "MILK 1L",
        "once": uuid4(),
    }
    return commands.make(by=by, spoke=spoke, **(fresh | given))
