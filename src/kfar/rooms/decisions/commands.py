"""What is asked, answered and taken back."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from kfar.ground.ballots import NONCE
from kfar.ground.errors import Refused
from kfar.ground.gone import Gone
from kfar.ground.text import Texts
from kfar.ground.tokens import tracker
from kfar.lake.outbox import announce
from kfar.rooms.customers import accounts
from kfar.rooms.customers import queries as customers
from kfar.rooms.decisions import closing, ledger, pictures, queries, rules
from kfar.rooms.decisions.facts import Asked, Voted, Withdrawn
from kfar.rooms.decisions.models import Ballot, Question, Voter
from kfar.rooms.decisions.proving.lines import close_line, gone_line, withdrawn_line
from kfar.rooms.decisions.proving.manifest import Audience, Manifest, Pledge, Tier
from kfar.rooms.decisions.receipts import Cast
from kfar.rooms.decisions.rules import Draft
from kfar.rooms.village import queries as village

ASK = "decisions.ask"


@transaction.atomic
def ask(*, by: UUID, draft: Draft, once: UUID) -> UUID:
    """Put a question to customers; return its id, which is `once`: sent twice, asked once.

    All of it becomes the manifest, the first line of the question's log, whose head is signed
    before anybody can answer; nothing of it changes from then on. Refuses with
    `village.may_not`, `decisions.nobody_to_ask`, `decisions.keyword_taken`,
    `decisions.picture_gone` and what `rules.check_question` says.
    """
    village.require(by, ASK)
    if Question.objects.filter(pk=once).exists():
        return once
    now = timezone.now()
    draft = _ready(draft, now)
    asked = _asked(draft)
    manifest = _manifest(draft, once, now)
    _, new = Question.objects.get_or_create(
        pk=once,
        defaults={
            "manifest": manifest.line(),
            "asked_by_id": by,
            "asked_at": now,
            "opens_at": max(draft.opens_at or now, now),
            "closes_at": draft.closes_at,
            "keyword": draft.keyword,
        },
    )
    if not new:  # sent twice at once, and the other was first
        return once
    Voter.objects.bulk_create(
        [
            Voter(question_id=once, customer_id=customer, number=number)
            for number in range(1, draft.answers + 1)
            for customer in asked
        ],
        batch_size=1000,
    )
    for name in filter(None, manifest.pictures):
        pictures.keep(name)
    ledger.begin(once, manifest.line())
    announce(Asked(question_id=once, at=now))
    return once


def declare(*, by: UUID, draft: Draft, once: UUID) -> Manifest:
    """Return what `ask` would fix, to be looked at before; changes nothing, refuses what it does.

    Where lots are drawn when it is asked, there is no seed yet: `rule.lot` is empty.
    """
    village.require(by, ASK)
    now = timezone.now()
    draft = _ready(draft, now)
    _asked(draft)
    manifest = _manifest(draft, once, now)
    return replace(manifest, rule=replace(manifest.rule, lot=draft.lot))


def _ready(draft: Draft, now: datetime) -> Draft:
    """Return a draft that can be asked, its texts cleaned; or refuse."""
    draft = replace(
        draft,
        text=rules.clean(draft.text),
        options=[rules.clean(option) for option in draft.options],
        pledge=rules.clean(draft.pledge),
        pledges={n: clean for n, t in draft.pledges.items() if (clean := rules.clean(t))},
        closes_at=timezone.localtime(draft.closes_at),
        keyword=rules.keyword(draft.keyword),
    )
    rules.check_question(draft, now)
    if draft.keyword and Question.objects.filter(closed_at=None, keyword=draft.keyword).exists():
        raise Refused("decisions.keyword_taken")
    if any(pictures.find(name) is None for name in draft.pictures.values()):
        raise Refused("decisions.picture_gone")
    return draft


def _asked(draft: Draft) -> list[UUID]:
    if draft.audience in rules.OPEN:
        return []
    asked = customers.agreed(customers.ASK)
    if draft.audience == Audience.MEMBERS:
        asked = customers.signing_in(asked)
    if draft.account is not None:
        there = [m for m in accounts.people_of(draft.account) if m.until is None]
        belong = {member.customer_id for member in there}
        asked = [own for own in asked if own in belong]
    if not asked:
        raise Refused("decisions.nobody_to_ask")
    return asked


def _manifest(draft: Draft, question: UUID, now: datetime) -> Manifest:
    own = [
        Pledge(option, text, draft.pledge_due.isoformat())
        for option, text in [(None, draft.pledge), *sorted(draft.pledges.items())]
    ]
    audience = Audience(draft.audience)
    return Manifest(
        log=ledger.origin(question),
        key=ledger.public_key(question),
        company=settings.KFAR_COMPANY,
        question=str(question),
        text=draft.text,
        options=tuple(draft.options),
        pictures=tuple(draft.pictures.get(n, "") for n in range(len(draft.options))),
        audience=audience,
        account=str(draft.account or ""),
        tiers=rules.tiers(draft),
        answers=draft.answers,
        paper=rules.paper(draft),
        rule=rules.rule(draft, draft.lot or secrets.token_hex(16)),
        quorum=draft.quorum,
        opens=queries.utc(max(draft.opens_at or now, now)),
        closes=queries.utc(draft.closes_at),
        interim=draft.interim,
        binding=draft.binding,
        pledges=tuple(own),
        witnesses=tuple(settings.KFAR_WITNESSES),
    )


@transaction.atomic
def vote(
    *,
    question_id: UUID,
    text: str,
    by: UUID | None = None,
    voter: int | None = None,
    nonce: str = "",
    tier: Tier = Tier.EMAIL,
    number: int = 1,
) -> Cast:
    """Take a ballot of a customer, or of a voter by the number in their token; say what they hold.

    `nonce` is what their browser made (`ballots.NONCE`); where it made none, we do. `tier` is
    how the customer is known now; on an open question it is how they came in, or signed in.
    `number` says which of their ballots, where they have several. Refuses with
    `decisions.not_found`, `decisions.not_asked`, `decisions.not_open`, `decisions.closed` (from
    the closing time on, counted or not) and `decisions.not_a_ballot`. The question's row is
    locked, so no ballot comes in while it is being counted.
    """
    question = Question.objects.held(question_id)
    row = _asked_customer(question, by, number) if by else _asked_voter(question, voter)
    now = timezone.now()
    question.check_open(now)
    nonce = nonce or secrets.token_urlsafe(16)
    if not question.declared.paper.allows(text) or not NONCE.fullmatch(nonce):
        raise Refused("decisions.not_a_ballot")
    if by and row.tier != (known := _tier(question, row, tier)):
        row.tier = known
        row.save(update_fields=["tier"])
    before = Ballot.objects.filter(voter=row).first()
    name = tracker(queries.ballot_key(), question.pk.bytes, rules.unsigned(row.pk))
    if before is None:
        Ballot.objects.create(
            voter=row, tracker=name, text=text, nonce=nonce, first_at=now, cast_at=now
        )
        if customer_id := by or row.customer_id:
            announce(Voted(question_id=question.pk, customer_id=customer_id, at=now))
    elif (before.text, before.nonce) != (text, nonce):
        before.text, before.nonce, before.cast_at, before.sealed = text, nonce, now, None
        before.save(update_fields=["text", "nonce", "cast_at", "sealed"])
    return Cast(question.pk, name, nonce, text, again=before is not None)


def _asked_customer(question: Question, by: UUID, number: int) -> Voter:
    asked = Voter.objects.filter(
        question=question, number=number, customer__in=customers.selves(by)
    )
    # Somebody asked twice, before it was known that they are one, has one voice: the last.
    row = asked.order_by(F("ballot__cast_at").desc(nulls_last=True), "pk").first()
    if row is None:
        raise Refused("decisions.not_asked")
    return row


def _asked_voter(question: Question, voter: int | None) -> Voter:
    if voter is None:
        raise Refused("decisions.not_asked")
    pk = rules.signed(voter)
    row = Voter.objects.filter(question=question, pk=pk).first()
    if row is None and pk < 0 and Tier.LINK in question.declared.tiers:
        row, _ = Voter.objects.get_or_create(
            pk=pk, defaults={"question": question, "tier": Tier.LINK}
        )
    if row is None or row.question_id != question.pk:
        raise Refused("decisions.not_asked")
    return row


def _tier(question: Question, voter: Voter, now: Tier) -> Tier:
    """How a customer is known who votes now."""
    declared = question.declared
    if declared.audience not in rules.OPEN:
        return now
    came = Tier(voter.tier)
    return Tier.ACCOUNT if now is Tier.ACCOUNT and now in declared.tiers else came


@transaction.atomic
def withdraw(*, by: UUID, question_id: UUID, reason: Texts) -> None:
    """Take a question back before it closes; every voter is told why. Twice is once.

    Refuses with `village.may_not`, `decisions.not_found`, `decisions.closed`,
    `decisions.no_reason` and `decisions.too_long`.
    """
    village.require(by, ASK)
    question, reason = Question.objects.held(question_id), rules.check_reason(reason)
    if question.withdrawn is not None:
        return
    if question.closed_at is not None:
        raise Refused("decisions.closed")
    question.closed_at, question.withdrawn = timezone.now(), reason
    question.save(update_fields=["closed_at", "withdrawn"])
    ledger.append(
        question_id, [withdrawn_line(reason), close_line(queries.utc(question.closed_at))]
    )
    announce(Withdrawn(question_id=question_id, at=question.closed_at))


@transaction.atomic
def forget(*, customers: Collection[UUID]) -> Gone:
    """Erase that these customers, who are one person, were asked, and what they answered.

    Their ballot for an open question is withdrawn, which the log says of its tracker: nobody
    could change it any more, and who came back would have two. In one that was counted it
    stays, without person and time, so that the result is what it was and can be counted again.
    """
    asked = Voter.objects.filter(customer__in=customers)
    questions = list(asked.values_list("question_id", flat=True).distinct())
    # In their order, as those who vote and count do.
    list(Question.objects.select_for_update().filter(pk__in=questions).order_by("pk"))
    counted = asked.exclude(question__closed_at=None).order_by(
        F("ballot__cast_at").asc(nulls_first=True), "pk"
    )
    last = {
        (question, number): pk
        for question, number, pk in counted.values_list("question_id", "number", "pk")
    }
    leaving = asked.exclude(pk__in=last.values())
    _say_gone(Ballot.objects.filter(voter__in=leaving))
    gone = Gone.of(leaving.delete()[1])
    kept = Voter.objects.filter(pk__in=last.values())
    for pk, closed in kept.values_list("pk", "question__closed_at"):
        Ballot.objects.filter(voter=pk).update(first_at=closed, cast_at=closed)
    return gone + Gone.of({Voter._meta.label: kept.update(customer=None)})


def _say_gone(ballots: QuerySet[Ballot]) -> None:
    """Say in the logs of open questions, whose rows are held, that these ballots have left.

    Those that wait enter first: an earlier one of the same voter may stand there already.
    """
    lines: dict[UUID, list[str]] = {}
    there = ballots.filter(voter__question__closed_at=None).order_by("tracker")
    for question_id, name in there.values_list("voter__question", "tracker"):
        lines.setdefault(question_id, []).append(gone_line(name))
    for question_id in sorted(lines):
        closing.seal(question_id)
        ledger.append(question_id, lines[question_id])
