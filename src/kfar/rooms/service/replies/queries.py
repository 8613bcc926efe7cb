"""What may be answered with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kfar.rooms.service.models import Reply


@dataclass(frozen=True)
class Saved:
    """Words the team saved."""

    id: UUID
    title: str
    language: str
    text: str
    by: str
    at: datetime


def saved(first: str = "") -> list[Saved]:
    """Return what is saved, by language, that language's before all others, then by title."""
    rows = Reply.objects.filter(gone_at=None).select_related("by").order_by("language", "title")
    found = [Saved(row.pk, row.title, row.language, row.text, row.by.name, row.at) for row in rows]
    return sorted(found, key=lambda one: one.language != first)


def reply(reply_id: UUID) -> Saved | None:
    """Return one that is offered, or None."""
    return next((one for one in saved() if one.id == reply_id), None)
