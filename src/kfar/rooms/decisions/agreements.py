"""Agreements on record, by which a business customer's silence means yes; nothing else does."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from kfar.ground.errors import Refused
from kfar.rooms.customers import accounts
from kfar.rooms.decisions import files
from kfar.rooms.decisions.change_rules import MOST_BYTES, Upload, check_agreement
from kfar.rooms.decisions.models import Agreement
from kfar.rooms.village import queries as village

CHANGE = "decisions.change"


@dataclass(frozen=True)
class Agreed:
    """An agreement. `sum` is the SHA-256 of what was signed, `file` its name where it is here."""

    id: UUID
    account_id: UUID
    account: str
    title: str
    signed_on: date
    signed_by: str
    sum: str
    file: str
    ended_at: datetime | None


@transaction.atomic
def record(
    *,
    by: UUID,
    account_id: UUID,
    title: str,
    signed_on: date,
    signed_by: str,
    once: UUID,
    file: Upload | None = None,
    sum_: str = "",
) -> UUID:
    """Put on record what an account signed; return its id, which is `once`.

    Either the file itself or its SHA-256. One that is in force ends with the new one; notices
    announced before stay as they were announced. Refuses with `village.may_not`,
    `customers.account_not_found`, `decisions.files_too_large` and what
    `change_rules.check_agreement` says.
    """
    village.require(by, CHANGE)
    if Agreement.objects.filter(pk=once).exists():
        return once
    if accounts.account(account_id) is None:
        raise Refused("customers.account_not_found")
    if file is not None and len(file.content) > MOST_BYTES:
        raise Refused("decisions.files_too_large", most=MOST_BYTES / 1_000_000)
    title, signed_by = " ".join(title.split()), " ".join(signed_by.split())
    kept = files.keep(file.content) if file is not None else sum_.strip().lower()
    check_agreement(title, signed_by, kept, signed_on, timezone.localdate())
    now = timezone.now()
    Agreement.objects.filter(account_id=account_id, ended_at=None).update(ended_at=now)
    Agreement.objects.create(
        pk=once,
        account_id=account_id,
        title=title,
        signed_on=signed_on,
        signed_by=signed_by,
        sum=kept,
        file=file.name[-200:] if file is not None else "",
        nonce=secrets.token_urlsafe(16),
        recorded_by_id=by,
        recorded_at=now,
    )
    return once


@transaction.atomic
def end(*, by: UUID, agreement_id: UUID) -> None:
    """Note that an agreement is in force no longer: for notices from now on. Twice is once."""
    village.require(by, CHANGE)
    Agreement.objects.filter(pk=agreement_id, ended_at=None).update(ended_at=timezone.now())


def everything() -> list[Agreed]:
    """Return all that is on record: what is in force first, by account."""
    rows = Agreement.objects.select_related("account").order_by("account__name", "-recorded_at")
    return sorted(map(agreed, rows), key=lambda one: one.ended_at is not None)


def agreed(row: Agreement) -> Agreed:
    """Return an agreement as others may read it; its account is at hand."""
    return Agreed(
        id=row.pk,
        account_id=row.account_id,
        account=row.account.name,
        title=row.title,
        signed_on=row.signed_on,
        signed_by=row.signed_by,
        sum=row.sum,
        file=row.file,
        ended_at=row.ended_at,
    )
