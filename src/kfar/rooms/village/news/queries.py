"""What employees are told by mail, and how they want to hear of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kfar.rooms.village.models import Employee, News
from kfar.rooms.village.news import rules
from kfar.rooms.village.news.rules import About, How, What
from kfar.rooms.village.queries import Staff


@dataclass(frozen=True)
class Told:
    """One thing somebody is told: a code, and the id of what it is about."""

    id: UUID
    what: What
    about: UUID
    at: datetime


@dataclass(frozen=True)
class Bundle:
    """A letter to an employee; `daily`: all of a day in one."""

    id: UUID
    to: Staff
    daily: bool
    news: tuple[Told, ...]


def wishes(employee_id: UUID) -> dict[About, How]:
    """Return how somebody hears of each thing."""
    said = Employee.objects.filter(pk=employee_id).values_list("hears", flat=True).first()
    return rules.wishes(said or {})


def told(row: News) -> Told:
    """Return a row as others may read it."""
    return Told(row.pk, What(row.what), row.about, row.at)
