"""Twilio's webhook: only what is signed is read, and each is answered once."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client
from pytest_django import Settings

from kfar.doors.texts import signature
from kfar.rooms.customers import queries as people
from kfar.rooms.decisions.models import Ballot
from tests.clock import Clock
from tests.people import refuses
from tests.rooms.decisions.doors import DOV, EWA, open_to, votes

pytestmark = pytest.mark.django_db

TOKEN, URL = "12345", "https://vote.village.example"


@pytest.fixture(autouse=True)
def _signed(settings: Settings) -> None:
    settings.KFAR_TWILIO, settings.KFAR_URL = ("AC1", TOKEN, "+18005551212"), URL


def post(said: str, number: str = "+14155552671", message: str = "SM1", **more: Any) -> Any:
    """What Twilio posts, from behind a proxy that ends https."""
    fields = {"From": number, "To": "+18005551212", "Body": said, "MessageSid": message} | more
    mark = signature(TOKEN, f"{URL}/sms/twilio", {k: [v] for k, v in fields.items()})
    browser = Client(enforce_csrf_checks=True, headers={"X-Twilio-Signature": mark})
    return browser.post("/sms/twilio", fields)


def told(answer: Any) -> str:
    """What is answered to the sender."""
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/xml; charset=utf-8")
    [message] = ElementTree.fromstring(answer.content)
    assert message.tag == "Message"
    return str(message.text)


def test_a_vote_is_taken_and_answered(clock: Clock) -> None:
    question = open_to("phone")
    said = told(post("vote 2"))
    assert said.startswith("Your vote counts: B. Another text changes it until ")
    assert told(post("vote 2")) == said  # Twilio asks again
    assert votes(question) == [("sms", "1")]
    post("1", message="SM2")
    assert votes(question) == [("sms", "0")]


def test_what_is_not_understood_is_answered_with_the_options() -> None:
    open_to("phone")
    assert told(post("what?")) == "Which apples? Answer with a number: 1 A, 2 B"
    open_to(method="irv", keyword="fruit")
    assert told(post("fruit", message="SM2")) == (
        "Which apples? Answer with the numbers in your order, as 2 1 3: 1 A, 2 B"
    )
    assert "fruit: Which apples?" in told(post("1", message="SM3"))


def test_without_a_question() -> None:
    assert told(post("1")) == "No question takes text messages now."


def test_a_refusal_is_said(settings: Settings) -> None:
    settings.KFAR_VOTES = "1/day"
    open_to("phone")
    post("1")
    assert told(post("2", message="SM2")).startswith("That was too often from here.")


def test_who_wants_no_messages_is_told_once_and_then_nothing(clock: Clock) -> None:
    question = open_to("phone")
    assert told(post("הסר", DOV, "SM1")) == (
        "לא יישלחו אליך עוד מסרונים מאיתנו. מסרון שכתוב בו START יחזיר אותם."
    )
    silent = post("2", DOV, "SM2")
    assert (silent.status_code, ElementTree.fromstring(silent.content).findall("*")) == (200, [])
    assert votes(question) == [("sms", "1")]
    assert told(post("Start", message="SM3")) == "Text messages come to you again. STOP ends them."
    assert ElementTree.fromstring(post("1", DOV, "SM4").content).findall("*") == []
    post("התחל", DOV, "SM5")
    assert told(post("1", DOV, "SM6")).startswith("הקול שלך נספר: A.")


def test_no_keyword_ends_messages() -> None:
    with refuses("decisions.bad_keyword"):
        open_to("phone", keyword="stop")


@pytest.mark.parametrize(
    ("number", "letters"), [(DOV, "אבגדהוזחטיכלמנסעפצקרשת"), (EWA, "ąćęłńóśźż")], ids=["IL", "PL"]
)
def test_the_answer_is_in_the_language_of_the_country(number: str, letters: str) -> None:
    open_to("phone")
    assert set(told(post("2", number))) & set(letters)


def test_what_is_not_signed_is_not_read(settings: Settings) -> None:
    open_to("phone")
    fields = {"From": DOV, "Body": "1", "MessageSid": "SM1"}
    for mark in (
        "",
        "x",
        signature("other", f"{URL}/sms/twilio", {k: [v] for k, v in fields.items()}),
    ):
        answer = Client(headers={"X-Twilio-Signature": mark}).post("/sms/twilio", fields)
        assert (answer.status_code, answer.content) == (403, b"")
    settings.KFAR_TWILIO = ("", "", "")
    assert post("1").status_code == 403
    assert (Ballot.objects.count(), people.count()) == (0, 0)


def test_a_message_without_an_id_is_none() -> None:
    open_to("phone")
    assert post("1", message="").status_code == 400
    assert Client().get("/sms/twilio").status_code == 405
