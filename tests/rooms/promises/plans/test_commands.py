"""Plans: made once of what was heard, handed over once, and moved by what comes back."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from kfar.ground.errors import Refused
from kfar.rooms.promises import commands as promises
from kfar.rooms.promises import queries as record
from kfar.rooms.promises.models import Handover, PlanVoice
from kfar.rooms.promises.plans import commands, queries
from kfar.rooms.promises.plans.queries import Handed
from kfar.rooms.promises.plans.rules import Source, Stage
from tests.clock import Clock
from tests.people import a_customer, an_employee, noted, refuses
from tests.rooms.promises.plans.planning import plan, say

pytestmark = pytest.mark.django_db


class TestMake:
    def test_it_keeps_what_speaks_for_it_and_counts_people(self, clock: Clock) -> None:
        anna, borys, noa = a_customer(), a_customer("Borys"), an_employee()
        spoke = [say(anna), say(anna, "Sour again"), say(borys)]
        once = uuid4()
        made = [plan(noa, *spoke, once=once, due=clock.today) for _ in range(2)]
        assert made == [once, once]
        found = queries.plan(once)
        assert found is not None
        assert (found.title, found.state, found.voices, found.people, found.to_tell) == (
            *("Cold milk", Stage.OPEN, 3, 2, False),
        )
        assert queries.spoke(once) == spoke
        assert queries.said_by(once, anna) == [voice for voice, _own in spoke[:2]]
        assert queries.of(Source.PRODUCT, "MILK 1L") == queries.open_plans() == [found]
        assert noted(anna) == [("promises.planned", noa)]

    def test_what_is_no_plan(self) -> None:
        anna, noa = a_customer(), an_employee()
        one = say(anna)
        with refuses("village.may_not", act="promises.plan"):
            plan(anna, one)
        with refuses("plans.nothing_heard"):
            plan(noa)
        with refuses("plans.no_title"):
            plan(noa, one, title=" \x00")
        with refuses("plans.no_needs"):
            plan(noa, one, needs="")
        with refuses("plans.too_long", most=200, length=201):
            plan(noa, one, title="x" * 201)
        with refuses("promises.due_in_past"):
            plan(noa, one, due=timezone.localdate() - timedelta(days=1))
        with refuses("promises.no_such_owner"):
            plan(noa, one, owner=uuid4())

    def test_a_question_speaks_by_its_answers(self) -> None:
        made = plan(an_employee(), source=Source.QUESTION, ref=str(uuid4()), people_behind=12)
        found = queries.plan(made)
        assert found is not None
        assert (found.voices, found.people) == (0, 12)


class TestState:
    def test_dropped_says_why_and_going_on_forgets_it(self, clock: Clock) -> None:
        noa = an_employee()
        made = plan(noa, say(a_customer()))
        with refuses("plans.why_missing"):
            commands.set_state(by=noa, plan_id=made, state="dropped")
        with refuses("plans.unknown_state"):
            commands.set_state(by=noa, plan_id=made, state="closed")
        commands.set_state(by=noa, plan_id=made, state="dropped", why="No van")
        found = queries.plan(made)
        assert found is not None
        assert (found.state, found.why, queries.ended()) == (Stage.DROPPED, "No van", [found])
        commands.set_state(by=noa, plan_id=made, state="doing", why="x")
        found = queries.plan(made)
        assert found is not None
        assert (found.state, found.why) == (Stage.DOING, "")


class TestPromise:
    def test_it_is_given_to_everyone_who_spoke_once(self, clock: Clock) -> None:
        anna, borys, noa = a_customer(), a_customer("Borys"), an_employee()
        made = plan(noa, say(anna), say(anna, "Again"), say(borys))
        once = uuid4()
        for _ in range(2):
            promises.promise_many(
                by=noa, text={"en": "Cold"}, due=clock.today, plan_id=made, to_all=False, once=once
            )
        found = record.for_plan(made)
        assert found is not None
        assert (found.id, found.to, found.personal) == (once, 2, True)
        assert record.public() == []
        with refuses("plans.promised"):
            promises.promise_many(
                by=noa, text={"en": "Hot"}, due=clock.today, plan_id=made, to_all=False,
                once=uuid4(),
            )  # fmt: skip
        with refuses("village.may_not", act="promises.public"):
            promises.promise_many(
                by=noa, text={"en": "Cold"}, due=clock.today, plan_id=made, to_all=True, once=once
            )

    def test_nothing_is_promised_for_what_has_ended(self, clock: Clock) -> None:
        noa = an_employee()
        made = plan(noa, say(a_customer()))
        commands.set_state(by=noa, plan_id=made, state="done")
        with refuses("plans.over"):
            promises.promise_many(
                by=noa, text={"en": "Cold"}, due=clock.today, plan_id=made, to_all=False,
                once=uuid4(),
            )  # fmt: skip


class TestHandOver:
    def test_it_arrives_once(self, clock: Clock) -> None:
        noa, sent = an_employee(), []
        made = plan(noa, say(a_customer()))
        commands.add_target(name="forge", url="https://forge.example/x", shape="github")
        for _ in range(2):
            commands.hand_over(by=noa, plan_id=made, target="forge")

        def send(handed: Handed) -> tuple[str, str]:
            sent.append((handed.plan.id, handed.target.name))
            return "17", "https://forge.example/17"

        assert [commands.hand_over_waiting(send=send) for _ in range(2)] == [1, 0]
        assert sent == [(made, "forge")]
        [handed] = queries.handovers(made)
        assert (handed.ref, handed.link, handed.sent_at) == (
            *("17", "https://forge.example/17", clock.now),
        )

    def test_it_is_tried_for_two_days_and_again_when_asked(self, clock: Clock) -> None:
        noa = an_employee()
        made = plan(noa, say(a_customer()))
        commands.add_target(name="forge", url="https://forge.example/x", shape="plain")
        commands.hand_over(by=noa, plan_id=made, target="forge")
        asked = []

        def fail(handed: Handed) -> tuple[str, str]:
            asked.append(clock.now)
            raise Refused("reach.away")

        for _ in range(40):
            commands.hand_over_waiting(send=fail)
            clock.to(Handover.objects.get().due_at)
        [handed] = queries.handovers(made)
        assert (len(asked), handed.given_up_at is not None) == (18, True)
        assert asked[-1] - asked[0] == timedelta(minutes=511 + 8 * 360)
        commands.hand_over(by=noa, plan_id=made, target="forge")
        assert commands.hand_over_waiting(send=lambda _: ("1", "")) == 1

    def test_only_to_targets_there_are(self) -> None:
        noa = an_employee()
        made = plan(noa, say(a_customer()))
        with refuses("plans.no_such_target", target="forge"):
            commands.hand_over(by=noa, plan_id=made, target="forge")
        with refuses("plans.bad_target", target="A b"):
            commands.add_target(name="A b", url="https://x.example", shape="plain")
        with refuses("plans.unknown_shape"):
            commands.add_target(name="ab", url="https://x.example", shape="xml")
        with refuses("plans.no_such_target", target="forge"):
            commands.remove_target(name="forge")


class TestComeBack:
    def test_what_they_say_moves_it_once_and_what_is_older_does_not(self, clock: Clock) -> None:
        noa = an_employee()
        made = plan(noa, say(a_customer()))
        commands.add_target(name="forge", url="https://forge.example/x", shape="github")
        commands.hand_over(by=noa, plan_id=made, target="forge")
        commands.hand_over_waiting(send=lambda _: ("17", ""))
        at = clock.now

        def come(state: Stage, minutes: int) -> bool:
            said_at = at + timedelta(minutes=minutes)
            return commands.come_back(target="forge", ref="17", state=state, said_at=said_at)

        assert [come(Stage.DONE, 5), come(Stage.DONE, 5), come(Stage.DOING, 3)] == [
            *(True, False, False),
        ]
        found = queries.plan(made)
        assert found is not None
        assert (found.state, found.to_tell) == (Stage.DONE, True)
        assert come(Stage.DOING, 6)
        assert commands.come_back(target="forge", plan_id=made, state=Stage.DROPPED, why="")
        found = queries.plan(made)
        assert found is not None
        assert (found.state, found.why) == (Stage.DROPPED, "forge")

    def test_of_what_was_not_handed_to_them_they_say_nothing(self) -> None:
        noa = an_employee()
        made = plan(noa, say(a_customer()))
        commands.add_target(name="forge", url="https://forge.example/x", shape="github")
        with refuses("plans.not_found"):
            commands.come_back(target="forge", plan_id=made, state=Stage.DONE)
        with refuses("plans.not_found"):
            commands.come_back(target="forge", ref="1", state=Stage.DONE)


def test_who_is_erased_speaks_for_no_plan_and_the_count_stays() -> None:
    anna, noa = a_customer(), an_employee()
    made = plan(noa, say(anna), say(a_customer("Borys")))
    gone = promises.forget(customers=[anna])
    found = queries.plan(made)
    assert found is not None
    assert (gone.rows["promises.PlanVoice"], PlanVoice.objects.count(), found.people) == (1, 1, 2)
