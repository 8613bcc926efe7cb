from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from kfar.rooms.insight.figures import Withheld
from kfar.rooms.insight.leaving import matching
from kfar.rooms.insight.leaving.after import excess, recovery
from kfar.rooms.insight.leaving.matching import Effect, follow
from kfar.rooms.insight.leaving.visits import Visits
from kfar.rooms.insight.leaving.weeks import PersonWeeks, person_weeks
from tests.rooms.insight.leaving.worlds import Law, World, world

WEEKS = (4, 9, 13)


def effects_of(found: tuple[Effect, ...] | Withheld) -> tuple[Effect, ...]:
    assert isinstance(found, tuple), found
    return found


def truths(of: World) -> list[float]:
    """What a bad experience truly adds, for those in whom it is measured."""
    rows, after = of.first(), of.law.factor
    helped = rows & of.helped
    part = helped.sum() / rows.sum()
    return [
        part * of.risk(helped, of.law.helped, weeks)
        + (1 - part) * of.risk(rows & ~of.helped, after, weeks)
        - of.risk(rows, 1.0, weeks)
        for weeks in WEEKS
    ]


UNHELPED = (0.0, 0.0)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_naive_table_says_it_does_good_and_the_truth_is_found(seed: int) -> None:
    made = world(seed, Law(factor=1.5, helping=UNHELPED), people=3000)
    found = effects_of(excess(made))
    assert [effect.horizon for effect in found] == [30, 60, 90]
    for effect, truth in zip(found, truths(made), strict=True):
        assert effect.naive < 0 < truth
        assert effect.low <= truth <= effect.high
        assert effect.low <= effect.checked <= effect.high
        assert effect.difference == pytest.approx(effect.risk - effect.without)
    assert found[0].low > 0
    plain = made.risk(made.first(), 1.0, WEEKS[0])
    assert found[0].ratio_low < 1 + truths(made)[0] / plain < found[0].ratio_high


@pytest.mark.parametrize("factor", [1.0, 2.0])
def test_intervals_hold_the_truth_as_often_as_they_say(
    factor: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 40 worlds 95 in 100 are 38; fewer than 34 would come once in 300 times."""
    monkeypatch.setattr(matching, "DRAWS", 150)
    held = np.zeros(3)
    for seed in range(40):
        made = world(100 + seed, Law(factor=factor, helping=UNHELPED), people=700)
        found = effects_of(excess(made))
        held += [e.low <= t <= e.high for e, t in zip(found, truths(made), strict=True)]
    assert held.min() >= 34, held


def test_without_overlap_nothing_is_said() -> None:
    """Where each week with three visits is bad and no other, nobody is alike."""
    made = world(1, Law(parted=True))
    found = excess(made)
    assert isinstance(found, Withheld)
    assert (found.code, found.params["matched"]) == ("leaving.no_overlap", 0)


def test_help_is_found_to_help() -> None:
    made = world(4, Law(factor=2.5, helped=1.0), people=3000)
    found = effects_of(recovery(made, within=0))
    helped = made.first() & made.helped
    for effect, weeks in zip(found, WEEKS, strict=True):
        truth = made.risk(helped, 1.0, weeks) - made.risk(helped, 2.5, weeks)
        assert effect.low <= truth <= effect.high
        assert effect.confounded
    assert found[0].high < 0


def test_help_for_the_worst_cases_seems_to_harm_until_severity_is_known() -> None:
    law = Law(factor=1.2, helped=0.9, severe=4.0, helping=(0.1, 0.9))
    made = world(5, law, people=4000)
    without = effects_of(recovery(made, within=0))[0]
    given = effects_of(recovery(made, within=0, severity=made.severity))[0]
    assert without.difference > 0
    assert without.confounded
    assert given.difference < 0
    assert not given.confounded


def test_whoever_is_always_helped_has_no_like() -> None:
    made = world(6, Law(helping=(1.0, 1.0)))
    found = recovery(made)
    assert isinstance(found, Withheld)
    assert found.code == "leaving.no_overlap"


def test_whoever_leaves_before_the_landmark_is_not_compared() -> None:
    """100 people with a bad week 1; half are helped in week 2; some leave in week 2, some in 5."""
    person, week = (grid.reshape(-1) for grid in np.mgrid[0:100, 0:16])
    helped = (person % 2 == 0) & (week == 2)
    early = (person % 10 == 1) & (week == 2)
    late = ((person % 4 == 1) | (person % 8 == 0)) & (week == 5)
    rows = PersonWeeks(
        person=person,
        week=week,
        at_risk=np.ones(len(person), bool),
        event=early | late,
        bad=week == 1,
        helped=helped,
        exposures=np.ones((len(person), 1)),
    )
    first = effects_of(recovery(rows, within=14))[0]
    assert (first.trials, first.matched, first.people) == (50, 50, 90)
    assert first.risk == pytest.approx(13 / 50)
    assert first.without == pytest.approx(20 / 40)


def test_few_bad_experiences_say_nothing() -> None:
    made = world(7, Law(chance=0.0003))
    found = excess(made)
    assert isinstance(found, Withheld)
    assert found.code == "leaving.few_trials"
    assert found.params["trials"] == made.first().sum()


def test_a_panel_in_which_nobody_leaves_says_nothing() -> None:
    made = world(8, Law())
    found = excess(replace(made, event=np.zeros_like(made.event)))
    assert found == Withheld("leaving.few_events", {"left": 0, "least": 10})


def test_neither_the_order_of_rows_nor_the_calendar_matters() -> None:
    made = world(9, Law(), people=500)
    plain = effects_of(excess(made))
    mixed = np.random.default_rng(0).permutation(len(made.person))
    other_order = replace(
        made,
        person=made.person[mixed],
        week=made.week[mixed] + 1000,
        at_risk=made.at_risk[mixed],
        event=made.event[mixed],
        bad=made.bad[mixed],
        exposures=made.exposures[mixed],
    )
    later = effects_of(excess(other_order))
    for one, other in zip(plain, later, strict=True):
        assert vars(one) == pytest.approx(vars(other), abs=1e-7)


def test_a_person_has_a_week_once() -> None:
    made = world(1, Law(), people=9)
    with pytest.raises(ValueError, match="twice"):
        excess(replace(made, week=made.week // 2))


def test_without_rows_nothing_is_said() -> None:
    never = (np.empty(0, np.int64), np.empty(0, np.int64))
    none = person_weeks(Visits.of([], [], [], []), never, never, today=9)
    nothing = Withheld("leaving.few_trials", {"trials": 0, "least": 30})
    assert excess(none) == nothing
    assert recovery(none) == nothing


def test_rows_are_followed_to_the_event_the_end_or_a_gap() -> None:
    person = np.array([1, 1, 1, 1, 2, 2, 2])
    week = np.array([0, 1, 2, 3, 0, 1, 3])
    at_risk = np.array([True] * 7)
    event = np.array([False, False, True, False, False, False, False])
    after, left = follow(person, week, at_risk, event, 13)
    assert after.tolist() == [2, 1, 1, 0, 1, 0, 0]
    assert left.tolist() == [True, True, False, False, False, False, False]
    after, left = follow(person, week, at_risk, event, 1)
    assert after.tolist() == [1, 1, 1, 0, 1, 0, 0]
    assert left.tolist() == [False, True, False, False, False, False, False]
    at_risk[1] = False
    assert follow(person, week, at_risk, event, 13)[0].tolist() == [0, 1, 1, 0, 1, 0, 0]
