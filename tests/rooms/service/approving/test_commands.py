"""Above the limit one person is asked by name, with a clock, and their word is remembered."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from kfar.ground.money import Money
from kfar.rooms.service import commands as service
from kfar.rooms.service import queries as cases
from kfar.rooms.service import together
from kfar.rooms.service.approving import commands, queries
from kfar.rooms.service.approving.queries import Asked, Before
from kfar.rooms.service.approving.rules import Outcome, alike, next_in_line
from kfar.rooms.service.assigning import presence
from kfar.rooms.service.facts import ApprovalAsked, RemedyGiven
from kfar.rooms.service.models import Approval, Case, Remedy
from kfar.rooms.village import commands as village
from kfar.rooms.village.rules import Authority
from tests.clock import Clock
from tests.people import a_customer, an_employee, announced, noted, refuses

pytestmark = pytest.mark.django_db


@pytest.fixture
def voice(db: None, clock: Clock) -> UUID:
    """The voice of a case of Anna's."""
    own = uuid4()
    service.open_case(voice_id=own, customer_id=a_customer())
    return own


def case(voice: UUID) -> UUID:
    return Case.objects.get(voice_id=voice).pk


def ask(by: UUID, voice: UUID, minor: int = 5_000, **said: Any) -> UUID:
    given: dict[str, Any] = {"kind": "refund", "amount": Money(minor, "USD"), "once": uuid4()}
    return commands.ask(by=by, case_id=case(voice), **(given | said))


def asked(voice: UUID) -> list[tuple[str, Outcome | None]]:
    return [(one.approver_name, one.outcome) for one in queries.asked_about([voice])]


def of(voice: UUID) -> Asked:
    return queries.asked_about([voice])[-1]


def test_the_nearest_authority_is_asked_by_name_and_until_when(voice: UUID, clock: Clock) -> None:
    noa, dana = an_employee(), an_employee("Dana", "lead")
    once = uuid4()
    for _twice in range(2):
        assert ask(noa, voice, words=" For the milk ", once=once) == dana
    one = of(voice)
    assert (one.by, one.approver, one.amount.minor, one.words) == (
        "Noa",
        dana,
        5_000,
        "For the milk",
    )
    assert (one.at, one.due_at, one.outcome) == (clock.now, clock.now + timedelta(hours=2), None)
    assert cases.handed_on() == {voice: "Dana"}
    assert queries.waiting_for(dana) == ([one], [])
    asked_now = ApprovalAsked(approval_id=one.id, again=False, at=clock.now)
    assert (queries.waiting_for(noa), announced()) == (([], []), [asked_now])
    with refuses("service.asked_already"):
        ask(noa, voice)


def test_yes_gives_it_at_once_by_who_says_so(voice: UUID, clock: Clock) -> None:
    noa, dana = an_employee(), an_employee("Dana", "lead")
    once = uuid4()
    ask(noa, voice, words="For the milk", once=once)
    clock.forward(hours=1)
    for _twice in range(2):
        commands.say(by=dana, approval_id=of(voice).id, yes=True, why=" Of course ")
    remedy = Remedy.objects.get()
    assert (remedy.pk, remedy.by_id, remedy.minor, remedy.words) == (
        once,
        dana,
        5_000,
        "For the milk",
    )
    assert [type(fact) for fact in announced()] == [ApprovalAsked, RemedyGiven]
    assert (of(voice).outcome, of(voice).why) == (Outcome.YES, "Of course")
    figures = cases.figures()
    assert (figures.decided, figures.alone, figures.median) == (1, 0, timedelta(hours=1))
    anna = Case.objects.get().customer_id
    assert noted(anna) == [("service.asked", noa), ("service.remedied", dana)]
    with refuses("service.not_asked_any_more"):
        commands.say(by=dana, approval_id=of(voice).id, yes=False, why="No")


def test_no_has_a_reason_and_gives_the_case_back(voice: UUID, clock: Clock) -> None:
    noa, dana = an_employee(), an_employee("Dana", "lead")
    ask(noa, voice)
    with refuses("service.no_without_why"):
        commands.say(by=dana, approval_id=of(voice).id, yes=False, why=" ")
    for _twice in range(2):
        commands.say(by=dana, approval_id=of(voice).id, yes=False, why="Twice this week")
    found = cases.case(voice)
    assert found is not None
    assert (found.waiting, found.handed_to, found.taken_by) == (True, None, noa)
    assert (Remedy.objects.count(), asked(voice)) == (0, [("Dana", Outcome.NO)])
    clock.forward(minutes=1)
    ask(noa, voice, 3_000)  # for less, they may be asked again
    assert asked(voice)[1:] == [("Dana", None)]


def test_only_who_is_asked_may_say(voice: UUID) -> None:
    noa, _dana = an_employee(), an_employee("Dana", "lead")
    ask(noa, voice)
    for other in (noa, an_employee("Ewa", "lead"), an_employee("Tomasz", "brand")):
        with refuses("village.may_not", act="service.remedy"):
            commands.say(by=other, approval_id=of(voice).id, yes=True)
    with refuses("service.not_found"):
        commands.say(by=noa, approval_id=uuid4(), yes=True)


def test_what_needs_nobody_and_what_nobody_may(voice: UUID) -> None:
    noa = an_employee()
    with refuses("service.nobody_may"):
        ask(noa, voice)
    dana = an_employee("Dana", "lead")
    with refuses("service.within_authority"):
        ask(noa, voice, 2_000)
    with refuses("service.nobody_may"):
        ask(dana, voice, 50_001)
    with refuses("service.amount_missing"):
        ask(noa, voice, 0)
    with refuses("village.may_not", act="service.remedy"):
        ask(an_employee("Tomasz", "brand"), voice)
    assert not Approval.objects.exists()


def test_when_the_time_is_over_the_next_in_line_is_asked_and_the_first_sees_it(
    voice: UUID, clock: Clock
) -> None:
    noa, adam, dana = an_employee(), an_employee("Adam", "lead"), an_employee("Dana", "lead")
    ask(noa, voice)
    assert (asked(voice), commands.pass_due()) == ([("Adam", None)], 0)
    clock.forward(hours=2)
    assert (commands.pass_due(), commands.pass_due()) == (1, 0)
    assert asked(voice) == [("Adam", Outcome.PASSED), ("Dana", None)]
    assert cases.handed_on() == {voice: "Dana"}
    assert [one.approver_name for one in queries.waiting_for(adam)[1]] == ["Dana"]
    first = queries.asked_about([voice])[0]
    with refuses("service.not_asked_any_more"):
        commands.say(by=adam, approval_id=first.id, yes=True)
    clock.forward(hours=2)
    assert commands.pass_due() == 0  # nobody is left, so Dana stays asked, with another while
    assert asked(voice) == [("Adam", Outcome.PASSED), ("Dana", None)]
    assert of(voice).due_at == clock.now + timedelta(hours=2)
    commands.say(by=dana, approval_id=of(voice).id, yes=True)
    assert queries.waiting_for(adam) == ([], [])


def test_its_clock_goes_in_working_hours(voice: UUID, clock: Clock, settings: Settings) -> None:
    settings.KFAR_WORK_HOURS = "Mon-Fri 09:00-17:00"
    noa, _dana = an_employee(), an_employee("Dana", "lead")
    clock.forward(hours=4)  # Monday, 16:00
    ask(noa, voice)
    assert of(voice).due_at == datetime(2026, 3, 3, 10, tzinfo=clock.now.tzinfo)


def test_who_is_away_is_not_asked_while_others_are_here(voice: UUID, clock: Clock) -> None:
    noa, adam, dana = an_employee(), an_employee("Adam", "lead"), an_employee("Dana", "lead")
    presence.leave(by=adam, until=clock.now + timedelta(days=1))
    assert ask(noa, voice) == dana
    with refuses("service.back_in_past"):
        presence.leave(by=dana, until=clock.now)
    clock.forward(days=1)
    assert presence.away() == {}


def test_decided_otherwise_nobody_is_asked_any_more(voice: UUID, clock: Clock) -> None:
    noa, dana = an_employee(), an_employee("Dana", "lead")
    ask(noa, voice)
    service.remedy(
        by=noa, case_id=case(voice), kind="refund", amount=Money(100, "USD"), once=uuid4()
    )
    assert asked(voice) == [("Dana", Outcome.VOID)]
    clock.forward(days=1)
    assert (commands.pass_due(), queries.waiting_for(dana)) == (0, ([], []))


def test_two_who_are_asked_are_not_put_together(voice: UUID) -> None:
    noa, _dana = an_employee(), an_employee("Dana", "lead")
    other = uuid4()
    service.open_case(voice_id=other, customer_id=Case.objects.get().customer_id)
    for own in (voice, other):
        ask(noa, own)
    with refuses("service.two_approvers"):
        together.merge(by=noa, case_id=case(voice), other_id=case(other))


def test_what_was_said_of_alike_ones_is_remembered() -> None:
    noa, dana = an_employee(), an_employee("Dana", "lead")
    for minor, yes in ((5_000, True), (4_000, True), (9_000, False), (50_000, False)):
        own = uuid4()
        service.open_case(voice_id=own, customer_id=a_customer())
        ask(noa, own, minor)
        commands.say(by=dana, approval_id=of(own).id, yes=yes, why="Because")
    assert queries.before("refund", Money(5_000, "USD"), "ours") == Before(answered=3, yes=2)
    assert queries.before("refund", Money(5_000, "USD"), "partly") == Before(answered=0, yes=0)
    assert queries.before("refund", Money(5_000, "PLN"), "ours") == Before(answered=0, yes=0)
    assert queries.before("voucher", Money(5_000, "USD"), "ours") == Before(answered=0, yes=0)


@given(st.integers(1, 10**9))
def test_alike_is_what_is_at_most_twice_the_other(minor: int) -> None:
    least, most = alike(minor)
    assert least <= minor <= most
    assert (least * 2 >= minor, (least - 1) * 2 < minor, most) == (True, True, minor * 2)


@given(st.lists(st.tuples(st.integers(0, 9), st.booleans())), st.sets(st.integers(0, 9)))
def test_next_is_the_nearest_who_is_here_and_was_not_asked(
    able: list[tuple[int, bool]], but: set[int]
) -> None:
    left = [(who, here) for who, here in able if who not in but]
    found = next_in_line(able, but=but)
    if not left:
        assert found is None
    elif any(here for _, here in left):
        assert found == next(who for who, here in left if here)
    else:
        assert found == left[0][0]


def test_what_is_in_other_money_is_above_every_limit_and_goes_to_who_may_give_it(
    voice: UUID, settings: Settings
) -> None:
    noa, dana, ewa = an_employee(), an_employee("Dana", "lead"), an_employee("Ewa", "lead")
    village.change_role(code="lead", may_not=["service.currency"])
    with refuses("service.nobody_may"):
        ask(noa, voice, minor=1, amount=Money(1, "PLN"))
    village.set_role(
        code="abroad",
        name={"en": "Abroad"},
        acts=["service.remedy", "service.currency"],
        limits={"refund": Authority.fixed(0)},
    )
    village.employ(email="ewa@village.example", name="Ewa", role="abroad")
    assert ask(noa, voice, amount=Money(1, "PLN")) == ewa
    with refuses("village.may_not", act="service.remedy"):
        commands.say(by=dana, approval_id=of(voice).id, yes=True)
    commands.say(by=ewa, approval_id=of(voice).id, yes=True)
    assert [(one.minor, one.currency, one.by_id) for one in Remedy.objects.all()] == [
        (1, "PLN", ewa)
    ]
