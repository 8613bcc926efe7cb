"""What comes after in tests: something goes back, one is asked how it was, an answer is lost."""

from __future__ import annotations

from uuid import UUID

from kfar import loop
from kfar.rooms.voice import commands as voice
from kfar.rooms.voice.channels import commands as channels
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
    live_through_a_lost_answer(customer)


def live_through_a_lost_answer(customer: UUID) -> None:
    """Let somebody be told of what they said, and then it turns out that they were not."""
    voice_id = voice.say(by=customer, text="The fridge hums", language="en")
    loop.tick()
    voice.tell(voice_id=voice_id)
    channels.undelivered(voice_ids=[voice_id])
