"""What the room announces."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kfar.ground.facts import Fact


@dataclass(frozen=True, kw_only=True)
class PromiseMade(Fact):
    """The company promised something, for a voice or for a question's outcome."""

    promise_id: UUID
    voice_id: UUID | None
    question_id: UUID | None
    at: datetime


@dataclass(frozen=True, kw_only=True)
class PromiseKept(Fact):
    """What was promised has been done."""

    promise_id: UUID
    voice_id: UUID | None
    question_id: UUID | None
    at: datetime
