"""Notes, and who is named in them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, QuerySet

from kfar.rooms.village.models import Mention, Note


@dataclass(frozen=True)
class Noted:
    """A note as others may read it."""

    id: UUID
    customer_id: UUID
    voice_id: UUID | None
    by: str
    text: str
    at: datetime


@dataclass(frozen=True)
class Named:
    """That somebody is named in a note; `done_at` is None while it waits for them."""

    id: int
    note: Noted
    done_at: datetime | None


def of_customer(customers: Collection[UUID], voice_id: UUID | None = None) -> list[Noted]:
    """Return what was noted about somebody, under all their ids, oldest first.

    `voice_id`: what was noted on that voice alone.
    """
    rows = Note.objects.filter(customer_id__in=customers).order_by("at", "pk")
    return list(_noted(rows if voice_id is None else rows.filter(voice_id=voice_id)))


def mentions(employee_id: UUID, most: int = 100) -> list[Named]:
    """Return where somebody is named: what waits first, newest first; at most so many."""
    rows = Mention.objects.filter(employee=employee_id).select_related("note__by")
    waiting = rows.filter(done_at=None).order_by("-note__at", "-pk")[:most]
    done = rows.exclude(done_at=None).order_by("-done_at", "-pk")[:most]
    found = [*waiting, *done][:most]
    return [Named(row.pk, _one(row.note), row.done_at) for row in found]


def waits_for(note_id: UUID) -> list[UUID]:
    """Return who is named in a note by somebody else, and not done with it."""
    rows = Mention.objects.filter(note=note_id, done_at=None).exclude(employee=F("note__by"))
    return list(rows.order_by("pk").values_list("employee_id", flat=True))


def named(note_id: UUID, employee_id: UUID) -> Noted | None:
    """Return the note in which somebody is named, None where they are done with it."""
    rows = Mention.objects.filter(note=note_id, employee=employee_id, done_at=None)
    found = rows.select_related("note__by").first()
    return _one(found.note) if found else None


def _noted(rows: QuerySet[Note]) -> Iterable[Noted]:
    for row in rows.select_related("by"):
        yield _one(row)


def _one(row: Note) -> Noted:
    return Noted(row.pk, row.customer_id, row.voice_id, row.by.name, row.text, row.at)
