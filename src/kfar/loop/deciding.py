"""Deciding for one customer: how much alone hangs on what they are worth and what it is about."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.conf import settings
from django.db import transaction

from kfar.ground.errors import Refused
from kfar.ground.money import Money
from kfar.ground.text import Texts
from kfar.loop import limiting
from kfar.rooms.insight import queries as insight
from kfar.rooms.promises import commands as promises
from kfar.rooms.service import commands as service
from kfar.rooms.service import queries as cases
from kfar.rooms.service.approving import commands as approving
from kfar.rooms.service.queries import OpenCase
from kfar.rooms.voice import queries as voices


def worth(customer_id: UUID) -> int | None:
    """Return what a customer will likely spend, in minor units of the company's money.

    None where that is not known, is not theirs to be used, or is in other money.
    """
    found = insight.worth(customer_id)
    return found.minor if found and found.currency == settings.KFAR_CURRENCY else None


def remedy(
    *, by: UUID, voice_id: UUID, kind: str, amount: Money, words: str, fault: str, once: UUID
) -> UUID:
    """Give a remedy for a voice, as `service.commands.remedy` does; refuses as that."""
    case = _case(voice_id)
    return service.remedy(
        by=by,
        case_id=case.id,
        kind=kind,
        amount=amount,
        words=words,
        fault=fault,
        worth=worth(case.customer_id),
        about=limiting.about(case.voices),
        once=once,
    )


def ask(
    *, by: UUID, voice_id: UUID, kind: str, amount: Money, words: str, fault: str, once: UUID
) -> UUID:
    """Ask an approver for a remedy, as `service.approving.commands.ask` does; refuses as that."""
    case = _case(voice_id)
    return approving.ask(
        by=by,
        case_id=case.id,
        kind=kind,
        amount=amount,
        words=words,
        fault=fault,
        worth=worth(case.customer_id),
        about=limiting.about(case.voices),
        once=once,
    )


@transaction.atomic
def promise(*, by: UUID, voice_id: UUID, text: Texts, owner: UUID, due: date, once: UUID) -> UUID:
    """Promise something for a voice and those that are decided with it and wait.

    As `promises.commands.promise`; refuses as that, and with `voice.not_found`.
    """
    said = voices.voice(voice_id)
    if said is None:
        raise Refused("voice.not_found")
    return promises.promise(
        by=by,
        text=text,
        owner=owner,
        due=due,
        to=said.customer_id,
        voice_id=voice_id,
        also_for=cases.decided_with(voice_id),
        once=once,
    )


def _case(voice_id: UUID) -> OpenCase:
    case = cases.case(voice_id)
    if case is None:
        raise Refused("service.not_found")
    return case
