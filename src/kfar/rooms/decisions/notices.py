"""Changes that were announced, what accounts said, and whether they may ship."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from kfar.ground.text import Texts
from kfar.ground.tokens import tracker
from kfar.rooms.customers import accounts
from kfar.rooms.decisions import ledger, models, receipts
from kfar.rooms.decisions.agreements import Agreed, agreed
from kfar.rooms.decisions.proving.change import Change as Announced
from kfar.rooms.decisions.proving.change import answer_text
from kfar.rooms.decisions.proving.receipt import Receipt
from kfar.rooms.decisions.proving.shipping import Answer, Shipping, Stand, may_say, may_ship
from kfar.rooms.decisions.queries import ballot_key


@dataclass(frozen=True)
class Replied:
    """What the company said to conditions or an objection; `due`: by when it does so."""

    id: UUID
    text: Texts
    due: date | None
    by: UUID
    at: datetime


@dataclass(frozen=True)
class Said:
    """An account's answer; `by` is None where nobody is to be named any more."""

    id: int
    answer: Answer
    words: str
    nonce: str
    at: datetime
    by: UUID | None
    reply: Replied | None


@dataclass(frozen=True)
class Asked:
    """An account that is asked; `said` are its answers, the last one counts."""

    account_id: UUID
    name: str
    tracker: str
    parts: tuple[str, ...]
    agreement: Agreed | None
    said: tuple[Said, ...]

    @property
    def last(self) -> Said | None:
        """What it said at last."""
        return self.said[-1] if self.said else None

    @property
    def stand(self) -> Stand:
        """How it stands."""
        last = self.last
        return Stand(
            said=last.answer if last else None,
            replied=last is not None and last.reply is not None,
            agreed=self.agreement is not None,
        )


@dataclass(frozen=True)
class File:
    """A file of a notice."""

    id: UUID
    change_id: UUID
    name: str
    size: int
    sum: str


@dataclass(frozen=True)
class Notice:
    """A change as others may read it: each account what is its own, the staff all of it."""

    id: UUID
    manifest: Announced
    announced_by: UUID
    announced_at: datetime
    answers_by: datetime
    closed_at: datetime | None
    withdrawn_at: datetime | None
    withdrawn: Texts | None
    files: tuple[File, ...]
    asked: tuple[Asked, ...]

    @property
    def open(self) -> bool:
        """Whether any answer may be given or changed now."""
        return self.withdrawn_at is None and timezone.now() < self.answers_by

    @property
    def starts(self) -> datetime:
        """From when the change is, at the earliest."""
        return self.manifest.terms.starts

    @property
    def veto_until(self) -> datetime | None:
        """Until when a veto buys time, where it does."""
        return self.manifest.terms.veto_until

    @property
    def answered(self) -> int:
        """How many accounts said something."""
        return sum(bool(one.said) for one in self.asked)

    def shipping(self, account_id: UUID | None = None) -> Shipping:
        """Return whether it may ship now, to one account or (None) to all that were asked."""
        return may_ship(
            self.manifest.terms,
            {str(one.account_id): one.stand for one in self.asked},
            timezone.now(),
            account=str(account_id) if account_id else None,
            withdrawn=self.withdrawn_at is not None,
        )

    def may_say(self, one: Asked) -> list[Answer]:
        """Return what an account may say now."""
        if self.withdrawn_at is not None:
            return []
        now, terms = timezone.now(), self.manifest.terms
        return [a for a in Answer if may_say(a, one.stand, terms, now)]


def notice(change_id: UUID) -> Notice | None:
    """Return one change, or None."""
    return next(iter(_notices(models.Change.objects.filter(pk=change_id))), None)


def by_id(ids: Iterable[UUID]) -> list[Notice]:
    """Return the changes with these ids; unknown ids are left out."""
    return list(_notices(models.Change.objects.filter(pk__in=set(ids))))


def notices(most: int = 100) -> list[Notice]:
    """Return the changes, the latest first."""
    return list(_notices(models.Change.objects.order_by("-announced_at", "pk")[:most]))


def put_to(customer_id: UUID) -> list[tuple[Notice, list[Asked]]]:
    """Return the changes about which a customer may speak, the latest first, with for whom."""
    there = _places(customer_id)
    rows = models.Change.objects.filter(parties__account__in={account for account, _ in there})
    found = ((n, _among(n, there)) for n in _notices(rows.distinct().order_by("-announced_at")))
    return [(notice, own) for notice, own in found if own]


def speaks_for(notice: Notice, customer_id: UUID) -> list[Asked]:
    """Return the accounts for which a customer may speak: by a part that they have today."""
    return _among(notice, _places(customer_id))


def speakers(notice: Notice) -> dict[UUID, list[UUID]]:
    """Return who speaks for each account today, by its id: people, each once."""
    parts = {one.account_id: one.parts for one in notice.asked}
    found: dict[UUID, list[UUID]] = {own: [] for own in parts}
    for member in accounts.members_of(parts):
        own = found[member.account_id]
        there = member.until is None and member.part in parts[member.account_id]
        if there and member.customer_id not in own:
            own.append(member.customer_id)
    return found


def given_by(ids: Iterable[UUID]) -> list[tuple[Notice, Asked, Said]]:
    """Return what was answered under these ids of a customer, oldest first."""
    own = set(ids)
    rows = models.Change.objects.filter(parties__answers__customer__in=own).distinct()
    return [
        (notice, one, said)
        for notice in _notices(rows.order_by("announced_at", "pk"))
        for one in notice.asked
        for said in one.said
        if said.by in own
    ]


def of_reply(reply_id: UUID) -> tuple[Notice, Asked, Said] | None:
    """Return the answer that got this reply, whose it is and to which change; or None."""
    row = models.Answer.objects.filter(reply=reply_id).select_related("party").first()
    found = notice(row.party.change_id) if row else None
    if row is None or found is None:
        return None
    [asked] = [one for one in found.asked if one.account_id == row.party.account_id]
    return found, asked, next(said for said in asked.said if said.id == row.pk)


def receipt(notice: Notice, one: Asked) -> Receipt | None:
    """Return what an account holds of its last answer, proven to the log's head; or None."""
    last = one.last
    if last is None:
        return None
    held = receipts.bare(notice.id, one.tracker, last.nonce, answer_text(last.answer, last.words))
    return receipts.prove(held, 1, ledger.size(notice.id))


def file(file_id: UUID) -> File | None:
    """Return a file of a notice, or None."""
    row = models.Attachment.objects.filter(pk=file_id).first()
    return _file(row) if row else None


def account_tracker(change_id: UUID, number: int) -> str:
    """Return under which name an account, by its number in the notice, stands in the log."""
    return tracker(ballot_key(), change_id.bytes, number)


def _places(customer_id: UUID) -> set[tuple[UUID, str]]:
    own = accounts.accounts_of(customer_id)
    return {(business.id, member.part) for business, member in own if member.until is None}


def _among(notice: Notice, there: set[tuple[UUID, str]]) -> list[Asked]:
    return [
        one for one in notice.asked if any((one.account_id, part) in there for part in one.parts)
    ]


def _notices(rows: QuerySet[models.Change]) -> Iterable[Notice]:
    answers = models.Answer.objects.select_related("reply").order_by("number")
    parties = (
        models.Party.objects.select_related("account", "agreement__account")
        .prefetch_related(Prefetch("answers", queryset=answers), "account__handles")
        .order_by("number")
    )
    attached = models.Attachment.objects.order_by("number")
    for row in rows.prefetch_related(
        Prefetch("parties", queryset=parties), Prefetch("attachments", queryset=attached)
    ):
        yield Notice(
            id=row.pk,
            manifest=row.declared,
            announced_by=row.announced_by_id,
            announced_at=row.announced_at,
            answers_by=row.answers_by,
            closed_at=row.closed_at,
            withdrawn_at=row.withdrawn_at,
            withdrawn=row.withdrawn,
            files=tuple(map(_file, row.attachments.all())),
            asked=tuple(map(_asked, row.parties.all())),
        )


def _asked(row: models.Party) -> Asked:
    handles = (handle.value for handle in row.account.handles.all())
    return Asked(
        account_id=row.account_id,
        name=row.account.name or next(handles, ""),
        tracker=account_tracker(row.change_id, row.number),
        parts=tuple(row.parts),
        agreement=agreed(row.agreement) if row.agreement else None,
        said=tuple(map(_said, row.answers.all())),
    )


def _said(row: models.Answer) -> Said:
    reply = getattr(row, "reply", None)
    return Said(
        id=row.pk,
        answer=Answer(row.answer),
        words=row.words,
        nonce=row.nonce,
        at=row.at,
        by=row.customer_id,
        reply=Replied(reply.pk, reply.text, reply.due, reply.by_id, reply.at) if reply else None,
    )


def _file(row: models.Attachment) -> File:
    return File(row.pk, row.change_id, row.name, row.size, row.sum)
