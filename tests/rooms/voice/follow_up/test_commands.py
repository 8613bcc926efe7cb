"""One short question, once, never too often; a no reaches who can act, silence is respected."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction

from kfar.rooms.voice import commands as voice
from kfar.rooms.voice import queries as voices
from kfar.rooms.voice.facts import FollowedUp, FollowUpAnswered, Heard
from kfar.rooms.voice.follow_up import commands, queries
from kfar.rooms.voice.follow_up.rules import Figures, Kind
from kfar.rooms.voice.models import FollowUp, Invitation
from kfar.rooms.voice.surveys import commands as surveys
from tests.at_once import at_once
from tests.clock import Clock
from tests.people import a_customer, a_phone, an_employee, announced, refuses
from tests.rooms.voice.follow_up.following import answer, ask, due
from tests.rooms.voice.surveys.surveying import survey

pytestmark = pytest.mark.django_db


def closed_voice(by: UUID) -> UUID:
    """Something that was said, answered, and is good now."""
    said = voice.say(by=by, text="Sour", language="en")
    voice.tell(voice_id=said)
    voice.judge(by=by, voice_id=said, good=True)
    return said


def test_who_agreed_is_asked_once_about_one_thing(clock: Clock) -> None:
    anna, dov = a_customer(), a_customer("Dov", asked=False)
    both = [due(anna), due(anna), due(dov)]
    assert commands.ask(due=both) == 1
    [one] = queries.of_customer(anna)
    assert (one.about, one.name, one.good) == (both[0].about, "MILK", None)
    assert announced() == [FollowedUp(follow_up_id=one.id, customer_id=anna, at=clock.now)]
    clock.forward(days=900)
    assert commands.ask(due=[both[0]]) == 0
    Invitation.objects.create(customer_id=anna, at=clock.now, day=clock.today)
    with pytest.raises(IntegrityError), transaction.atomic():
        Invitation.objects.create(customer_id=anna, at=clock.now, day=clock.today)


def test_the_limit_is_one_with_that_of_surveys(clock: Clock) -> None:
    anna, tomasz = a_customer(), an_employee("Tomasz", "brand")
    assert ask(anna) is not None
    asked = survey(tomasz, closes_at=clock.now + timedelta(days=60))
    assert surveys.invite(by=tomasz, survey_id=asked) == 0
    clock.forward(days=30)
    assert surveys.invite(by=tomasz, survey_id=asked) == 1
    assert ask(anna, Kind.CASE) is None
    clock.forward(days=30)
    assert ask(anna, Kind.CASE) is not None


@pytest.mark.django_db(transaction=True)
def test_asked_at_once_from_two_sides_they_are_asked_once() -> None:
    anna, tomasz = a_customer(), an_employee("Tomasz", "brand")
    asked = survey(tomasz)
    done = at_once(
        lambda: surveys.invite(by=tomasz, survey_id=asked),
        lambda: commands.ask(due=[due(anna)]),
        lambda: commands.ask(due=[due(anna)]),
    )
    assert sum(each for each in done if isinstance(each, int)) == 1
    assert Invitation.objects.count() == 1


def test_after_purchases_one_is_asked_every_ninety_days_and_half_as_often_if_silent(
    clock: Clock,
) -> None:
    anna = a_customer()
    answer(ask(anna), good=True)
    clock.forward(days=89)
    assert ask(anna) is None
    clock.forward(days=1)
    assert ask(anna) is not None
    clock.forward(days=90)
    assert ask(anna) is not None  # one silence is none
    clock.forward(days=179)
    assert ask(anna) is None
    clock.forward(days=1)
    one = ask(anna)
    answer(one, good=True)
    clock.forward(days=90)
    assert ask(anna) is not None


def test_after_cases_two_silences_halve_it_too(clock: Clock) -> None:
    anna = a_customer()
    for _times in range(2):
        assert ask(anna, Kind.CASE) is not None
        clock.forward(days=30)
    assert ask(anna, Kind.CASE) is None
    clock.forward(days=30)
    assert ask(anna, Kind.CASE) is not None


def test_who_has_no_mailbox_is_not_asked_in_vain() -> None:
    one = a_phone("+48601222333")
    assert ask(one, Kind.CASE) is None
    assert queries.free() == []


def test_a_no_about_a_purchase_is_a_voice(clock: Clock) -> None:
    anna = a_customer()
    one = ask(anna)
    for _twice in range(2):
        answer(one, good=False)
    [said] = voices.of_customer(anna)
    assert one is not None
    assert (said.text, said.about, said.about_name) == ("Sour", one.about, "MILK")
    assert announced()[1:] == [
        Heard(voice_id=said.id, customer_id=anna, at=clock.now),
        FollowUpAnswered(follow_up_id=one.id, customer_id=anna, good=False, at=clock.now),
    ]
    with refuses("follow_up.not_found"):
        answer(one, good=True, by=a_customer("Borys"))
    with refuses("follow_up.not_found"):
        commands.answer(by=anna, follow_up_id=uuid4(), good=True, words="", language="en")


def test_a_no_about_a_case_opens_it_again(clock: Clock) -> None:
    anna = a_customer()
    said = closed_voice(anna)
    one = ask(anna, Kind.CASE, said)
    answer(one, good=True)
    answer(one, good=False)
    found = voices.voice(said)
    assert found is not None
    assert (found.closed_at, found.stands) == (None, "unread")
    assert len(voices.of_customer(anna)) == 1


def test_closed_cases_are_due_after_a_week_for_a_week(clock: Clock) -> None:
    anna = a_customer()
    said = closed_voice(anna)
    clock.forward(days=6)
    assert queries.closed_cases() == []
    clock.forward(days=1)
    assert [(one.about, one.kind) for one in queries.closed_cases()] == [(said, Kind.CASE)]
    assert commands.ask(due=queries.closed_cases()) == 1
    assert queries.closed_cases() == []
    FollowUp.objects.all().delete()
    clock.forward(days=7)
    assert queries.closed_cases() == []


def test_yes_no_and_silence_are_counted(clock: Clock) -> None:
    for name, good in (("Anna", True), ("Borys", False), ("Celina", None)):
        one = ask(a_customer(name))
        if good is not None:
            answer(one, good=good)
    assert queries.figures()[Kind.PURCHASE] == Figures(1, 1, 0)
    clock.forward(days=14)
    assert queries.figures()[Kind.PURCHASE] == Figures(1, 1, 1)
    assert queries.figures()[Kind.CASE] == Figures(0, 0, 0)


def test_the_days_are_the_operators(clock: Clock) -> None:
    assert queries.terms() == {"": 14}
    commands.set_days(category="", days=0)
    commands.set_days(category="Phones", days=30)
    assert queries.terms() == {"": 0, "Phones": 30}
    with refuses("follow_up.bad_days", most=365):
        commands.set_days(category="", days=366)


def test_who_is_erased_was_asked_nothing() -> None:
    anna = a_customer()
    one = ask(anna)
    assert one is not None
    gone = commands.forget(customers=[anna])
    assert (gone.rows, set(gone.ids)) == ({"voice.FollowUp": 1}, {one.id})
    assert surveys.forget(customers=[anna]).rows == {"voice.Invitation": 1}
