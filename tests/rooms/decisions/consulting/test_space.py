"""The opinion space: exact axes, places from votes cast alone, a picture that stands still."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from kfar.rooms.decisions.consulting.space import Space, explore
from kfar.rooms.decisions.consulting.votes import Floats, Votes, gather
from tests.rooms.decisions.consulting.planted import planted


def table(votes: Votes) -> Floats:
    """Return the votes as people × statements, NaN where nothing was said."""
    full = np.full((len(votes.people), len(votes.statements)), np.nan)
    full[votes.person, votes.statement] = votes.vote
    return full


@pytest.fixture(scope="module")
def votes() -> Votes:
    return gather(planted(4, 300, 30, 0.4)[1])


def test_the_axes_are_those_of_the_table_with_means_where_nothing_was_said(votes: Votes) -> None:
    full = table(votes)
    mean = np.nanmean(full, axis=0)
    filled = np.where(np.isnan(full), mean, full) - mean
    _, _, axes = np.linalg.svd(filled, full_matrices=False)
    space = explore(votes)
    assert np.allclose(space.mean, mean)
    assert np.allclose(np.abs((space.components * axes[:4]).sum(axis=1)), 1)


def test_a_place_comes_from_the_votes_cast_pushed_out_by_how_few_they_are(votes: Votes) -> None:
    full, space = table(votes), explore(votes)
    places = space.places(votes)
    for row, place in zip(full, places, strict=True):
        cast = ~np.isnan(row)
        told = space.components[:, cast] @ (row[cast] - space.mean[cast])
        assert np.allclose(place, told * np.sqrt(len(row) / cast.sum()))


def test_one_persons_place_is_that_of_the_refresh(votes: Votes) -> None:
    space = explore(votes)
    for n, place in enumerate(space.places(votes)):
        mine = votes.person == n
        said = {
            votes.statements[s]: int(v)
            for s, v in zip(votes.statement[mine], votes.vote[mine], strict=True)
        }
        assert np.allclose(space.place(said), place)
    assert space.place({}).tolist() == [0, 0, 0, 0]
    assert space.place({"unheard of": 1}).tolist() == [0, 0, 0, 0]


def test_the_picture_neither_flips_nor_spins_and_distances_stay(votes: Votes) -> None:
    fresh = explore(votes)
    turn = np.array([[0.0, -1.0], [-1.0, 0.0]])
    before = fresh.components.copy()
    before[:2] = turn @ before[:2]
    again = explore(votes, Space(fresh.statements, fresh.mean, before))
    assert np.allclose(again.components, before)
    gaps = [
        [np.linalg.norm(places[a] - places[b]) for a, b in combinations(range(20), 2)]
        for places in (fresh.places(votes), again.places(votes))
    ]
    assert np.allclose(gaps[0], gaps[1])


def test_a_few_votes_more_move_nobody_to_the_other_side() -> None:
    _, triples = planted(2, 300, 30, 0.4)
    before = explore(gather(triples[:-200]))
    after = explore(gather(triples), before)
    assert ((before.components[:2] * after.components[:2]).sum(axis=1) > 0.95).all()


def test_extremity_is_how_far_out_one_agreement_alone_puts_somebody(votes: Votes) -> None:
    space = explore(votes)
    for n, statement in enumerate(votes.statements):
        alone = np.linalg.norm(space.place({statement: 1})[:2])
        # `place` scales by one vote; so does extremity.
        assert space.extremity[n] == pytest.approx(alone)


def test_who_all_say_the_same_stand_at_one_place() -> None:
    votes = gather([(person, s, 1) for person in range(20) for s in range(8)])
    assert explore(votes).places(votes).tolist() == [[0, 0, 0, 0]] * 20
