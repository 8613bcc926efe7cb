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


@dataclass(frozen=True, kw_only=True)
class PromiseMoved(Fact):
    """What was promised is to be done by another day; the move says which."""

    promise_id: UUID
    move_id: UUID
    at: datetime


@dataclass(frozen=True, kw_only=True)
class PromiseBroken(Fact):
    """What was promised is not done: somebody said so, or too much time has passed."""

    promise_id: UUID
    voice_id: UUID | None
    question_id: UUID | None
    at: datetime


@dataclass(frozen=True, kw_only=True)
class PromiseReleased(Fact):
    """A customer needs no more what was promised to them; `all` who were promised it do not."""

    promise_id: UUID
    customer_id: UUID
    all: bool
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Changed(Fact):
    """Something changed because of voices, and who spoke is to be told."""

    telling_id: UUID
    at: datetime


@dataclass(frozen=True, kw_only=True)
class AskedInReturn(Fact):
    """A customer was asked to do something in return; nothing is promised by that."""

    promise_id: UUID
    customer_id: UUID
    at: datetime


@dataclass(frozen=True, kw_only=True)
class PromisedInReturn(Fact):
    """A customer promised something, by their own word."""

    promise_id: UUID
    customer_id: UUID
    at: datetime


@dataclass(frozen=True, kw_only=True)
class KeptInReturn(Fact):
    """A customer did what they had promised."""

    promise_id: UUID
    customer_id: UUID
    at: datetime
