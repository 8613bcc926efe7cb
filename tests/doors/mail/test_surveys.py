"""Who has a phone and no mailbox is invited by text message, where those reach somebody."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from pytest_django import Settings

from kfar import loop
from kfar.doors import links, texts
from kfar.rooms.customers import commands as customers
from kfar.rooms.decisions import limiting
from kfar.rooms.promises.models import Letter
from kfar.rooms.voice.surveys import commands, queries
from tests.clock import Clock
from tests.doors.mail.test_texting import ANN, Phones
from tests.people import a_customer, a_phone, an_employee
from tests.rooms.voice.surveys.surveying import survey

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def phones(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Phones:
    """The phones of everybody."""
    found = Phones()
    settings.KFAR_TWILIO = ("AC1", "12345", "+18005551212")
    settings.KFAR_URL, settings.KFAR_COMPANY = "https://kfar.example", "Village"
    monkeypatch.setattr(texts, "texter", lambda: found)
    return found


def test_each_is_invited_where_they_can_be_reached(clock: Clock, phones: Phones) -> None:
    anna, ann, tomasz = a_customer(), a_phone(ANN), an_employee("Tomasz", "brand")
    asked = survey(tomasz)
    assert queries.may_be_asked(asked) == 1
    assert queries.may_be_asked(asked, texting=True) == 2
    assert commands.invite(by=tomasz, survey_id=asked, texting=True) == 2
    loop.tick()
    loop.tick()
    assert [letter.to for letter in mail.outbox] == [["anna@village.example"]]
    [(to, said)] = phones.sent
    link = links.survey(asked, ann, Letter.objects.get(customer=ann).at)
    assert to == ANN
    assert said == f"Village asks you: how was it?\n{link}\nSTOP ends these messages."
    assert anna != ann


def test_without_texts_nobody_is_invited_by_phone(clock: Clock, phones: Phones) -> None:
    a_phone(ANN)
    tomasz = an_employee("Tomasz", "brand")
    assert commands.invite(by=tomasz, survey_id=survey(tomasz)) == 0


@pytest.mark.parametrize("why", ["stopped", "no consent", "over"])
def test_who_is_not_to_be_texted_is_not(clock: Clock, phones: Phones, why: str) -> None:
    ann, tomasz = a_phone(ANN), an_employee("Tomasz", "brand")
    asked = survey(tomasz, reminds=True)
    commands.invite(by=tomasz, survey_id=asked, texting=True)
    if why == "stopped":
        limiting.stop(number=ANN)
    elif why == "no consent":
        customers.consent(by=ann, purpose="ask", given=False, source="web")
    else:
        commands.close(by=tomasz, survey_id=asked)
    loop.tick()
    assert phones.sent == []


def test_nobody_is_reminded_by_text(clock: Clock, phones: Phones) -> None:
    a_phone(ANN)
    tomasz = an_employee("Tomasz", "brand")
    asked = survey(tomasz, reminds=True, closes_at=clock.now + timedelta(days=30))
    commands.invite(by=tomasz, survey_id=asked, texting=True)
    loop.tick()
    clock.forward(days=8)
    loop.tick()
    loop.tick()
    assert len(phones.sent) == 1
