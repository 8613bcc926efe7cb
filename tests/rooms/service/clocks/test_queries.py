"""By when cases are due, in working hours, and how many were first decided in time."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from pytest_django import Settings

from kfar.ground.money import Money
from kfar.rooms.service import commands as service
from kfar.rooms.service.clocks import queries
from kfar.rooms.service.clocks.queries import Due, InTime
from kfar.rooms.service.models import Case
from tests.clock import Clock
from tests.people import a_customer, an_employee

pytestmark = pytest.mark.django_db


def open_case(kind: str = "web") -> UUID:
    voice = uuid4()
    service.open_case(voice_id=voice, customer_id=a_customer(), kind=kind)
    return voice


def give(voice: UUID) -> None:
    own = Case.objects.get(voice_id=voice).pk
    service.remedy(
        by=an_employee(), case_id=own, kind="refund", amount=Money(1, "USD"), once=uuid4()
    )


@pytest.fixture(autouse=True)
def _hours(settings: Settings) -> None:
    settings.KFAR_WORK_HOURS = "Mon-Fri 09:00-17:00"
    settings.KFAR_DECIDE_WITHIN = {
        "": timedelta(hours=8), "email": timedelta(hours=2), "urgent": timedelta(hours=1),
    }  # fmt: skip


def test_what_is_due_next_comes_first_and_says_how_late_it_is(clock: Clock) -> None:
    usual, mail = open_case(), open_case("email")  # on Monday at 12:00
    assert queries.next_due(9) == [mail, usual]
    assert (queries.next_due(1), queries.open_now()) == ([mail], True)
    clock.forward(hours=3)
    start = clock.now - timedelta(hours=3)
    assert queries.standing([usual, mail, uuid4()]) == {
        usual: Due(at=start + timedelta(days=1), left=timedelta(hours=5), late=False),
        mail: Due(at=start + timedelta(hours=2), left=timedelta(hours=1), late=True),
    }
    clock.forward(hours=9)
    assert not queries.open_now()
    give(mail)
    assert (queries.next_due(9), list(queries.standing([mail]))) == ([usual], [])


def test_what_was_not_good_is_due_sooner_and_counts_by_its_first_decision(clock: Clock) -> None:
    voice = open_case()
    clock.forward(hours=1)
    give(voice)
    assert queries.in_time() == InTime(known=1, kept=1)
    clock.forward(hours=1)
    service.reopen(voice_id=voice, at=clock.now)
    assert queries.standing([voice])[voice].left == timedelta(hours=1)
    clock.forward(days=2)
    give(voice)
    found = queries.in_time()
    assert (found, found.share) == (InTime(known=1, kept=1), 1.0)


def test_decided_elsewhere_counts_too_and_what_was_never_due_does_not(
    clock: Clock, settings: Settings
) -> None:
    late = open_case("email")
    clock.forward(hours=3)
    for _twice in range(2):
        service.decide(voice_id=late)
    settings.KFAR_DECIDE_WITHIN = {}
    never = open_case()
    assert queries.next_due(9) == []
    give(never)
    assert queries.in_time() == InTime(known=1, kept=0)
    assert InTime(0, 0).share == 0.0
