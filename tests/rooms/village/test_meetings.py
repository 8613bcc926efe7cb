"""Meetings: drawn, planned, answered, cancelled, held; each once, and by whom may."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from kfar.ground.errors import Refused
from kfar.rooms.village import commands as village
from kfar.rooms.village.departments import commands as departments
from kfar.rooms.village.facts import MeetingCancelled, MeetingHeld, MeetingPlanned
from kfar.rooms.village.meetings import commands, queries, rules
from kfar.rooms.village.meetings.queries import Candidate, Met
from kfar.rooms.village.meetings.rules import Stands
from kfar.rooms.village.models import Pick
from tests.clock import Clock
from tests.people import an_employee, announced, email, noted, refuses
from tests.rooms.village import meeting_up

pytestmark = pytest.mark.django_db

ANNA, BORYS = UUID(int=1), UUID(int=2)


def plan(by: UUID, *customers: UUID, **said: Any) -> UUID:
    return meeting_up.plan(by, *(customers or [ANNA]), **said)


def known(meeting_id: UUID) -> Met:
    found = queries.meeting(meeting_id)
    assert found is not None
    return found


class TestPlan:
    def test_sent_twice_it_is_planned_once_and_noted_with_everybody(self, clock: Clock) -> None:
        noa, once = an_employee(), uuid4()
        for _twice in range(2):
            assert plan(noa, ANNA, BORYS, ANNA, once=once, place="  Mill \n Lane 3 ") == once
        met = known(once)
        assert (met.employee, met.email, met.place) == ("Noa", email("Noa"), "Mill Lane 3")
        assert (met.stands, met.until) == (
            Stands.PLANNED,
            clock.now + timedelta(days=7, minutes=30),
        )
        assert [(g.customer_id, g.comes) for g in met.guests] == [(ANNA, None), (BORYS, None)]
        assert noted(ANNA) == noted(BORYS) == [("village.invited", noa)]
        assert announced() == [MeetingPlanned(meeting_id=once, at=clock.now)]
        assert queries.asked_since(clock.now - timedelta(seconds=1)) == [ANNA, BORYS]
        assert queries.asked_since(clock.now) == []

    @pytest.mark.parametrize(
        ("said", "code"),
        [
            ({"customers": []}, "village.nobody_invited"),
            ({"customers": [UUID(int=n) for n in range(31)]}, "village.too_many_invited"),
            ({"at": timedelta(0)}, "village.meets_in_past"),
            ({"at": timedelta(days=366)}, "village.meets_too_late"),
            ({"minutes": 4}, "village.bad_minutes"),
            ({"minutes": 481}, "village.bad_minutes"),
            ({"place": " "}, "village.no_place"),
            ({"place": "x" * 201}, "village.words_too_long"),
            ({"employee": UUID(int=9)}, "village.no_such_colleague"),
        ],
    )
    def test_what_cannot_be_is_refused(self, said: dict[str, Any], code: str, clock: Clock) -> None:
        if "at" in said:
            said = {"at": clock.now + said["at"]}
        with pytest.raises(Refused, match=f"^{code}$"):
            plan(an_employee(), **said)
        assert queries.meetings(clock.now) == []

    def test_only_who_may(self) -> None:
        village.set_role(code="guest", name={"en": "Guest"}, acts=["voice.read"], limits={})
        guest = village.employ(email=email("Gil"), name="Gil", role="guest")
        with refuses("village.may_not", act="village.plan"):
            plan(guest)


class TestAnswer:
    def test_the_last_word_of_the_person_counts(self, clock: Clock) -> None:
        meeting = plan(an_employee(), ANNA, BORYS)
        for comes, version in ((True, 1), (True, 1), (False, 2)):
            # Under another of the same person's ids.
            commands.answer(meeting_id=meeting, customers=[UUID(int=7), ANNA], comes=comes)
            met = known(meeting)
            assert ([g.comes for g in met.guests], met.version) == ([comes, None], version)
        assert [act for act, _by in noted(ANNA)] == [
            *("village.invited", "village.accepted", "village.declined")
        ]

    def test_who_was_not_asked_or_comes_too_late_is_told(self, clock: Clock) -> None:
        noa = an_employee()
        meeting, other = plan(noa), plan(noa)
        with refuses("village.no_such_meeting"):
            commands.answer(meeting_id=meeting, customers=[BORYS], comes=True)
        with refuses("village.no_such_meeting"):
            commands.answer(meeting_id=uuid4(), customers=[ANNA], comes=True)
        commands.cancel(by=noa, meeting_id=other, why="Ill")
        with refuses("village.meeting_cancelled"):
            commands.answer(meeting_id=other, customers=[ANNA], comes=True)
        clock.forward(days=7)
        with refuses("village.meeting_over"):
            commands.answer(meeting_id=meeting, customers=[ANNA], comes=True)


class TestEnd:
    def test_cancelled_twice_is_once_and_says_why(self, clock: Clock) -> None:
        noa = an_employee()
        meeting = plan(noa)
        with refuses("village.no_reason"):
            commands.cancel(by=noa, meeting_id=meeting, why=" ")
        for why in ("Ill", "Again"):
            commands.cancel(by=noa, meeting_id=meeting, why=why)
        met = known(meeting)
        assert (met.stands, met.why, met.version) == (Stands.CANCELLED, "Ill", 1)
        assert announced()[1:] == [MeetingCancelled(meeting_id=meeting, at=clock.now)]
        clock.forward(days=8)
        with refuses("village.meeting_cancelled"):
            commands.hold(by=noa, meeting_id=meeting, came=[ANNA], minutes=30, said="Good")

    def test_held_with_those_who_came_and_what_they_said(self, clock: Clock) -> None:
        noa = an_employee()
        meeting = plan(noa, ANNA, BORYS)
        said = {"meeting_id": meeting, "came": [ANNA], "minutes": 45, "said": " The bread is good "}
        with refuses("village.meeting_ahead"):
            commands.hold(by=noa, **said)  # type: ignore[arg-type]
        clock.forward(days=7)
        assert known(meeting).stands is Stands.DUE
        with refuses("village.nobody_came"):
            commands.hold(by=noa, **(said | {"came": [UUID(int=9)]}))  # type: ignore[arg-type]
        with refuses("village.nothing_noted"):
            commands.hold(by=noa, **(said | {"said": "\n"}))  # type: ignore[arg-type]
        for _twice in range(2):
            commands.hold(by=noa, **said)  # type: ignore[arg-type]
        met = known(meeting)
        assert (met.stands, met.held_minutes, met.said) == (Stands.HELD, 45, "The bread is good")
        assert [g.came for g in met.guests] == [True, False]
        assert announced()[1:] == [MeetingHeld(meeting_id=meeting, at=met.at)]
        assert (noted(ANNA)[-1], noted(BORYS)[-1]) == (
            ("village.met", noa),
            ("village.invited", noa),
        )
        with refuses("village.meeting_over"):
            commands.cancel(by=noa, meeting_id=meeting, why="Late")


def crowd(quiet: int, loud: int) -> list[Candidate]:
    return [
        Candidate(UUID(int=n), quiet=n < quiet, valued=n % 2 == 0, new=n % 3 == 0)
        for n in range(quiet + loud)
    ]


class TestDraw:
    def test_it_is_kept_and_sent_twice_it_is_the_same(self, clock: Clock) -> None:
        noa, once = an_employee(), uuid4()
        departments.set_department(code="social", name={"en": "Social"})
        people = crowd(16, 4)
        drawn = commands.draw(by=noa, department="social", candidates=people, n=5, once=once)
        again = commands.draw(by=noa, department="social", candidates=people[:1], n=5, once=once)
        assert sorted(drawn) == sorted(again)
        assert Pick.objects.count() == 5
        picks = queries.picks("social")
        assert sum(pick.quiet for pick in picks) == 4
        assert {pick.customer_id for pick in picks} == set(drawn)
        assert noted(drawn[0]) == [("village.picked", noa)]
        assert set(queries.picked_since(clock.now - rules.REST)) == set(drawn)

    def test_who_was_invited_is_not_suggested_any_more(self, clock: Clock) -> None:
        noa = an_employee()
        departments.set_department(code="social", name={"en": "Social"})
        [one] = commands.draw(
            by=noa, department="social", candidates=crowd(1, 0), n=3, once=uuid4()
        )
        plan(noa, one)
        assert queries.picks("social") == []

    def test_what_cannot_be_drawn_is_refused(self) -> None:
        noa = an_employee()
        for n in (0, 21):
            with refuses("village.bad_draw", most=20):
                commands.draw(by=noa, department="x", candidates=[], n=n, once=uuid4())
        with refuses("village.no_such_department", department="x"):
            commands.draw(by=noa, department="x", candidates=[], n=1, once=uuid4())


class TestForget:
    def test_a_guest_goes_and_the_meeting_stays_for_the_others(self, clock: Clock) -> None:
        noa = an_employee()
        meeting = plan(noa, ANNA, BORYS)
        clock.forward(days=8)
        commands.hold(by=noa, meeting_id=meeting, came=[ANNA, BORYS], minutes=30, said="Anna: no")
        gone = commands.forget(customers=[ANNA])
        assert gone.rows == {"village.Guest": 1, "village.Meeting": 1}
        met = known(meeting)
        assert ([g.customer_id for g in met.guests], met.said) == ([BORYS], "")
        assert met.stands is Stands.HELD

    def test_a_meeting_with_nobody_is_cancelled(self, clock: Clock) -> None:
        meeting = plan(an_employee(), ANNA)
        commands.forget(customers=[ANNA])
        assert (known(meeting).stands, known(meeting).guests) == (Stands.CANCELLED, ())


def test_contacts_are_what_reached_a_customer(clock: Clock, data_dir: object) -> None:
    from kfar.lake import audit, inbox
    from tests.lake.touches import a_touch

    noa, dana = an_employee(), an_employee("Dana", "lead")
    audit.note(act="service.remedied", customer_id=ANNA, employee_id=noa)
    audit.note(act="voice.read", customer_id=ANNA, employee_id=dana)  # to read is not to meet
    audit.note(act="customers.recognised", customer_id=ANNA)
    call = '{"employee": "Dana@Village.example", "minutes": 12.4}'
    for source, properties in (
        ("phone", call),
        ("site", call),  # which anybody's browser may send
        ("phone", '{"employee": "nobody@village.example"}'),
        ("phone", '{"minutes": 3, "why": "employee"}'),
        ("phone", '{"employee": {"email": 7}, "minutes": "x"}'),
        ("phone", '{"employee": "dana@village.example", "minutes": -5}'),
    ):
        inbox.put(a_touch(id=uuid4(), customer=BORYS, source=source, kind="call", at=clock.now,
                          properties=properties))  # fmt: skip
    found = queries.contacts(clock.now - timedelta(days=1), doubtful=["site"])
    assert sorted((c.employee_id == dana, c.how, c.minutes) for c in found) == [
        (False, "service.remedied", 0),
        (True, "told", 0),
        (True, "told", 12),
    ]
    later: datetime = clock.now + timedelta(seconds=1)
    assert queries.contacts(later) == []
