"""Letters about questions say the truth, by whichever method was counted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from kfar import loop
from kfar.rooms.decisions import commands as decisions
from kfar.rooms.promises import queries as record
from tests.clock import Clock
from tests.people import a_customer, an_employee, ask

pytestmark = pytest.mark.django_db


def _told(clock: Clock, ballots: list[str], **given: Any) -> str:
    """The letter on a question on A, B and C, answered so and closed."""
    people = [a_customer(f"Voter{n}") for n in range(len(ballots))]
    options = [{"en": name} for name in "ABC"]
    asked = {"options": options, "lot": "2>1>0", "closes_at": clock.now + timedelta(hours=1)}
    question = ask(an_employee("Tomasz", "brand"), **(asked | given))
    for person, ballot in zip(people, ballots, strict=True):
        decisions.vote(by=person, question_id=question, text=ballot)
    loop.tick()
    mail.outbox.clear()
    clock.forward(hours=1)
    loop.tick()
    loop.tick()
    return str(mail.outbox[0].body)


def test_the_letter_tells_what_any_method_decided(clock: Clock) -> None:
    ranked = _told(clock, ["0>1", "1>0", "1>2", "2>0", "0"], method="irv")
    assert ranked.startswith(
        "You decided together: A\n\nVotes:\n– A: 3\n– B: 2\n– C: 1\n5 customers answered.\n"
    )
    two = _told(clock, ["0 1", "1", "2", "2"], method="approval", seats=2)
    assert two.startswith(
        "You decided together: C and B\n"
        "B and C stood equal; their order was decided by the lot.\n\n"
        "– C: 2\n– B: 2\n– A: 1\n4 customers answered.\n\nWhat we will do, by "
    )


def test_the_letter_promises_nothing_where_too_few_answered(clock: Clock) -> None:
    said = _told(clock, ["1"], quorum=2)
    assert said.startswith(
        "Too few answered for it to count: 1 ballot, and 2 were needed.\n\n– B: 1\n– A: 0\n"
    )
    assert "What we will do" not in said
    assert record.record().open == 0


def test_the_letter_that_asks_says_what_to_do() -> None:
    a_customer()
    ask(an_employee("Tomasz", "brand"), method="irv")
    loop.tick()
    assert "– A\n– B\n\nEveryone ranks the options: best first, then the next.\nAnswer here:\n" in (
        str(mail.outbox[0].body)
    )
