"""What follows when promises are made, moved, kept, broken or released, and when all are told."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from kfar.lake.outbox import when
from kfar.loop import planning, reaching
from kfar.loop.following import touch
from kfar.rooms.customers import queries as customers
from kfar.rooms.promises import commands as promises
from kfar.rooms.promises import queries as record
from kfar.rooms.promises.facts import (
    Changed,
    PromiseBroken,
    PromiseKept,
    PromiseMade,
    PromiseMoved,
    PromiseReleased,
)
from kfar.rooms.promises.plans import queries as plans
from kfar.rooms.promises.telling import queries as tellings
from kfar.rooms.service import commands as service
from kfar.rooms.voice import commands as voice
from kfar.rooms.voice.rules import Untold


@when(PromiseMade)
def promise_made(fact: PromiseMade) -> None:
    """A promise holds open the voices it is for until it is kept; the customer is told of it.

    Those that are decided with its own are told each where it came from, with its own words.
    """
    if fact.voice_id is None:
        _promised_many(fact)
        return
    given_to = record.recipients(fact.promise_id)
    made = record.promise(fact.promise_id)
    over = made is not None and made.kept_at is None and not made.open
    reach = record.reach(fact.promise_id)
    for one in reach if not over else ():  # broken or released: this fact comes late
        voice.owe(voice_id=one.voice_id, promise_id=fact.promise_id)
        service.decide(voice_id=one.voice_id)
        if made is not None and made.kept_at is not None:  # this fact comes late
            _settle(fact.promise_id, [(one.voice_id, one.customer_id)])
    _tell(fact.promise_id, given_to, "promise-made")
    for customer_id in given_to:
        touch(customer_id, "promise", fact.at, fact.promise_id)


@when(PromiseKept)
def promise_kept(fact: PromiseKept) -> None:
    """Everyone a promise was given to is told that it was kept, and how."""
    given_to = record.recipients(fact.promise_id)
    made = record.promise(fact.promise_id)
    if fact.voice_id is not None:
        for one in record.reach(fact.promise_id):
            _settle(fact.promise_id, [(one.voice_id, one.customer_id)])
    elif made is not None and made.plan_id is not None:
        _settle(made.id, plans.spoke(made.plan_id))
        if tellings.of_plan(made.plan_id) is not None:  # which tells them of it
            return
    if fact.question_id is None:
        for customer_id in given_to:
            touch(customer_id, "promise-kept", fact.at, fact.promise_id)
    _tell(fact.promise_id, given_to, "promise-kept")


@when(PromiseMoved)
def promise_moved(fact: PromiseMoved) -> None:
    """Everyone a promise was given to is told of the other day, and why, each time it moves.

    Of each voice it is for, where that came from.
    """
    given_to = record.recipients(fact.promise_id)
    promises.tell(customers=given_to, what="promise-moved", about=fact.move_id)
    for one in record.reach_of_move(fact.move_id) if given_to else ():
        promises.tell(customers=[one.customer_id], what="promise-moved", about=one.about)


@when(PromiseBroken)
def promise_broken(fact: PromiseBroken) -> None:
    """Everyone is told that it is not kept; the voices it was for wait for a decision again."""
    for voice_id, _customer in _promised_for(fact.promise_id):
        voice.owe_no_more(voice_id=voice_id, promise_id=fact.promise_id, released=False)
        service.reopen(voice_id=voice_id, at=fact.at)
    _tell(fact.promise_id, record.recipients(fact.promise_id), "promise-broken")


@when(PromiseReleased)
def promise_released(fact: PromiseReleased) -> None:
    """Who needs a promise no more is owed nothing for it, and what they said rests."""
    mine = customers.selves(fact.customer_id)
    for voice_id, customer_id in _promised_for(fact.promise_id):
        if customer_id in mine:
            voice.owe_no_more(voice_id=voice_id, promise_id=fact.promise_id, released=True)


def _tell(promise_id: UUID, given_to: Sequence[UUID], what: str) -> None:
    """Tell of a promise those who need it still, for each voice it is for, where that came from."""
    promises.tell(customers=given_to, what=what, about=promise_id)
    for one in record.reach(promise_id) if given_to else ():
        if one.about != promise_id:
            promises.tell(customers=[one.customer_id], what=what, about=one.about)


def _promised_for(promise_id: UUID) -> list[tuple[UUID, UUID]]:
    """Return the voices a promise was made for, and whose they are."""
    made = record.promise(promise_id)
    if made is None:
        return []
    if made.plan_id is not None:
        return plans.spoke(made.plan_id)
    return [(one.voice_id, one.customer_id) for one in record.reach(promise_id)]


def _promised_many(fact: PromiseMade) -> None:
    """All who spoke for a plan are told what it promises, and their voices stay open until then."""
    made = record.promise(fact.promise_id)
    if made is None or made.plan_id is None:
        return
    given_to = record.recipients(made.id)  # who released it meanwhile is owed nothing
    need = set(given_to)
    voice_ids = [voice_id for voice_id, own in plans.spoke(made.plan_id) if own in need]
    if made.open or made.kept_at is not None:
        voice.owe_many(voice_ids=voice_ids, promise_id=made.id)
    if made.kept_at is not None:  # this fact comes late
        _settle(made.id, plans.spoke(made.plan_id))
    for voice_id in voice_ids if made.open or made.kept_at is not None else ():
        service.decide(voice_id=voice_id)
    promises.tell(customers=given_to, what="promise-made", about=made.id)
    for customer_id in given_to:
        touch(customer_id, "promise", fact.at, made.id)


def _settle(promise_id: UUID, spoke: Sequence[tuple[UUID, UUID]]) -> None:
    """What was owed for these voices is done; whom it reaches and who wants to hear it is told."""
    heard = reaching.hearing(spoke, customers.PROMISED)
    voice.settle_many(voice_ids=[v for v, _own in heard.told], promise_id=promise_id, told=True)
    rest = [v for v, _own in (*heard.unwanted, *heard.unreachable)]
    voice.settle_many(voice_ids=rest, promise_id=promise_id, told=False)
    for voice_id, _own in heard.unwanted:
        voice.leave(voice_id=voice_id, why=Untold.UNWANTED)


@when(Changed)
def changed(fact: Changed) -> None:
    """Everyone who spoke is told what changed, and asked whether it is good.

    Who asked not to be told is not, and their voice rests for that reason. Whom nothing reaches
    waits for somebody here to find a way.
    """
    heard = reaching.hearing(tellings.spoke(fact.telling_id), customers.OUTCOMES)
    voice.tell_many(voice_ids=[voice_id for voice_id, _own in heard.told])
    for voice_id, _own in heard.unwanted:
        voice.leave(voice_id=voice_id, why=Untold.UNWANTED)
    for voice_id, _own in (*heard.told, *heard.unwanted):
        service.decide(voice_id=voice_id)
    people = [*(own for _voice, own in heard.told), *_took_part(fact.telling_id)]
    promises.tell(customers=people, what=tellings.CHANGED, about=fact.telling_id)
    first = {person: own for own, person in customers.person_of(people).items()}
    for own in first.values():
        touch(own, "changed", fact.at, fact.telling_id)


def _took_part(telling_id: UUID) -> list[UUID]:
    """Return who is told though they have no voice: they voted or took part in a consultation."""
    change = tellings.change(telling_id)
    if change is None:
        return []
    plan = plans.plan(change.plan_id) if change.plan_id else None
    source, ref = (plan.source, plan.ref) if plan else (change.source, change.ref)
    return planning.took_part(source, ref)
