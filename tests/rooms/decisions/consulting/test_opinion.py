"""A refresh: what changes an opinion, and what must not."""

from __future__ import annotations

import doctest
from dataclasses import fields
from itertools import pairwise
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfar.rooms.decisions.consulting import opinion as module
from kfar.rooms.decisions.consulting.chart import Chart
from kfar.rooms.decisions.consulting.opinion import Opinion, refresh
from kfar.rooms.decisions.consulting.votes import gather
from tests.rooms.decisions.consulting.planted import Triples, likeness, planted

GROUPS, VOTES = planted(3, 400, 40, 0.4)


def same(one: Opinion, other: Opinion) -> bool:
    """Tell whether two opinions are equal to the last bit."""
    told = [
        (getattr(one, field.name), getattr(other, field.name))
        for field in fields(Opinion)
        if field.name != "chart"
    ]
    equal = all(np.array_equal(a, b) if isinstance(a, np.ndarray) else a == b for a, b in told)
    return equal and one.chart.to_json() == other.chart.to_json()


def test_the_order_of_votes_changes_nothing() -> None:
    shuffled = Random(0).sample(VOTES, len(VOTES))
    assert same(refresh(gather(VOTES)), refresh(gather(shuffled)))


def test_a_statement_nobody_voted_on_changes_nothing() -> None:
    here, there = refresh(gather(VOTES)), refresh(gather(VOTES, range(-1, 41)))
    assert there.statements == (-1, *here.statements, 40)
    for name in ("places", "groups", "sizes"):
        assert np.array_equal(getattr(here, name), getattr(there, name))
    for name in ("representative", "agreed", "rejected", "divisive", "dots", "silhouettes"):
        assert getattr(here, name) == getattr(there, name)
    assert np.array_equal(there.tally[:, :, 1:-1], here.tally)
    assert there.everybody[:, [0, -1]].sum() == 0
    assert np.array_equal(there.chart.priority[1:-1], here.chart.priority)


def test_a_statement_that_is_taken_out_is_as_if_nobody_had_said_it() -> None:
    left = [n for n in range(40) if n not in (3, 17)]
    without = [vote for vote in VOTES if vote[1] in left]
    assert same(refresh(gather(VOTES, left)), refresh(gather(without, left)))


def test_other_names_for_people_give_the_same_places_to_others() -> None:
    names = Random(1).sample(range(1000), 400)
    here = refresh(gather(VOTES))
    there = refresh(gather([(names[p], s, v) for p, s, v in VOTES]))
    row = {person: n for n, person in enumerate(there.people)}
    moved = [row[names[int(p)]] for p in here.people]
    assert np.allclose(there.places[moved], here.places)
    assert there.groups[moved].tolist() == here.groups.tolist()
    assert np.array_equal(there.tally, here.tally)
    assert there.representative == here.representative


@pytest.mark.parametrize("many", [2, 3, 4, 5])
def test_planted_groups_are_found(many: int) -> None:
    groups, votes = planted(many, 2000, 100, 0.2)
    opinion = refresh(gather(votes))
    assert len(opinion.sizes) == many
    counted = opinion.groups >= 0
    planted_in = np.array([groups[int(p)] for p in opinion.people])
    assert counted.mean() > 0.99
    assert likeness(opinion.groups[counted].tolist(), planted_in[counted].tolist()) > 0.9


def test_the_same_votes_after_themselves_give_the_same_groups() -> None:
    votes = gather(VOTES)
    once = refresh(votes)
    again = refresh(votes, Chart.from_json(once.chart.to_json()))
    assert np.allclose(again.places, once.places)
    assert again.groups.tolist() == once.groups.tolist()
    assert again.representative == once.representative


def arriving(votes: Triples, steps: int) -> list[Opinion]:
    """Refresh while people come in, each with all their votes."""
    told: list[Opinion] = []
    for step in range(1, steps + 1):
        so_far = [vote for vote in votes if vote[0] < 400 * step / steps]
        told.append(refresh(gather(so_far), told[-1].chart if told else None))
    return told


def test_while_people_come_in_groups_keep_their_names_and_places() -> None:
    told = arriving(VOTES, 10)
    assert [len(opinion.sizes) for opinion in told] == [3] * 10
    for before, after in pairwise(told):
        row = {person: n for n, person in enumerate(after.people)}
        still = [row[person] for person in before.people]
        stayed = after.groups[still] == before.groups
        assert stayed.mean() > 0.9
        # Nobody is mirrored: on each axis of the map, places now go with those before.
        for axis in (0, 1):
            both = np.corrcoef(before.places[:, axis], after.places[still, axis])
            assert both[0, 1] > 0.9


def test_seven_votes_or_all_there_are() -> None:
    seven = [(p, s, (-1) ** (p % 2)) for p in range(20) for s in range(7)]
    six = [(p, s, 1) for p in range(20, 30) for s in range(6)]
    others = [(0, s, 1) for s in range(7, 12)]
    opinion = refresh(gather([*seven, *six, *others]))
    assert (opinion.groups[:20] >= 0).all()
    assert (opinion.groups[20:] == -1).all()
    few = [(p, s, (-1) ** (p % 2)) for p in range(20) for s in range(3)]
    assert (refresh(gather(few)).groups >= 0).all()


def test_of_few_people_those_who_voted_most_are_grouped() -> None:
    # Twenty people, of whom ten have seven votes, six have three and four have one.
    votes = [
        (p, s, 1 if p % 2 else -1)
        for p, cast in enumerate([7] * 10 + [3] * 6 + [1] * 4)
        for s in range(cast)
    ]
    groups = refresh(gather([*votes, (0, 7, 1)])).groups
    assert (groups[:16] >= 0).all()
    assert (groups[16:] == -1).all()


@pytest.mark.parametrize(
    "votes", [[], [(1, 1, 1)], [(p, 1, 1) for p in range(30)]], ids=["none", "one", "alike"]
)
def test_where_nobody_differs_there_is_no_group_and_still_a_next_statement(votes: Triples) -> None:
    opinion = refresh(gather(votes, [1, 2]))
    assert opinion.groups.tolist() == [-1] * len({p for p, _, _ in votes})
    assert opinion.representative == ()
    assert opinion.across.tolist() == [[1, 1], [1, 1]]
    assert opinion.chart.next({1: 1}, seed=0) == 2
    later = refresh(gather(VOTES), Chart.from_json(opinion.chart.to_json()))
    assert len(later.sizes) == 3


SMALL = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 5), st.sampled_from((-1, 0, 1))), max_size=120
)


@given(SMALL, SMALL, st.randoms())
def test_of_any_votes_it_says_what_they_are_and_the_same_again(
    before: Triples, now: Triples, luck: Random
) -> None:
    previous = refresh(gather(before, range(6))).chart
    opinion = refresh(gather(now, range(6)), previous)
    many = len(opinion.sizes)
    assert set(opinion.groups.tolist()) <= {-1, *range(many)}
    assert opinion.sizes.tolist() == [(opinion.groups == n).sum() for n in range(many)]
    assert (opinion.sizes > 0).all()
    assert many in {0, 2, 3, 4, 5}
    assert sum(dot.people for dot in opinion.dots) == (opinion.groups >= 0).sum() or not many
    assert opinion.everybody.sum() == len({(p, s) for p, s, _ in now})
    assert np.isfinite(opinion.places).all()
    assert all(stands for stands in opinion.representative)
    # The order counts nowhere but in the last word.
    once = [(p, s, v) for (p, s), v in {(p, s): v for p, s, v in now}.items()]
    luck.shuffle(once)
    assert same(opinion, refresh(gather(once, range(6)), previous))
    # And the same after itself is the same.
    again = refresh(gather(now, range(6)), opinion.chart)
    if len(again.sizes) == many:
        assert again.groups.tolist() == opinion.groups.tolist()
    else:
        assert again.chart.kept.streak > opinion.chart.kept.streak


def test_the_example_is_true() -> None:
    assert doctest.testmod(module) == doctest.TestResults(failed=0, attempted=5)
