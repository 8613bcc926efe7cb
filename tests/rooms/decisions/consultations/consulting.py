"""Consultations for tests, and people who speak in them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from kfar.rooms.decisions.consultations import closing, commands, queries
from kfar.rooms.decisions.consultations.commands import Speaker
from kfar.rooms.decisions.consultations.rules import Draft, State
from kfar.rooms.decisions.proving.consultation import Words
from tests.clock import Clock

SEEDS = ("Rye is best.", "Bake at night.", "Sell it warm.")


def draft(**given: Any) -> Draft:
    """Bread, for a week, looked at before, with three statements to begin with."""
    now = timezone.now()
    said: dict[str, Any] = {
        "topic": {"en": "Bread"},
        "about": {"en": "Which bread shall we bake?"},
        "seeds": [Words(text, "en") for text in SEEDS],
        "closes_at": now + timedelta(days=7),
        "pledge": {"en": "We bake it"},
        "pledge_due": timezone.localdate(now) + timedelta(days=30),
    }
    return Draft(**(said | given))


def consult(by: UUID, **given: Any) -> UUID:
    """Open a consultation."""
    return commands.consult(by=by, draft=draft(**given), once=given.pop("once", None) or uuid4())


def vote(by: UUID | None, consultation_id: UUID, *votes: int) -> int:
    """Vote on the statements from the first on; return the participant."""
    speaker, participant = Speaker(by), 0
    for number, said in enumerate(votes, 1):
        participant = commands.vote(
            by=speaker, consultation_id=consultation_id, number=number, vote=said
        )
        speaker = Speaker(by, None if by else participant)
    return participant


def live_through_a_consultation(customer_id: UUID, by: UUID, clock: Clock) -> None:
    """Open one, let a customer vote and say something that is taken out, and close it."""
    one = consult(by, closes_at=clock.now + timedelta(hours=1))
    vote(customer_id, one, 1)
    commands.say(by=Speaker(customer_id), consultation_id=one, text="Salt it.", language="en")
    [said] = queries.statements(one, State.WAITING)
    commands.take_out(by=by, statement_id=said.id, reason="Not bread")
    clock.forward(hours=1)
    closing.close_due()
