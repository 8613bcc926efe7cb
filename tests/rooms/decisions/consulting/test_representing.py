"""What a group stands for: the published formulas, and which statements they choose."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfar.rooms.decisions.consulting.representing import (
    SURE,
    ratio_test,
    representative,
    share,
    share_test,
)
from kfar.rooms.decisions.consulting.votes import Ints


def one(*counts: int) -> tuple[Ints, ...]:
    return tuple(np.array([count]) for count in counts)


def test_the_two_proportion_test_gives_the_published_number() -> None:
    # Polis, math/test/stats_test.clj, after a textbook: 16 of 25 against 57 of 72.
    assert ratio_test(*one(15, 24, 56, 71))[0] == pytest.approx(-1.518, abs=0.01)


def test_the_tests_give_what_one_computes_by_hand() -> None:
    assert share(*one(30, 50))[0] == pytest.approx(31 / 52)
    assert share_test(*one(30, 50))[0] == pytest.approx(2 * sqrt(51) * (31 / 51 - 0.5))
    # 9 of 10 here, 3 of 20 elsewhere: 10/11 against 4/21, together 14/32.
    by_hand = (10 / 11 - 4 / 21) / sqrt(14 / 32 * 18 / 32 * (1 / 11 + 1 / 21))
    assert ratio_test(*one(9, 10, 3, 20))[0] == pytest.approx(by_hand)


def test_against_very_many_that_are_split_the_two_tests_say_the_same() -> None:
    # Polis, math/test/stats_test.clj.
    assert ratio_test(*one(30, 50, 1_000_000, 2_000_000))[0] == pytest.approx(
        share_test(*one(30, 50))[0], abs=0.001
    )


def test_nothing_differs_where_all_votes_are_alike() -> None:
    assert ratio_test(*one(5, 5, 9, 9)).tolist() == [0]


def tally(*groups: list[tuple[int, int, int]]) -> Ints:
    """Make a tally of groups, each with (agree, disagree, pass) for every statement."""
    return np.array([[[d, p, a] for a, d, p in group] for group in groups]).transpose(0, 2, 1)


def test_a_group_stands_for_what_it_says_otherwise_than_the_rest() -> None:
    # all agree; here only; nobody here, all there; split; all pass
    here = [(40, 0, 0), (38, 2, 0), (1, 39, 0), (20, 20, 0), (0, 0, 40)]
    there = [(60, 0, 0), (10, 50, 0), (55, 5, 0), (30, 30, 0), (30, 0, 30)]
    first, second = representative(tally(here, there), "abcde")
    assert [(r.statement, r.agree, r.best) for r in first] == [
        ("b", True, True),
        ("c", False, False),
    ]
    assert [(r.statement, r.agree, r.best) for r in second] == [
        ("c", True, True),
        ("b", False, False),
    ]
    b = first[0]
    assert (b.votes, b.seen) == (38, 40)
    assert b.share == pytest.approx(39 / 42)
    assert b.ratio == pytest.approx(39 / 42 / (11 / 62))
    assert b.metric == pytest.approx(b.share * b.share_test * b.ratio * b.ratio_test)


def test_five_at_most_the_most_telling_and_agreement_first() -> None:
    here = [(20 + n, 20 - n, 0) for n in range(10, 18)] + [(0, 40, 0)]
    there = [(10, 30, 0)] * 8 + [(35, 5, 0)]
    shown = representative(tally(here, there), range(9))[0]
    assert [(r.statement, r.agree) for r in shown] == [
        (7, True),
        (6, True),
        (5, True),
        (4, True),
        (8, False),
    ]
    assert [r.best for r in shown] == [True, False, False, False, False]


def test_a_group_has_one_statement_though_none_is_sure() -> None:
    # A bare majority that is a little likelier here; and one that agrees with nothing.
    [weak], _ = representative(tally([(3, 2, 0), (0, 1, 0)], [(2, 3, 0), (1, 0, 0)]), "ab")
    assert (weak.statement, weak.agree, weak.best) == ("a", True, True)
    [most], _ = representative(tally([(1, 3, 0), (0, 1, 0)], [(3, 1, 0), (0, 1, 0)]), "ab")
    assert (most.statement, most.agree, most.best) == ("a", False, False)


def test_who_voted_on_nothing_stands_for_nothing() -> None:
    assert representative(tally([(0, 0, 0)] * 2, [(3, 1, 0)] * 2), "ab")[0] == ()
    assert representative(np.empty((0, 3, 2), int), "ab") == ()


COUNTS = st.lists(st.tuples(*[st.integers(0, 30)] * 3), min_size=4, max_size=4)


@given(COUNTS, COUNTS, st.permutations(range(4)))
def test_what_is_shown_is_sure_or_alone_and_no_order_of_statements_changes_it(
    here: list[tuple[int, int, int]], there: list[tuple[int, int, int]], order: list[int]
) -> None:
    shown = representative(tally(here, there), range(4))[0]
    for r in shown:
        agree, disagree, passed = here[int(r.statement)]
        assert r.seen == agree + disagree + passed
        assert r.votes == (agree if r.agree else disagree)
        assert r.best or len(shown) == 1 or (r.share_test > SURE and r.ratio_test > SURE)
    if len({*map(tuple, zip(here, there, strict=True))}) == 4:
        turned = representative(tally([here[n] for n in order], [there[n] for n in order]), order)[
            0
        ]
        here_and_there = [sorted(r.metric for r in found) for found in (shown, turned)]
        assert np.allclose(here_and_there[0], here_and_there[1])
