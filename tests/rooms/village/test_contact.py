"""The map in numbers, and the draw: the quiet have their share, whoever is loudest."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfar.rooms.village import contact


def ints(*values: int) -> contact.Ints:
    return np.array(values, dtype=np.int64)


class TestMap:
    def test_contacts_fall_into_their_weeks_and_what_is_outside_nowhere(self) -> None:
        rows = ints(0, 0, 0, 1, 1, 2, -1)
        days = ints(100, 94, 93, 80, 79, 101, 100)  # today is 100; 101 is still to come
        found = contact.heat(rows, days, size=3, today=100, weeks=3)
        assert found.tolist() == [[0, 1, 2], [1, 0, 0], [0, 0, 0]]

    def test_how_long_each_was_silent(self) -> None:
        found = contact.silence(ints(0, 0, 1, 2), ints(90, 99, 100, 101), size=4, today=100)
        assert found.tolist() == [1, 0, -1, -1]

    def test_the_share_that_met_anybody(self) -> None:
        rows, days = ints(0, 0, 1, 3), ints(100, 95, 89, 100)
        assert contact.met_share(rows, days, size=4, first=90, today=100) == 0.5
        assert contact.met_share(ints(), ints(), size=0, first=90, today=100) == 0.0
        assert contact.met_share(ints(), ints(), size=3, first=90, today=100) == 0.0


def population(quiet: int, loud: int) -> tuple[contact.Bools, contact.Bools, contact.Bools]:
    """So many quiet and loud ones; of each half value is known of a third, every fourth is new."""
    many = np.arange(quiet + loud)
    return many < quiet, many % 3 == 0, many % 4 == 0


class TestDraw:
    @pytest.mark.parametrize(
        ("quiet", "loud", "n", "seats"),
        [
            (90, 10, 10, (9, 1)),
            (90, 10, 5, (5, 0)),
            (10, 90, 5, (1, 4)),
            (1, 99, 5, (1, 4)),  # one quiet one among a hundred is asked first
            (50, 50, 5, (3, 2)),
            (0, 10, 5, (0, 5)),
            (10, 0, 5, (5, 0)),
            (2, 1, 9, (2, 1)),
            (0, 0, 5, (0, 0)),
        ],
    )
    def test_the_quiet_have_at_least_their_share(
        self, quiet: int, loud: int, n: int, seats: tuple[int, int]
    ) -> None:
        assert contact.seats(quiet, loud, n) == seats
        drawn = contact.draw(*population(quiet, loud), n, [1])
        assert (int((drawn < quiet).sum()), int((drawn >= quiet).sum())) == seats

    @given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 30), st.integers(0, 2**32))
    def test_nobody_is_drawn_twice_and_each_stratum_has_its_share(
        self, quiet: int, loud: int, n: int, seed: int
    ) -> None:
        who = population(quiet, loud)
        drawn = contact.draw(*who, n, [seed])
        assert len(drawn) == min(n, quiet + loud) == len(set(drawn.tolist()))
        of_quiet, of_loud = contact.seats(quiet, loud, n)
        assert of_quiet * (quiet + loud) >= min(n, quiet + loud) * quiet
        for half, seats in ((who[0], of_quiet), (~who[0], of_loud)):
            for valued in (False, True):
                for new in (False, True):
                    stratum = half & (who[1] == valued) & (who[2] == new)
                    share = seats * stratum.sum() / max(half.sum(), 1)
                    assert abs(stratum[drawn].sum() - share) < 1 + 1e-9

    def test_the_same_seed_draws_the_same_and_another_others(self) -> None:
        who = population(60, 40)
        first, again, other = (contact.draw(*who, 8, [seed]).tolist() for seed in (7, 7, 8))
        assert first == again
        assert first != other

    def test_among_the_quiet_everybody_has_the_same_chance(self) -> None:
        # 12 quiet and 12 loud ones, 4 are drawn: each quiet one in a sixth of 3,000 draws.
        who = population(12, 12)
        times = Counter(int(one) for seed in range(3_000) for one in contact.draw(*who, 4, [seed]))
        assert sorted(times) == list(range(24))
        # Six standard deviations of 3,000 throws at one in six; the seeds are fixed.
        assert max(abs(many - 500) for many in times.values()) < 123
