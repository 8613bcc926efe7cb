"""Limits for what cases are about: what themes there are is asked of those who listen."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from kfar.rooms.service.limits import commands, queries
from kfar.rooms.service.limits.queries import Seen
from kfar.rooms.village.rules import About, Authority
from kfar.rooms.voice.understanding import commands as understanding
from kfar.rooms.voice.understanding import queries as themes
from kfar.rooms.voice.understanding.rules import LONGEST


def about(voice_ids: Iterable[UUID]) -> About:
    """Return what the case of these voices is about: its themes, and what they are one with."""
    return themes.about(voice_ids)


def seen() -> list[Seen]:
    """Return every limit with its evidence, as `service.limits.queries.seen` does."""
    return queries.seen(themes.roots())


@transaction.atomic
def accept(*, by: UUID, role: str, remedy: str, theme: UUID | None, once: UUID) -> UUID:
    """Change a limit as is proposed now, as `service.limits.commands.accept`; refuses as that."""
    done = commands.accept(
        by=by, role=role, remedy=remedy, theme=theme, roots=themes.roots(), once=once
    )
    _stays(by, theme)
    return done


@transaction.atomic
def set_own(
    *, by: UUID, role: str, remedy: str, theme: UUID, limit: Authority | None, once: UUID
) -> UUID:
    """Set the limit for what is about a theme, or None, as `commands.set_own`; refuses as that."""
    done = commands.set_own(
        by=by, role=role, remedy=remedy, theme=theme, limit=limit, roots=themes.roots(), once=once
    )
    _stays(by, theme if limit else None)
    return done


def undo(*, by: UUID, change_id: UUID) -> None:
    """Set a limit back, as `service.limits.commands.undo` does; refuses as that."""
    commands.undo(by=by, change_id=change_id, roots=themes.roots())


def _stays(by: UUID, theme: UUID | None) -> None:
    """Let a theme with a limit keep what it is called: what has a name is never let go of."""
    found = themes.theme(theme) if theme else None
    if found and not found.own:
        understanding.rename(by=by, theme_id=found.id, name=found.name[:LONGEST])
