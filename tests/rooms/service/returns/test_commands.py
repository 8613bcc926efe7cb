"""Returns: without questions, once, and the money back at once; else a person decides."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction
from pytest_django import Settings

from kfar.ground.money import Money
from kfar.rooms.customers import commands as customers
from kfar.rooms.service import commands as service
from kfar.rooms.service import queries as cases
from kfar.rooms.service.clocks import queries as clocks
from kfar.rooms.service.clocks.queries import Due, InTime
from kfar.rooms.service.facts import (
    MoneyBack,
    ReturnArrived,
    ReturnRefused,
    ReturnStarted,
    ReturnTakenBack,
)
from kfar.rooms.service.models import Return
from kfar.rooms.service.queries import Figures
from kfar.rooms.service.returns import commands, queries
from kfar.rooms.service.returns.rules import Doubt, State, Term
from kfar.rooms.village import commands as village
from tests.at_once import at_once
from tests.clock import Clock
from tests.people import a_customer, an_employee, announced, noted, refuses
from tests.rooms.service.returns.returning import a_line, found, send_back

pytestmark = pytest.mark.django_db


def test_the_money_is_back_at_once_within_the_policy(clock: Clock) -> None:
    anna = a_customer()
    made = send_back(anna, a_line(), a_line("bread", 1, 250))
    one = found(made)
    assert (one.state, one.amount, one.by, one.doubts) == (
        State.MONEY_BACK, Money(1250, "USD"), "", (),
    )  # fmt: skip
    assert [(part.name, part.units, part.amount.minor) for part in one.parts] == [
        ("MILK", 2, 1000), ("BREAD", 1, 250),
    ]  # fmt: skip
    assert len(one.code) == 10
    assert announced() == [
        ReturnStarted(return_id=made, customer_id=anna, at=clock.now),
        MoneyBack(return_id=made, customer_id=anna, minor=1250, currency="USD", at=clock.now),
    ]


def test_sent_twice_it_is_one_return() -> None:
    anna, once = a_customer(), uuid4()
    assert send_back(anna, once=once) == send_back(anna, once=once) == once
    assert Return.objects.count() == 1
    with refuses("returns.not_found"):
        send_back(a_customer("Borys"), once=once)


def test_nothing_goes_back_more_often_than_it_was_bought() -> None:
    anna = a_customer()
    send_back(anna, units=1)
    second = send_back(anna, units=1)
    with refuses("returns.too_many", what="MILK", left=0):
        send_back(anna, units=1)
    commands.take_back(by=anna, return_id=second)
    assert queries.returned([a_line().touch_id]) == {a_line().touch_id: 1}
    send_back(anna, units=1)


def test_who_is_one_person_returns_once() -> None:
    anna, hania, ewa = a_customer(), a_customer("Hania"), an_employee("Ewa", "lead")
    send_back(hania)
    customers.merge(by=ewa, one=anna, other=hania)
    with refuses("returns.too_many", what="MILK", left=0):
        send_back(anna, units=1)
    assert [one.customer_id for one in queries.of_customer(anna)] == [hania]


@pytest.mark.django_db(transaction=True)
def test_two_at_once_return_one() -> None:
    anna = a_customer()
    done = at_once(*[lambda: send_back(anna, units=2)] * 3)
    assert (
        sorted(str(each) for each in done if not isinstance(each, UUID)) == ["returns.too_many"] * 2
    )
    assert Return.objects.count() == 1


def test_the_policy_is_by_category() -> None:
    anna = a_customer()
    commands.set_term(category="Phones", days=14, most=50_000)
    assert queries.terms() == {"": Term(30, 10_000), "Phones": Term(14, 50_000)}
    phone = a_line("phone", 1, 40_000, category="Phones")
    assert found(send_back(anna, phone)).state is State.MONEY_BACK
    assert found(send_back(anna, a_line("tv", 1, 40_000))).doubts == (Doubt.MUCH,)
    with refuses("returns.bad_term"):
        commands.set_term(category="Phones", days=-1, most=0)


def test_beyond_the_policy_a_person_decides(clock: Clock) -> None:
    anna, noa, dana = a_customer(), an_employee(), an_employee("Dana", "lead")
    made = send_back(anna, a_line("tv", 1, 40_000), bought_at=clock.now - timedelta(days=31))
    assert found(made).doubts == (Doubt.LATE, Doubt.MUCH)
    assert [one.id for one in queries.waiting()] == [made]
    limit = Money(2_000, "USD")
    with refuses("service.above_authority", limit=limit, who=["Dana"]):
        commands.decide(by=noa, return_id=made, yes=True)
    with refuses("service.why_missing"):
        commands.decide(by=noa, return_id=made, yes=False, words=" ")
    with refuses("village.may_not", act="service.remedy"):
        commands.decide(by=an_employee("Tomasz", "brand"), return_id=made, yes=True)
    commands.decide(by=dana, return_id=made, yes=True)
    commands.decide(by=dana, return_id=made, yes=True)
    with refuses("returns.decided"):
        commands.decide(by=dana, return_id=made, yes=False, words="No")
    assert (found(made).state, found(made).by) == (State.MONEY_BACK, "Dana")
    assert [type(fact) for fact in announced()] == [ReturnStarted, MoneyBack]
    assert noted(anna) == [("service.return_decided", dana)]


def test_other_money_is_compared_with_no_limit() -> None:
    """The smallest coin of it is above the widest limit, and who may give it is said by an act."""
    anna, noa, dana = a_customer(), an_employee(), an_employee("Dana", "lead")
    made = send_back(anna, a_line(paid=1, units=1, currency="PLN"))
    assert (found(made).doubts, found(made).amount) == ((Doubt.CURRENCY,), Money(1, "PLN"))
    with refuses("service.other_money", amount=Money(1, "PLN"), who=["Dana"]):
        commands.decide(by=noa, return_id=made, yes=True)
    village.change_role(code="lead", may_not=["service.currency"])
    with refuses("service.other_money", amount=Money(1, "PLN"), who=[]):
        commands.decide(by=dana, return_id=made, yes=True)
    village.change_role(code="lead", may=["service.currency"])
    commands.decide(by=dana, return_id=made, yes=True)
    assert (found(made).state, found(made).by) == (State.MONEY_BACK, "Dana")


def test_with_the_act_there_is_no_limit_and_without_it_one_may_still_say_no() -> None:
    anna, noa, dana = a_customer(), an_employee(), an_employee("Dana", "lead")
    much, little = (
        send_back(anna, a_line(key, paid=paid, units=1, currency="PLN"))
        for key, paid in (("car", 9_000_000), ("milk", 400))
    )
    commands.decide(by=dana, return_id=much, yes=True)
    commands.decide(by=noa, return_id=little, yes=False, words="Not ours")
    assert [found(one).state for one in (much, little)] == [State.MONEY_BACK, State.REFUSED]


def test_what_went_back_in_money_that_was_ours_once_is_not_added_up(settings: Settings) -> None:
    anna = a_customer()
    assert found(send_back(anna, a_line("tv", 1, 10_000))).doubts == ()
    settings.KFAR_CURRENCY = "PLN"
    assert found(send_back(anna, a_line("car", 1, 10_000, currency="PLN"))).doubts == ()
    assert found(send_back(anna, a_line("tap", 1, 1, currency="PLN"))).doubts == (Doubt.MUCH,)


def test_no_machine_refuses(clock: Clock) -> None:
    anna, noa = a_customer(), an_employee()
    made = send_back(anna, bought_at=clock.now - timedelta(days=900))
    assert found(made).state is State.WAITING
    commands.decide(by=noa, return_id=made, yes=False, words="Three years")
    assert (found(made).state, found(made).words, found(made).by) == (
        State.REFUSED, "Three years", "Noa",
    )  # fmt: skip
    assert announced()[1:] == [ReturnRefused(return_id=made, customer_id=anna, at=clock.now)]
    with pytest.raises(IntegrityError), transaction.atomic():
        Return.objects.filter(pk=made).update(by=None)
    # Refused, it may be asked for again: another person may see it otherwise.
    assert found(send_back(anna)).state is State.MONEY_BACK


def test_small_ones_come_to_a_large_one(clock: Clock) -> None:
    anna = a_customer()
    for day in range(4):
        send_back(anna, a_line(f"milk{day}", 1, 2_500))
    assert found(send_back(anna, a_line("milk4", 1, 1))).doubts == (Doubt.MUCH,)
    clock.forward(days=31)
    assert found(send_back(anna, a_line("milk5", 1, 2_500))).doubts == ()


def test_it_is_sent_and_arrives(clock: Clock) -> None:
    anna, noa = a_customer(), an_employee()
    made = send_back(anna)
    commands.send(by=anna, return_id=made)
    assert found(made).state is State.SENT
    with refuses("returns.not_found"):
        commands.send(by=a_customer("Borys"), return_id=made)
    code = found(made).code
    with refuses("village.may_not", act="service.return"):
        commands.arrive(by=an_employee("Tomasz", "brand"), code=code)
    with refuses("returns.unknown_code"):
        commands.arrive(by=noa, code="NOTHING")
    for said in (f"https://x.example/returns/{code}/", code.lower()):
        assert commands.arrive(by=noa, code=said) == made
    assert found(made).state is State.ARRIVED
    assert announced()[2:] == [ReturnArrived(return_id=made, customer_id=anna, at=clock.now)]
    assert noted(anna) == [("service.return_arrived", noa)]
    with refuses("returns.too_late"):
        commands.take_back(by=anna, return_id=made)


def test_it_is_kept_after_all(clock: Clock) -> None:
    anna, noa = a_customer(), an_employee()
    made = send_back(anna)
    for _twice in range(2):
        commands.take_back(by=anna, return_id=made)
    assert found(made).state is State.TAKEN_BACK
    assert announced()[2:] == [ReturnTakenBack(return_id=made, customer_id=anna, at=clock.now)]
    with refuses("returns.over"):
        commands.arrive(by=noa, code=found(made).code)
    assert (queries.waiting(), queries.on_the_way(), queries.habits()) == ([], [], {})


def test_what_people_send_back_is_counted_by_person() -> None:
    anna, hania, ewa = a_customer(), a_customer("Hania"), an_employee("Ewa", "lead")
    for n, own in enumerate((anna, hania, anna)):
        send_back(own, a_line(f"shoes{n}", 1, 10, name="SHOES"))
    send_back(a_customer("Borys"), a_line("bread", 1, 10))
    customers.merge(by=ewa, one=anna, other=hania)
    habits = queries.habits()
    assert habits[anna].lines == 3
    assert habits[anna].products == (("SHOES", 3),)
    assert sorted(habit.lines for habit in habits.values()) == [1, 3]


def test_who_is_erased_sent_nothing_back() -> None:
    anna = a_customer()
    made = send_back(anna, a_line(), a_line("bread", 1, 250))
    gone = commands.forget(customers=[anna])
    assert gone.rows == {"service.Return": 1, "service.ReturnLine": 2}
    assert gone.ids == {made}


class TestInTime:
    """What the policy leaves to a person has the clock of cases, and counts with them."""

    def test_it_is_due_in_working_hours(self, clock: Clock, settings: Settings) -> None:
        settings.KFAR_WORK_HOURS = "Mon-Fri 09:00-17:00"
        settings.KFAR_DECIDE_WITHIN = {"": timedelta(hours=24), "return": timedelta(hours=8)}
        made = send_back(a_customer(), a_line("tv", 1, 40_000))  # on a Monday at noon
        by_policy = send_back(a_customer("Borys"))
        due = clocks.left((own, found(own).due_at) for own in (made, by_policy))
        at = clock.now.replace(day=3)
        assert due == {made: Due(at=at, left=timedelta(hours=8), late=False)}
        clock.forward(days=1, hours=2)
        late = Due(at=at, left=timedelta(hours=2), late=True)
        assert clocks.left([(made, found(made).due_at)]) == {made: late}

    def test_what_is_due_first_stands_first(self, clock: Clock, settings: Settings) -> None:
        first = send_back(a_customer(), a_line("tv", 1, 40_000))
        clock.forward(minutes=1)
        settings.KFAR_DECIDE_WITHIN = {"return": timedelta(hours=1)}
        sooner = send_back(a_customer("Borys"), a_line("hifi", 1, 40_000))
        settings.KFAR_DECIDE_WITHIN = {}
        never = send_back(a_customer("Celina"), a_line("car", 1, 40_000))
        assert [one.id for one in queries.waiting()] == [sooner, first, never]

    def test_headline_figures_count_what_a_person_decided(self, clock: Clock) -> None:
        dana, anna = an_employee("Dana", "lead"), a_customer()
        send_back(anna)  # the policy: nobody decided
        early, late = (send_back(anna, a_line(k, 1, 40_000)) for k in ("tv", "hifi"))
        case = service.open_case(voice_id=uuid4(), customer_id=anna)
        assert (cases.figures(), clocks.in_time()) == (Figures(0, 0, None), InTime(0, 0))
        clock.forward(hours=2)
        commands.decide(by=dana, return_id=early, yes=True)
        assert cases.figures() == Figures(1, 1, timedelta(hours=2))
        clock.forward(hours=2)
        service.hand_on(by=dana, case_id=case, to=an_employee("Lev", "lead"))
        service.remedy(
            by=dana,
            case_id=case,
            kind="answer",
            amount=Money(0, "USD"),
            words="Sorry",
            once=uuid4(),
        )
        assert cases.figures() == Figures(2, 1, timedelta(hours=3))
        clock.forward(hours=26)
        commands.decide(by=dana, return_id=late, yes=False, words="No")
        assert cases.figures() == Figures(3, 2, timedelta(hours=4))
        assert clocks.in_time() == InTime(3, 2)
        assert queries.waiting() == []
