"""A consultation in the loop: asked, on the journey, told what came out, promised and kept."""

from __future__ import annotations

import pytest
from django.core import mail
from pytest_django import Settings

from kfar import loop
from kfar.doors import links
from kfar.doors.mail import post
from kfar.lake import outbox
from kfar.lake.models import Touchpoint
from kfar.rooms.decisions.consultations import commands, queries
from kfar.rooms.decisions.consultations.commands import Speaker
from kfar.rooms.decisions.consultations.rules import State
from kfar.rooms.promises import commands as promises
from kfar.rooms.promises import queries as record
from tests.clock import Clock
from tests.people import a_customer, an_employee
from tests.rooms.decisions.consultations.consulting import consult, vote

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_dir")]


@pytest.fixture(autouse=True)
def _world(settings: Settings) -> None:
    settings.KFAR_COMPANY = "Orchard"
    settings.KFAR_URL = "https://orchard.example"


def letters() -> dict[str, tuple[str, str]]:
    """What was sent now: subject and text by address."""
    outbox.deliver()
    mail.outbox.clear()
    post.send_waiting()
    return {str(m.to[0]): (str(m.subject), str(m.body)) for m in mail.outbox}


def test_from_the_asking_to_the_promise_that_was_kept(clock: Clock) -> None:
    tomasz = an_employee("Tomasz", "brand")
    anna, boaz = a_customer("Anna"), a_customer("Boaz", language="he")
    a_customer("Celina", asked=False)
    one = consult(tomasz)

    # who agreed to be asked gets a way in
    sent = letters()
    assert sorted(sent) == ["anna@village.example", "boaz@village.example"]
    subject, text = sent["anna@village.example"]
    assert subject == "What do you think: Bread"
    assert "Which bread shall we bake?" in text
    assert "https://orchard.example/consultations/by/" in text
    assert "We bake it" in text

    # that somebody took part is on the journey, once
    for _ in range(6):
        vote(anna, one, 1, -1, 0)
    vote(boaz, one, 1, -1)
    outbox.deliver()
    touches = Touchpoint.objects.filter(kind="consult").values_list("customer", "ref")
    assert sorted(touches, key=str) == sorted([(anna, str(one)), (boaz, str(one))], key=str)

    # and everybody who did is told what came out, and what follows
    clock.forward(days=7)
    loop.reckon()
    sent = letters()
    assert sorted(sent) == ["anna@village.example", "boaz@village.example"]
    subject, text = sent["anna@village.example"]
    assert subject == "What came out: Bread"
    assert "2 people took part, and so did you." in text
    assert "There was nothing on which all groups agree." in text  # of two people
    assert "What we will do, by Apr 1, 2026: We bake it" in text
    promise = record.for_question(one)
    assert promise is not None
    assert (promise.text, promise.owner_id, promise.to) == ({"en": "We bake it"}, tomasz, 2)

    promises.keep(by=tomasz, promise_id=promise.id, how="It is in the oven")
    subject, text = letters()["anna@village.example"]
    assert subject == "We kept our promise"
    assert "You took part in: Bread" in text
    assert "https://orchard.example/consultations/by/" in text


def test_what_all_groups_share_stands_in_the_letter(clock: Clock) -> None:
    one = consult(an_employee("Tomasz", "brand"))
    people = [a_customer(f"Person{n}") for n in range(8)]
    for person in people:
        vote(person, one, 1, -1, 0)
    letters()
    clock.forward(days=7)
    loop.reckon()
    _subject, text = letters()["person0@village.example"]
    assert "All groups agree:\n– Rye is best.\n" in text
    assert "All groups reject:\n– Bake at night.\n" in text
    assert "Sell it warm." not in text


def test_an_author_is_told_why_their_statement_was_taken_out() -> None:
    tomasz, anna = an_employee("Tomasz", "brand"), a_customer()
    one = consult(tomasz)
    commands.say(by=Speaker(anna), consultation_id=one, text="Fire Ewa.", language="en")
    letters()
    [said] = queries.statements(one, State.WAITING)
    commands.take_out(by=tomasz, statement_id=said.id, reason="It names somebody.")
    subject, text = letters()["anna@village.example"]
    assert subject == "Your statement was taken out: Bread"
    assert "You said: Fire Ewa." in text
    assert "Why it was taken out: It names somebody." in text
    assert "https://orchard.example/consultations/by/" in text


def test_who_is_let_in_again_before_the_post_left_is_told_nothing() -> None:
    tomasz, anna = an_employee("Tomasz", "brand"), a_customer(asked=False)
    one = consult(tomasz)
    commands.say(by=Speaker(anna), consultation_id=one, text="Salt it.", language="en")
    [said] = queries.statements(one, State.WAITING)
    commands.take_out(by=tomasz, statement_id=said.id, reason="Hm")
    commands.let_in(by=tomasz, statement_id=said.id)
    assert letters() == {}


def test_the_link_is_made_for_one_customer_and_one_consultation() -> None:
    one, anna = consult(an_employee("Tomasz", "brand")), a_customer()
    token = links.consultation(one, anna).rstrip("/").rpartition("/")[2]
    assert links.opened(token, "consult") == [one, anna]
