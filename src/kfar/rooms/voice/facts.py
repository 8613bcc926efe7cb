"""What the room announces."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kfar.ground.facts import Fact


@dataclass(frozen=True, kw_only=True)
class Heard(Fact):
    """A customer said something."""

    voice_id: UUID
    customer_id: UUID
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Judged(Fact):
    """A customer said whether it is good now."""

    voice_id: UUID
    customer_id: UUID
    good: bool
    at: datetime


@dataclass(frozen=True, kw_only=True)
class ClosedUntold(Fact):
    """A voice was closed without its customer having been told; why stands with the voice."""

    voice_id: UUID
    customer_id: UUID
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Invited(Fact):
    """Customers were asked to answer a survey; or, `again`, reminded of it."""

    survey_id: UUID
    again: bool
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Responded(Fact):
    """A customer answered a survey."""

    survey_id: UUID
    customer_id: UUID
    at: datetime


@dataclass(frozen=True, kw_only=True)
class SaidMore(Fact):
    """A customer came back to what they had said, so the voice is open again."""

    voice_id: UUID
    customer_id: UUID
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Undelivered(Fact):
    """What was to tell a customer of a voice does not arrive, so the voice waits again."""

    voice_id: UUID
    customer_id: UUID
    at: datetime


@dataclass(frozen=True, kw_only=True)
class FollowedUp(Fact):
    """A customer is asked how it was."""

    follow_up_id: UUID
    customer_id: UUID
    at: datetime


@dataclass(frozen=True, kw_only=True)
class FollowUpAnswered(Fact):
    """A customer said how it was."""

    follow_up_id: UUID
    customer_id: UUID
    good: bool
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Reviewed(Fact):
    """A customer wrote a review of a product, or changed theirs."""

    review_id: UUID
    customer_id: UUID
    at: datetime
