"""Votes by text message: from which number, what it says, and what to answer."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import blake2b

from django.conf import settings
from django.db import transaction

from kfar.ground.errors import Refused
from kfar.ground.limits import windows
from kfar.rooms.customers import queries as customers
from kfar.rooms.customers.names import PHONE, phone
from kfar.rooms.decisions import admitting, commands, limiting, queries
from kfar.rooms.decisions.admitting import Door
from kfar.rooms.decisions.knowing.addresses import country
from kfar.rooms.decisions.knowing.texting import understand, wish
from kfar.rooms.decisions.limiting import Spend
from kfar.rooms.decisions.proving.manifest import Tier

#: For how long a message that comes again is known.
AGAIN = timedelta(days=1)
#: What people in a country read, where we do not know what somebody does.
SPOKEN = {"IL": "he", "PL": "pl"}


@dataclass(frozen=True)
class Answer:
    """What to answer: `text` is the ballot that was taken on `about`.

    Without `text` it was not understood; without `about` nobody knows which of the `open`
    questions was meant. `refused` is why the ballot was not taken. `wish` is "stop" or "start"
    where the message asks for that; `silent`: its sender did so before, and is not answered.
    """

    open: tuple[Door, ...]
    about: Door | None = None
    text: str = ""
    refused: Refused | None = None
    wish: str = ""
    silent: bool = False


def language(number: str) -> str:
    """Return what the owner of a number reads: what they chose, else what their country does."""
    known = customers.by_handle(PHONE, number)
    return (known and customers.spoken(known)) or SPOKEN.get(country(number), "en")


def take(*, number: str, text: str, message: str) -> Answer:
    """Take a vote by text; a later one of the same number replaces it, the same `message` does not.

    The voter is the customer with that number, met by it where it is new. Whatever a message
    says that is no vote is answered and forgotten; but who asks for no more text messages gets
    none, until they ask for them again.
    """
    number = phone(number)
    if asked := wish(text):
        if number and limiting.first(what="message", whom=message, lasts=AGAIN):
            (limiting.stop if asked == "stop" else limiting.start)(number=number)
        return Answer((), wish=asked)
    try:
        answer = _take(number, text, message)
    except Refused as refused:
        answer = Answer(tuple(admitting.by_text()), refused=refused)
    return replace(answer, silent=limiting.stopped(number))


@transaction.atomic
def _take(number: str, text: str, message: str) -> Answer:
    if not number:
        raise Refused("decisions.not_a_phone")
    doors = {one.id: one for one in admitting.by_text()}
    asked, ballot = understand(text, [one.asked() for one in doors.values()])
    answer = Answer(tuple(doors.values()), doors[asked.id] if asked else None, ballot)
    if not limiting.first(what="message", whom=message, lasts=AGAIN):
        return answer
    limiting.spend(spends=[Spend("texts", number, windows(settings.KFAR_VOTES))])
    if answer.about is None or not ballot:
        return answer
    customer_id = admitting.meet(kind=PHONE, address=number)
    admitting.admit(question_id=answer.about.id, customer_id=customer_id, tier=Tier.SMS)
    commands.vote(
        question_id=answer.about.id,
        by=customer_id,
        text=ballot,
        nonce=_nonce(message),
        tier=Tier.SMS,
    )
    return answer


def _nonce(message: str) -> str:
    """A nonce that the same message has again."""
    made = blake2b(message.encode(), key=queries.ballot_key(), digest_size=18, person=b"kfar.text")
    return urlsafe_b64encode(made.digest()).decode()
