"""The case beside a voice: by when, who sees to it, with which others, who was asked for what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import translation

from kfar.doors import words
from kfar.ground.errors import Refused
from kfar.ground.money import Money
from kfar.loop import helping
from kfar.rooms.customers import queries as customers
from kfar.rooms.service.approving import queries as approving
from kfar.rooms.service.approving.queries import Asked
from kfar.rooms.service.clocks import queries as clocks
from kfar.rooms.service.commands import REMEDY
from kfar.rooms.service.queries import OpenCase
from kfar.rooms.service.replies import queries as replies
from kfar.rooms.service.replies.rules import fill
from kfar.rooms.village.queries import Staff
from kfar.rooms.village.rules import About
from kfar.rooms.voice import queries as voices
from kfar.rooms.voice.queries import Said
from kfar.rooms.voice.rules import Stands

#: So many suggestions and so many voices to put together are shown.
FEW = 3


def about(
    staff: Staff, said: Said, case: OpenCase | None, worth: int | None, of: About
) -> dict[str, Any]:
    """Return what a page shows of the case of a voice; `of` is what it is about."""
    if case is None or REMEDY not in staff.acts:
        return {}
    asked = next((one for one in approving.asked_about(case.voices) if one.outcome is None), None)
    both = voices.by_id(case.voices)
    alone = case.waiting and case.handed_to is None and case.taken_by is None
    person = customers.person(said.customer_id)
    return {
        "due": clocks.standing(case.voices),
        "due_here": clocks.standing([said.id]).get(said.id),
        "suggested": helping.suggest(said.customer_id, worth=worth, about=of)[:FEW]
        if alone
        else [],
        "with_it": [both[own] for own in case.voices if own in both and own != said.id],
        "could_join": [
            one
            for one in voices.of_customer(said.customer_id)
            if one.id not in case.voices and one.stands is not Stands.CLOSED
        ][:FEW],
        "asked": asked,
        "asked_me": asked is not None and asked.approver == staff.id,
        "alike": approving.before(asked.kind, asked.amount, asked.fault) if asked else None,
        "saved": replies.saved(person.language if person else said.language),
    }


def answered(case: OpenCase | None) -> list[Asked]:
    """Return what was asked about a case and is over, by a word or by its clock."""
    found = approving.asked_about(case.voices) if case else []
    return [one for one in found if one.outcome is not None]


def filled(voice_id: UUID, sent: Mapping[str, str]) -> str:
    """Return the words of the saved reply that was chosen, below what was written already.

    The amount is written as the reply's language does. Refuses with `service.no_such_reply`.
    """
    said = voices.voice(voice_id)
    chosen = next((one for one in replies.saved() if str(one.id) == sent.get("reply")), None)
    if said is None or chosen is None:
        raise Refused("service.no_such_reply")
    person = customers.person(said.customer_id)
    with translation.override(chosen.language):
        found = {
            "name": person.name if person else "",
            "product": said.about_name,
            "amount": _amount(sent.get("amount", "")),
        }
    before = sent.get("words", "").strip()
    text = fill(chosen.text, found)
    return f"{before}\n\n{text}" if before else text


def _amount(text: str) -> str:
    try:
        amount = Money.parse(text.strip(), settings.KFAR_CURRENCY)
    except Refused:
        return ""
    return words.money(amount) if amount.minor else ""
