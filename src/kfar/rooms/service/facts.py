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


@dataclass(frozen=True, kw_only=True)
class ReturnStarted(Fact):
    """A customer sends something back."""

    return_id: UUID
    customer_id: UUID
    at: datetime


@dataclass(frozen=True, kw_only=True)
class MoneyBack(Fact):
    """The money for a return is the customer's again: whoever pays it out hears it here."""

    return_id: UUID
    customer_id: UUID
    minor: int
    currency: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class ReturnRefused(Fact):
    """An employee did not take a return, and said why."""

    return_id: UUID
    customer_id: UUID
    at: datetime


@dataclass(frozen=True, kw_only=True)
class ReturnArrived(Fact):
    """What was sent back is here."""

    return_id: UUID
    customer_id: UUID
    at: datetime


@dataclass(frozen=True, kw_only=True)
class ReturnTakenBack(Fact):
    """The customer keeps it after all; money that came back already is the company's again."""

    return_id: UUID
    customer_id: UUID
    at: datetime


@dataclass(frozen=True, kw_only=True)
class ApprovalAsked(Fact):
    """A remedy waits for somebody's word by name; `again`: half of their time is gone."""

    approval_id: UUID
    again: bool
    at: datetime


@dataclass(frozen=True, kw_only=True)
class CaseGiven(Fact):
    """A case was given to an employee, who did not take it themselves."""

    case_id: UUID
    employee_id: UUID
    at: datetime


@dataclass(frozen=True, kw_only=True)
class ReturnAsked(Fact):
    """Somebody without an account asked to return what was bought under their address."""

    ask_id: UUID
    customer_id: UUID
    at: datetime
