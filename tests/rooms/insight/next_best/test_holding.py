"""What suggestions are worth is found where it is planted, and not said where it cannot be."""

from __future__ import annotations

from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfar.rooms.insight.figures import Withheld
from kfar.rooms.insight.next_best.holding import Increment, difference, holdout, incremental

PEOPLE = [UUID(int=n) for n in range(20_000)]


def test_intervals_of_newcombe() -> None:
    """Table II of the paper, method 10, at 95 %."""
    for counts, published in (
        ((56, 70, 48, 80), (0.0524, 0.3339)),
        ((9, 10, 3, 10), (0.1705, 0.8090)),
        ((10, 10, 0, 10), (0.6075, 1.0000)),
    ):
        assert difference(*counts, 0.95) == pytest.approx(published, abs=5e-5)


def test_a_person_is_drawn_once_and_for_all() -> None:
    """The same wherever it is asked: the first eight bytes of SHA-256, as written down here."""
    held = [holdout(person, "trial", 0.1) for person in PEOPLE]
    assert sum(held) == pytest.approx(2_000, abs=4 * 42)
    assert held == [holdout(person, "trial", 0.1) for person in PEOPLE]
    wider = [holdout(person, "trial", 0.3) for person in PEOPLE]
    assert all(w for h, w in zip(held, wider, strict=True) if h)
    other = [holdout(person, "another", 0.1) for person in PEOPLE]
    both = sum(h and o for h, o in zip(held, other, strict=True))
    assert both == pytest.approx(200, abs=4 * 14)
    assert not any(holdout(person, "trial", 0) for person in PEOPLE)
    assert all(holdout(person, "trial", 1) for person in PEOPLE)
    with pytest.raises(ValueError, match="share"):
        holdout(PEOPLE[0], "trial", 1.1)


def tried(effect: float, seed: int) -> Increment | Withheld:
    """Suggestions to all but those held out, of whom a fifth would buy anyway."""
    held = np.array([holdout(person, f"trial {seed}", 0.2) for person in PEOPLE[:5_000]])
    hits = np.random.default_rng(seed).random(5_000) < np.where(held, 0.2, 0.2 + effect)
    return incremental(
        int(hits[~held].sum()), int((~held).sum()), int(hits[held].sum()), int(held.sum())
    )


def test_a_planted_effect_is_found_and_none_is_not() -> None:
    """Of intervals at 95 % two in forty leave out the truth; hits alone would say a fifth."""
    missed = found = 0
    for seed in range(40):
        real, nothing = tried(0.06, seed), tried(0.0, seed)
        assert isinstance(real, Increment)
        assert isinstance(nothing, Increment)
        missed += not real.low < 0.06 < real.high
        found += real.sure
        assert nothing.treated == pytest.approx(0.2, abs=0.03)
        missed += nothing.sure
    assert missed <= 8
    assert found >= 36


def test_small_groups_say_nothing() -> None:
    assert incremental(50, 100, 30, 99) == Withheld(
        "insight.small_groups", {"treated": 100, "held": 99, "fewest": 100}
    )
    assert incremental(5, 100, 4, 100) == Withheld(
        "insight.few_hits", {"hits": 9, "misses": 191, "fewest": 10}
    )
    with pytest.raises(ValueError, match="hits"):
        incremental(101, 100, 4, 100)


COUNTS = st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(COUNTS, COUNTS, st.floats(0.5, 0.99))
def test_groups_may_change_places(
    one: tuple[int, int], other: tuple[int, int], level: float
) -> None:
    low, high = difference(*one, *other, level)
    assert -1 - 1e-9 <= low <= one[0] / one[1] - other[0] / other[1] <= high <= 1 + 1e-9
    assert difference(*other, *one, level) == pytest.approx((-high, -low))
