"""In return: customers are asked, never as a condition, and what they do keeps what they said."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from uuid import UUID

from django.db import transaction

from kfar.ground.errors import Refused
from kfar.lake.outbox import when
from kfar.loop.following import touch
from kfar.rooms.customers import queries as customers
from kfar.rooms.promises import commands as promises
from kfar.rooms.promises import queries as record
from kfar.rooms.promises.facts import AskedInReturn, KeptInReturn, PromisedInReturn
from kfar.rooms.promises.in_return import commands, queries
from kfar.rooms.promises.in_return.queries import Given
from kfar.rooms.promises.in_return.rules import Kind
from kfar.rooms.service import queries as cases
from kfar.rooms.voice import queries as voices
from kfar.rooms.voice.facts import Reviewed
from kfar.rooms.voice.follow_up import commands as follow_up
from kfar.rooms.voice.reviews import queries as reviewed


@transaction.atomic
def ask(
    *,
    by: UUID,
    voice_id: UUID,
    kind: str,
    words: str,
    language: str,
    due: date,
    once: UUID,
    about: str = "",
) -> None:
    """Ask the customer of a case for something in return, once they have what they get.

    So nothing they get can hang on it. It counts as asking them, by the one limit there is.
    Refuses as `commands.ask`, and with `voice.not_found`, `promises.decide_first` and
    `promises.not_now`.
    """
    said = voices.voice(voice_id)
    if said is None:
        raise Refused("voice.not_found")
    if not may_ask(voice_id):
        raise Refused("promises.decide_first")
    new = commands.ask(
        by=by,
        customer_id=said.customer_id,
        voice_id=voice_id,
        kind=kind,
        words=words,
        language=language,
        due=due,
        once=once,
        about=about,
    )
    if new and not _turn(said.customer_id):
        raise Refused("promises.not_now")


def may_ask(voice_id: UUID) -> bool:
    """Return whether the customer has what they get: a decision, or a promise of ours."""
    case = cases.case(voice_id)
    return bool(record.for_voice(voice_id)) or (case is not None and not case.waiting)


@when(AskedInReturn)
def asked_in_return(fact: AskedInReturn) -> None:
    """The customer gets one letter, in which yes and no weigh the same."""
    found = queries.given(fact.promise_id)
    if found is not None and found.asked:
        promises.tell(customers=[fact.customer_id], what="in-return-asked", about=found.id)


@when(PromisedInReturn)
def promised_in_return(fact: PromisedInReturn) -> None:
    """What a customer promises is on their journey."""
    touch(fact.customer_id, "in-return", fact.at, fact.promise_id)


@when(KeptInReturn)
def kept_in_return(fact: KeptInReturn) -> None:
    """That a customer did what they promised is on their journey."""
    touch(fact.customer_id, "in-return-kept", fact.at, fact.promise_id)


@when(Reviewed)
def review_promised(fact: Reviewed) -> None:
    """Who promised a review has kept it by writing one, of the product they said, if they did."""
    commands.fulfil(
        customer_id=fact.customer_id,
        kind=Kind.REVIEW,
        deed_id=fact.review_id,
        at=fact.at,
        names=reviewed.of_what(fact.review_id),
    )


def remind_due() -> int:
    """Come back, once, to promises in return whose day is near; return to how many.

    Never to somebody who was asked for anything lately, did not agree to be asked, or wants to
    hear nothing of promises.
    """
    done = 0
    for one in queries.to_remind():
        with suppress(Refused):
            done += _remind(one)
    return done


@transaction.atomic
def _remind(one: Given) -> bool:
    if not _turn(one.customer_id):
        return False
    if not commands.remind(promise_id=one.id):  # done or taken back meanwhile: no turn is taken
        raise Refused("promises.over")
    promises.tell(customers=[one.customer_id], what="in-return-due", about=one.id)
    return True


def _turn(customer_id: UUID) -> bool:
    """Take the turn of asking somebody; return whether they may and want to be asked."""
    wish = customers.ways(customers.PROMISED, [customer_id]).get(customer_id)
    return wish != customers.NO_WAY and follow_up.take_turn(customer_id=customer_id)
