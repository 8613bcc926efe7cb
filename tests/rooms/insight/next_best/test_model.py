"""What comes next is learned from before, in planted worlds where it can be known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from kfar.rooms.insight.figures import Figure, Reason, Withheld
from kfar.rooms.insight.next_best.history import History, common, see
from kfar.rooms.insight.next_best.measures import recall, usual
from kfar.rooms.insight.next_best.model import NextBest, fit_next

PEOPLE, CATEGORIES, DAYS = 400, 12, 240


def world(seed: int = 1) -> History:
    """Everybody comes about weekly, and has three favourites of their own.

    Who buys category 0 takes 1 with it one day or another; the others buy 1 hardly ever.
    """
    chance = np.random.default_rng(seed)
    liking = np.full((PEOPLE, CATEGORIES), 0.02)
    for person in liking:
        person[2 + chance.choice(CATEGORIES - 2, 3, replace=False)] = 0.5
    liking[: PEOPLE // 2, 0] = 0.5
    liking[: PEOPLE // 2, 1] = 0.02
    liking[PEOPLE // 2 :, :2] = [0.01, 0.001]
    rows = []
    visit = 0
    for day in range(DAYS):
        for comer in np.flatnonzero(chance.random(PEOPLE) < 1 / 7):
            taken = np.flatnonzero(chance.random(CATEGORIES) < liking[comer])
            rows += [(comer, category, day, visit) for category in taken]
            visit += 1
    people, categories, days, visits = np.array(rows).T
    return History(people, categories, days, visits, PEOPLE, CATEGORIES)


@pytest.fixture(scope="module")
def history() -> History:
    return world()


@pytest.fixture(scope="module")
def said(history: History) -> NextBest:
    return fit_next(history, [150, 180]).predict(history, common(history, 210))


def test_what_is_seen_by_hand() -> None:
    """A person who bought bread on days 0, 4 and 10, and was there once more; seen on day 12."""
    one = History(
        person=np.zeros(5, np.int64),
        category=np.array([0, 0, 1, 0, 1]),
        day=np.array([0, 4, 7, 10, 12]),
        visit=np.arange(5),
        people=1,
        categories=3,
    )
    found = see(one, common(one, 12))
    assert found.times.tolist() == [[3, 1, 0]]
    assert found.since.tolist() == [[2, 5, -1]]
    assert found.every[0, 0] == 5
    assert np.isnan(found.every[0, 1:]).all()
    assert (found.visits.tolist(), found.known.tolist()) == ([4], [12])
    assert found.repeat["waiting"].tolist() == [[pytest.approx((2 / 5) ** 2), 0, 0]]
    assert found.repeat["known"] == np.log(12)
    with pytest.raises(ValueError, match="before that day"):
        common(one, 0)


def test_nothing_is_known_of_later_days(history: History, said: NextBest) -> None:
    past = history.between(0, 210)
    again = fit_next(past, [150, 180]).predict(past, common(past, 210))
    assert again.chance.tolist() == said.chance.tolist()


def test_one_person_is_told_what_they_are_told_among_all(history: History, said: NextBest) -> None:
    alone = said.model.predict(history.of(17), said.everybody)
    assert alone.chance[0] == pytest.approx(said.chance[17])
    assert alone.top(0) == said.top(17)


def test_favourites_come_first_and_what_goes_with_them_is_new(
    history: History, said: NextBest
) -> None:
    came = history.between(210, 240).counts() > 0
    past = history.between(0, 210)
    assert recall(said.chance, came, 3) > recall(usual(past), came, 3) + 0.2
    # Of what people never bought, 1 comes to those who buy 0.
    never = ~said.before[:, 1]
    first = np.flatnonzero(never[: PEOPLE // 2])
    others = PEOPLE // 2 + np.flatnonzero(never[PEOPLE // 2 :])
    assert said.chance[first, 1].mean() > 1.5 * said.chance[others, 1].mean()
    found = said.figure(int(first[0]), 1)
    assert isinstance(found, Figure)
    assert found.reasons[0] == Reason("insight.goes_with", {"category": 0})
    assert found.reasons[-1].code == "insight.many_buy"


def test_what_is_said_is_what_comes(history: History, said: NextBest) -> None:
    came = history.between(210, 240).counts() > 0
    for cells in (said.before, ~said.before):
        assert said.chance[cells].mean() == pytest.approx(came[cells].mean(), abs=0.03)


def test_repeat_and_new_are_named_apart(said: NextBest) -> None:
    for person in (0, 399):
        repeat, new = said.top(person, 12, new=False), said.top(person, 12, new=True)
        assert all(said.before[person, repeat])
        assert not any(said.before[person, new])
        assert sorted(repeat + new) == list(range(CATEGORIES))
        chances = said.chance[person, said.top(person, 12)]
        assert (np.diff(chances) <= 0).all()


def test_a_figure_tells_the_own_history(history: History, said: NextBest) -> None:
    best = said.top(3)[0]
    found = said.figure(3, best)
    assert isinstance(found, Figure)
    assert found.low < found.value < found.high
    assert found.value == said.chance[3, best]
    mine = history.between(0, 210)
    days = mine.day[(mine.person == 3) & (mine.category == best)]
    every = (days[-1] - days[0]) / (len(days) - 1)
    assert found.reasons[0] == Reason(
        "insight.bought_before", {"times": len(days), "ago": 210 - days[-1], "every": every}
    )
    known = 210 - mine.day[mine.person == 3].min()
    assert found.baseline == pytest.approx(1 - np.exp(-len(days) * 30 / known))


def test_of_hardly_known_people_nothing_is_said(history: History) -> None:
    mine = np.flatnonzero((history.person == 5) & (history.day < 210))
    third = np.unique(history.visit[mine])[2]
    few = history._where((history.person != 5) | (history.visit < third))
    said = fit_next(few, [180]).predict(few, common(few, 210))
    assert said.figure(5, 2) == Withheld("insight.few_visits", {"visits": 2, "fewest": 3})


def test_categories_may_be_numbered_otherwise(history: History, said: NextBest) -> None:
    order = np.random.default_rng(1).permutation(CATEGORIES)
    other = replace(history, category=order[history.category])
    again = fit_next(other, [150, 180]).predict(other, common(other, 210))
    assert again.chance[:, order] == pytest.approx(said.chance, rel=1e-3)
