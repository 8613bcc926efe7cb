"""How far a figure can be trusted: measured as the papers say."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfar.rooms.insight.figures import auc, brier, calibrated, rmse

PEOPLE = st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=1, max_size=60)


@given(PEOPLE, st.integers(1, 12))
def test_groups_hold_everybody_once_and_their_means(
    people: list[tuple[int, bool]], groups: int
) -> None:
    said, came = np.array([p[0] for p in people]), np.array([p[1] for p in people])
    found = calibrated(said, came, groups)
    assert 1 <= len(found.people) <= groups
    assert found.people.min() >= 1
    assert found.people.sum() == len(people)
    assert found.said @ found.people == pytest.approx(said.sum())
    assert found.came @ found.people == pytest.approx(came.sum())
    assert (np.diff(found.said) > 0).all()


def test_calibration_by_hand() -> None:
    found = calibrated([0.1, 0.1, 0.1, 0.9, 0.9, 0.5], [0, 0, 1, 1, 1, 1], 3)
    assert found.said.tolist() == pytest.approx([0.2, 0.9])  # three alike, and one to fill up
    assert found.came.tolist() == pytest.approx([0.5, 1])
    assert found.people.tolist() == [4, 2]
    assert found.error == pytest.approx((4 * 0.3 + 2 * 0.1) / 6)


@given(PEOPLE)
def test_auc_is_how_often_the_right_one_of_two_was_named(people: list[tuple[int, bool]]) -> None:
    said, came = [p[0] for p in people], [p[1] for p in people]
    hit, missed = ([s for s, c in people if c is which] for which in (True, False))
    if not hit or not missed:
        with pytest.raises(ValueError, match="nobody"):
            auc(said, came)
        return
    pairs = [(a > b) + (a == b) / 2 for a, b in product(hit, missed)]
    assert auc(said, came) == pytest.approx(sum(pairs) / len(pairs))


def test_errors_by_hand() -> None:
    assert rmse([1, 2, 3], [1, 4, 3]) == pytest.approx((4 / 3) ** 0.5)
    assert brier([0.9, 0.2], [1, 0]) == pytest.approx((0.01 + 0.04) / 2)
    for wrong in (([], []), ([1], [1, 2]), ([[1]], [[1]])):
        with pytest.raises(ValueError, match="same people"):
            rmse(*wrong)
