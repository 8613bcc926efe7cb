"""How much a role may decide alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfar.rooms.village.rules import Authority

MONEY = st.integers(0, 10**9)


@pytest.mark.parametrize(
    ("worth", "fault", "limit"),
    [
        (None, 100, 2_000),
        (0, 100, 2_000),
        (100_000, 100, 2_000),  # 1 % is 10.00: below what everybody may have
        (400_000, 100, 4_000),
        (400_000, 60, 2_400),
        (400_000, 0, 2_000),
        (20_000_000, 100, 50_000),
        (299_999, 100, 2_999),  # never a cent more than the share
        (-5, 100, 2_000),
    ],
)
def test_a_part_of_what_they_are_worth_within_bounds(
    worth: int | None, fault: int, limit: int
) -> None:
    assert Authority(floor=2_000, cap=50_000, share=100).limit(worth, fault) == limit


@given(MONEY, MONEY, st.integers(0, 10_000), st.none() | MONEY, st.integers(0, 100))
def test_everybody_may_have_the_floor_and_nobody_more_than_the_cap(
    floor: int, more: int, share: int, worth: int | None, fault: int
) -> None:
    authority = Authority(floor, floor + more, share)
    assert floor <= authority.limit(worth, fault) <= floor + more
    assert authority.limit(worth, 0) == floor
    assert Authority.fixed(floor).limit(worth, fault) == floor


@given(MONEY, MONEY, MONEY, st.integers(0, 10_000))
def test_who_is_worth_more_is_never_offered_less(a: int, b: int, cap: int, share: int) -> None:
    authority = Authority(0, cap, share)
    assert authority.limit(min(a, b)) <= authority.limit(max(a, b))
