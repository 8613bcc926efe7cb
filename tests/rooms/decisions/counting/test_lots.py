"""Lots can be drawn again by anybody."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfar.rooms.decisions.counting.lots import lot_order


def test_anybody_can_draw_the_lots_again() -> None:
    # for n in 0 1 2 3; do printf '%s' "seed:$n" | sha256sum; done
    # begins with 58f9, 81e4, 97c3 and 7413.
    assert lot_order("seed", 4) == (0, 3, 1, 2)


def test_an_order_may_be_given_as_it_is() -> None:
    assert lot_order("2>0>1", 3) == (2, 0, 1)
    for wrong in ("2>0", "2>0>0", "3>1>0>2>1"):
        with pytest.raises(ValueError, match="not an order of 3 options"):
            lot_order(wrong, 3)


@given(st.text(max_size=5).filter(lambda text: ">" not in text), st.integers(1, 6))
def test_lots_name_each_option_once(seed: str, options: int) -> None:
    assert sorted(lot_order(seed, options)) == list(range(options))
