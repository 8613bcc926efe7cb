"""People for tests, and what the rooms announced and noted about them."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from kfar.ground.errors import Refused
from kfar.ground.facts import Fact
from kfar.lake import audit
from kfar.lake.models import Announcement
from kfar.rooms.customers import commands as customers
from kfar.rooms.customers import queries as customers_known
from kfar.rooms.customers.commands import Newcomer
from kfar.rooms.customers.models import Handle
from kfar.rooms.customers.names import PHONE
from kfar.rooms.decisions import commands as decisions
from kfar.rooms.decisions import queries as polls
from kfar.rooms.decisions.rules import Draft
from kfar.rooms.village import commands as village
from kfar.rooms.village import defaults

#: What a browser might have made.
NONCE = "n" * 22

Outcome = tuple[tuple[int, ...], tuple[int, ...], int]


def a_customer(name: str = "Anna", *, language: str = "en", asked: bool = True) -> UUID:
    """A customer with an address, who agreed to be asked unless said otherwise."""
    new = Newcomer(
        key=name,
        name=name,
        email=email(name),
        language=language,
        consents=("ask",) if asked else (),
    )
    return customers.meet_many(source="test", newcomers=[new])[name]


def a_phone(number: str, *, language: str = "") -> UUID:
    """A customer whose only address is a number, who agreed to be asked."""
    new = Newcomer(key=number, name="Ann", language=language, consents=("ask",))
    [own] = customers.meet_many(source="test", newcomers=[new]).values()
    Handle.objects.create(customer_id=own, kind=PHONE, value=number)
    return own


def an_employee(name: str = "Noa", role: str = "service") -> UUID:
    """Somebody who works here: `service` decides up to 20.00, `lead` up to 500.00, `brand` asks."""
    defaults.begin()
    return village.employ(email=email(name), name=name, role=role)


def email(name: str) -> str:
    """Their address."""
    return f"{name.lower()}@village.example"


def ask(by: UUID, **given: Any) -> UUID:
    """Ask which apples, A or B, one choice, for a week, unless said otherwise."""
    once = given.pop("once", None) or uuid4()
    now = timezone.now()
    question: dict[str, Any] = {
        "text": {"en": "Which apples?"},
        "options": [{"en": "A"}, {"en": "B"}],
        "method": "plurality",
        "closes_at": now + timedelta(days=7),
        "pledge": {"en": "We grow them"},
        "pledge_due": timezone.localdate(now) + timedelta(days=30),
    }
    return decisions.ask(by=by, draft=Draft(**(question | given)), once=once)


def outcome(question_id: UUID) -> Outcome | None:
    """What came out: votes of each option, the winners, how many were counted; None: not yet."""
    poll = polls.question(question_id)
    assert poll is not None
    if poll.result is None:
        return None
    votes = tuple(int(each or 0) for each in poll.result.votes)
    return votes, poll.result.winners, poll.result.ballots


def announced() -> list[Fact]:
    """All that was announced, in order."""
    rows = Announcement.objects.order_by("pk")
    return [Fact.kinds[row.fact].from_json(row.payload) for row in rows]


def noted(customer_id: UUID) -> list[tuple[str, UUID | None]]:
    """The audit about a customer, in order: what was done, and by which employee."""
    return [
        (line.act, line.employee_id)
        for line in reversed(audit.lines(customers_known.selves(customer_id)))
    ]


def refuses(code: str, **params: object) -> AbstractContextManager[object]:
    """What is done inside is refused with that code and those params, and announces nothing."""
    return _Refusal(code, params)


class _Refusal:
    def __init__(self, code: str, params: dict[str, object]) -> None:
        self.code, self.params = code, params

    def __enter__(self) -> None:
        self.before = Announcement.objects.count()
        self.raises = pytest.raises(Refused)
        self.caught = self.raises.__enter__()

    def __exit__(self, *raised: Any) -> bool:
        done = bool(self.raises.__exit__(*raised))
        assert (self.caught.value.code, self.caught.value.params) == (self.code, self.params)
        assert Announcement.objects.count() == self.before
        return done
