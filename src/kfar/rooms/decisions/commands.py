"""What is asked, answered and closed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from operator import attrgetter
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone

from kfar.ground.errors import Refused
from kfar.ground.gone import Gone
from kfar.ground.text import Texts
from kfar.lake.outbox import announce
from kfar.rooms.customers import queries as customers
from kfar.rooms.decisions import rules, tally
from kfar.rooms.decisions.facts import Asked, Closed, Counted, Voted
from kfar.rooms.decisions.models import Ballot, Invitation, Question
from kfar.rooms.decisions.tally import Method
from kfar.rooms.village import queries as village

ASK = "decisions.ask"


@transaction.atomic
def ask(
    *,
    by: UUID,
    text: Texts,
    options: Sequence[Texts],
    method: str,
    closes_at: datetime,
    pledge: Texts,
    pledge_due: date,
    once: UUID,
) -> UUID:
    """Put a question to every customer who agreed to be asked; return its id, which is `once`.

    From now on nothing of it changes: text, options, method, closing time, pledge, and who
    was asked. Refuses with `village.may_not`, `decisions.nobody_to_ask` and what
    `rules.check_question` says.
    """
    village.require(by, ASK)
    if Question.objects.filter(pk=once).exists():
        return once
    now = timezone.now()
    text, pledge = rules.clean(text), rules.clean(pledge)
    options = [rules.clean(option) for option in options]
    rules.check_question(
        text=text,
        options=options,
        method=method,
        now=now,
        closes_at=timezone.localtime(closes_at),
        pledge=pledge,
        pledge_due=pledge_due,
    )
    asked = customers.agreed(customers.ASK)
    if not asked:
        raise Refused("decisions.nobody_to_ask")
    _, new = Question.objects.get_or_create(
        pk=once,
        defaults={
            "text": text,
            "options": options,
            "method": method,
            "pledge": pledge,
            "pledge_due": pledge_due,
            "asked_by_id": by,
            "asked_at": now,
            "closes_at": closes_at,
        },
    )
    if not new:  # sent twice at once, and the other was first
        return once
    Invitation.objects.bulk_create(
        [Invitation(question_id=once, customer_id=c) for c in asked], batch_size=1000
    )
    announce(Asked(question_id=once, at=now))
    return once


@transaction.atomic
def vote(*, by: UUID, question_id: UUID, choices: Sequence[int]) -> bool:
    """Take a customer's answer; return whether it replaces an earlier one.

    Refuses with `decisions.not_found`, `decisions.not_asked`, `decisions.closed` (from the
    closing time on, counted or not) and `decisions.not_a_ballot`. The question's row is
    locked, so no ballot comes in while it is being counted.
    """
    question = Question.objects.select_for_update().filter(pk=question_id).first()
    if question is None:
        raise Refused("decisions.not_found")
    asked = Invitation.objects.filter(question=question, customer__in=customers.selves(by))
    # Somebody asked twice, before it was known that they are one, has one voice: the last.
    invitation = asked.order_by(F("ballot__cast_at").desc(nulls_last=True), "pk").first()
    if invitation is None:
        raise Refused("decisions.not_asked")
    now = timezone.now()
    if question.closed_at is not None or question.closes_at <= now:
        raise Refused("decisions.closed")
    chosen = sorted(choices)
    if not tally.valid(Method(question.method), chosen, len(question.options)):
        raise Refused("decisions.not_a_ballot")
    ballot, new = Ballot.objects.get_or_create(
        invitation=invitation, defaults={"choices": chosen, "first_at": now, "cast_at": now}
    )
    if not new:
        ballot.choices, ballot.cast_at = chosen, now
        ballot.save(update_fields=["choices", "cast_at"])
        return True
    announce(Voted(question_id=question.pk, customer_id=by, at=now))
    return False


@dataclass(frozen=True)
class Sent:
    """A ballot that came through the gate: whose by the invitation's number, and when."""

    question_id: UUID
    voter: int
    choices: tuple[int, ...]
    at: datetime


@transaction.atomic
def take_ballots(*, ballots: Sequence[Sent]) -> int:
    """Take ballots; return how many voices that is.

    The last that was received of a voter counts. Those for a question that is not open any
    more, of voters not asked, or with choices the method does not allow, are left: the gate
    has refused them, or the question has been counted.
    """
    asked: dict[UUID, list[Sent]] = {}
    for sent in ballots:
        asked.setdefault(sent.question_id, []).append(sent)
    taken = 0
    for question_id in sorted(asked):
        question = Question.objects.select_for_update().filter(pk=question_id).first()
        if question is None or question.closed_at is not None:
            continue
        method, options = Method(question.method), len(question.options)
        last = {
            sent.voter: sent
            for sent in sorted(asked[question_id], key=attrgetter("at"))
            if sent.at < question.closes_at and tally.valid(method, sent.choices, options)
        }
        for some in customers.chunks(sorted(last)):
            taken += _take(question, {voter: last[voter] for voter in some})
    return taken


def _take(question: Question, sent: dict[int, Sent]) -> int:
    invited = Invitation.objects.filter(question=question, customer__isnull=False, pk__in=sent)
    who = dict(invited.values_list("pk", "customer_id"))
    good = {voter: sent[voter] for voter in who}
    cast = Ballot.objects.filter(invitation__in=good)
    before = dict(cast.values_list("invitation_id", "cast_at"))
    # What was said on a page meanwhile is the later word.
    good = {voter: one for voter, one in good.items() if before.get(voter, one.at) <= one.at}
    Ballot.objects.bulk_create(
        [
            Ballot(invitation_id=voter, choices=list(one.choices), first_at=one.at, cast_at=one.at)
            for voter, one in good.items()
        ],
        update_conflicts=True,
        unique_fields=["invitation"],
        update_fields=["choices", "cast_at"],
    )
    new = [str(who[voter]) for voter in good if voter not in before]
    if new:
        at = max(one.at for one in good.values())
        announce(Counted(question_id=question.pk, customers=new, at=at))
    return len(good)


def close_due(*, heard: datetime | None = None) -> int:
    """Close and count every question whose time has come; return how many.

    `heard` is until when every ballot received has been taken (now, unless told otherwise):
    a question that closes later is left open for those still under way.
    """
    now = timezone.now()
    due = Question.objects.filter(closed_at=None, closes_at__lte=min(now, heard or now))
    return sum(_close(pk) for pk in due.values_list("pk", flat=True))


@transaction.atomic
def _close(question_id: UUID) -> bool:
    question = Question.objects.select_for_update().get(pk=question_id)
    if question.closed_at is not None:
        return False
    own = Coalesce("invitation__customer__person_id", "invitation__customer_id")
    ballots = Ballot.objects.filter(invitation__question=question).order_by("cast_at", "pk")
    voices = dict(ballots.values_list(own, "choices").iterator())  # a person's last ballot
    counted = tally.tally(Method(question.method), voices.values(), len(question.options))
    question.closed_at, question.result = timezone.now(), asdict(counted)
    question.save(update_fields=["closed_at", "result"])
    announce(Closed(question_id=question.pk, at=question.closed_at))
    return True


@transaction.atomic
def forget(*, customers: Collection[UUID]) -> Gone:
    """Erase that these customers, who are one person, were asked, and what they answered.

    Their ballot for an open question is withdrawn: nobody could change it any more, and who
    came back would have two. In one that was counted it stays, without person and time, so
    that the result is what it was and can be counted again.
    """
    asked = Invitation.objects.filter(customer__in=customers)
    questions = list(asked.values_list("question_id", flat=True).distinct())
    # In their order, as those who vote and count do.
    list(Question.objects.select_for_update().filter(pk__in=questions).order_by("pk"))
    counted = asked.exclude(question__closed_at=None).order_by(
        F("ballot__cast_at").asc(nulls_first=True), "pk"
    )
    last = dict(counted.values_list("question_id", "pk"))
    gone = Gone.of(asked.exclude(pk__in=last.values()).delete()[1])
    kept = Invitation.objects.filter(pk__in=last.values())
    for pk, closed in kept.values_list("pk", "question__closed_at"):
        Ballot.objects.filter(invitation=pk).update(first_at=closed, cast_at=closed)
    return gone + Gone.of({Invitation._meta.label: kept.update(customer=None)})
