"""Open questions for tests, and what a voter needs to come in."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from kfar.rooms.decisions import queries, texts
from kfar.rooms.decisions.models import Ballot
from kfar.rooms.decisions.texts import Answer
from tests.people import an_employee, ask

#: Somebody in Israel, somebody in Poland.
DOV, EWA = "+972502345678", "+48512345678"


def asker() -> UUID:
    """Who may ask, and set ballots aside."""
    return an_employee("Tomasz", "brand")


def open_to(audience: str = "link", **given: Any) -> UUID:
    """A question that whoever comes may answer."""
    return ask(asker(), audience=audience, **given)


def text(number: str, said: str, message: str = "") -> Answer:
    """A text message from a number, each another one unless said otherwise."""
    return texts.take(number=number, text=said, message=message or uuid4().hex)


def votes(question: UUID) -> list[tuple[str, str]]:
    """Every ballot, in the order they came: tier and what it says."""
    rows = Ballot.objects.filter(voter__question=question).order_by("first_at", "pk")
    return list(rows.values_list("voter__tier", "text"))


def key() -> bytes:
    """What signs voters' tokens."""
    return queries.ballot_key()
