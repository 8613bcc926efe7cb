"""Whose time has come is asked: of what they bought, after what was said, once an hour."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core import mail

from kfar import loop
from kfar.lake.touch import Touch
from kfar.loop.following_up import follow_up_due
from kfar.rooms.customers import commands as customers
from kfar.rooms.voice.follow_up import commands, queries
from kfar.rooms.voice.surveys import queries as surveyed
from tests.clock import Clock
from tests.lake.touches import a_touch, settle
from tests.people import a_customer, an_employee
from tests.rooms.service.returns.returning import a_line, send_back
from tests.rooms.voice.follow_up.test_commands import closed_voice
from tests.rooms.voice.surveys.surveying import survey

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_dir")]


def bought(by: UUID, clock: Clock, key: str = "milk", days: float = 0, **given: Any) -> Touch:
    """A line of a basket, so many days ago."""
    said: dict[str, Any] = {
        "customer": by, "basket": f"{by}", "product_name": key.upper(), "category": "Dairy",
        "paid": 100, "currency": "USD", "at": clock.now - timedelta(days=days),
    }  # fmt: skip
    return a_touch(f"{by}{key}", **(said | given))


def test_after_a_purchase_its_dearest_line_is_asked_about_in_time(clock: Clock) -> None:
    anna = a_customer()
    milk = bought(anna, clock)
    settle([milk, bought(anna, clock, "salt", paid=5)])
    clock.forward(days=13, hours=23)
    assert follow_up_due() == 0
    clock.forward(hours=1)
    assert (follow_up_due(), follow_up_due()) == (1, 0)
    [one] = queries.of_customer(anna)
    assert (one.about, one.name, one.about_at) == (milk.id, "MILK", milk.at)
    loop.tick()
    [letter] = mail.outbox
    assert letter.subject == "Was it good: Milk?"
    assert str(letter.body).count("/after/") == 2
    clock.forward(days=60)
    assert follow_up_due() == 0
    loop.tick()
    assert len(mail.outbox) == 1  # nobody is reminded


def test_each_category_has_its_time(clock: Clock) -> None:
    commands.set_days(category="Phones", days=40)
    commands.set_days(category="", days=0)
    anna, borys = a_customer(), a_customer("Borys")
    settle([bought(anna, clock, "phone", 40, category="Phones"), bought(borys, clock, "milk", 14)])
    assert follow_up_due() == 1
    assert [one.name for one in queries.of_customer(anna)] == ["PHONE"]


def test_what_went_back_is_not_asked_about(clock: Clock) -> None:
    anna = a_customer()
    line = a_line()
    settle([bought(anna, clock, days=14, id=line.touch_id)])
    send_back(anna, line)
    assert follow_up_due() == 0


def test_who_did_not_agree_is_not_asked_and_ids_are_one_person(clock: Clock) -> None:
    anna, dov, hania = a_customer(), a_customer("Dov", asked=False), a_customer("Hania")
    customers.merge(by=an_employee("Ewa", "lead"), one=anna, other=hania)
    settle([bought(own, clock, days=15) for own in (anna, dov, hania)])
    assert follow_up_due() == 1
    assert len(queries.of_customer(hania)) == 1


class TestSurveys:
    def test_a_survey_invites_after_a_purchase(self, clock: Clock) -> None:
        anna, borys, tomasz = a_customer(), a_customer("Borys"), an_employee("Tomasz", "brand")
        commands.set_days(category="", days=0)
        settle([bought(anna, clock, days=3), bought(borys, clock, days=11)])
        asked = survey(tomasz, after="purchase", after_days=3)
        assert follow_up_due() == 1
        assert surveyed.invited(asked) == [anna]
        clock.forward(hours=1)
        assert follow_up_due() == 0

    def test_after_a_visit_and_a_closed_case(self, clock: Clock) -> None:
        anna, borys, tomasz = a_customer(), a_customer("Borys"), an_employee("Tomasz", "brand")
        commands.set_days(category="", days=0)
        page = a_touch("1", customer=anna, kind="page", channel="web", at=clock.now)
        settle([page])
        closed_voice(borys)
        clock.forward(days=1)
        seen = survey(tomasz, after="visit", after_days=1)
        helped = survey(tomasz, after="case", after_days=1)
        assert follow_up_due() == 2
        assert (surveyed.invited(seen), surveyed.invited(helped)) == ([anna], [borys])

    def test_one_that_is_over_invites_nobody(self, clock: Clock) -> None:
        anna, tomasz = a_customer(), an_employee("Tomasz", "brand")
        survey(tomasz, after="purchase", after_days=3, closes_at=clock.now + timedelta(hours=1))
        clock.forward(hours=2)
        settle([bought(anna, clock, days=3)])
        assert surveyed.inviting() == []
        assert follow_up_due() == 0
