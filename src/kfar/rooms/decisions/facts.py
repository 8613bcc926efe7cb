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


@dataclass(frozen=True, kw_only=True)
class ChangeAnnounced(Fact):
    """Business customers were asked about a change."""

    change_id: UUID
    at: datetime


@dataclass(frozen=True, kw_only=True)
class ChangeDue(Fact):
    """The date by which a change is to be answered comes near."""

    change_id: UUID
    at: datetime


@dataclass(frozen=True, kw_only=True)
class ChangeAnswered(Fact):
    """A customer spoke for an account; what they said is not told."""

    change_id: UUID
    account_id: UUID
    customer_id: UUID
    at: datetime


@dataclass(frozen=True, kw_only=True)
class ChangeReplied(Fact):
    """The company took an account's conditions on, or answered its objection."""

    change_id: UUID
    account_id: UUID
    reply_id: UUID
    at: datetime


@dataclass(frozen=True, kw_only=True)
class ChangeClosed(Fact):
    """The date has come, and the outcome of a change stands."""

    change_id: UUID
    at: datetime


@dataclass(frozen=True, kw_only=True)
class ChangeWithdrawn(Fact):
    """A change was taken back; why, it says."""

    change_id: UUID
    at: datetime


@dataclass(frozen=True, kw_only=True)
class ConsultationOpened(Fact):
    """Customers are asked what they think of something."""

    consultation_id: UUID
    at: datetime


@dataclass(frozen=True, kw_only=True)
class TookPart(Fact):
    """A customer voted or said something in a consultation for the first time."""

    consultation_id: UUID
    customer_id: UUID
    at: datetime


@dataclass(frozen=True, kw_only=True)
class StatementTakenOut(Fact):
    """A customer's statement was taken out; why stands with it."""

    statement_id: UUID
    customer_id: UUID
    at: datetime


@dataclass(frozen=True, kw_only=True)
class ConsultationClosed(Fact):
    """A consultation was closed, and what came out is published."""

    consultation_id: UUID
    at: datetime
