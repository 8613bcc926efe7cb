"""Which drivers matter most: planted ones are found, what cannot be told apart is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kfar.rooms.insight.drivers.importance import Floats, lmg
from kfar.rooms.insight.drivers.ranking import Drivers, gaps, rank
from kfar.rooms.insight.figures import Withheld

NAMES = ("speed", "friendliness", "price", "choice")
#: What moves the planted outcome, by name; the drivers hang together by 0.3.
MOVES = np.array([0.2, 0.8, 0.0, 0.4])


def planted(seed: int, rows: int = 400, noise: float = 1.0) -> tuple[Floats, Floats]:
    draw = np.random.default_rng(seed)
    common = draw.normal(size=(rows, 1))
    table = np.sqrt(0.3) * common + np.sqrt(0.7) * draw.normal(size=(rows, 4))
    return table @ MOVES + noise * draw.normal(size=rows), table


def truth(noise: float = 1.0) -> Floats:
    between = np.full((4, 4), 0.3) + 0.7 * np.eye(4)
    with_outcome = between @ MOVES
    whole = np.zeros((5, 5))
    whole[0, 0], whole[0, 1:], whole[1:, 0], whole[1:, 1:] = (
        MOVES @ with_outcome + noise**2,
        with_outcome,
        with_outcome,
        between,
    )
    return lmg(whole)


def found(seed: int = 0, **more: float) -> Drivers:
    drivers = rank(*planted(seed, **more), NAMES, draws=200)  # type: ignore[arg-type]
    assert isinstance(drivers, Drivers)
    return drivers


def test_the_planted_order_is_found() -> None:
    drivers = found(rows=4000)
    assert drivers.ranks.tolist() == [3, 1, 4, 2]
    assert drivers.shares == pytest.approx(truth(), abs=0.02)
    assert drivers.explained == pytest.approx(truth().sum(), abs=0.03)
    assert drivers.shares.sum() == pytest.approx(drivers.explained)
    assert drivers.weights.sum() == pytest.approx(drivers.explained)
    assert drivers.rank_low.tolist() == drivers.rank_high.tolist() == [3, 1, 4, 2]
    assert drivers.drawn.shape == (200, 4)


def test_four_intervals_of_five_hold_the_truth() -> None:
    held = []
    for seed in range(150):
        drivers = found(seed)
        held.append((drivers.low <= truth()) & (truth() <= drivers.high))
    # 600 intervals of 0.8; those of a driver that hardly matters are a little too high.
    assert 0.72 <= np.mean(held) <= 0.86


def test_the_same_rows_and_seed_say_the_same_and_units_say_nothing() -> None:
    outcome, table = planted(3)
    one = rank(outcome, table, NAMES, draws=50, seed=5)
    other = rank(outcome * 10 - 7, table * [1, 2, 3, 4] + 100, NAMES, draws=50, seed=5)
    assert isinstance(one, Drivers)
    assert isinstance(other, Drivers)
    assert one.drawn.tolist() == other.drawn.tolist()
    assert one.shares == pytest.approx(other.shares)
    assert one.low == pytest.approx(other.low)


def test_what_a_manager_believed_stands_beside_what_is_so() -> None:
    by_name = {gap.name: gap for gap in gaps(found(rows=4000), ["price", *NAMES[:2], "choice"])}
    assert [gap.believed for gap in by_name.values()] == [1, 2, 3, 4]
    assert {name: gap.places.value for name, gap in by_name.items()} == {
        "price": -3,
        "speed": -1,
        "friendliness": 2,
        "choice": 2,
    }
    assert {name for name, gap in by_name.items() if gap.sure} == set(NAMES)
    price = by_name["price"].places
    assert (price.low, price.high, price.baseline, price.level) == (-3, -3, 0, 0.8)
    assert price.reasons[0].code == "drivers.share"
    assert price.reasons[0].params["share"] == pytest.approx(found(rows=4000).shares[2])


def test_a_belief_that_is_right_is_no_gap_and_where_draws_disagree_nothing_is_sure() -> None:
    right = gaps(found(rows=4000), ["friendliness", "choice", "speed", "price"])
    assert [(gap.places.value, gap.sure) for gap in right] == [(0, False)] * 4
    # Four that matter alike: whatever is believed, no place is sure for all four.
    draw = np.random.default_rng(2)
    table = draw.normal(size=(200, 4))
    alike = rank(table.sum(axis=1) + draw.normal(size=200), table, NAMES, draws=200)
    assert isinstance(alike, Drivers)
    assert (alike.rank_low < alike.rank_high).all()


@given(st.permutations(NAMES))
@settings(max_examples=20)
def test_gaps_of_all_drivers_cancel_out(believed: list[str]) -> None:
    told = gaps(FOUND, believed)
    assert sum(gap.places.value for gap in told) == 0
    for gap in told:
        assert gap.places.low <= gap.places.value <= gap.places.high
        assert gap.places.value == gap.believed - gap.found


FOUND = found(rows=4000)


def test_every_driver_is_believed_once() -> None:
    for wrong in (NAMES[:3], (*NAMES, "price"), (*NAMES[:3], "colour")):
        with pytest.raises(ValueError, match="ranked once"):
            gaps(FOUND, wrong)


def test_what_cannot_be_told_is_refused() -> None:
    outcome, table = planted(1)
    few = rank(outcome[:39], table[:39], NAMES)
    assert few == Withheld("drivers.few", {"rows": 39, "needed": 40})
    assert rank(np.full(400, 7.0), table, NAMES) == Withheld("drivers.outcome_same", {"rows": 400})
    constant = table.copy()
    constant[:, 2] = 0.1
    assert rank(outcome, constant, NAMES) == Withheld("drivers.same", {"names": ("price",)})


def test_drivers_that_explain_one_another_are_refused_by_name() -> None:
    outcome, table = planted(1)
    draw = np.random.default_rng(0)
    # A correlation of .97 is an inflation of 17, one of .9 of 5.
    close, near = (np.sqrt(1 - r**2) * draw.normal(size=400) + r * table[:, 0] for r in (0.97, 0.9))
    refused = rank(outcome, np.column_stack([table[:, :3], close]), NAMES)
    assert refused == Withheld("drivers.alike", {"names": ("speed", "choice")})
    copied = rank(outcome, np.column_stack([table[:, :3], 2 * table[:, 0] + 1]), NAMES)
    assert copied == Withheld("drivers.alike", {"names": ("speed", "choice")})
    assert isinstance(
        rank(outcome, np.column_stack([table[:, :3], near]), NAMES, draws=20), Drivers
    )


def test_where_nothing_moves_the_outcome_it_is_refused_but_for_one_in_twenty() -> None:
    draw = np.random.default_rng(9)
    shown = 0
    for _ in range(300):
        drivers = rank(draw.normal(size=100), draw.normal(size=(100, 4)), NAMES, draws=1)
        if isinstance(drivers, Withheld):
            assert drivers.code == "drivers.nothing"
        else:
            shown += 1
    assert 5 <= shown <= 26  # 15 wanted, within three standard deviations


def test_what_moves_it_wholly_is_shown() -> None:
    _, table = planted(1)
    drivers = rank(table[:, 0], table, NAMES, draws=20)
    assert isinstance(drivers, Drivers)
    assert drivers.explained == pytest.approx(1)
    assert drivers.ranks[0] == 1


def test_rows_that_do_not_fit_are_errors() -> None:
    outcome, table = planted(1)
    with pytest.raises(ValueError, match="one row for each outcome"):
        rank(outcome[:-1], table, NAMES)
    with pytest.raises(ValueError, match="one row for each outcome"):
        rank(outcome, table, NAMES[:3])
    with pytest.raises(ValueError, match="name of its own"):
        rank(outcome, table, ("a", "a", "b", "c"))
    table[3, 1] = np.nan
    with pytest.raises(ValueError, match="not a number"):
        rank(outcome, table, NAMES)
