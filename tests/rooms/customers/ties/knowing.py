"""People who know each other, for tests."""

from __future__ import annotations

from uuid import UUID, uuid4

from kfar.rooms.customers import commands as customers
from kfar.rooms.customers.queries import BEYOND, NAMED
from kfar.rooms.customers.ties import commands
from kfar.rooms.customers.ties.models import TieInvitation


def tie(one: UUID, other: UUID) -> None:
    """Let two know each other; this does not count as inviting."""
    once = commands.invite(by=one, once=uuid4())
    commands.accept(by=other, invitation_id=once)
    TieInvitation.objects.filter(pk=once).delete()


def agree(*people: UUID, purpose: str = BEYOND, given: bool = True) -> None:
    """Let people agree that they count beyond their friends, or no longer."""
    for person in people:
        customers.consent(by=person, purpose=purpose, given=given, source="test")


def be_named(*people: UUID) -> None:
    """Let people agree that their name stands beside their reviews for friends."""
    agree(*people, purpose=NAMED)
