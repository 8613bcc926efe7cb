"""Customers asked how it was, and their word; when that is, by category."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import UTC
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from kfar.ground.errors import Refused
from kfar.ground.gone import Gone
from kfar.lake.outbox import announce
from kfar.rooms.customers import commands as customers
from kfar.rooms.customers import queries as people
from kfar.rooms.voice import commands as voice
from kfar.rooms.voice.facts import FollowedUp, FollowUpAnswered
from kfar.rooms.voice.follow_up import queries, rules
from kfar.rooms.voice.follow_up.rules import Due, Kind
from kfar.rooms.voice.models import FollowUp, FollowUpTerm, Invitation

#: So many are held at once.
AT_ONCE = 500


@transaction.atomic
def set_days(*, category: str, days: int) -> None:
    """Ask about a category ("": all others) so many days after; 0 is never.

    Refuses with `follow_up.bad_days`. For the operator: no role is asked.
    """
    values = {"days": rules.check_days(days)}
    FollowUpTerm.objects.update_or_create(category=category[:200], defaults=values)


def ask(*, due: Sequence[Due], texted: Collection[UUID] = ()) -> int:
    """Ask those who may be asked now, each person about one thing; return how many that were.

    Text messages reach `texted`, who chose them; the others are asked by mail. It goes through the
    one limit that surveys have (`KFAR_ASK_EVERY_DAYS`): people are held while it is looked up and
    written. What was asked about once is not again.
    """
    return sum(
        _ask([one for one in due[at : at + AT_ONCE] if one.kind is kind], kind, texted)
        for kind in (Kind.CASE, Kind.PURCHASE)
        for at in range(0, len(due), AT_ONCE)
    )


@transaction.atomic
def _ask(due: Sequence[Due], kind: Kind, texted: Collection[UUID]) -> int:
    if not due:
        return 0
    held = customers.hold_all(customers=[one.customer_id for one in due])
    # Who can be reached in no way, or wants to be in none, is not asked, and so is not silent.
    reached = {own for own, one in people.people(held).items() if one.email or own in texted}
    reached -= {
        own for own, way in people.ways(people.FOLLOWED, held).items() if way == people.NO_WAY
    }
    allowed = people.allowed(people.ASK, held) & reached
    resting = queries.asked_lately(held, kind)
    whose = people.person_of(one.customer_id for one in due)
    asked = FollowUp.objects.filter(kind=kind, about__in=[one.about for one in due])
    before = set(asked.values_list("about", flat=True))
    now, done = timezone.now(), 0
    for one in due:
        person = whose[one.customer_id]
        if person not in allowed or person in resting or one.about in before:
            continue
        resting.add(person)
        before.add(one.about)
        invitation = Invitation.objects.create(
            customer_id=person, at=now, day=now.astimezone(UTC).date()
        )
        row = FollowUp.objects.create(
            invitation=invitation,
            customer_id=person,
            kind=kind,
            about=one.about,
            about_name=one.name[:200],
            about_at=one.at,
            at=now,
        )
        announce(FollowedUp(follow_up_id=row.pk, customer_id=person, at=now))
        done += 1
    return done


@transaction.atomic
def take_turn(*, customer_id: UUID) -> bool:
    """Note that a customer is asked for something else now; return whether they may be.

    It counts as having been asked, by the same one limit; and nobody is asked who did not agree
    to be, or has no address.
    """
    held = customers.hold_all(customers=[customer_id])
    reached = any(one.email for one in people.people(held).values())
    if not reached or not people.allowed(people.ASK, held) or queries.asked_lately(held, None):
        return False
    now = timezone.now()
    person = people.person_of([customer_id])[customer_id]
    Invitation.objects.create(customer_id=person, at=now, day=now.astimezone(UTC).date())
    return True


@transaction.atomic
def answer(*, by: UUID, follow_up_id: UUID, good: bool, words: str, language: str) -> None:
    """Take the customer's word; the same word twice is one, the latest counts.

    A no about a purchase is a voice, which says `words`; a no about a case opens it again.
    Refuses with `follow_up.not_found`, `voice.nothing_said` and `voice.too_long`.
    """
    row = FollowUp.objects.select_for_update().filter(pk=follow_up_id).first()
    if row is None or row.customer_id not in people.selves(by):
        raise Refused("follow_up.not_found")
    if row.good is good:
        return
    now = timezone.now()
    row.good, row.answered_at = good, now
    row.save(update_fields=["good", "answered_at"])
    if not good and row.kind == Kind.PURCHASE:
        voice.say(
            by=row.customer_id,
            text=words,
            language=language,
            about=row.about,
            about_name=row.about_name,
        )
    elif not good:
        with suppress(Refused), transaction.atomic():  # it is open again already
            voice.judge(by=row.customer_id, voice_id=row.about, good=False)
    announce(FollowUpAnswered(follow_up_id=row.pk, customer_id=row.customer_id, good=good, at=now))


@transaction.atomic
def forget(*, customers: Collection[UUID]) -> Gone:
    """Erase what these customers were asked, and their word."""
    rows = FollowUp.objects.filter(customer__in=customers)
    ids = list(rows.values_list("pk", flat=True))
    return Gone.of(rows.delete()[1], ids)
