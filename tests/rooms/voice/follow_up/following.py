"""Follow-ups for tests: asked, and answered."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from kfar.rooms.voice.follow_up import commands, queries
from kfar.rooms.voice.follow_up.queries import FollowedUp
from kfar.rooms.voice.follow_up.rules import Due, Kind


def due(by: UUID, kind: Kind = Kind.PURCHASE, about: UUID | None = None) -> Due:
    """Milk of two weeks ago, unless said otherwise."""
    at = timezone.now() - timedelta(days=14)
    return Due(by, kind, about or uuid4(), "MILK" if kind is Kind.PURCHASE else "", at)


def ask(by: UUID, kind: Kind = Kind.PURCHASE, about: UUID | None = None) -> FollowedUp | None:
    """Ask somebody; None where they may not be asked."""
    if not commands.ask(due=[due(by, kind, about)]):
        return None
    return queries.of_customer(by)[0]


def answer(one: FollowedUp | None, *, good: bool, **given: Any) -> None:
    """Say how it was: sour, unless said otherwise."""
    assert one is not None
    said: dict[str, Any] = {"by": one.customer_id, "words": "Sour", "language": "en"}
    commands.answer(follow_up_id=one.id, good=good, **(said | given))


def live_through_a_follow_up(customer: UUID) -> None:
    """Let a customer be asked, and answer."""
    answer(ask(customer), good=True)
