"""Groups: as many as there are, the same tomorrow, whoever comes in whatever order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfar.rooms.decisions.consulting.groups import PATIENCE, Base, Kept, group, silhouette
from kfar.rooms.decisions.consulting.votes import Floats


def clouds(*middles: tuple[float, float], each: int = 60, seed: int = 0) -> Floats:
    draw = np.random.default_rng(seed)
    return np.concatenate([draw.normal(middle, 0.5, (each, 2)) for middle in middles])


CORNERS = (0.0, 0.0), (8.0, 0.0), (0.0, 8.0), (8.0, 8.0), (4.0, 20.0)


@given(
    st.lists(
        st.tuples(st.integers(-3, 3), st.integers(-3, 3), st.integers(0, 2), st.integers(1, 4)),
        min_size=2,
        max_size=12,
    ).filter(lambda rows: len({row[2] for row in rows}) > 1)
)
def test_the_silhouette_is_that_of_everybody_counted_one_by_one(
    rows: list[tuple[int, int, int, int]],
) -> None:
    people = [(np.array(row[:2]), row[2]) for row in rows for _ in range(row[3])]
    marks = []
    for n, (place, own) in enumerate(people):
        gaps: dict[int, list[float]] = {}
        for m, (other, of) in enumerate(people):
            if m != n:
                gaps.setdefault(of, []).append(float(np.linalg.norm(place - other)))
        if own not in gaps:
            marks.append(0.0)
            continue
        a = float(np.mean(gaps.pop(own)))
        b = min(float(np.mean(to)) for to in gaps.values())
        marks.append((b - a) / max(a, b) if max(a, b) > 0 else 0.0)
    base = Base(np.array([row[:2] for row in rows], float), np.array([row[3] for row in rows]))
    assert silhouette(base, np.array([row[2] for row in rows])) == pytest.approx(np.mean(marks))


@pytest.mark.parametrize("many", [2, 3, 4, 5])
@pytest.mark.parametrize("each", [15, 60, 400], ids=lambda each: f"{each} each")
def test_as_many_groups_as_there_are(many: int, each: int) -> None:
    found = group(clouds(*CORNERS[:many], each=each))
    assert len(found.centres) == many
    members = found.of.reshape(many, each)
    assert (members == members[:, :1]).all()
    assert sorted(members[:, 0].tolist()) == list(range(many))
    assert found.base.people.sum() == many * each


def test_the_order_of_people_changes_nothing() -> None:
    places = np.random.default_rng(1).normal(size=(700, 4))
    order = np.random.default_rng(2).permutation(700)
    here, there = group(places), group(places[order])
    assert there.of.tolist() == here.of[order].tolist()
    assert np.allclose(there.centres, here.centres)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("people", [20, 99, 700], ids=lambda people: f"{people} people")
def test_the_same_again_gives_the_same_groups(people: int, seed: int) -> None:
    places = np.random.default_rng(seed).normal(size=(people, 4))
    once = group(places)
    kept, streak = once.kept, []
    for _ in range(5):
        again = group(places, kept)
        assert again.of.tolist() == once.of.tolist()
        kept = again.kept
        streak.append(kept.streak)
    assert streak == [2, 3, 4, 5, 6]


def test_the_largest_group_comes_first_and_keeps_its_name_when_it_is_no_longer() -> None:
    small, large = clouds((0, 0), each=30), clouds((8, 0), each=60)
    first = group(np.concatenate([small, large]))
    assert (first.of[:30] == 1).all()
    assert (first.of[30:] == 0).all()
    grown = np.concatenate([small, clouds((0, 0), each=90, seed=3), large])
    later = group(grown, first.kept)
    assert (later.of[:120] == 1).all()
    assert (later.of[120:] == 0).all()


def test_another_number_of_groups_has_to_be_better_several_times() -> None:
    two = clouds(*CORNERS[:2])
    three = np.concatenate([two, clouds((14, 0), each=30)])
    kept, numbers = group(two).kept, []
    for _ in range(PATIENCE + 1):
        found = group(three, kept)
        kept = found.kept
        numbers.append(len(found.centres))
    assert numbers == [2, 2, 2, 3, 3]
    # The two that were there are called as before, and the new one comes after them.
    assert [found.of[n] for n in (0, 60, 120)] == [*group(two).of[[0, 60]], 2]
    back = [len((found := group(two, kept := found.kept)).centres) for _ in range(PATIENCE)]
    assert back == [3, 3, 3, 2]


def test_a_single_number_that_is_better_by_turns_changes_nothing() -> None:
    two, three = clouds(*CORNERS[:2]), clouds(*CORNERS[:3])
    kept, numbers = Kept(), []
    for places in [two, three, three, three, two, three, three, three, two]:
        found = group(places, kept)
        kept = found.kept
        numbers.append(len(found.centres))
    assert numbers == [2] * 9


@pytest.mark.parametrize("people", [0, 1, 5])
def test_there_are_no_groups_where_nobody_differs(people: int) -> None:
    found = group(np.zeros((people, 4)))
    assert found.of.tolist() == [-1] * people
    assert found.centres.shape == (0, 4)
    assert found.base.people.sum() == people
