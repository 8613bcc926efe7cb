"""What comes after a purchase in tests: something goes back, and somebody is asked how it was."""

from __future__ import annotations

from uuid import UUID

from tests.people import a_customer
from tests.rooms.service.returns.returning import live_through_a_return
from tests.rooms.voice.follow_up.following import live_through_a_follow_up


def live_on(customer: UUID, employee: UUID) -> None:
    """Let a customer send things back, and another say how it was."""
    live_through_a_return(customer, employee)
    live_through_a_follow_up(a_customer("Gil"))
