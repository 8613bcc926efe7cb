"""Changes: announced, answered, replied to, closed and taken back."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import date, datetime, time
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from kfar.ground.ballots import NONCE, commitment
from kfar.ground.errors import Refused
from kfar.ground.gone import Gone
from kfar.ground.text import Texts
from kfar.lake.outbox import announce as tell
from kfar.rooms.customers import accounts
from kfar.rooms.customers import queries as customers
from kfar.rooms.decisions import change_rules, files, ledger, notices
from kfar.rooms.decisions.agreements import CHANGE
from kfar.rooms.decisions.change_rules import ChangeDraft
from kfar.rooms.decisions.facts import (
    ChangeAnnounced,
    ChangeAnswered,
    ChangeClosed,
    ChangeDue,
    ChangeReplied,
    ChangeWithdrawn,
)
from kfar.rooms.decisions.models import Agreement, Answer, Attachment, Change, Party, Reply
from kfar.rooms.decisions.proving import change as proving
from kfar.rooms.decisions.proving import shipping
from kfar.rooms.decisions.proving.lines import close_line, withdrawn_line
from kfar.rooms.decisions.queries import utc
from kfar.rooms.decisions.receipts import Cast
from kfar.rooms.decisions.rules import check_reason
from kfar.rooms.village import queries as village


@transaction.atomic
def announce(*, by: UUID, draft: ChangeDraft, once: UUID) -> UUID:
    """Ask business customers about a change; return its id, which is `once`: sent twice, once.

    All of it becomes the manifest, the first line of the change's log, whose head is signed
    before anybody is told; nothing of it changes from then on. Refuses with `village.may_not`,
    `customers.account_not_found`, `decisions.nobody_speaks` (an account in which nobody with
    these parts has an address) and what `change_rules.check_change` says.
    """
    village.require(by, CHANGE)
    if Change.objects.filter(pk=once).exists():
        return once
    now = timezone.now()
    draft = change_rules.tidy(draft)
    change_rules.check_change(draft, timezone.localtime(now))
    _check_speakers(draft)
    parties = _parties(draft, once)
    manifest = _manifest(draft, once, parties)
    _, new = Change.objects.get_or_create(
        pk=once,
        defaults={
            "manifest": manifest.line(),
            "announced_by_id": by,
            "announced_at": now,
            "answers_by": draft.answers_by,
            "remind_at": change_rules.remind_at(now, draft.answers_by),
        },
    )
    if not new:  # sent twice at once, and the other was first
        return once
    Party.objects.bulk_create(parties)
    Attachment.objects.bulk_create(
        [
            Attachment(change_id=once, number=n, name=file.name, size=file.size, sum=file.sum)
            for n, file in enumerate(manifest.files)
        ]
    )
    ledger.begin(once, manifest.line())
    tell(ChangeAnnounced(change_id=once, at=now))
    return once


def _check_speakers(draft: ChangeDraft) -> None:
    members = [m for m in accounts.members_of(draft.asked) if m.until is None]
    people = customers.people(member.customer_id for member in members)
    reached = {
        member.account_id
        for member in members
        if member.part in draft.asked[member.account_id] and people[member.customer_id].email
    }
    for account_id in draft.asked:
        business = accounts.account(account_id)
        if business is None:
            raise Refused("customers.account_not_found")
        if account_id not in reached:
            raise Refused("decisions.nobody_speaks", account=business.name)


def _parties(draft: ChangeDraft, once: UUID) -> list[Party]:
    """Return who is asked, in an order that tells nothing of who they are."""
    force = Agreement.objects.filter(account__in=draft.asked, ended_at=None)
    agreements = {row.account_id: row for row in force}
    return [
        Party(change_id=once, account_id=own, number=n, parts=parts, agreement=agreements.get(own))
        for n, (own, parts) in enumerate(sorted(draft.asked.items()))
    ]


def _manifest(draft: ChangeDraft, once: UUID, parties: list[Party]) -> proving.Change:
    attached = (
        proving.Attached(f.name, len(f.content), files.keep(f.content)) for f in draft.files
    )
    return proving.Change(
        log=ledger.origin(once),
        key=ledger.public_key(once),
        company=settings.KFAR_COMPANY,
        change=str(once),
        text=draft.text,
        details=draft.details,
        products=tuple(draft.products),
        starts=utc(_morning(draft.starts)),
        answers_by=utc(draft.answers_by),
        silence=shipping.Silence(draft.silence),
        veto=shipping.Veto(draft.veto),
        veto_until=utc(_morning(draft.veto_until)) if draft.veto_until else "",
        files=tuple(attached),
        asked=tuple(_party(party) for party in parties),
        witnesses=tuple(settings.KFAR_WITNESSES),
    )


def _party(party: Party) -> proving.Party:
    known, bound = notices.account_tracker(party.change_id, party.number), ""
    if (found := party.agreement) is not None:
        text = proving.agreed_text(
            found.title, found.signed_on.isoformat(), found.signed_by, found.sum
        )
        bound = commitment(str(party.change_id), known, found.nonce, text)
    return proving.Party(known, tuple(party.parts), bound)


def _morning(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


@transaction.atomic
def answer(
    *,
    by: UUID,
    change_id: UUID,
    account_id: UUID,
    answer: str,
    words: str = "",
    nonce: str = "",
) -> Cast:
    """Take an account's answer from somebody who speaks for it; return what it holds of it.

    The last answer counts, whoever of the account gave it; the same again is no new one. From
    the date on an account that holds the change may let it go, and nothing else. `nonce` as in
    `commands.vote`. Refuses with `decisions.no_such_change`, `decisions.not_your_account`,
    `decisions.change_withdrawn`, `decisions.outcome_stands`, `decisions.not_a_ballot` and what
    `change_rules.check_answer` says.
    """
    change = _held(change_id)
    notice = _shown(change)
    found = [one for one in notices.speaks_for(notice, by) if one.account_id == account_id]
    if not found:
        raise Refused("decisions.not_your_account")
    if change.withdrawn_at is not None:
        raise Refused("decisions.change_withdrawn")
    said, words = change_rules.check_answer(answer, words)
    nonce = nonce or secrets.token_urlsafe(16)
    if not NONCE.fullmatch(nonce):
        raise Refused("decisions.not_a_ballot")
    [asked], now, text = found, timezone.now(), proving.answer_text(said, words)
    last = asked.last
    if last is not None and (last.answer, last.words) == (said, words):
        return Cast(change_id, asked.tracker, last.nonce, text, again=False)
    if not shipping.may_say(said, asked.stand, change.declared.terms, now):
        raise Refused("decisions.outcome_stands")
    if change.closed_at is None and change.answers_by <= now:
        _close(change, now)  # what comes after the date comes after that line
    Answer.objects.create(
        party=Party.objects.get(change=change, account=account_id),
        number=len(asked.said),
        customer_id=by,
        answer=said,
        words=words,
        nonce=nonce,
        at=now,
    )
    cast = Cast(change_id, asked.tracker, nonce, text, again=last is not None)
    closed = change.closed_at is not None
    line = proving.answer_line(cast.tracker, cast.commitment, closed=closed)
    ledger.append(change_id, [line])
    tell(ChangeAnswered(change_id=change_id, account_id=account_id, customer_id=by, at=now))
    return cast


@transaction.atomic
def reply(
    *, by: UUID, change_id: UUID, answer_id: int, text: Texts, once: UUID, due: date | None = None
) -> None:
    """Take an account's conditions on, by a day; or answer its objection. Twice is once.

    Nothing the company says lets go of a veto. Refuses with `village.may_not`,
    `decisions.no_such_change`, `decisions.change_withdrawn`, `decisions.nothing_to_reply` (also
    where the account has said something else since) and what `change_rules.check_reply` says.
    """
    village.require(by, CHANGE)
    change = _held(change_id)
    if Reply.objects.filter(pk=once).exists():
        return
    if change.withdrawn_at is not None:
        raise Refused("decisions.change_withdrawn")
    lasts = {one.last.id: one for one in _shown(change).asked if one.last}
    asked = lasts.get(answer_id)
    if asked is None or asked.last is None or asked.last.reply is not None:
        raise Refused("decisions.nothing_to_reply")
    said = change_rules.check_reply(asked.last.answer, text, due, timezone.localdate())
    now, nonce = timezone.now(), secrets.token_urlsafe(16)
    Reply.objects.create(
        pk=once, answer_id=answer_id, text=said, due=due, by_id=by, nonce=nonce, at=now
    )
    told = proving.reply_text(said, due.isoformat() if due else "")
    bound = commitment(str(change_id), asked.tracker, nonce, told)
    ledger.append(change_id, [proving.reply_line(asked.tracker, bound)])
    tell(ChangeReplied(change_id=change_id, account_id=asked.account_id, reply_id=once, at=now))


@transaction.atomic
def withdraw(*, by: UUID, change_id: UUID, reason: Texts) -> None:
    """Take a change back, at any time; everybody who was asked is told why. Twice is once.

    Refuses with `village.may_not`, `decisions.no_such_change`, `decisions.no_reason` and
    `decisions.too_long`.
    """
    village.require(by, CHANGE)
    change, reason = _held(change_id), check_reason(reason)
    if change.withdrawn_at is not None:
        return
    change.withdrawn_at, change.withdrawn = timezone.now(), reason
    change.save(update_fields=["withdrawn_at", "withdrawn"])
    ledger.append(change_id, [withdrawn_line(reason)])
    tell(ChangeWithdrawn(change_id=change_id, at=change.withdrawn_at))


def close_due() -> int:
    """Fix the outcome of every change whose date has come; return how many."""
    due = Change.objects.filter(closed_at=None, withdrawn_at=None, answers_by__lte=timezone.now())
    return sum(_close_one(pk) for pk in due.values_list("pk", flat=True))


@transaction.atomic
def _close_one(change_id: UUID) -> bool:
    change = Change.objects.select_for_update().get(pk=change_id)
    if change.closed_at is not None or change.withdrawn_at is not None:
        return False
    _close(change, timezone.now())
    return True


def _close(change: Change, now: datetime) -> None:
    change.closed_at = now
    change.save(update_fields=["closed_at"])
    ledger.append(change.pk, [close_line(utc(now))])
    tell(ChangeClosed(change_id=change.pk, at=now))


@transaction.atomic
def remind_due() -> int:
    """Have those reminded who said nothing, of changes whose date comes near; return how many."""
    now = timezone.now()
    due = Change.objects.filter(
        reminded_at=None, closed_at=None, withdrawn_at=None, remind_at__lte=now, answers_by__gt=now
    )
    ids = list(due.select_for_update().order_by("pk").values_list("pk", flat=True))
    Change.objects.filter(pk__in=ids).update(reminded_at=now)
    for change_id in ids:
        tell(ChangeDue(change_id=change_id, at=now))
    return len(ids)


@transaction.atomic
def forget(*, customers: Collection[UUID]) -> Gone:
    """Erase who spoke for an account; what was said is the account's, and stays."""
    spoken = Answer.objects.filter(customer__in=customers)
    return Gone.of({Answer._meta.label: spoken.update(customer=None)})


def _held(change_id: UUID) -> Change:
    """Return a change, its row locked to the end of the transaction; or refuse."""
    change = Change.objects.select_for_update().filter(pk=change_id).first()
    if change is None:
        raise Refused("decisions.no_such_change")
    return change


def _shown(change: Change) -> notices.Notice:
    found = notices.notice(change.pk)
    if found is None:
        raise Refused("decisions.no_such_change")
    return found
