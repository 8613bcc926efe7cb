"""The common ground, and what divides."""

from __future__ import annotations

import numpy as np
import pytest

from kfar.rooms.decisions.consulting.common import across, common_ground, divisive
from kfar.rooms.decisions.consulting.votes import Ints

#: Two groups of 90 and 10: disagree, pass, agree by statement.
GROUPS: Ints = np.array(
    [
        [[0, 85, 40, 5], [5, 5, 10, 0], [85, 0, 40, 0]],
        [[9, 9, 5, 0], [0, 0, 0, 0], [1, 1, 5, 1]],
    ]
)
EVERYBODY = GROUPS.sum(axis=0)


def test_the_common_ground_is_what_more_than_half_say_surely() -> None:
    agreed, rejected = common_ground(EVERYBODY, GROUPS, "abcd")
    assert [(c.statement, c.agree, c.votes, c.seen) for c in agreed] == [("a", True, 86, 100)]
    assert [(c.statement, c.agree, c.votes, c.seen) for c in rejected] == [
        ("b", False, 94, 100),
        ("d", False, 5, 6),
    ]
    assert agreed[0].share == pytest.approx(87 / 102)


def test_across_the_groups_each_group_counts_alike() -> None:
    disagree, agree = across(GROUPS)
    assert agree.tolist() == pytest.approx(
        [86 / 92 * 2 / 12, 1 / 92 * 2 / 12, 41 / 92 * 6 / 12, 1 / 7 * 2 / 3]
    )
    assert disagree[1] == pytest.approx(86 / 92 * 10 / 12)
    agreed, _ = common_ground(EVERYBODY, GROUPS, "abcd")
    assert agreed[0].across == agree[0]


def test_what_divides_is_where_one_group_agrees_and_another_does_not() -> None:
    found = divisive(GROUPS, "abcd")
    assert [(d.statement, d.more, d.less) for d in found] == [
        ("a", 0, 1),
        ("d", 1, 0),
        ("b", 1, 0),
    ]
    assert [d.gap for d in found] == pytest.approx(
        [86 / 92 - 2 / 12, 2 / 3 - 1 / 7, 2 / 12 - 1 / 92]
    )
    assert divisive(GROUPS[:1], "abcd") == ()
