"""From a burst of voices to everyone told, as a story; and who is not told, and why."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.core import mail
from django.utils import timezone
from pytest_django import Settings

from kfar import loop
from kfar.doors import links
from kfar.doors.mail import maildir
from kfar.loop import planning
from kfar.loop.planning import Meant
from kfar.rooms.customers import commands as customers
from kfar.rooms.customers import queries as people
from kfar.rooms.customers.rules import Claim
from kfar.rooms.promises import commands as promises
from kfar.rooms.promises import ending
from kfar.rooms.promises import queries as record
from kfar.rooms.promises.plans.rules import Source
from kfar.rooms.promises.rules import State
from kfar.rooms.promises.telling import queries as tellings
from kfar.rooms.service import queries as cases
from kfar.rooms.voice import commands as voice
from kfar.rooms.voice import queries as voices
from kfar.rooms.voice.alarms.models import Alarm
from kfar.rooms.voice.rules import Stands
from tests.clock import Clock
from tests.people import a_customer, an_employee, refuses

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _world(settings: Settings, data_dir: object, db: None) -> None:
    settings.KFAR_COMPANY = "Orchard"
    settings.KFAR_URL = "https://orchard.example"
    loop.post_notice()


def say(by: UUID, text: str, language: str = "en") -> UUID:
    return voice.say(by=by, text=text, language=language, about_name="MILK 1L")


def letters() -> list[tuple[str, str, str]]:
    found = sorted((m.to[0], str(m.subject), str(m.body)) for m in mail.outbox)
    mail.outbox.clear()
    shown = re.compile(r"https://orchard\.example/(good|promise)/[^/\s]+/")
    return [
        (to.partition("@")[0], subject, shown.sub(r"<\1>", body)) for to, subject, body in found
    ]


def stands(voice_id: UUID) -> tuple[str, str]:
    found = voices.voice(voice_id)
    assert found is not None
    return found.stands, found.untold


def test_a_burst_becomes_an_alarm_a_plan_a_promise_and_all_are_told_once(clock: Clock) -> None:
    anna, hania, borys = a_customer(), a_customer("Hania"), a_customer("Borys", language="pl")
    celina, ewa = a_customer("Celina"), an_employee("Ewa", "lead")
    customers.merge(by=ewa, one=anna, other=hania)
    person = people.person(hania)
    assert person is not None
    said = [
        say(anna, "Warm milk"),
        say(hania, "Warm again"),
        say(borys, "Ciepłe mleko", "pl"),
        say(celina, "It was warm"),
    ]
    alarm = Alarm.objects.create(
        stream="product:MILK 1L", since=clock.now - timedelta(hours=1), raised_at=clock.now,
        loud_at=clock.now, people=3, expected=0.5,
    )  # fmt: skip
    clock.forward(minutes=1)
    loop.tick()

    made = planning.make(
        by=ewa, meant=Meant(Source.ALARM, str(alarm.pk)), title="Cold milk", needs="A new van",
        owner=ewa, due=clock.today, once=uuid4(),
    )  # fmt: skip
    promises.promise_many(
        by=ewa, text={"en": "Cold milk", "pl": "Zimne mleko"}, due=clock.today, plan_id=made,
        to_all=True, once=uuid4(),
    )  # fmt: skip
    loop.tick()
    assert {(to, subject) for to, subject, _ in letters()} == {
        ("borys", "Obietnica dla Ciebie"),
        ("celina", "A promise to you"),
        (person.name.lower(), "A promise to you"),
    }
    assert {stands(one)[0] for one in said} == {Stands.OWED}

    meant = Meant(Source.PLAN, str(made))
    with refuses("tellings.languages_missing", languages=["pl"], people=1):
        planning.tell_all(by=ewa, meant=meant, did={"en": "A new van"}, once=uuid4())
    once = uuid4()
    did = {"en": "A new van", "pl": "Nowy samochód"}
    assert planning.tell_all(by=ewa, meant=meant, did=did, once=once) == 3
    loop.tick()
    told = {to: (subject, words) for to, subject, words in letters()}
    assert set(told) == {"borys", "celina", person.name.lower()}
    subject, words = told[person.name.lower()]
    assert subject == "This changed because of you"
    assert words.startswith("What was done: A new van\n\nWe promised: Cold milk\n")
    assert ("“Warm milk”" in words, "“Warm again”" in words, "Ciepłe" in words) == (
        *(True, True, False),
    )
    assert words.count("<good>") == 2
    assert "Nowy samochód" in told["borys"][1]
    assert "“Ciepłe mleko”" in told["borys"][1] or "„Ciepłe mleko”" in told["borys"][1]
    assert {stands(one)[0] for one in said} == {Stands.TOLD}
    kept = record.for_plan(made)
    assert kept is not None
    assert (kept.state, loop.tick(), letters()) == (State.KEPT, 0, [])
    [public] = tellings.public()
    assert (public.people, public.reached, public.waiting) == (3, 3, 0)
    voice.judge(by=borys, voice_id=said[2], good=True)
    assert stands(said[2]) == (Stands.CLOSED, "")


def test_who_wants_a_text_gets_one_and_who_wants_nothing_is_left_alone(
    clock: Clock, settings: Settings
) -> None:
    settings.KFAR_DEMO = True
    anna, borys, celina = a_customer(), a_customer("Borys"), a_customer("Celina")
    ewa = an_employee("Ewa", "lead")
    claim = Claim(source="shop", at=clock.now, user_id="b", email="borys@village.example",
                  phone="+48601222333", trusted=True)  # fmt: skip
    customers.resolve(claims=[claim])
    customers.choose_way(by=borys, purpose="outcomes", way="sms")
    customers.choose_way(by=celina, purpose="outcomes", way="none")
    said = [say(one, f"Warm, says {n}") for n, one in enumerate((anna, borys, celina))]
    loop.tick()
    meant, once = Meant(Source.PRODUCT, "MILK 1L"), uuid4()
    planning.tell_all(by=ewa, meant=meant, did={"en": "A new van"}, once=once)
    loop.tick()
    assert [to for to, _, _ in letters()] == ["anna"]
    [text] = [m for m in maildir.box().values() if m["To"] == "+48601222333"]
    assert "A new van" in bytes(text.get_payload(decode=True)).decode()
    assert [stands(one) for one in said] == [
        (Stands.TOLD, ""),
        (Stands.TOLD, ""),
        (Stands.CLOSED, "unwanted"),
    ]
    found = tellings.change(once)
    assert found is not None
    assert (found.people, found.reached) == (3, 2)
    assert voices.telling().untold == {"unwanted": 1}


def test_whom_nothing_reaches_waits_for_a_reason(clock: Clock) -> None:
    [nobody] = customers.meet_many(
        source="shop", newcomers=[customers.Newcomer(key="x", name="Nobody")]
    ).values()
    ewa, said = an_employee("Ewa", "lead"), say(nobody, "Warm")
    planning.tell_all(
        by=ewa, meant=Meant(Source.PRODUCT, "MILK 1L"), did={"en": "A van"}, once=uuid4()
    )
    loop.tick()
    assert stands(said) == (Stands.UNREAD, "")
    voice.close(by=ewa, voice_id=said, why="unreachable", words="No address")
    loop.tick()
    assert stands(said) == (Stands.CLOSED, "unreachable")
    case = cases.case(said)
    assert case is not None
    assert not case.waiting


def promise(anna: UUID, ewa: UUID, clock: Clock) -> tuple[UUID, UUID]:
    said, once = say(anna, "Warm"), uuid4()
    loop.tick()
    promises.promise(
        by=ewa, text={"en": "Cold"}, owner=ewa, due=clock.today, to=anna, voice_id=said, once=once
    )
    loop.tick()
    letters()
    return said, once


def test_each_move_is_told_with_both_days(clock: Clock) -> None:
    anna, ewa = a_customer(), an_employee("Ewa", "lead")
    _said, once = promise(anna, ewa, clock)
    for days in (1, 2):
        ending.move(by=ewa, promise_id=once, due=clock.today + timedelta(days=days), why="Snow")
        loop.tick()
    first, second = letters()
    assert first[1] == second[1] == "A promise to you has another day"
    moves = sorted([first[2], second[2]])
    assert (
        "It was to be kept by Mar 2, 2026. Now we promise it by Mar 3, 2026.\nWhy: Snow"
        in (moves[0])
    )
    assert "by Mar 3, 2026. Now we promise it by Mar 4, 2026." in moves[1]


def test_broken_by_rule_it_is_told_and_the_voice_is_open_again(clock: Clock) -> None:
    anna, ewa = a_customer(), an_employee("Ewa", "lead")
    said, _once = promise(anna, ewa, clock)
    clock.forward(days=31)
    loop.tick()
    loop.tick()
    [(to, subject, words)] = letters()
    assert (to, subject) == ("anna", "We did not keep our promise")
    assert "It was due on Mar 2, 2026, and too much time has passed." in words
    case = cases.case(said)
    assert case is not None
    assert (stands(said), case.waiting) == ((Stands.UNREAD, ""), True)


def test_who_needs_it_no_more_hears_no_more_of_it(clock: Clock) -> None:
    anna, ewa = a_customer(), an_employee("Ewa", "lead")
    said, once = promise(anna, ewa, clock)
    ending.release(by=anna, promise_id=once)
    loop.tick()
    assert (stands(said), letters()) == ((Stands.CLOSED, "released"), [])
    link = links.promise(once, anna, timezone.now())
    assert links.opened(link.rstrip("/").rpartition("/")[2], "promise") == [once, anna]
