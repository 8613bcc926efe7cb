"""What somebody buys on, said of one person: as planted, as said of all, and by nobody else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import numpy as np
import pytest

from kfar.rooms.customers import commands as customers
from kfar.rooms.customers.commands import Newcomer
from kfar.rooms.insight import commands, keeping, profiles, reading, refreshing
from kfar.rooms.insight.figures import Figure, Reason, Withheld
from kfar.rooms.insight.studies import tastes
from kfar.rooms.insight.studies.tastes import Measure, Taste, Tastes
from tests.lake.touches import a_touch, settle
from tests.rooms.insight.tastes import FIRST, PEOPLE, UNTIL, a_shop, keen, times

pytestmark = pytest.mark.django_db


def learned() -> Tastes:
    with reading.everybody() as session:
        found = tastes.learn(session, UNTIL)
    assert found is not None
    study, people = found
    assert people == PEOPLE
    return study


def told(study: Tastes, person: UUID) -> dict[str, Taste]:
    with reading.one([person]) as session:
        return {taste.category: taste for taste in tastes.tastes(study, session, UNTIL)}


def test_milk_on_price_and_bread_on_quality_as_planted() -> None:
    people = a_shop()
    study = learned()
    assert study.categories == ("BREAD", "MILK", "TEA")
    assert study.horizon == 88
    for n in (20, 21, 22, 23):
        found = told(study, people[n])
        assert {name: taste.lines for name, taste in found.items()} == dict.fromkeys(
            study.categories, times(n)
        )
        expected = {c: "price" if keen(n, c) else "quality" for c in ("MILK", "BREAD")}
        assert {c: found[c].leads for c in expected} == expected
        assert found["TEA"].leads is None
        assert found["MILK"].scores["price"].value * (1 if keen(n, "MILK") else -1) > 0.5


def test_all_at_once_are_said_what_each_is_said_alone() -> None:
    people = a_shop()
    study = learned()
    alone = [told(study, person) for person in people]
    for n, category in enumerate(study.categories):
        counted = [
            sum(one[category].leads == name for one in alone)
            for name in ("price", "convenience", "quality")
        ]
        assert counted == study.leads[n].tolist()
        assert study.people[n] == sum(bool(one[category].scores) for one in alone)


def test_the_evidence_is_the_persons_own_and_the_baseline_is_the_categorys() -> None:
    people = a_shop()
    study = learned()
    deal = told(study, people[20])["MILK"].measures["deal"]
    measure = study.measures["deal"]
    assert isinstance(measure, Measure)
    assert isinstance(deal, Figure)
    [(offers,)] = rows(
        people[20], "SELECT count(*) FROM known WHERE category = 'MILK' AND discount"
    )
    usual = float(measure.learned.plain[study.categories.index("MILK")])
    came = {"came": float(offers), "of": times(20), "expected": usual * times(20)}
    assert deal.reasons == (Reason("disciplines.deal", came),)
    assert deal.baseline == usual == pytest.approx(0.5, abs=0.05)
    assert 0.5 < deal.low < deal.value < deal.high <= 1
    assert (deal.horizon, deal.level) == (study.horizon, 0.8)


def test_what_is_no_better_than_the_average_is_withheld_and_what_nobody_says_is_unknown() -> None:
    people = a_shop()
    study = learned()
    tea = told(study, people[0])["TEA"]
    deal = study.measures["deal"]
    assert isinstance(deal, Measure)
    assert not deal.judged.shown[study.categories.index("TEA")]
    assert tea.measures["deal"] == Withheld("disciplines.no_better", {"people": PEOPLE})
    assert set(tea.measures) == set(study.measures)


def test_it_beats_the_average_on_a_half_it_has_not_seen_and_knows_only_those_who_agreed() -> None:
    a_shop()
    before = learned().measures["deal"]
    later = [
        a_touch(f"later {n}", 24 * 7 * 25, category="MILK", paid=100, discount=0, basket=f"l{n}")
        for n in range(3)
    ]
    settle(later, batch="later")  # Anna has agreed to nothing, so nothing is known of her
    again = learned().measures["deal"]
    assert isinstance(before, Measure)
    assert isinstance(again, Measure)
    assert again.judged.total_error == pytest.approx(before.judged.total_error)
    assert before.judged.total_error < before.judged.total_plain
    assert before.judged.calibration.error < 0.1


def test_one_time_alone_cannot_be_judged_so_nothing_is_said() -> None:
    people = a_shop(weeks=8)
    with reading.everybody() as session:
        study, _ = tastes.learn(session, FIRST + timedelta(weeks=7)) or pytest.fail("nothing")
    assert list(study.measures.values()) == [Withheld("disciplines.untried")] * 8
    assert not study.leads.any()
    with reading.one([people[20]]) as session:
        found = tastes.tastes(study, session, UNTIL)  # who came five times until then
    assert [taste.leads for taste in found] == [None] * 3
    assert all(not taste.scores for taste in found)


def test_without_purchases_there_is_nothing_to_learn_and_nothing_to_say() -> None:
    with reading.everybody() as session:
        assert tastes.learn(session, UNTIL) is None
    people = a_shop()
    study = learned()
    quiet = somebody_quiet()
    assert told(study, quiet) == {}
    assert told(study, people[0]) != {}


def test_the_profile_has_it_and_a_correction_changes_it_at_once() -> None:
    people = a_shop()
    refreshing.refresh()
    kept = keeping.kept(tastes.KIND, Tastes)
    assert kept is not None
    assert (kept.people, kept.until) == (PEOPLE, UNTIL)
    before = {taste.category: taste for taste in profiles.profile(people[20]).tastes}
    assert before["MILK"].leads == "price"
    [(touch,)] = rows(people[20], "SELECT id FROM known WHERE category = 'MILK' LIMIT 1")
    commands.correct(by=people[20], touch_id=touch, kind="gift")
    after = {taste.category: taste for taste in profiles.profile(people[20]).tastes}
    assert after["MILK"].lines == times(20) - 1
    commands.use(by=people[20], category="MILK", used=False)
    assert "MILK" not in {taste.category for taste in profiles.profile(people[20]).tastes}


def test_without_consent_nothing_is_learned_and_nothing_is_said() -> None:
    people = a_shop(consents=("ask",))
    refreshing.refresh()
    assert keeping.kept(tastes.KIND, Tastes) is None
    assert profiles.profile(people[0]).tastes == ()


def test_what_is_kept_names_nobody() -> None:
    people = a_shop()
    study = learned()
    packed = keeping.pack(study)
    for person in people:
        assert person.bytes not in packed
        assert str(person).encode() not in packed
        assert person.hex.encode() not in packed
    back = keeping.unpack(packed)
    assert isinstance(back, Tastes)
    assert told(back, people[1]) == told(study, people[1])
    assert (np.asarray(back.leads) == study.leads).all()


def test_what_hardly_anybody_buys_is_not_learned_of() -> None:
    people = a_shop()
    rare = [
        a_touch(f"rare {n}", 24 * 7 * n, customer=people[n % 4], basket=f"r{n}", paid=700, **kind)
        for n in range(20)
        for kind in [
            {"category": "ROPE", "product_name": "ROPE · 3 KG", "units": 1},
            {"category": "MILK", "product_name": "MILK · 2 GAL", "units": 1},
        ][n % 2 : n % 2 + 1]
    ]
    settle(rare, batch="rare")
    study = learned()
    assert study.categories == ("BREAD", "MILK", "TEA")
    assert study.compared.tier.names == (("BREAD", "l"), ("MILK", "l"), ("TEA", "l"))
    assert b"ROPE" not in keeping.pack(study)
    assert "ROPE" not in told(study, people[0])


def rows(person: UUID, sql: str) -> list[tuple[Any, ...]]:
    with reading.one([person]) as session:
        return session.rows(sql)


def somebody_quiet() -> UUID:
    """Return somebody who agreed and never bought anything."""
    new = Newcomer(key="quiet", name="Quiet", consents=("understand",))
    return customers.meet_many(source="test", newcomers=[new])["quiet"]
