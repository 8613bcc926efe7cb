"""Everyone who spoke is told what changed: once, in their language, and nobody else is named."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from kfar.rooms.customers import commands as customers
from kfar.rooms.promises import commands as promises
from kfar.rooms.promises import queries as record
from kfar.rooms.promises.facts import Changed, PromiseKept
from kfar.rooms.promises.plans import queries as plans
from kfar.rooms.promises.plans.rules import Source, Stage
from kfar.rooms.promises.rules import State
from kfar.rooms.promises.telling import commands, queries
from tests.clock import Clock
from tests.people import a_customer, an_employee, announced, noted, refuses
from tests.rooms.promises.plans.planning import plan, say

pytestmark = pytest.mark.django_db


def tell(
    by: UUID, *spoke: tuple[UUID, UUID], did: dict[str, str] | None = None, **given: object
) -> int:
    fresh = {
        "source": Source.PRODUCT, "ref": "MILK 1L", "label": "MILK 1L", "once": uuid4(),
    }  # fmt: skip
    return commands.tell_all(by=by, did=did or {"en": "It is cold"}, spoke=spoke, **(fresh | given))  # type: ignore[arg-type]


def test_each_person_counts_once_however_many_names_and_voices(clock: Clock) -> None:
    anna, hania, borys = a_customer(), a_customer("Hania"), a_customer("Borys")
    ewa, once = an_employee("Ewa", "lead"), uuid4()
    customers.merge(by=ewa, one=anna, other=hania)
    spoke = [say(anna), say(hania, "Warm"), say(borys)]
    assert [tell(ewa, *spoke, once=once) for _ in range(2)] == [2, 2]
    found = queries.change(once)
    assert found is not None
    assert (found.voices, found.people, found.did, found.reached) == (3, 2, {"en": "It is cold"}, 0)
    assert [fact for fact in announced() if isinstance(fact, Changed)] == [
        Changed(telling_id=once, at=clock.now)
    ]
    assert sorted(queries.said_by(once, hania)) == sorted(voice for voice, _own in spoke[:2])
    assert ("promises.told_all", ewa) in noted(borys)


def test_a_voice_is_told_of_one_change(clock: Clock) -> None:
    anna, borys, ewa = a_customer(), a_customer("Borys"), an_employee("Ewa", "lead")
    first, second = say(anna), say(borys)
    assert tell(ewa, first) == 1
    assert tell(ewa, first, second) == 1
    with refuses("tellings.nobody_spoke"):
        tell(ewa, first, second)
    with refuses("tellings.nobody_spoke"):
        tell(ewa)


def test_a_language_that_is_missing_is_named_with_how_many_wait_for_it() -> None:
    ewa = an_employee("Ewa", "lead")
    spoke = [say(a_customer(name, language="pl")) for name in ("Borys", "Celina")]
    spoke += [say(a_customer("Dov", language="he")), say(a_customer())]
    with refuses("tellings.languages_missing", languages=["he", "pl"], people=3):
        tell(ewa, *spoke, did={"en": "It is cold", "he": " "})
    with refuses("tellings.nothing_done"):
        tell(ewa, *spoke, did={"en": " ", "xx": "It"})
    with refuses("tellings.too_long", most=1000, length=1001):
        tell(ewa, *spoke, did={"en": "x" * 1001})
    with refuses("village.may_not", act="promises.tell"):
        tell(an_employee(), *spoke)
    assert tell(ewa, *spoke, did={"en": "Cold", "he": "קר", "pl": "Zimne"}) == 4


def test_who_asked_not_to_be_told_needs_no_language() -> None:
    borys, ewa = a_customer("Borys", language="pl"), an_employee("Ewa", "lead")
    customers.choose_way(by=borys, purpose="outcomes", way="none")
    assert tell(ewa, say(borys), say(a_customer())) == 2
    with refuses("customers.unknown_way"):
        customers.choose_way(by=borys, purpose="outcomes", way="pigeon")


def test_a_plan_that_is_told_of_is_done_and_its_promise_kept(clock: Clock) -> None:
    anna, ewa = a_customer(), an_employee("Ewa", "lead")
    spoke = [say(anna), say(a_customer("Borys")), say(a_customer("Celina"))]
    made, once = plan(ewa, *spoke), uuid4()
    promises.promise_many(
        by=ewa, text={"en": "Cold milk"}, due=clock.today, plan_id=made, to_all=True, once=once
    )
    assert tell(ewa, *spoke, source=Source.PLAN, ref=str(made), plan_id=made) == 3
    found, kept = plans.plan(made), record.promise(once)
    assert found is not None
    assert kept is not None
    assert (found.state, found.told, kept.state, kept.how) == (
        *(Stage.DONE, True, State.KEPT, "It is cold"),
    )
    assert sum(isinstance(fact, PromiseKept) for fact in announced()) == 1
    assert [one.people for one in queries.public()] == [3]


def test_what_few_said_is_counted_and_not_shown() -> None:
    ewa = an_employee("Ewa", "lead")
    tell(ewa, say(a_customer()), say(a_customer("Borys")))
    assert (queries.public(), queries.few()) == ([], 1)
