"""Each part of a measure is shrunken by its own variance; planted truths are found."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kfar.rooms.insight.disciplines.shrinking import Cells, learn, shrink
from kfar.rooms.insight.figures import rmse
from tests.rooms.insight.disciplines.planted import CATEGORIES, MIDDLE, PEOPLE, Planted


def test_planted_truths_are_nearer_than_what_came_and_than_the_mean() -> None:
    planted = Planted()
    said = shrink(planted.time())
    cells = said.cells
    truth = planted.truth[cells.person, cells.category]
    ours = rmse(said.value, truth)
    assert ours < 0.75 * rmse(cells.value, truth)
    assert ours < 0.65 * rmse(said.expected, truth)
    assert np.corrcoef(said.effect, planted.person)[0, 1] > 0.85


def test_the_parts_come_out_as_planted() -> None:
    said = shrink(Planted(1).time())
    half = CATEGORIES // 2
    assert said.learned.middle == pytest.approx(MIDDLE, abs=0.03)
    assert said.learned.loading[:half] == pytest.approx(0.12, abs=0.03)
    assert said.learned.loading[half:] == pytest.approx(0, abs=0.025)
    assert np.sqrt(said.learned.own[:half]) == pytest.approx(0.08, abs=0.03)
    assert np.sqrt(said.learned.own[half:]).max() < 0.05
    # The variance of a line within a person: p (1 - p).
    assert said.learned.noise[half:] == pytest.approx(MIDDLE[half:] * (1 - MIDDLE[half:]), abs=0.02)


def test_the_variance_says_how_far_the_truth_is() -> None:
    planted = Planted(2)
    said = shrink(planted.time())
    cells = said.cells
    differ = cells.category < CATEGORIES // 2
    away = said.value - planted.truth[cells.person, cells.category]
    standard = (away / np.sqrt(said.variance))[differ]
    assert standard.std() == pytest.approx(1, abs=0.1)
    assert standard.mean() == pytest.approx(0, abs=0.1)


def test_where_people_do_not_differ_all_are_said_the_same() -> None:
    draw = np.random.default_rng(4)
    person, category = (of.ravel() for of in np.indices((300, 3)))
    yes = draw.binomial(10, 0.4, 900).astype(np.float64)
    said = shrink(Cells(person, category, np.full(900, 10.0), yes, yes, 300, 3))
    assert said.value.std() < 0.02
    assert said.value.mean() == pytest.approx(0.4, abs=0.02)


def test_more_lines_are_believed_more() -> None:
    planted = Planted(5).time()
    total = planted.total.copy()
    lines = planted.lines.copy()
    # Two people in the first category, always on offer: one 3 times, one 300 times.
    few, many = (np.flatnonzero((planted.person == n) & (planted.category == 0)) for n in (0, 1))
    lines[few], lines[many] = 3, 300
    total[few], total[many] = 3, 300
    said = shrink(replace(planted, lines=lines, total=total, squares=total))
    assert said.value[few] < 0.8 < 0.95 < said.value[many]
    assert said.variance[few] > said.variance[many]


def test_a_person_known_from_elsewhere_is_not_taken_for_the_average() -> None:
    """One line on offer in the first category; what the person does elsewhere tells more."""
    person = np.repeat(np.arange(PEOPLE), 6)
    category = np.tile(np.arange(6), PEOPLE)
    keen = (person % 2 == 0).astype(np.float64)
    lines = np.where(category == 0, 1.0, 20.0)
    yes = np.where(category == 0, 1.0, np.where(keen > 0, 14.0, 6.0))
    yes = np.where((category == 0) & (person > 1), keen, yes)
    said = shrink(Cells(person, category, lines, yes, yes, PEOPLE, 6))
    first = said.value[category == 0]
    assert first[0] > first[1] + 0.1


@given(st.integers(0, 10_000))
@settings(max_examples=15)
def test_the_order_of_rows_says_nothing(seed: int) -> None:
    cells = Planted(7).time()
    order = np.random.default_rng(seed).permutation(len(cells.lines))
    names = ("person", "category", "lines", "total", "squares")
    mixed = replace(cells, **{name: getattr(cells, name)[order] for name in names})
    assert shrink(mixed).value == pytest.approx(SAID[order], abs=1e-9)


SAID = shrink(Planted(7).time()).value


@given(st.integers(0, PEOPLE - 1))
@settings(max_examples=25)
def test_alone_a_person_is_told_what_they_are_told_among_all(person: int) -> None:
    cells = LEARNED.cells
    own = cells.person == person
    names = ("category", "lines", "total", "squares")
    some = {name: getattr(cells, name)[own] for name in names}
    alone = LEARNED.learned.says(replace(cells, people=1, person=cells.person[own] * 0, **some))
    assert alone.effect == pytest.approx(LEARNED.effect[[person]], rel=1e-12)
    assert alone.effect_variance == pytest.approx(LEARNED.effect_variance[[person]], rel=1e-12)
    assert alone.value == pytest.approx(LEARNED.value[own], rel=1e-12)
    assert alone.ahead == pytest.approx(LEARNED.ahead[own], rel=1e-12)


LEARNED = shrink(Planted(9).time())


def test_learning_goes_on_where_another_time_stood() -> None:
    planted = Planted(10)
    before, now = planted.time(), planted.time()
    fresh, further = shrink(now), learn(now, learn(before)).says(now)
    assert rmse(further.value, fresh.value) < 0.002
    assert (further.learned.plain == fresh.learned.plain).all()


def test_one_cell_alone_and_a_category_without_anybody() -> None:
    here, yes = np.array([0]), np.array([1.0])
    said = shrink(Cells(here, here, np.array([4.0]), yes, yes, 2, 3))
    assert said.value == pytest.approx([0.25], abs=1e-3)
    assert np.isfinite(said.learned.middle).all()
    assert said.effect_variance[1] == 1


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"lines": np.array([0.0, 2])}, "a line at least"),
        ({"total": np.array([3.0, 1])}, "from 0 to 1"),
        ({"squares": np.array([0.1, 1])}, "from 0 to 1"),
        ({"person": np.array([0, 0, 1])}, "one row"),
        ({"person": np.array([1, 1])}, "once"),
    ],
)
def test_cells_that_cannot_be_are_errors(wrong: dict[str, Any], message: str) -> None:
    two = np.array([2.0, 2])
    one = np.array([1.0, 1])
    given = Cells(np.array([0, 1]), np.array([0, 0]), two, one, one, 2, 1)
    with pytest.raises(ValueError, match=message):
        replace(given, **wrong)


def test_nothing_is_learned_from_nothing() -> None:
    none, empty = np.zeros(0, np.int64), np.zeros(0)
    with pytest.raises(ValueError, match="nothing to learn"):
        shrink(Cells(none, none, empty, empty, empty, 1, 1))
