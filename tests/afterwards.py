"""What comes after a purchase in tests: something goes back, and somebody is asked how it was."""

from __future__ import annotations

from uuid import UUID

from tests.clock import Clock
from tests.people import a_customer
from tests.rooms.service.returns.returning import live_through_a_return
from tests.rooms.village.meeting_up import live_through_meetings
from tests.rooms.village.newsworthy import live_through_news
from tests.rooms.voice.follow_up.following import live_through_a_follow_up
from tests.rooms.voice.reviews.reviewing import review


def live_on(customer: UUID, employee: UUID, clock: Clock) -> None:
    """Let a customer send things back, be met, review; another say how it was; news go round."""
    live_through_a_return(customer, employee)
    live_through_a_follow_up(a_customer("Gil"))
    live_through_meetings(customer, employee, clock)
    live_through_news(employee)
    review(customer, 2, "Sour")
