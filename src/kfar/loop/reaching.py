"""Who can be told of what, and how: what nobody gets counts for nobody as told."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings

from kfar.rooms.customers import queries as customers
from kfar.rooms.customers.queries import Person
from kfar.rooms.decisions import limiting
from kfar.rooms.voice import mailing
from kfar.rooms.voice.channels import queries as channels
from kfar.rooms.voice.channels.rules import TEXTS


@dataclass(frozen=True)
class Hearing:
    """Voices, with whose they are, by whether their customers are told."""

    told: list[tuple[UUID, UUID]]
    unwanted: list[tuple[UUID, UUID]]
    unreachable: list[tuple[UUID, UUID]]


def hearing(spoke: Sequence[tuple[UUID, UUID]], purpose: str) -> Hearing:
    """Sort voices by whether something reaches those who spoke, and whether they want it."""
    ids = [own for _voice, own in spoke]
    wishes, person = customers.ways(purpose, ids), customers.person_of(ids)
    reached = _reached(spoke)
    found = Hearing([], [], [])
    for voice_id, own in spoke:
        if wishes.get(own) == customers.NO_WAY:
            found.unwanted.append((voice_id, own))
        elif person[own] in reached:
            found.told.append((voice_id, own))
        else:
            found.unreachable.append((voice_id, own))
    return found


def reaches(voice_id: UUID, customer_id: UUID) -> bool:
    """Return whether a letter about what was decided for a voice gets to whose it is.

    Who has an account has an address; what they get stands on their own page as well.
    """
    return bool(_reached([(voice_id, customer_id)]))


def there(voice_ids: Collection[UUID]) -> set[UUID]:
    """Return those of these voices that are answered where they were said.

    By mail, in a thread, by a text, by who told us; a number that said STOP is no way.
    """
    wrote, posts = mailing.mails(voice_ids), channels.posts(voice_ids)
    found = {own for own, mails in wrote.items() if not mails[0].text}  # it began with a mail
    return found | {own for own, said in posts.items() if any(_answers(one) for one in said)}


def texting() -> bool:
    """Return whether text messages reach somebody, as `doors.texts.ready` says."""
    return bool(settings.KFAR_TWILIO[0]) or settings.KFAR_DEMO


def texted(person: Person) -> bool:
    """Return whether they reach this person: a number that said STOP is no way."""
    return bool(texting() and person.phone and not limiting.stopped(person.phone))


def stopped(wrote: channels.Wrote) -> bool:
    """Return whether this came from a number that wants no more text messages."""
    return wrote.channel.kind in TEXTS and limiting.stopped(wrote.address)


def _reached(spoke: Sequence[tuple[UUID, UUID]]) -> set[UUID]:
    """Return the people whom a letter reaches: at an address of theirs, or where they spoke.

    So who has written on a channel alone is answered there.
    """
    person = customers.person_of(own for _voice, own in spoke)
    answered = there([voice_id for voice_id, _own in spoke])
    found = {person[own] for voice_id, own in spoke if voice_id in answered}
    for own, one in customers.people(set(person)).items():
        if one.email or texted(one):
            found.add(person[own])
    return found


def _answers(wrote: channels.Wrote) -> bool:
    """Return whether an answer gets to who wrote this."""
    return wrote.answers and not stopped(wrote)
