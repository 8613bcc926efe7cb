"""Answers go back where a voice came from; where none can, the page says so."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core import mail
from django.test import Client
from pytest_django import Settings
from standardwebhooks.webhooks import Webhook

from kfar import loop
from kfar.doors.archive import said as archived
from kfar.ground.money import Money
from kfar.loop import planning
from kfar.loop.planning import Meant
from kfar.rooms.customers import commands as customers
from kfar.rooms.customers.models import Handle
from kfar.rooms.customers.names import EMAIL
from kfar.rooms.decisions import limiting
from kfar.rooms.promises import commands as promises
from kfar.rooms.promises.models import Letter
from kfar.rooms.promises.plans.rules import Source
from kfar.rooms.service import commands as service
from kfar.rooms.service import queries as cases
from kfar.rooms.voice.channels import commands, hearing, queries
from kfar.rooms.voice.channels.rules import Kind
from kfar.rooms.voice.models import Voice
from tests.clock import Clock
from tests.doors.web.doors import enter, text
from tests.people import an_employee
from tests.rooms.voice.channels.said import a_hook, message
from tests.servers import Script

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _here(settings: Settings, clock: Clock) -> None:
    settings.KFAR_URL = "https://orchard.example"


def said(channel: UUID, **given: Any) -> UUID:
    found = hearing.take(channel_id=channel, message=message(**given))
    assert found is not None
    loop.tick()
    return found


def decide(voice_id: UUID, words: str = "We come.", kind: str = "answer", minor: int = 0) -> UUID:
    case = cases.case(voice_id)
    assert case is not None
    given = service.remedy(
        by=an_employee(), case_id=case.id, kind=kind, amount=Money(minor, "USD"), words=words,
        once=uuid4(),
    )  # fmt: skip
    loop.tick()
    loop.tick()
    return given


def page(voice_id: UUID) -> str:
    an_employee()
    return text(enter("Noa").get(f"/voices/{voice_id}/"))


def test_who_told_us_is_told_our_answer_signed(elsewhere: Script) -> None:
    shop = a_hook(answers=f"{elsewhere.url}/answers")
    voice = said(shop, thread="t1", url="https://shop.example/r/1")
    assert "An answer in words stands below it" in page(voice)
    decide(voice)
    [asked] = elsewhere.asked
    [secret] = queries.secrets(shop)
    fields = {name: asked.headers[name] for name in asked.headers if name.startswith("webhook-")}
    at = datetime.fromtimestamp(int(fields["webhook-timestamp"]), UTC)
    mark = Webhook(secret).sign(fields["webhook-id"], at, asked.body.decode())
    assert fields["webhook-signature"] == mark
    told = json.loads(asked.body)
    letter = Letter.objects.get()
    assert told["type"] == "answer"
    assert told["data"] == {
        "id": str(letter.pk), "answers": "1", "thread": "t1", "text": "We come.", "private": False,
    }  # fmt: skip
    assert (asked.method, asked.path) == ("POST", "/answers")
    assert fields["webhook-id"] == str(letter.pk)
    assert letter.sent_at is not None
    assert "Answered there" in page(voice)
    decide(voice, "Here you are.", "voucher", 500)
    data = json.loads(elsewhere.asked[1].body)["data"]
    assert data["private"] is True
    assert data["text"].startswith("You get a voucher for $5.00.\nHere you are.")
    assert "https://orchard.example/good/" in data["text"]


def test_while_a_secret_is_renewed_an_answer_is_signed_with_both(elsewhere: Script) -> None:
    shop = a_hook(answers=f"{elsewhere.url}/answers")
    voice = said(shop)
    commands.renew(name="shop")
    decide(voice)
    assert len(elsewhere.asked[0].headers["webhook-signature"].split()) == 2


@pytest.mark.parametrize(("status", "times", "why"), [(500, 2, ""), (410, 1, "channels.gone")])
def test_an_answer_is_tried_again_unless_nobody_is_there_any_more(
    elsewhere: Script, clock: Clock, status: int, times: int, why: str
) -> None:
    voice = said(a_hook(answers=f"{elsewhere.url}/answers"))
    elsewhere.status = status
    decide(voice)
    elsewhere.status = 200
    clock.forward(minutes=10)
    loop.tick()
    loop.tick()
    assert len(elsewhere.asked) == times
    assert [one.why for one in queries.answers([voice])[voice]] == [why]
    assert Letter.objects.get().sent_at is not None


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9/a", "http://169.254.169.254/a", "http://[::ffff:10.0.0.1]/a"]
)
def test_no_answer_goes_inside(url: str) -> None:
    voice = said(a_hook(answers=url))
    decide(voice)
    assert queries.answers([voice]) == {}
    assert Letter.objects.get().sent_at is None


def test_who_left_an_address_is_answered_by_mail_there() -> None:
    voice = said(a_hook(), email="zosia@shop.example", address="zosia@shop.example")
    assert "What you decide is told to them by e-mail." in page(voice)
    decide(voice)
    [letter] = mail.outbox
    assert letter.to == ["zosia@shop.example"]
    assert "We come." in letter.body


def test_a_feed_cannot_be_answered_and_the_page_leads_to_the_original() -> None:
    forum = commands.add(kind="rss", name="forum", url="https://forum.example/rss")
    voice = said(forum, author="zosia", address="zosia", url="https://forum.example/t/1")
    found = page(voice)
    assert "Nothing can be sent there. Answer at the original" in found
    assert 'href="https://forum.example/t/1"' in found
    assert "In a forum" in found
    assert "Nothing we send reaches this customer" in found
    decide(voice)
    assert mail.outbox == []
    found = page(voice)
    assert "We come." in found
    assert "told, waiting for their word" not in found
    assert Voice.objects.get().answered_at is None


def test_promises_and_what_is_taken_back_go_the_same_way(elsewhere: Script, clock: Clock) -> None:
    voice = said(a_hook(answers=f"{elsewhere.url}/answers"))
    noa = an_employee()
    remedy = decide(voice, "Sorry!", "refund", 500)
    service.undo(by=noa, remedy_id=remedy, why="A mistake.")
    loop.tick()
    loop.tick()
    promise = promises.promise(
        by=noa, text={"en": "A new fridge"}, owner=noa, due=clock.today,
        to=Voice.objects.get().customer_id, voice_id=voice, once=uuid4(),
    )  # fmt: skip
    loop.tick()
    loop.tick()
    promises.keep(by=noa, promise_id=promise, how="It is there")
    for _ in range(3):
        loop.tick()
    told = [json.loads(asked.body)["data"] for asked in elsewhere.asked]
    assert {one["private"] for one in told} == {True}
    beginnings = [
        "You get $5.00 back.",
        "This does not stand any more:",
        "We promise: A new fridge",
        "We promised: A new fridge",
    ]
    assert [[start for start in beginnings if one["text"].startswith(start)] for one in told] == [
        [start] for start in beginnings
    ]
    assert "https://orchard.example/good/" in told[-1]["text"]


def test_who_spoke_on_a_channel_alone_is_told_there_what_changed(
    elsewhere: Script, clock: Clock
) -> None:
    shop, forum = a_hook(answers=f"{elsewhere.url}/answers"), a_hook("forum")
    told, unheard = said(shop), said(forum, author="u8")
    # later, where nothing can be answered: they are told where it can
    clock.forward(minutes=1)
    later = said(forum, id="2")
    one, other = (Voice.objects.get(pk=own).customer_id for own in (told, later))
    customers.merge(by=an_employee("Dana", "lead"), one=one, other=other)
    voices = [told, later, unheard]
    meant = Meant(Source.VOICES, chosen=voices)
    ewa = an_employee("Ewa", "lead")
    assert planning.tell_all(by=ewa, meant=meant, did={"en": "A new van"}, once=uuid4()) == 2
    loop.tick()
    loop.tick()
    [asked] = elsewhere.asked
    data = json.loads(asked.body)["data"]
    assert (data["answers"], data["private"]) == ("1", True)
    assert "What was done: A new van" in data["text"]
    rows = Voice.objects.in_bulk(voices)
    assert [rows[one].told_at is not None for one in voices] == [True, True, False]
    link = re.findall(r"https://orchard\.example(/good/\S+)", data["text"])[-1]
    Client().post(link, {"good": "yes"})
    assert Voice.objects.get(pk=told).closed_at is not None


def test_a_number_that_wants_no_texts_is_not_held_for_told(settings: Settings) -> None:
    settings.KFAR_DEMO = True
    sms = hearing.by_text(Kind.SMS)
    assert sms is not None
    found = [
        said(sms, id=number, phone=number, address=number)
        for number in ("+48601222333", "+48601222444")
    ]
    limiting.stop(number="+48601222444")
    planning.tell_all(
        by=an_employee("Ewa", "lead"),
        meant=Meant(Source.VOICES, chosen=found),
        did={"en": "A new van"},
        once=uuid4(),
    )
    loop.tick()
    rows = Voice.objects.in_bulk(found)
    assert [rows[one].told_at is not None for one in found] == [True, False]


def test_an_answer_counts_as_told_where_it_can_get_there(elsewhere: Script) -> None:
    there = [
        said(a_hook(answers=f"{elsewhere.url}/answers")),
        said(a_hook("mailing"), address="zosia@shop.example"),
        said(a_hook("silent")),
    ]
    for one in there:
        decide(one)
    rows = Voice.objects.in_bulk(there)
    assert [rows[one].told_at is not None for one in there] == [True, True, False]
    assert [letter.to for letter in mail.outbox] == [["zosia@shop.example"]]


def test_who_wants_no_texts_and_has_a_mailbox_is_told_there(settings: Settings) -> None:
    settings.KFAR_DEMO = True
    sms, number = hearing.by_text(Kind.SMS), "+48601222444"
    assert sms is not None
    voice = said(sms, phone=number, address=number)
    limiting.stop(number=number)
    decide(voice)
    row = Voice.objects.get()
    assert (mail.outbox, row.told_at) == ([], None)
    Handle.objects.create(customer_id=row.customer_id, kind=EMAIL, value="ann@village.example")
    decide(voice)
    assert [letter.to for letter in mail.outbox] == [["ann@village.example"]]
    assert Voice.objects.get().told_at is not None
    # the first answer could not go there, and the second did not try
    assert [one.why for one in queries.answers([voice])[voice]] == ["voice.texts_stopped"]


def test_a_customer_takes_along_what_was_said_on_channels(elsewhere: Script) -> None:
    voice = said(a_hook(answers=f"{elsewhere.url}/answers"), address="z@shop.example")
    decide(voice)
    [taken] = archived.in_voices(Voice.objects.get().customer_id)
    assert [(post["channel"], post["from"]) for post in taken["posts"]] == [
        ("shop", "z@shop.example")
    ]
    assert [one["channel"] for one in taken["answered"]] == ["shop"]


def test_html_that_somebody_wrote_is_text_on_the_page() -> None:
    voice = said(
        a_hook(), text="<script>alert(1)</script>" + "x" * 6000, address="<b>z</b>@a.example"
    )
    found = page(voice)
    assert "<script>alert" not in found
    assert "<b>z</b>" not in found
    assert found.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 2  # in short, and all of it
