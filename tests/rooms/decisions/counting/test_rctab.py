"""Votes that move as RCTab moves them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kfar.ground.ballots import Ballot
from kfar.rooms.decisions.counting.count import count
from kfar.rooms.decisions.counting.report import exact
from kfar.rooms.decisions.counting.rules import Method, Overvote, Rule, Surplus, Threshold
from tests.rooms.decisions.counting import rctab
from tests.rooms.decisions.counting.profiles import (
    OPTIONS,
    Profile,
    cast,
    marked,
    overvoted,
    rules,
    strict,
)

#: BrightSpots/rcv, test_data/test_set_multi_winner_fractional_threshold: its thirty ballots, a
#: letter a rank, and the tallies it expects, round by round.
FRACTIONAL = """D-CEFA EDFABC CEADBF FCBD B----A FABDEC BECD ABC-EF -CFDBA -----E CED FCFDBA CE--FA
    ECB-FD ABDCFE D--EFA EDFABC CEADBF ACBD B----A EABDFC BECD ABC-EF ECFDBA A----E CED ECFDBA
    CE--FA BCE-FD ABDCFE"""
EXPECTED = [
    ["6", "5", "7", "2", "6", "3"],
    ["6", "5", "8", None, "6", "3"],
    ["6", "5", "7.2501", None, "6.6559", "3.0937"],
    ["7", "7.0937", "7.2501", None, "6.6559", None],
    ["10.2811", "10.0937", "7.2501", None, None, None],
    ["7.2501", "7.2501", "7.2501", None, None, None],
]


def lettered(text: str) -> Profile:
    """Return ballots of a letter a rank, `-` for a skipped one, `(AB)` for an overvote."""
    ballots: Counter[Ballot] = Counter()
    for word in text.split():
        slots: list[tuple[int, ...]] = []
        inside: list[int] | None = None
        for sign in word:
            if sign == "(":
                inside = []
            elif sign == ")":
                slots.append(tuple(inside or ()))
                inside = None
            elif inside is not None:
                inside.append(ord(sign) - ord("A"))
            else:
                slots.append(() if sign == "-" else (ord(sign) - ord("A"),))
        ballots[tuple(slots)] += 1
    return dict(ballots)


def test_several_winners_with_a_threshold_of_decimals_as_rctab_expects_it() -> None:
    rule = Rule(
        Method.STV,
        seats=3,
        digits=4,
        overvote=Overvote.SKIP,
        max_skipped=1,
        threshold=Threshold.DROOP_DECIMAL,
        surplus=Surplus.TOGETHER,
    )
    report = count(rule, lettered(FRACTIONAL), 6)
    told = [[None if v is None else exact(v) for v in each.tally] for each in report.rounds]
    assert told == EXPECTED
    assert [each.elected for each in report.rounds] == [(), (2,), (), (), (0, 1), ()]
    assert [each.eliminated for each in report.rounds] == [(3,), (), (5,), (4,), (), ()]
    assert report.rounds[0].threshold == Fraction("7.2501")
    # "residual surplus" 0.0003, 0.0002 and 0.0003; one ballot with five ranks skipped is blank
    assert report.rounds[-1].rounding == Fraction("0.0008")
    assert (report.blank, report.ballots) == (1, 30)


@pytest.mark.parametrize(
    ("overvote", "tallies"),
    [
        (Overvote.EXHAUST, ["3 2 1", "3 2 -"]),
        (Overvote.SKIP, ["3 3 1", "3 4 -"]),
        (Overvote.EXHAUST_IF_SEVERAL_STAND, ["3 2 1", "3 3 -"]),
    ],
    ids=["exhaust", "skip", "exhaust-if-several-stand"],
)
def test_what_an_overvote_does(overvote: Overvote, tallies: list[str]) -> None:
    """One overvote comes first, while both stand; one behind C, who is out by then."""
    report = count(Rule(Method.IRV, overvote=overvote), lettered("A A A B B (AB)B C(BC)B"), 3)
    told = [" ".join("-" if v is None else exact(v) for v in each.tally) for each in report.rounds]
    assert told == tallies


def test_a_name_ranked_again_ends_a_ballot_where_the_law_says_so() -> None:
    profile = lettered("AAB AAB B B B C C C C")
    for ends, last in ((False, ["5", "4"]), (True, ["3", "4"])):
        report = count(Rule(Method.IRV, end_at_duplicate=ends), profile, 3)
        assert [exact(v) for v in report.rounds[-1].tally if v is not None] == last


def test_after_the_winner_elimination_goes_on_until_two_stand() -> None:
    """BrightSpots/rcv, test_data/continue_tabulation_test: a round elects, the next eliminates."""
    profile = lettered("A " * 5 + "BC " * 3 + "C " * 10)
    report = count(Rule(Method.IRV, until_two=True), profile, 3)
    assert [each.tally for each in report.rounds] == [(5, 3, 10), (5, 3, 10), (5, None, 13)]
    assert [each.elected for each in report.rounds] == [(2,), (), ()]
    assert [each.eliminated for each in report.rounds] == [(), (1,), ()]
    assert report.winners == (2,)


def test_nobody_declared_is_out_of_the_single_transferable_vote_first() -> None:
    profile = lettered("A A A A B B CB CB CB D")
    for surplus in Surplus:
        rule = Rule(Method.STV, seats=2, first_out=(2,), surplus=surplus)
        first, second, *_ = count(rule, profile, 4).rounds
        assert (first.elected, first.eliminated) == ((), (2,))
        assert second.tally == (4, 5, None, 1)


@settings(max_examples=400)
@given(
    rules((Method.IRV, Method.STV)),
    cast(st.one_of(marked(), overvoted(), strict()), 1),
    st.sampled_from([Surplus.TOGETHER, Surplus.ONE_WINNER, Surplus.NONE]),
)
def test_every_round_is_that_of_rctab(rule: Rule, profile: Profile, surplus: Surplus) -> None:
    rule = replace(rule, surplus=surplus)
    report = count(rule, profile, OPTIONS)
    told = [
        (
            {n: Fraction(votes) for n, votes in enumerate(each.tally) if votes is not None},
            set(each.elected),
            set(each.eliminated),
        )
        for each in report.rounds
    ]
    oracle = rctab.tabulate(rule, profile, OPTIONS)
    assert told == [
        ({n: Fraction(votes) for n, votes in tally.items()}, elected, eliminated)
        for tally, elected, eliminated in oracle
    ]
