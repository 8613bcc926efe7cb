"""What the room announces."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kfar.ground.facts import Fact


@dataclass(frozen=True, kw_only=True)
class Merged(Fact):
    """Two people who were both known turned out to be one. Visits that got a name are no news."""

    merge_id: UUID
    loser: UUID
    winner: UUID
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Unmerged(Fact):
    """What was held for one person is two again."""

    merge_id: UUID
    loser: UUID
    winner: UUID
    at: datetime
