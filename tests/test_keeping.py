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
from kfar.ground.money import Money
from kfar.loop import planning
from kfar.loop.planning import Meant
from kfar.rooms.customers import commands as customers
from kfar.rooms.customers import queries as people
from kfar.rooms.customers.rules import Claim
from kfar.rooms.decisions import limiting
from kfar.rooms.promises import commands as promises
from kfar.rooms.promises import ending
from kfar.rooms.promises import queries as record
from kfar.rooms.promises.plans.rules import Source
from kfar.rooms.promises.rules import State
from kfar.rooms.promises.telling import queries as tellings
from kfar.rooms.service import commands as service
from kfar.rooms.service import queries as cases
from kfar.rooms.voice import commands as voice
from kfar.rooms.voice import queries as voices
from kfar.rooms.voice.alarms.models import Alarm
from kfar.rooms.voice.rules import Stands
from tests.clock import Clock
from tests.people import a_customer, a_phone, an_employee, refuses

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
    ewa, said = an_employee("Ewa", "lead"), say(nobody(), "Warm")
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


def nobody() -> UUID:
    """A customer whom nothing reaches."""
    new = customers.Newcomer(key="x", name="Nobody")
    return customers.meet_many(source="shop", newcomers=[new])["x"]


def decide(ewa: UUID, said: UUID, minor: int = 500) -> UUID:
    """Give a refund for a voice."""
    case = cases.case(said)
    assert case is not None
    once = uuid4()
    amount = Money(minor, "USD")
    service.remedy(by=ewa, case_id=case.id, kind="refund", amount=amount, once=once)
    loop.tick()
    loop.tick()
    return once


def told() -> tuple[int, int, dict[str, int]]:
    """Of how many voices how many were told, and why others were closed without."""
    found = voices.telling()
    return found.heard, found.told, dict(found.untold)


def test_a_remedy_tells_only_whom_something_reaches() -> None:
    ewa, anna = an_employee("Ewa", "lead"), say(a_customer(), "Warm")
    said = say(nobody(), "Warm")
    loop.tick()
    for one in (anna, said):
        decide(ewa, one)
    case = cases.case(said)
    assert case is not None
    assert (stands(anna), stands(said), case.waiting) == (
        *((Stands.TOLD, ""), (Stands.UNREAD, ""), False),
    )
    assert ([to for to, _, _ in letters()], told()) == (["anna"], (2, 1, {}))
    voice.close(by=ewa, voice_id=said, why="unreachable", words="No address")
    assert told() == (2, 1, {"unreachable": 1})


def test_who_signs_in_sees_it_on_their_own_page() -> None:
    ewa, login = an_employee("Ewa", "lead"), customers.open_door(email="zoe@village.example")
    assert login is not None
    said = say(customers.recognise(login_id=login, language="en"), "Warm")
    loop.tick()
    decide(ewa, said)
    assert stands(said) == (Stands.TOLD, "")


def test_a_kept_promise_tells_only_who_is_reached_and_wants_it(clock: Clock) -> None:
    ewa, borys = an_employee("Ewa", "lead"), a_customer("Borys")
    customers.choose_way(by=borys, purpose="promised", way="none")
    for own, came, counted in (
        (a_customer(), (Stands.TOLD, ""), (1, 1, {})),
        (nobody(), (Stands.UNREAD, ""), (2, 1, {})),
        (borys, (Stands.CLOSED, "unwanted"), (3, 1, {"unwanted": 1})),
    ):
        said, once = promise(own, ewa, clock)
        assert stands(said) == (Stands.OWED, "")
        promises.keep(by=ewa, promise_id=once, how="It is cold")
        loop.tick()
        assert (stands(said), told()) == (came, counted)


@pytest.mark.parametrize(("texts", "stopped"), [(True, False), (True, True), (False, False)])
def test_who_has_a_number_alone_is_told_by_text_where_texts_go(
    settings: Settings, texts: bool, stopped: bool
) -> None:
    settings.KFAR_DEMO = texts
    ewa, said = an_employee("Ewa", "lead"), say(a_phone("+48601222333"), "Warm")
    if stopped:
        limiting.stop(number="+48601222333")
    loop.tick()
    once = decide(ewa, said)
    reached = texts and not stopped
    assert stands(said) == ((Stands.TOLD, "") if reached else (Stands.UNREAD, ""))
    service.undo(by=ewa, remedy_id=once, why="Twice")
    for _ in range(2):
        loop.tick()
    assert stands(said) == (Stands.UNREAD, "")
    sent = [bytes(m.get_payload(decode=True)).decode() for m in maildir.box().values()]
    shown = sorted(re.sub(r"https://orchard\.example/good/\S+", "<good>", text) for text in sent)
    assert [text.strip().split("\n") for text in shown] == (
        [
            ["Orchard: We have to take something back", "You get $5.00 back.", "Why: Twice",
             "https://orchard.example/me/"],
            ["Orchard: You said it, we did it", "You get $5.00 back.", "<good>"],
        ]
        if reached
        else []
    )  # fmt: skip


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
