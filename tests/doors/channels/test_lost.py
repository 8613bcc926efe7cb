"""An answer that does not arrive told nobody: its voice waits again, and the page says why."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core import mail
from pytest_django import Settings

from kfar import loop
from kfar.doors.channels import replying
from kfar.ground.money import Money
from kfar.loop import answering, planning
from kfar.loop.planning import Meant
from kfar.rooms.customers.models import Handle
from kfar.rooms.customers.names import EMAIL
from kfar.rooms.promises.models import Letter
from kfar.rooms.promises.plans.rules import Source
from kfar.rooms.service import commands as service
from kfar.rooms.service import queries as cases
from kfar.rooms.voice import commands as voice
from kfar.rooms.voice import queries as voices
from kfar.rooms.voice.channels import commands, hearing, queries
from kfar.rooms.voice.models import Voice
from kfar.rooms.voice.rules import Stands
from tests.clock import Clock
from tests.doors.web.doors import enter, text
from tests.people import an_employee
from tests.rooms.voice.channels.said import a_hook, message
from tests.servers import Script

pytestmark = pytest.mark.django_db
URL = "https://shop.example/r/1"


@pytest.fixture(autouse=True)
def _here(settings: Settings, clock: Clock) -> None:
    settings.KFAR_URL = "https://orchard.example"


def said(elsewhere: Script, **given: Any) -> UUID:
    shop = queries.named("shop")
    channel = shop.id if shop else a_hook(answers=f"{elsewhere.url}/answers")
    found = hearing.take(channel_id=channel, message=message(**{"url": URL} | given))
    assert found is not None
    loop.tick()
    return found


def decide(voice_id: UUID, words: str = "We come.") -> UUID:
    case = cases.case(voice_id)
    assert case is not None
    given = service.remedy(
        by=an_employee(), case_id=case.id, kind="answer", amount=Money(0, "USD"), words=words,
        once=uuid4(),
    )  # fmt: skip
    ticks()
    return given


def ticks() -> None:
    for _ in range(3):
        loop.tick()


def stands(voice_id: UUID) -> tuple[Stands, bool, bool]:
    """Where a voice stands, whether it counts as told, and whether its case waits."""
    found, case = voices.voice(voice_id), cases.case(voice_id)
    assert found is not None
    assert case is not None
    row = Voice.objects.get(pk=voice_id)
    return found.stands, row.answered_at is not None, case.waiting


WAITS, TOLD = (Stands.UNREAD, False, True), (Stands.TOLD, True, False)


@pytest.mark.parametrize("status", [400, 404, 410, 422])
def test_what_a_server_refuses_for_good_waits_again_and_the_page_says_why(
    elsewhere: Script, status: int
) -> None:
    voice_id = said(elsewhere)
    elsewhere.status = status
    decide(voice_id)
    assert stands(voice_id) == WAITS
    assert Letter.objects.get().sent_at is not None  # it is not tried again
    page = text(enter("Noa").get(f"/voices/{voice_id}/"))
    why = {404: "There is nothing at this address any more.",
           410: "There is nothing at this address any more."}.get(
        status, "It does not take what we said.")  # fmt: skip
    for shown in ("our answer did not arrive", "Could not be delivered", why):
        assert shown in page
    assert "Answer at the original and note it below" in page
    assert "I answered there" in page
    assert len(elsewhere.asked) == 1


@pytest.mark.parametrize(("status", "why"), [(401, "not_let_in"), (503, "away")])
def test_what_fails_for_three_days_is_given_up(
    elsewhere: Script, clock: Clock, status: int, why: str
) -> None:
    voice_id = said(elsewhere)
    elsewhere.status = status
    decide(voice_id)
    before = clock.now
    while Letter.objects.get().sent_at is None:
        assert stands(voice_id) == TOLD  # so far it may still arrive
        clock.forward(minutes=360)
        ticks()
    assert len(elsewhere.asked) == replying.TRIES == Letter.objects.get().tries + 1
    assert (clock.now - before).days == 4  # a clock that goes on by six hours a try
    assert stands(voice_id) == WAITS
    [lost] = queries.answers([voice_id])[voice_id]
    assert (lost.ref, lost.why) == ("", f"channels.{why}")


def test_decided_again_it_is_sent_anew_and_told(elsewhere: Script, clock: Clock) -> None:
    voice_id = said(elsewhere)
    elsewhere.status = 410
    decide(voice_id)
    elsewhere.status = 200
    clock.forward(minutes=1)
    decide(voice_id, "Once more: we come.")
    assert stands(voice_id) == TOLD
    page = text(enter("Noa").get(f"/voices/{voice_id}/"))
    assert "our answer did not arrive" not in page
    assert "They have not read it." not in page
    # what arrived stays told, also if the first is said to be lost again
    commands.undelivered(voice_ids=[voice_id])
    loop.tick()
    assert stands(voice_id) == TOLD


def test_answered_by_hand_instead_it_is_told_and_nothing_is_sent(elsewhere: Script) -> None:
    voice_id = said(elsewhere)
    elsewhere.status = 410
    decide(voice_id)
    answering.answered_there(
        by=an_employee(), voice_id=voice_id, words="We come.", url=f"{URL}#2", once=uuid4()
    )
    ticks()
    assert stands(voice_id) == TOLD
    assert len(elsewhere.asked) == 1
    assert "I answered there" not in text(enter("Noa").get(f"/voices/{voice_id}/"))


def test_who_has_a_mailbox_gets_it_there_instead(elsewhere: Script) -> None:
    voice_id = said(elsewhere)
    own = Voice.objects.get().customer_id
    Handle.objects.create(customer_id=own, kind=EMAIL, value="ann@village.example")
    elsewhere.status = 410
    decide(voice_id)
    assert [letter.to for letter in mail.outbox] == [["ann@village.example"]]
    assert stands(voice_id) == TOLD


def test_a_channel_that_is_removed_before_the_answer_goes_out_tells_nobody(
    elsewhere: Script, clock: Clock
) -> None:
    voice_id = said(elsewhere)
    elsewhere.status = 503
    decide(voice_id)
    commands.remove(name="shop")
    clock.forward(minutes=10)
    ticks()
    assert stands(voice_id) == WAITS


def test_what_changed_and_does_not_arrive_told_none_of_their_voices(elsewhere: Script) -> None:
    found = [said(elsewhere), said(elsewhere, id="2")]
    elsewhere.status = 410
    planning.tell_all(
        by=an_employee("Ewa", "lead"), meant=Meant(Source.VOICES, chosen=found),
        did={"en": "A new van"}, once=uuid4(),
    )  # fmt: skip
    ticks()
    assert len(elsewhere.asked) == 1
    assert [stands(one) for one in found] == [WAITS, WAITS]


def test_what_was_told_and_judged_before_stays_counted(elsewhere: Script, clock: Clock) -> None:
    voice_id = said(elsewhere)
    decide(voice_id)
    voice.judge(by=Voice.objects.get().customer_id, voice_id=voice_id, good=False)
    clock.forward(minutes=1)
    elsewhere.status = 410
    decide(voice_id)
    assert stands(voice_id) == (Stands.UNREAD, True, True)


def test_a_voice_the_customer_closed_stays_closed(elsewhere: Script) -> None:
    voice_id = said(elsewhere)
    decide(voice_id)
    voice.judge(by=Voice.objects.get().customer_id, voice_id=voice_id, good=True)
    commands.undelivered(voice_ids=[voice_id])
    ticks()
    assert stands(voice_id)[0] is Stands.CLOSED
