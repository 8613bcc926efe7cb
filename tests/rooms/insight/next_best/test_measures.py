"""How often what was said came: by hand."""

from __future__ import annotations

import numpy as np
import pytest

from kfar.rooms.insight.next_best.history import History
from kfar.rooms.insight.next_best.measures import first_visit, personal, recall, usual


def a_history() -> History:
    """Three people, four categories: the first visits twice, the second once, the third never."""
    return History(
        person=np.array([0, 0, 0, 1, 1]),
        category=np.array([0, 1, 0, 1, 2]),
        day=np.array([1, 1, 5, 3, 3]),
        visit=np.array([7, 7, 8, 9, 9]),
        people=3,
        categories=4,
    )


def test_recall_by_hand() -> None:
    scores = [[4, 3, 2, 1], [1, 2, 3, 4], [1, 1, 1, 1], [1, 2, 3, 4]]
    came = [[1, 0, 1, 0], [0, 0, 1, 1], [0, 1, 0, 1], [0, 0, 0, 0]]
    assert recall(scores, came, most=2) == pytest.approx((1 / 2 + 2 / 2 + 1 / 2) / 3)
    among = [[0, 0, 1, 1], [1, 1, 0, 0], [1, 0, 0, 1], [1, 1, 1, 1]]
    assert recall(scores, came, most=1, among=among) == pytest.approx((1 + 0) / 2)
    with pytest.raises(ValueError, match="nobody"):
        recall(scores, np.zeros((4, 4)))


def test_plain_rankings_by_hand() -> None:
    history = a_history()
    assert usual(history).tolist() == [[0.5, 1, 0.5, 0]] * 3
    assert personal(history).tolist() == [
        [2.25, 1.5, 0.25, 0],
        [0.25, 1.5, 1.25, 0],
        [0.25, 0.5, 0.25, 0],
    ]


def test_the_first_visit() -> None:
    history = a_history()
    assert first_visit(history, history.day).astype(int).tolist() == [
        [1, 1, 0, 0],
        [0, 1, 1, 0],
        [0, 0, 0, 0],
    ]
    assert first_visit(history, -history.day)[0].tolist() == [True, False, False, False]
