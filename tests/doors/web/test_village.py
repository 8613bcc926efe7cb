"""The village in pages: the map, a department, meetings, notes, and what customers read of it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse

from kfar import loop
from kfar.doors import links
from kfar.lake import audit, outbox
from kfar.loop import meeting
from kfar.rooms.village import commands as village
from kfar.rooms.village.departments import commands as departments
from kfar.rooms.village.departments import queries as kept
from kfar.rooms.village.meetings import queries
from kfar.rooms.village.meetings.rules import Stands
from kfar.rooms.village.notes import queries as notes
from kfar.rooms.voice import commands as voice
from tests.clock import Clock
from tests.doors.web.doors import enter, path, text
from tests.lake.touches import a_touch, settle
from tests.people import a_customer, an_employee, email, noted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_dir")]


@pytest.fixture
def noa() -> UUID:
    """An employee in the department "social"."""
    own = an_employee()
    departments.set_department(code="social", name={"en": "Social media"})
    departments.belong(email=email("Noa"), departments=["social"])
    return own


def post(client: Client, name: str, *args: object, **data: Any) -> Any:
    return client.post(reverse(f"web:{name}", args=args), {"once": uuid4(), **data})


def a_meeting(by: UUID, *people: UUID, clock: Clock) -> UUID:
    at = clock.now + timedelta(days=7)
    return meeting.plan(
        by=by, employee=by, customers_=people, at=at, minutes=30, place="Mill Lane", once=uuid4()
    )


class TestMap:
    def test_no_two_regions_have_one_name_and_hours_are_counted(self, noa: UUID) -> None:
        page = text(enter("Noa").get(reverse("web:village")))
        named = re.findall(r'aria-labelledby="([^"]+)"', page)
        assert {"departments", "people"} <= set(named)
        assert len(named) == len(set(named))
        assert re.search(r"hours held in \d+ days</dt><dd>0</dd>", page)

    def test_it_names_who_has_not_met_anybody_first(self, noa: UUID, clock: Clock) -> None:
        anna, gil = a_customer(), an_employee("Gil")
        audit.note(act="service.remedied", customer_id=anna, employee_id=noa)
        page = text(enter("Noa").get(reverse("web:village")))
        names = re.findall(r'<th scope="row">.*?<bdi>(.*?)</bdi>', page)
        assert names == ["Social media", "Gil", "Noa"]
        assert "100%" in page
        assert page.count('<svg class="heat"') == 3
        assert len(re.findall(r"<rect class=\"heat-1\"", page)) == 2
        assert gil is not None

    def test_only_for_who_may(self, noa: UUID) -> None:
        village.set_role(code="guest", name={"en": "Guest"}, acts=["voice.read"], limits={})
        village.employ(email=email("Gil"), name="Gil", role="guest")
        a_customer()
        for name, status in (("Gil", 403), ("Anna", 403)):
            for address in ("village", "meetings"):
                assert enter(name).get(reverse(f"web:{address}")).status_code == status
        assert enter("Gil").get(reverse("web:department", args=["social"])).status_code == 403
        assert enter("Noa").get(reverse("web:department", args=["attic"])).status_code == 404
        assert Client().get(reverse("web:village")).status_code == 302


class TestDepartment:
    def test_drawn_invited_and_planned(self, noa: UUID, clock: Clock) -> None:
        anna, once = a_customer(), uuid4()
        client = enter("Noa")
        for _twice in range(2):
            assert post(client, "department-draw", "social", n=3, once=once).status_code == 302
        address = reverse("web:department", args=["social"])
        page = text(client.get(address))
        assert f'name="customers" value="{anna}"' in page
        assert "quiet · value not known · new" in page
        at = f"{clock.now + timedelta(days=3):%Y-%m-%dT%H:%M}"
        said = {"customers": str(anna), "employee": str(noa), "at": at, "minutes": 30}
        wrong = post(client, "department-plan", "social", **said, place="")
        assert (wrong.status_code, "Say where, or how to call." in text(wrong)) == (422, True)
        assert f'value="{anna}" checked' in text(wrong)
        done = post(client, "department-plan", "social", **said, place="Mill Lane")
        [planned] = queries.meetings(clock.now)
        assert done["Location"] == reverse("web:meeting", args=[planned.id])
        assert f'value="{anna}"' not in text(client.get(address))

    def test_where_nobody_may_be_asked_the_draw_says_so(self, noa: UUID) -> None:
        client = enter("Noa")
        assert post(client, "department-draw", "social", n=3).status_code == 302
        said = "Nobody can be asked now: nobody agreed to it who was not asked lately."
        assert said in text(client.get(reverse("web:department", args=["social"])))

    @pytest.mark.parametrize(
        "said",
        [
            {},
            {"customers": "x", "employee": "y", "at": "z", "minutes": "-1", "place": "\x00"},
            {"customers": str(uuid4()), "employee": str(uuid4()), "at": "2020-01-01T10:00",
             "minutes": "30", "place": "x"},
            {"n": "9" * 400},
        ],
    )  # fmt: skip
    def test_what_cannot_be_comes_back(self, noa: UUID, said: dict[str, str]) -> None:
        client = enter("Noa")
        for name in ("department-plan", "department-draw"):
            assert post(client, name, "social", **said).status_code in {404, 409, 422}
        assert queries.picks("social") == []

    def test_who_leads_says_what_it_sees_and_the_customer_reads_it(self, noa: UUID) -> None:
        a_customer()
        an_employee("Dana", "lead")
        said = {"limited": "on", "sees-voices": "on", "why-voices": "To answer in public"}
        address = reverse("web:department-sees", args=["social"])
        assert enter("Noa").post(address, said).status_code == 403
        dana = enter("Dana")
        wrong = dana.post(address, {**said, "why-voices": ""})
        assert (wrong.status_code, "what has no purpose" in text(wrong)) == (422, True)
        assert dana.post(address, said).status_code == 302
        found = kept.department("social")
        assert found is not None
        assert found.sees == {"voices": {"en": "To answer in public"}}
        page = text(enter("Anna").get(reverse("web:me")))
        assert "Who sees what of me, and what for" in page
        assert "To answer in public" in page

    def test_what_it_does_not_see_is_on_no_page(self, noa: UUID) -> None:
        anna = a_customer()
        settle([a_touch(customer=anna, kind="purchase", basket="b", paid=599, category="Dairy")])
        said = voice.say(by=anna, text="Sour", language="en")
        outbox.deliver()
        client = enter("Noa")
        before = text(client.get(reverse("web:voice", args=[said])))
        assert "The whole journey" in before
        assert "Buys most often" in before
        departments.show(code="social", sees={"voices": {"en": "To answer"}})
        page = text(client.get(reverse("web:voice", args=[said])))
        assert "Sour" in page
        for hidden in ("The whole journey", "Buys most often", "With us since", "Decide</h2>"):
            assert hidden not in page
        assert client.get(reverse("web:customer", args=[anna])).status_code == 403
        assert client.get(reverse("web:known", args=[anna])).status_code == 403


class TestMeeting:
    def test_the_customer_says_yes_by_link_and_it_is_held(self, noa: UUID, clock: Clock) -> None:
        anna = a_customer()
        made = a_meeting(noa, anna, clock=clock)
        link, guest, client = path(links.meeting(made, anna)), Client(), enter("Noa")
        assert "Noa" in text(guest.get(link))
        assert guest.post(link, {"comes": "perhaps"}).status_code == 302
        assert [g.comes for g in queries.meetings(clock.now)[0].guests] == [None]
        assert guest.post(link, {"comes": "yes"}).status_code == 302
        assert "Thank you: you come." in text(guest.get(link))
        calendar = guest.get(f"{link}meeting.ics")
        assert (calendar["Content-Type"], b"PARTSTAT=ACCEPTED" in calendar.content) == (
            *("text/calendar; charset=utf-8", True),
        )
        mine = client.get(reverse("web:meeting-ics", args=[made]))
        assert b"anna" not in mine.content
        early = post(client, "meeting-hold", made, came=str(anna), minutes=30, said="Good")
        assert (early.status_code, "still to come" in text(early)) == (409, True)
        clock.forward(days=8)
        assert "is over" in text(guest.get(link))
        assert guest.post(link, {"comes": "no"}).status_code == 409
        wrong = post(client, "meeting-hold", made, minutes=30, said="Good bread")
        assert (wrong.status_code, ">Good bread</textarea>" in text(wrong)) == (422, True)
        held = post(client, "meeting-hold", made, came=str(anna), minutes=30, said="Good bread")
        assert held.status_code == 302
        assert "Good bread" in text(client.get(reverse("web:meeting", args=[made])))
        loop.tick()
        assert "Met us" in text(enter("Anna").get(reverse("web:journey")))
        for name in ("village", "meetings"):
            assert client.get(reverse(f"web:{name}")).status_code == 200

    def test_a_link_is_its_readers_own_and_of_a_meeting(self, noa: UUID, clock: Clock) -> None:
        anna, borys = a_customer(), a_customer("Borys")
        made = a_meeting(noa, anna, clock=clock)
        for forged in (
            path(links.meeting(made, borys)),
            path(links.meeting(uuid4(), anna)),
            path(links.good(made, anna)).replace("/good/", "/meet/"),
            "/meet/x/",
        ):
            assert Client().get(forged).status_code == 404
            assert Client().post(forged, {"comes": "yes"}).status_code == 404
            assert Client().get(f"{forged}meeting.ics").status_code == 404
        assert enter("Noa").get(reverse("web:meeting", args=[uuid4()])).status_code == 404

    def test_cancelled_with_a_reason(self, noa: UUID, clock: Clock) -> None:
        anna = a_customer()
        made = a_meeting(noa, anna, clock=clock)
        client = enter("Noa")
        assert post(client, "meeting-cancel", made, why=" ").status_code == 422
        assert post(client, "meeting-cancel", made, why="Noa is ill").status_code == 302
        [one] = queries.meetings(clock.now)
        assert one.stands is Stands.CANCELLED
        page = text(Client().get(path(links.meeting(made, anna))))
        assert "does not take place" in page
        assert "Noa is ill" in page


class TestNotes:
    def test_who_is_named_finds_it_and_is_done_with_it(self, noa: UUID) -> None:
        anna = a_customer()
        an_employee("Dana", "lead")
        said = voice.say(by=anna, text="Sour", language="en")
        outbox.deliver()
        client, dana = enter("Noa"), enter("Dana")
        done = post(client, "note", anna, text="@Dana, call <b>her</b>?", voice=str(said))
        assert done["Location"] == reverse("web:voice", args=[said])
        assert "@Dana, call &lt;b&gt;her&lt;/b&gt;?" in text(client.get(done["Location"]))
        assert post(client, "note", anna, text="On her")["Location"] == reverse(
            "web:customer", args=[anna]
        )
        assert "On her" in text(client.get(reverse("web:customer", args=[anna])))
        page = text(dana.get(reverse("web:mentions")))
        assert "@Dana, call" in page
        assert '(1<span class="hush"> notes to me</span>)' in page
        [number] = re.findall(r"/village/mentions/(\d+)/done/", page)
        assert enter("Noa").post(f"/village/mentions/{number}/done/").status_code == 404
        assert dana.post(f"/village/mentions/{number}/done/").status_code == 302
        assert "notes to me</span>" not in text(dana.get(reverse("web:mentions")))

    def test_nothing_and_what_belongs_to_another_is_not_kept(self, noa: UUID) -> None:
        anna, borys = a_customer(), a_customer("Borys")
        said = voice.say(by=borys, text="Sour", language="en")
        client = enter("Noa")
        assert post(client, "note", anna, text=" ").status_code == 422
        long = post(client, "note", anna, text="x" * 5001)
        assert (long.status_code, "x" * 5001 in text(long)) == (422, True)
        assert post(client, "note", anna, text="x", voice=str(said)).status_code == 404
        assert post(client, "note", uuid4(), text="x").status_code == 404
        assert notes.of_customer([anna, borys]) == []


def test_customers_read_which_department_looked_and_names_only_where_the_company_says(
    noa: UUID, settings: Any
) -> None:
    anna = a_customer()
    enter("Noa").get(reverse("web:customer", args=[anna]))
    assert noted(anna) == [("touchpoints.read", noa)]
    page = text(enter("Anna").get(reverse("web:me")))
    assert "<bdi>Social media</bdi>" in page
    assert "<bdi>Noa</bdi>" not in page
    settings.KFAR_NAME_EMPLOYEES = True
    assert "<bdi>Noa</bdi>" in text(enter("Anna").get(reverse("web:me")))
