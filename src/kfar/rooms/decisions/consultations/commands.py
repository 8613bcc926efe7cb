"""What is opened, said, voted, let in and taken out."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Max, QuerySet
from django.utils import timezone

from kfar.ground.ballots import NONCE
from kfar.ground.errors import Refused
from kfar.ground.gone import Gone
from kfar.ground.text import LANGUAGES
from kfar.lake.outbox import announce
from kfar.rooms.customers import queries as customers
from kfar.rooms.decisions import ledger
from kfar.rooms.decisions.commands import ASK
from kfar.rooms.decisions.consultations import closing, refreshing, rules, sealing
from kfar.rooms.decisions.consultations.rules import Draft, State
from kfar.rooms.decisions.consulting.packed import pack, unpack
from kfar.rooms.decisions.facts import (
    ConsultationOpened,
    StatementTakenOut,
    TookPart,
)
from kfar.rooms.decisions.models import Consultation, Opinion, Participant, Statement
from kfar.rooms.decisions.proving import consultation as proving
from kfar.rooms.decisions.proving.consultation import Circle, Moderation, Words
from kfar.rooms.decisions.proving.lines import gone_line
from kfar.rooms.decisions.queries import utc
from kfar.rooms.decisions.rules import clean
from kfar.rooms.village import queries as village

#: Random numbers that stand for people in what is published: below this.
NUMBERS = 1 << 53


@transaction.atomic
def consult(*, by: UUID, draft: Draft, once: UUID) -> UUID:
    """Open a consultation; return its id, which is `once`: sent twice, opened once.

    All that is declared becomes the first line of its log and does not change. Refuses with
    `village.may_not` and what `rules.check_consultation` says.
    """
    village.require(by, ASK)
    if Consultation.objects.filter(pk=once).exists():
        return once
    now = timezone.now()
    draft = _cleaned(draft)
    rules.check_consultation(draft, now)
    if _open(by, draft, once, now):
        announce(ConsultationOpened(consultation_id=once, at=now))
    return once


@dataclass(frozen=True)
class Brought:
    """A statement of a conversation from elsewhere, under its number there."""

    number: int
    words: Words
    said_at: datetime
    state: State


@transaction.atomic
def bring(
    *,
    by: UUID,
    draft: Draft,
    statements: Sequence[Brought],
    votes: Sequence[Mapping[int, int]],
    once: UUID,
) -> UUID:
    """Bring in a conversation that was held elsewhere and is over; return its id, `once`.

    `votes` are what each of its people said, whom nobody knows here. It is closed at once, and
    what the draft promises may be nothing. Refuses with `village.may_not`.
    """
    village.require(by, ASK)
    opened = draft.opens_at or draft.closes_at
    if Consultation.objects.filter(pk=once).exists():
        return once
    _open(by, replace(_cleaned(draft), seeds=()), once, opened)
    said = [
        Statement(
            consultation_id=once,
            number=one.number,
            text=one.words.text,
            language=one.words.language,
            nonce=secrets.token_urlsafe(16),
            state=one.state,
            said_at=one.said_at,
        )
        for one in statements
    ]
    Statement.objects.bulk_create(said, batch_size=500)
    ledger.append(once, [_line(one) for one in said if one.state == State.SHOWN])
    numbers = secrets.SystemRandom().sample(range(1, NUMBERS), len(votes))
    Participant.objects.bulk_create(
        [
            Participant(
                consultation_id=once,
                number=number,
                votes=pack(cast),
                nonce=secrets.token_urlsafe(16),
                at=draft.closes_at,
            )
            for number, cast in zip(numbers, votes, strict=True)
        ],
        batch_size=1000,
    )
    _moves(once)
    closing.end(Consultation.objects.get(pk=once), draft.closes_at)
    return once


def _cleaned(draft: Draft) -> Draft:
    return replace(
        draft,
        topic=clean(draft.topic),
        about=clean(draft.about),
        pledge=clean(draft.pledge),
        seeds=[Words(" ".join(seed.text.split()), seed.language) for seed in draft.seeds],
        closes_at=timezone.localtime(draft.closes_at),
    )


def _open(by: UUID, draft: Draft, once: UUID, now: datetime) -> bool:
    opens = max(draft.opens_at or now, now)
    manifest = proving.Consultation(
        log=ledger.origin(once),
        key=ledger.public_key(once),
        company=settings.KFAR_COMPANY,
        consultation=str(once),
        topic=draft.topic,
        about=draft.about,
        seeds=tuple(draft.seeds),
        audience=Circle(draft.audience),
        moderation=Moderation(draft.moderation),
        opens=utc(opens),
        closes=utc(draft.closes_at),
        pledge=draft.pledge,
        due=draft.pledge_due.isoformat() if draft.pledge_due else "",
        credit=draft.credit,
        witnesses=tuple(settings.KFAR_WITNESSES),
    )
    _, new = Consultation.objects.get_or_create(
        pk=once,
        defaults={
            "manifest": manifest.line(),
            "asked_by_id": by,
            "asked_at": now,
            "opens_at": opens,
            "closes_at": draft.closes_at,
        },
    )
    if not new:  # sent twice at once, and the other was first
        return False
    Statement.objects.bulk_create(
        Statement(
            consultation_id=once,
            number=number,
            seed=True,
            text=seed.text,
            language=seed.language,
            same=rules.same_as(seed.text),
            state=State.SHOWN,
            said_at=now,
        )
        for number, seed in enumerate(draft.seeds, 1)
    )
    Opinion.objects.create(consultation_id=once, began_at=now)
    ledger.begin(once, manifest.line())
    refreshing.refresh(once)
    return True


@dataclass(frozen=True)
class Speaker:
    """Who takes part: a customer, or somebody nobody knows by their `participant`; or new."""

    customer_id: UUID | None = None
    participant: int | None = None


@transaction.atomic
def vote(*, by: Speaker, consultation_id: UUID, number: int, vote: int, nonce: str = "") -> int:
    """Take somebody's vote on a statement: 1 agree, 0 pass, -1 disagree; the last one counts.

    Returns the participant, by whom somebody nobody knows comes again. `nonce` as in
    `decisions.commands.vote`: it binds all they voted so far. Refuses with
    `consultations.not_found`, `consultations.not_open`, `consultations.closed`,
    `consultations.customers_only`, `consultations.no_such_statement` and
    `consultations.not_a_vote`.
    """
    consultation = _taking(consultation_id)
    if vote not in {-1, 0, 1} or not (nonce == "" or NONCE.fullmatch(nonce)):
        raise Refused("consultations.not_a_vote")
    shown = Statement.objects.filter(consultation=consultation, number=number, state=State.SHOWN)
    if not shown.exists():
        raise Refused("consultations.no_such_statement")
    participant = _participant(consultation, by)
    _cast(consultation, participant, number, vote, nonce)
    return participant.pk


@transaction.atomic
def say(*, by: Speaker, consultation_id: UUID, text: str, language: str) -> tuple[int, State]:
    """Make a statement, with which its author agrees; return the participant and its state.

    Refuses as `vote`, and with `consultations.said_already`, `consultations.said_enough` and
    what `rules.check_statement` says. The same words sent twice by one person are one statement.
    """
    consultation = _taking(consultation_id)
    text = rules.check_statement(text)
    participant = _participant(consultation, by)
    same = rules.same_as(text)
    before = Statement.objects.filter(consultation=consultation, same=same).first()
    if before is not None:
        if before.author_id == participant.pk and before.text == text:
            return participant.pk, State(before.state)
        raise Refused("consultations.said_already")
    if Statement.objects.filter(author=participant).count() >= rules.MOST_EACH:
        raise Refused("consultations.said_enough", most=rules.MOST_EACH)
    after = consultation.declared.moderation is Moderation.AFTER
    last = Statement.objects.filter(consultation=consultation).aggregate(last=Max("number"))
    said = Statement.objects.create(
        consultation=consultation,
        number=(last["last"] or 0) + 1,
        author=participant,
        text=text,
        language=language if language in LANGUAGES else "",
        nonce=secrets.token_urlsafe(16),
        same=same,
        state=State.SHOWN if after else State.WAITING,
    )
    if after:
        ledger.append(consultation.pk, [_line(said)])
    _cast(consultation, participant, said.number, 1)
    return participant.pk, State(said.state)


@transaction.atomic
def let_in(*, by: UUID, statement_id: UUID) -> None:
    """Let others see a statement that waits, or that was taken out. Twice is once.

    Refuses with `village.may_not`, `consultations.no_such_statement`, `consultations.closed`.
    """
    village.require(by, ASK)
    said = _said(statement_id)
    if said.state != State.SHOWN:
        said.state, said.reason = State.SHOWN, ""
        said.nonce = said.nonce or secrets.token_urlsafe(16)
        said.save(update_fields=["state", "reason", "nonce"])
        ledger.append(said.consultation_id, [_line(said)])
        _moves(said.consultation_id)


@transaction.atomic
def take_out(*, by: UUID, statement_id: UUID, reason: str) -> None:
    """Take a statement out: it is as if nobody had said it. Its author is told why.

    Refuses as `let_in`, and what `rules.check_out` says.
    """
    village.require(by, ASK)
    reason = rules.check_out(reason)
    said = _said(statement_id)
    if said.state == State.OUT:
        return
    if said.state == State.SHOWN:
        ledger.append(said.consultation_id, [proving.out_line(said.number)])
    said.state, said.reason = State.OUT, reason
    said.save(update_fields=["state", "reason"])
    _moves(said.consultation_id)
    if said.author is not None and said.author.customer_id is not None:
        announce(
            StatementTakenOut(
                statement_id=said.pk, customer_id=said.author.customer_id, at=timezone.now()
            )
        )


@transaction.atomic
def forget(*, customers: Collection[UUID]) -> Gone:
    """Erase what these customers, who are one person, said and voted.

    From a consultation that is open all of it goes, which the log says of its numbers. In one
    that has closed their votes stay
    without the person, so that what was published can be computed again; their words go.
    """
    theirs = Participant.objects.filter(customer__in=customers)
    ids = list(theirs.values_list("consultation_id", flat=True).distinct())
    held = Consultation.objects.select_for_update().filter(pk__in=ids).order_by("pk")
    is_open = [one.pk for one in held if one.closed_at is None]
    gone = Gone()
    leaving = theirs.filter(consultation__in=is_open)
    for one in is_open:
        _say_gone(one, leaving.filter(consultation=one))
    said = Statement.objects.filter(author__in=leaving)
    words = list(said.values_list("pk", flat=True))
    gone += Gone.of(said.delete()[1], words)
    gone += Gone.of(leaving.delete()[1])
    Consultation.objects.filter(pk__in=is_open).update(moved=F("moved") + 1)
    said = Statement.objects.filter(author__in=theirs)
    words = list(said.values_list("pk", flat=True))
    emptied = said.update(text="", language="", nonce="", same="", reason="", author=None)
    gone += Gone.of({Statement._meta.label: emptied}, words)
    for pk, closed in theirs.values_list("pk", "consultation__closed_at"):
        Participant.objects.filter(pk=pk).update(at=closed)
    return gone + Gone.of({Participant._meta.label: theirs.update(customer=None)})


def _say_gone(consultation_id: UUID, leaving: QuerySet[Participant]) -> None:
    """Say in the log of an open consultation, whose row is held, that these people leave it.

    What waits enters first: earlier votes of theirs may stand there already.
    """
    sealing.seal(consultation_id)
    shown = Statement.objects.filter(author__in=leaving, state=State.SHOWN)
    outs = [proving.out_line(n) for n in sorted(shown.values_list("number", flat=True))]
    there = leaving.exclude(votes=b"").values_list("number", flat=True)
    ledger.append(consultation_id, [*outs, *sorted(gone_line(str(n)) for n in there)])


def _taking(consultation_id: UUID) -> Consultation:
    """Return a consultation that is open, its row locked to the end of the transaction."""
    found = Consultation.objects.select_for_update().filter(pk=consultation_id).first()
    if found is None:
        raise Refused("consultations.not_found")
    now = timezone.now()
    if found.closed_at is not None or found.closes_at <= now:
        raise Refused("consultations.closed")
    if now < found.opens_at:
        raise Refused("consultations.not_open")
    return found


def _participant(consultation: Consultation, by: Speaker) -> Participant:
    rows = Participant.objects.filter(consultation=consultation)
    found = None
    if by.customer_id is not None:
        own = customers.selves(by.customer_id)
        found = rows.filter(customer__in=own).order_by("-at", "-pk").first()
    elif consultation.declared.audience is not Circle.LINK:
        raise Refused("consultations.customers_only")
    elif by.participant is not None:
        found = rows.filter(pk=by.participant, customer=None).first()
    if found is None:
        if by.customer_id is not None and customers.person(by.customer_id) is None:
            raise Refused("consultations.customers_only")  # erased since
        found = Participant.objects.create(
            consultation=consultation,
            customer_id=by.customer_id,
            number=secrets.randbelow(NUMBERS),
        )
        if by.customer_id is not None:
            announce(
                TookPart(
                    consultation_id=consultation.pk, customer_id=by.customer_id, at=timezone.now()
                )
            )
    return found


def _cast(
    consultation: Consultation, participant: Participant, number: int, vote: int, nonce: str = ""
) -> None:
    said = unpack(bytes(participant.votes))
    if said.get(number) != vote:
        participant.votes = pack(said | {number: vote})
        # Of its own for all they say each time: one that is published opens nothing from before.
        participant.nonce = nonce or secrets.token_urlsafe(16)
        participant.sealed = None
    participant.at = timezone.now()
    participant.save(update_fields=["votes", "nonce", "at", "sealed"])
    _moves(consultation.pk)


def _line(said: Statement) -> str:
    number, words = str(said.number), Words(said.text, said.language)
    bound = proving.bound_statement(str(said.consultation_id), number, said.nonce, words)
    return proving.statement_line(said.number, bound)


def _moves(consultation_id: UUID) -> None:
    Consultation.objects.filter(pk=consultation_id).update(moved=F("moved") + 1)


def _said(statement_id: UUID) -> Statement:
    found = Statement.objects.filter(pk=statement_id).first()
    if found is None:
        raise Refused("consultations.no_such_statement")
    consultation = Consultation.objects.select_for_update().get(pk=found.consultation_id)
    if consultation.closed_at is not None:
        raise Refused("consultations.closed")
    return found
