"""How much may be decided alone stands on the page before anybody speaks, and holds."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.test import Client

from kfar.ground.money import Money
from kfar.loop import deciding
from kfar.rooms.service import commands as service
from kfar.rooms.village import commands as village
from kfar.rooms.village.rules import Authority
from kfar.rooms.voice import commands as voices
from tests.doors.web.doors import enter, text
from tests.people import a_customer, an_employee, refuses
from tests.rooms.insight import world
from tests.rooms.insight.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def learned(data_dir: Path) -> World:
    return world.learned(data_dir)


def heard(customer: UUID) -> UUID:
    """A voice of theirs whose case is open."""
    voice = voices.say(by=customer, text="It leaks.", language="en")
    service.open_case(voice_id=voice, customer_id=customer)
    return voice


def test_the_limit_is_seen_before_anything_is_said_and_holds(learned: World) -> None:
    noa = an_employee()
    worth = deciding.worth(learned.people[0])
    assert worth is not None
    village.set_limit(
        role="service", remedy="refund", limit=Authority(floor=100, cap=10**9, share=1_000)
    )
    voice = heard(learned.people[0])
    page = text(enter("Noa").get(f"/voices/{voice}/"))
    most, half = (Money(worth * part // 1_000, "USD") for part in (100, 50))
    assert "Whose fault was it?" in page
    for limit in (most, half, Money(100, "USD")):
        assert f"<bdi>${limit.major:,}</bdi>" in page
    given = {"kind": "refund", "words": "", "fault": "ours"}
    with refuses("service.above_authority", limit=most, who=[]):
        deciding.remedy(
            by=noa, voice_id=voice, amount=Money(most.minor + 1, "USD"), once=uuid4(), **given
        )
    answer = enter("Noa").post(
        f"/voices/{voice}/remedy/",
        {**given, "amount": str(most.major), "once": uuid4()},
    )
    assert answer.status_code == 302
    with refuses("service.not_found"):
        deciding.remedy(by=noa, voice_id=uuid4(), amount=most, once=uuid4(), **given)


def test_who_said_no_is_served_as_everybody_is(learned: World) -> None:
    an_employee()
    page = text(enter("Noa").get(f"/voices/{heard(learned.silent)}/"))
    assert "You may decide alone: Refund <strong><bdi>$20.00</bdi></strong>" in page
    assert "Whose fault was it?" not in page


def test_what_was_given_before_is_gone_from_what_one_may_decide() -> None:
    noa = an_employee()
    an_employee("Dana", "lead")
    voice = heard(a_customer())
    deciding.remedy(
        by=noa,
        voice_id=voice,
        kind="refund",
        words="",
        fault="ours",
        amount=Money(1250, "USD"),
        once=uuid4(),
    )
    page = text(enter("Noa").get(f"/voices/{voice}/"))
    assert "You may decide alone: Refund <strong><bdi>$7.50</bdi></strong>" in page
    assert "Replacement <strong><bdi>$20.00</bdi></strong>" in page
    assert "Hand it to Dana (up to $500.00)" in page


def test_how_soon_and_by_whom_is_decided_stands_on_the_home_page() -> None:
    noa, customer = an_employee(), a_customer()
    assert "decided without asking anybody" not in text(Client().get("/"))
    dana = an_employee("Dana", "lead")
    for asked in (False, True, False):
        voice = voices.say(by=customer, text=str(uuid4()), language="en")
        case = service.open_case(voice_id=voice, customer_id=customer)
        if asked:
            service.hand_on(by=noa, case_id=case, to=dana)
        service.remedy(by=dana, case_id=case, kind="refund", amount=Money(100, "USD"), once=uuid4())
    page = text(Client().get("/"))
    assert "<dt>decided without asking anybody</dt><dd>67%</dd>" in page
    assert "<dt>from opened to decided (median)</dt>" in page
