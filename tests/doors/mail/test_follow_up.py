"""Who chose text messages is asked how it was by one; silence, STOP and the limit hold as ever."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.core import mail
from pytest_django import Settings

from kfar import loop
from kfar.doors import links, texts
from kfar.loop import following_up
from kfar.rooms.customers import commands as customers
from kfar.rooms.decisions import limiting
from kfar.rooms.promises.models import Letter
from kfar.rooms.voice.follow_up import queries
from kfar.rooms.voice.models import FollowUp
from tests.clock import Clock
from tests.doors.mail.test_texting import ANN, Phones
from tests.people import a_customer, a_phone
from tests.rooms.voice.follow_up.following import due

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def phones(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Phones:
    """The phones of everybody."""
    found = Phones()
    settings.KFAR_TWILIO = ("AC1", "12345", "+18005551212")
    settings.KFAR_URL, settings.KFAR_COMPANY = "https://kfar.example", "Village"
    monkeypatch.setattr(texts, "texter", lambda: found)
    return found


def choose(who: UUID, way: str = "sms") -> UUID:
    customers.choose_way(by=who, purpose="followed", way=way)
    return who


def ask(who: UUID) -> int:
    """Ask about milk, as the loop does; send what waits."""
    done = following_up._ask([due(who)])
    loop.tick()
    loop.tick()
    return done


def test_who_chose_text_messages_is_asked_by_one(clock: Clock, phones: Phones) -> None:
    ann, anna = choose(a_phone(ANN)), a_customer()
    assert (ask(ann), ask(anna)) == (1, 1)
    [one] = queries.of_customer(ann)
    link = links.after(one.id, ann, Letter.objects.get(customer=ann).at)
    assert phones.sent == [(ANN, f"Village: Was it good: Milk?\n{link}\nSTOP ends these messages.")]
    assert [letter.to for letter in mail.outbox] == [["anna@village.example"]]


def test_who_has_a_phone_and_chose_nothing_is_not_texted(clock: Clock, phones: Phones) -> None:
    assert (ask(a_phone(ANN)), phones.sent) == (0, [])


def test_who_wants_to_hear_nothing_of_it_is_not_asked(clock: Clock, phones: Phones) -> None:
    assert ask(choose(a_customer(), "none")) == 0
    assert (FollowUp.objects.count(), mail.outbox) == (0, [])


def test_who_said_stop_is_not_asked(clock: Clock, phones: Phones) -> None:
    limiting.stop(number=ANN)
    assert (ask(choose(a_phone(ANN))), phones.sent) == (0, [])


def test_who_says_stop_before_it_goes_out_gets_none(clock: Clock, phones: Phones) -> None:
    ann = choose(a_phone(ANN))
    assert following_up._ask([due(ann)]) == 1
    limiting.stop(number=ANN)
    loop.tick()
    loop.tick()
    assert phones.sent == []


def test_without_texts_nobody_is_asked_by_phone(
    clock: Clock, phones: Phones, settings: Settings
) -> None:
    settings.KFAR_TWILIO = ("", "", "")
    assert (ask(choose(a_phone(ANN))), phones.sent) == (0, [])


def test_the_limit_and_silence_hold_by_text_as_by_mail(
    clock: Clock, phones: Phones, settings: Settings
) -> None:
    ann = choose(a_phone(ANN))
    assert (ask(ann), ask(ann)) == (1, 0)  # asked lately
    clock.forward(days=90)
    assert ask(ann) == 1
    clock.forward(days=90)
    assert ask(ann) == 0  # silent twice: half as often
    clock.forward(days=90)
    assert ask(ann) == 1
    assert len(phones.sent) == 3


def test_who_takes_consent_back_is_not_asked(clock: Clock, phones: Phones) -> None:
    ann = choose(a_phone(ANN))
    customers.consent(by=ann, purpose="ask", given=False, source="web")
    assert (ask(ann), phones.sent) == (0, [])
    assert queries.free(texting=True) == []
