"""What the room announces."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kfar.ground.facts import Fact


@dataclass(frozen=True, kw_only=True)
class Asked(Fact):
    """A question was put to customers."""

    question_id: UUID
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Voted(Fact):
    """A customer answered for the first time; what they answered is not told."""

    question_id: UUID
    customer_id: UUID
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Closed(Fact):
    """A question was closed and counted."""

    question_id: UUID
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Counted(Fact):
    """Customers answered through the gate for the first time; what they answered is not told."""

    question_id: UUID
    customers: list[str]
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Withdrawn(Fact):
    """A question was taken back before its close; why, the question says."""

    question_id: UUID
    at: datetime
