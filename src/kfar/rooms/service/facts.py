"""What the room announces."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kfar.ground.facts import Fact


@dataclass(frozen=True, kw_only=True)
class RemedyGiven(Fact):
    """An employee decided, and the customer gets something."""

    remedy_id: UUID
    voice_id: UUID
    customer_id: UUID
    at: datetime


@dataclass(frozen=True, kw_only=True)
class RemedyUndone(Fact):
    """A remedy was taken back, with a reason."""

    remedy_id: UUID
    voice_id: UUID
    customer_id: UUID
    at: datetime
