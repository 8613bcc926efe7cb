"""What the room announces."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kfar.ground.facts import Fact


@dataclass(frozen=True, kw_only=True)
class MeetingPlanned(Fact):
    """An employee set time apart for customers, who are invited."""

    meeting_id: UUID
    at: datetime


@dataclass(frozen=True, kw_only=True)
class MeetingAccepted(Fact):
    """A guest comes, by their own word; they may still think better of it."""

    meeting_id: UUID
    customer_id: UUID
    at: datetime


@dataclass(frozen=True, kw_only=True)
class MeetingCancelled(Fact):
    """A meeting does not take place."""

    meeting_id: UUID
    at: datetime


@dataclass(frozen=True, kw_only=True)
class MeetingHeld(Fact):
    """A meeting took place; who came stands with it. `at` is when it began."""

    meeting_id: UUID
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Noted(Fact):
    """An employee wrote a note in which others are named."""

    note_id: UUID
    at: datetime
