"""From the map to a meeting and back: who may be asked, who is told, and that the map moves."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import icalendar
import pytest
from django.core import mail
from pytest_django import Settings

from kfar import loop
from kfar.ground.money import Money
from kfar.lake import outbox
from kfar.lake.models import Touchpoint
from kfar.loop import meeting
from kfar.rooms.customers import commands as customers
from kfar.rooms.service import commands as service
from kfar.rooms.service import queries as cases
from kfar.rooms.village.departments import commands as departments
from kfar.rooms.village.meetings import commands, queries
from kfar.rooms.village.meetings.queries import Candidate
from kfar.rooms.voice import commands as voice
from kfar.rooms.voice.surveys import commands as surveys
from kfar.rooms.voice.surveys import queries as asked
from tests.clock import Clock
from tests.lake.touches import a_touch, settle
from tests.people import a_customer, an_employee, email, refuses
from tests.rooms.voice.surveys.surveying import survey

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_dir")]


@pytest.fixture(autouse=True)
def _world(settings: Settings) -> None:
    settings.KFAR_COMPANY = "Orchard"
    settings.KFAR_URL = "https://orchard.example"


def plan(by: UUID, *people: UUID, clock: Clock, days: int = 7) -> UUID:
    return meeting.plan(
        by=by,
        employee=by,
        customers_=people,
        at=clock.now + timedelta(days=days),
        minutes=30,
        place="Mill Lane 3",
        once=uuid4(),
    )


def in_department(name: str, code: str) -> UUID:
    own = an_employee(name)
    departments.set_department(code=code, name={"en": code.capitalize()})
    departments.belong(email=email(name), departments=[code])
    return own


def files(message: Any) -> Any:
    """The one meeting a mail brings for a calendar."""
    [part] = [p for p in message.message().walk() if p.get_content_type() == "text/calendar"]
    found = icalendar.Calendar.from_ical(part.get_payload(decode=True))
    assert part.get_param("method") == found["METHOD"]
    event: Any
    [event] = found.walk("VEVENT")
    event["METHOD"] = found["METHOD"]
    return event


def test_a_department_without_contact_meets_a_customer_and_the_map_moves(clock: Clock) -> None:
    anna, noa = a_customer(), in_department("Noa", "social")
    in_department("Gil", "finance")
    before = meeting.map_of_contact()
    assert [(row.code, row.silent, sum(row.weeks)) for row in before.departments] == [
        ("finance", None, 0),
        ("social", None, 0),
    ]
    assert before.met == 0.0

    [drawn] = meeting.draw(by=noa, department="social", n=3, once=uuid4())
    assert drawn == anna
    made = plan(noa, anna, clock=clock)
    planned = {row.code: row.planned for row in meeting.map_of_contact().departments}
    assert planned == {"social": 30, "finance": 0}

    loop.tick()
    [invited, employee] = sorted(mail.outbox, key=lambda one: one.to[0])
    assert (invited.to, invited.subject) == (
        ["anna@village.example"],
        "Noa would like to meet you",
    )
    assert "Where: Mill Lane 3\n" in invited.body
    entry = files(invited)
    assert (entry["METHOD"], str(entry["SUMMARY"])) == ("REQUEST", "Noa, Orchard")
    assert entry["DTSTART"].dt == clock.now.replace(microsecond=0) + timedelta(days=7)
    assert entry["ATTENDEE"] == "mailto:anna@village.example"
    assert (employee.to, employee.subject) == (
        ["noa@village.example"],
        "A meeting with 1 customer",
    )
    assert "anna" not in employee.message().as_string()  # calendars stand on others' servers
    assert files(employee)["UID"] == entry["UID"]
    mail.outbox.clear()

    meeting.answer(meeting_id=made, by=anna, comes=True)
    loop.tick()
    [accepted, again] = sorted(mail.outbox, key=lambda one: one.to[0])
    assert (accepted.to, accepted.subject) == (["anna@village.example"], "You meet Noa")
    assert "Where: Mill Lane 3\n" in accepted.body
    assert again.to == ["noa@village.example"]
    assert "Come: 1. Do not come: 0. Have not said: 0." in again.body
    for message in (accepted, again):
        entry = files(message)
        assert (entry["METHOD"], entry["SEQUENCE"]) == ("REQUEST", 1)
        assert entry["ATTENDEE"].params["PARTSTAT"] == "ACCEPTED"
    assert "anna" not in again.message().as_string()
    assert (loop.tick(), len(mail.outbox)) == (0, 2)

    clock.forward(days=7)
    commands.hold(by=noa, meeting_id=made, came=[anna], minutes=40, said="The bread is good")
    loop.tick()
    [touch] = Touchpoint.objects.all()
    assert (touch.customer, touch.kind, touch.channel, touch.ref) == (
        *(anna, "meeting", "person", str(made)),
    )
    after = meeting.map_of_contact()
    assert [(r.code, r.silent, r.met, r.held, r.planned) for r in after.departments] == [
        ("finance", None, 0, 0, 0),
        ("social", 0, 1, 40, 0),
    ]
    assert after.departments[1].weeks[-1] == 1
    assert after.met == 0.5
    assert [row.silent for row in after.people] == [None, 0]
    assert after.ends[-1] == clock.today


def test_a_cancelled_meeting_is_taken_out_of_calendars_and_told_to_who_might_come(
    clock: Clock,
) -> None:
    anna, borys, noa = a_customer(), a_customer("Borys", language="pl"), an_employee()
    made = plan(noa, anna, borys, clock=clock)
    loop.tick()
    meeting.answer(meeting_id=made, by=borys, comes=False)
    mail.outbox.clear()
    commands.cancel(by=noa, meeting_id=made, why="Noa is ill")
    loop.tick()
    told = {message.to[0]: message for message in mail.outbox}
    assert sorted(told) == ["anna@village.example", "noa@village.example"]
    assert "Why: Noa is ill" in told["anna@village.example"].body
    for message in told.values():
        entry = files(message)
        assert (entry["METHOD"], entry["STATUS"], entry["SEQUENCE"]) == ("CANCEL", "CANCELLED", 2)


def test_cancelled_before_the_post_went_nobody_is_invited(clock: Clock) -> None:
    anna, noa = a_customer(), an_employee()
    made = plan(noa, anna, clock=clock)
    outbox.deliver()
    commands.cancel(by=noa, meeting_id=made, why="Ill")
    loop.tick()
    subjects = [m.subject for m in mail.outbox if m.to == ["anna@village.example"]]
    assert subjects == ["Our meeting does not take place"]


class TestAccepted:
    def told(self) -> list[tuple[str, str]]:
        """Who got which letter; the employee's left out."""
        for _twice in range(2):
            loop.tick()
        found = [
            (m.to[0].partition("@")[0], str(m.subject))
            for m in mail.outbox
            if m.to != ["noa@village.example"]
        ]
        mail.outbox.clear()
        return sorted(found)

    def test_once_and_only_to_who_comes(self, clock: Clock) -> None:
        anna, borys, noa = a_customer(), a_customer("Borys", language="pl"), an_employee()
        made = plan(noa, anna, borys, clock=clock)
        self.told()
        for comes in (True, True, False, True):
            meeting.answer(meeting_id=made, by=anna, comes=comes)
        meeting.answer(meeting_id=made, by=borys, comes=False)
        assert self.told() == [("anna", "You meet Noa")]
        for comes in (False, True):
            meeting.answer(meeting_id=made, by=anna, comes=comes)
        assert self.told() == []

    def test_not_where_they_thought_better_of_it_or_it_is_off(self, clock: Clock) -> None:
        anna, borys, noa = a_customer(), a_customer("Borys"), an_employee()
        made, other = plan(noa, anna, clock=clock), plan(noa, borys, clock=clock)
        self.told()
        for comes in (True, False):
            meeting.answer(meeting_id=made, by=anna, comes=comes)
        meeting.answer(meeting_id=other, by=borys, comes=True)
        commands.cancel(by=noa, meeting_id=other, why="Noa is ill")
        assert self.told() == [("borys", "Our meeting does not take place")]

    def test_under_whichever_id(self, clock: Clock) -> None:
        anna, hania, ewa = a_customer(), a_customer("Hania"), an_employee("Ewa", "lead")
        made = plan(ewa, anna, clock=clock)
        customers.merge(by=ewa, one=anna, other=hania)
        loop.tick()
        mail.outbox.clear()
        meeting.answer(meeting_id=made, by=hania, comes=True)
        loop.tick()
        [entry] = [files(m) for m in mail.outbox if str(m.subject) == "You meet Ewa"]
        assert entry["ATTENDEE"].params["PARTSTAT"] == "ACCEPTED"

    def test_also_who_wants_no_other_questions(self, clock: Clock) -> None:
        anna, noa = a_customer(), an_employee()
        made = plan(noa, anna, clock=clock)
        self.told()
        customers.consent(by=anna, purpose="ask", given=False, source="web")
        meeting.answer(meeting_id=made, by=anna, comes=True)
        assert self.told() == [("anna", "You meet Noa")]


class TestNotTooOften:
    def test_an_invitation_counts_as_having_been_asked(self, clock: Clock) -> None:
        anna, noa, tomasz = a_customer(), an_employee(), an_employee("Tomasz", "brand")
        plan(noa, anna, clock=clock)
        of = survey(tomasz)
        assert asked.may_be_asked(of) == 0
        assert surveys.invite(by=tomasz, survey_id=of) == 0
        with refuses("village.asked_lately", days=30):
            plan(noa, anna, clock=clock)
        clock.forward(days=31)
        of = survey(tomasz)
        assert asked.may_be_asked(of) == 1
        assert surveys.invite(by=tomasz, survey_id=of) == 1
        with refuses("village.asked_lately", days=30):
            plan(noa, anna, clock=clock)
        assert meeting.candidates() == []

    def test_under_whichever_id(self, clock: Clock) -> None:
        anna, hania, ewa = a_customer(), a_customer("Hania"), an_employee("Ewa", "lead")
        plan(ewa, anna, clock=clock)
        customers.merge(by=ewa, one=anna, other=hania)
        for own in (anna, hania):
            with refuses("village.asked_lately", days=30):
                plan(ewa, own, clock=clock)

    def test_who_did_not_agree_is_not_asked(self, clock: Clock) -> None:
        dov, noa = a_customer("Dov", asked=False), an_employee()
        assert meeting.candidates() == []
        with refuses("village.not_agreed"):
            plan(noa, dov, clock=clock)

    def test_who_said_no_since_gets_no_letter(self, clock: Clock) -> None:
        anna, noa = a_customer(), an_employee()
        plan(noa, anna, clock=clock)
        customers.consent(by=anna, purpose="ask", given=False, source="web")
        loop.tick()
        assert [message.to for message in mail.outbox] == [["noa@village.example"]]


def test_candidates_are_quiet_or_loud_valued_or_not_new_or_old(clock: Clock) -> None:
    clock.forward(days=-400)
    anna, borys = a_customer(), a_customer("Borys")
    clock.forward(days=400)
    celina = a_customer("Celina")
    for own in (anna, celina):
        customers.consent(by=own, purpose="understand", given=True, source="web")
    settle([a_touch(customer=anna, kind="purchase"), a_touch(customer=borys, kind="purchase")])
    voice.say(by=borys, text="Sour", language="en")
    assert set(meeting.candidates()) == {
        Candidate(anna, quiet=True, valued=True, new=False),
        Candidate(borys, quiet=False, valued=False, new=False),
        Candidate(celina, quiet=True, valued=False, new=True),
    }


def test_who_was_drawn_is_not_drawn_again_for_half_a_year(clock: Clock) -> None:
    noa = in_department("Noa", "social")
    departments.set_department(code="other", name={"en": "Other"})
    people = {a_customer(name) for name in ("Anna", "Borys", "Celina")}
    first = meeting.draw(by=noa, department="social", n=2, once=uuid4())
    rest = meeting.draw(by=noa, department="other", n=5, once=uuid4())
    assert set(first) | set(rest) == people
    assert len(first) + len(rest) == 3
    assert meeting.draw(by=noa, department="social", n=5, once=uuid4()) == []
    clock.forward(days=181)
    assert len(meeting.candidates()) == 3
    assert queries.picks("social") == []


def test_a_remedy_is_contact_and_a_page_that_was_opened_is_none(clock: Clock) -> None:
    anna, noa, gil = a_customer(), in_department("Noa", "care"), in_department("Gil", "social")
    said = voice.say(by=anna, text="Sour", language="en")
    outbox.deliver()
    voice.read(by=gil, voice_id=said)
    case = cases.case(said)
    assert case is not None
    service.remedy(
        by=noa, case_id=case.id, kind="answer", amount=Money(0, "USD"), words="Sorry", once=uuid4()
    )
    clock.forward(days=10)
    rows = {row.code: row for row in meeting.map_of_contact().departments}
    assert (rows["care"].silent, rows["care"].met, rows["care"].weeks[-2]) == (10, 1, 1)
    assert rows["social"].silent is None
