"""Customers who are met, for tests of what follows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from kfar.rooms.village.meetings import commands
from tests.clock import Clock


def plan(by: UUID, *customers: UUID, **said: Any) -> UUID:
    """A meeting in a week with these customers, unless said otherwise."""
    given: dict[str, Any] = {
        "employee": by,
        "customers": customers,
        "at": timezone.now() + timedelta(days=7),
        "minutes": 30,
        "place": "Mill Lane 3",
        "once": uuid4(),
    }
    return commands.plan(by=by, **(given | said))


def live_through_meetings(customer: UUID, employee: UUID, clock: Clock) -> None:
    """Let a customer be invited to two meetings; one is cancelled, the other held."""
    held, cancelled = plan(employee, customer), plan(employee, customer)
    commands.answer(meeting_id=held, customers=[customer], comes=True)
    commands.cancel(by=employee, meeting_id=cancelled, why="Ill")
    clock.forward(days=7)
    commands.hold(by=employee, meeting_id=held, came=[customer], minutes=30, said="Bread is good")
