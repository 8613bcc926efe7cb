"""Elections from the literature come out as published."""

from __future__ import annotations

from fractions import Fraction

import pytest

from kfar.ground.ballots import SPOILED, Ballot, Form
from kfar.rooms.decisions.counting.count import count
from kfar.rooms.decisions.counting.report import By, Defeat, Report, Tie
from kfar.rooms.decisions.counting.rules import Completion, Method, Overvote, Rule, Threshold, Worth


def ranked(**times: int) -> dict[Ballot, int]:
    """Return rankings from letters, options in alphabetical order: ACB=5."""
    return {tuple((ord(o) - ord("A"),) for o in letters): n for letters, n in times.items()}


def in_letters(options: tuple[int, ...]) -> str:
    return "".join(chr(ord("A") + option) for option in options)


#: Where the capital of Tennessee should be (Wikipedia, "Ranked pairs" and "Instant-runoff
#: voting"): A Memphis, B Nashville, C Chattanooga, D Knoxville; per cent of the voters.
TENNESSEE = ranked(ABCD=42, BCDA=26, CDBA=15, DCBA=17)


@pytest.mark.parametrize(
    ("method", "winner", "tally"),
    [
        (Method.PLURALITY, "A", (42, 26, 15, 17)),
        (Method.BORDA, "B", (126, 194, 173, 107)),
        (Method.MINIMAX, "B", (58, 0, 68, 83)),
        (Method.RANKED_PAIRS, "B", (0, 3, 2, 1)),
        (Method.SCHULZE, "B", (0, 3, 2, 1)),
    ],
)
def test_tennessee(method: Method, winner: str, tally: tuple[int, ...]) -> None:
    report = count(Rule(method, form=Form.RANKING), TENNESSEE, 4)
    assert in_letters(report.winners) == winner
    assert report.rounds[0].tally == tally


def test_tennessee_by_instant_runoff() -> None:
    report = count(Rule(Method.IRV), TENNESSEE, 4)
    assert [(each.tally, in_letters(each.eliminated)) for each in report.rounds] == [
        ((42, 26, 15, 17), "C"),
        ((42, 26, None, 32), "B"),
        ((42, None, None, 58), ""),
    ]
    assert in_letters(report.winners) == "D"


def test_tennessee_by_star() -> None:
    """The grades are those of Wikipedia, "STAR voting"."""
    grades: dict[Ballot, int] = {
        ((0, 5), (1, 2), (2, 1)): 42,
        ((1, 5), (2, 2), (3, 1)): 26,
        ((1, 3), (2, 5), (3, 4)): 15,
        ((1, 2), (2, 4), (3, 5)): 17,
    }
    report = count(Rule(Method.STAR, max_score=5), grades, 4)
    assert [each.tally for each in report.rounds] == [(210, 293, 237, 171), (None, 68, 32, None)]
    assert in_letters(report.winners) == "B"
    assert in_letters(count(Rule(Method.SCORE), grades, 4).winners) == "B"


#: Schulze 2011, section 3.1.
SCHULZE = ranked(
    ACBED=5, ADECB=5, BEDAC=8, CABED=3, CAEBD=7, CBADE=2, DCEBA=7, EBADC=8
)  # fmt: skip


def test_the_first_example_of_schulze() -> None:
    report = count(Rule(Method.SCHULZE), SCHULZE, 5)
    assert report.pairs
    assert report.pairs.matrix == (
        (0, 20, 26, 30, 22),
        (25, 0, 16, 33, 18),
        (19, 29, 0, 17, 24),
        (15, 12, 28, 0, 14),
        (23, 27, 21, 31, 0),
    )
    assert report.pairs.paths == (
        (0, 28, 28, 30, 24),
        (25, 0, 28, 33, 24),
        (25, 29, 0, 29, 24),
        (25, 28, 28, 0, 24),
        (25, 28, 28, 31, 0),
    )
    # E before A before C before B before D.
    assert report.rounds[0].tally == (3, 1, 2, 0, 4)
    assert (report.winners, report.pairs.winner) == ((4,), None)


def test_a_circle_is_opened_at_its_weakest_win() -> None:
    circle = ranked(ABC=35, BCA=33, CAB=32)
    report = count(Rule(Method.RANKED_PAIRS), circle, 3)
    assert report.pairs
    assert report.pairs.locked == (
        Defeat(1, 2, 68, kept=True),
        Defeat(0, 1, 67, kept=True),
        Defeat(2, 0, 65, kept=False),
    )
    assert report.winners == (0,)
    assert count(Rule(Method.MINIMAX), circle, 3).rounds[0].tally == (65, 67, 68)


def test_seats_for_sweets() -> None:
    """Wikipedia, "Single transferable vote", the party at which three foods are chosen.

    A oranges, B pears, C chocolate, D strawberries, E hamburgers.
    """
    guests = ranked(A=4, BA=2, CD=8, CE=4, D=1, E=1)
    report = count(Rule(Method.STV, seats=3), guests, 5)
    told = [(each.tally, in_letters(each.elected)) for each in report.rounds]
    assert told == [
        ((4, 2, 12, 1, 1), "C"),
        ((4, 2, 6, 5, 3), ""),
        ((6, None, 6, 5, 3), "A"),
        ((6, None, 6, 5, None), "D"),
    ]
    assert [in_letters(each.eliminated) for each in report.rounds] == ["", "B", "E", ""]
    assert (report.rounds[3].threshold, report.rounds[3].exhausted) == (6, 3)


def test_transfers_are_cut_after_five_decimal_places() -> None:
    """SSI 2007/42, Schedule 1, rule 48(3): surplus × value / votes, any remainder ignored."""
    report = count(Rule(Method.STV, seats=2), ranked(AB=4, AC=3, A=2, B=1, C=1, D=1), 4)
    # 12 votes for 2 seats: 5 elect, A has 4 too many; each of the nine goes on with 0.44444.
    second = report.rounds[1]
    assert (second.surplus_of, second.threshold) == (0, 5)
    assert second.tally == (5, Fraction("2.77776"), Fraction("2.33332"), 1)
    assert (second.exhausted, second.rounding) == (Fraction("0.88888"), Fraction("0.00004"))
    whole = count(Rule(Method.STV, seats=2, digits=0), ranked(AB=4, AC=3, A=2, B=1, C=1, D=1), 4)
    assert whole.rounds[1].tally == (5, 1, 1, 1)
    assert whole.rounds[1].rounding == 4


def test_equal_votes_are_decided_by_the_round_before_and_then_by_lot() -> None:
    """SSI 2007/42, Schedule 1, rules 49 and 51."""
    # A has 2 more than the 6 that elect; with them B comes up to C, and had fewer before.
    report = count(Rule(Method.STV, seats=2), ranked(AB=8, B=1, C=3, D=4), 4)
    assert (report.rounds[1].tally, report.rounds[1].eliminated) == ((6, 3, 3, 4), (1,))
    assert report.rounds[1].ties == (Tie((1, 2), (2,), By.EARLIER_ROUND),)
    report = count(Rule(Method.STV, seats=2, lot="1>2>3>0"), ranked(A=3, B=1, C=1, D=2), 4)
    assert report.rounds[0].ties == (Tie((1, 2), (1,), By.LOT),)
    assert report.rounds[0].eliminated == (2,)


def test_hare_asks_for_more_votes_than_droop() -> None:
    votes = ranked(AB=6, B=2, C=2)
    droop = count(Rule(Method.STV, seats=2), votes, 3)
    hare = count(Rule(Method.STV, seats=2, threshold=Threshold.HARE), votes, 3)
    assert (droop.rounds[0].threshold, hare.rounds[0].threshold) == (4, 5)
    assert (droop.winners, hare.winners) == ((0, 1), (0, 1))


# --- as RCTab counts -----------------------------------------------------------------------------


def irv(ballots: dict[Ballot, int], options: int = 3, **rule: object) -> Report:
    return count(Rule(Method.IRV, **rule), ballots, options)  # type: ignore[arg-type]


def test_an_overvote_ends_a_ballot_or_is_passed_over() -> None:
    ballots: dict[Ballot, int] = {
        ((0, 1), (2,)): 1,
        (SPOILED, (2,)): 1,
        ((0,), (1, 2), (1,)): 1,
        ((1,),): 1,
    }
    ended, passed = irv(ballots), irv(ballots, overvote=Overvote.SKIP)
    assert (ended.blank, ended.rounds[0].tally) == (2, (1, 1, 0))
    assert (passed.blank, passed.rounds[0].tally) == (0, (1, 1, 2))


def test_too_many_skipped_ranks_one_after_another_end_a_ballot() -> None:
    ballots: dict[Ballot, int] = {
        ((), (0,)): 1,
        ((), (), (1,)): 1,
        ((2,), (), (0,), (), (1,)): 1,
    }
    firsts = [irv(ballots, max_skipped=most).rounds[0].tally for most in (None, 1, 0)]
    assert firsts == [(1, 1, 1), (1, 0, 1), (0, 0, 1)]


def test_an_option_named_again_counts_once() -> None:
    report = irv({((0,), (0,), (1,)): 2, ((1,),): 3, ((2,), (1,)): 4})
    assert [each.tally for each in report.rounds] == [(2, 3, 4), (None, 5, 4)]


def test_a_batch_goes_when_its_votes_together_are_fewer_than_the_next() -> None:
    votes = ranked(A=10, B=9, C=3, D=2, E=2)
    one, batch = irv(votes, 5), irv(votes, 5, batch_elimination=True)
    assert [each.eliminated for each in batch.rounds] == [(2, 3, 4), ()]
    assert [len(each.eliminated) for each in one.rounds] == [1, 1, 1, 0]
    # 3 + 2 + 2 are not fewer than 7, and 2 + 2 not fewer than 3.
    close = irv(ranked(A=10, B=7, C=3, D=2, E=2), 5, batch_elimination=True)
    assert [len(each.eliminated) for each in close.rounds] == [1, 2, 0]


def test_more_than_half_is_of_the_votes_that_still_count() -> None:
    report = irv(ranked(A=4, B=3, C=2))
    assert [(each.threshold, each.exhausted) for each in report.rounds] == [(5, 0), (4, 2)]
    assert report.winners == (0,)


def test_the_lot_says_who_is_eliminated_and_who_wins() -> None:
    report = irv(ranked(A=2, B=1, C=1, BA=1), lot="2>1>0")
    assert report.rounds[0].eliminated == (2,)
    assert report.rounds[0].ties == ()
    report = irv(ranked(AB=2, BA=2, CA=1, CB=1), lot="1>2>0")
    assert report.rounds[0].ties == (Tie((0, 1, 2), (1, 2), By.LOT),)
    assert report.rounds[0].eliminated == (0,)
    assert report.winners == (1,)


def test_nobody_wins_before_undeclared_names_are_out() -> None:
    report = irv(ranked(A=6, B=2, CB=3), first_out=(2,))
    assert [(each.tally, each.eliminated, each.elected) for each in report.rounds] == [
        ((6, 2, 3), (2,), ()),
        ((6, 5, None), (), (0,)),
    ]


# --- grades ------------------------------------------------------------------------------------


def test_a_star_runoff_that_is_even_goes_by_sums_and_then_by_best_grades() -> None:
    """The test elections of starvote 2.1 (Hastings): Amy, Brian, Chuck."""
    grades: dict[Ballot, int] = {
        ((0, 1), (1, 5), (2, 5)): 1,
        ((0, 1), (1, 3), (2, 5)): 1,
        ((0, 1), (1, 4), (2, 2)): 1,
    }
    report = count(Rule(Method.STAR), grades, 3)
    assert [each.tally for each in report.rounds] == [(3, 12, 12), (None, 1, 1)]
    assert report.rounds[1].ties == (Tie((1, 2), (2,), By.TOP_SCORES),)
    assert report.winners == (2,)
    sums: dict[Ballot, int] = {((0, 4), (1, 3)): 1, ((0, 1), (1, 5)): 1}
    report = count(Rule(Method.STAR), sums, 2)
    assert report.rounds[1].ties == (Tie((0, 1), (1,), By.SCORE),)


def test_a_tie_for_the_star_runoff_goes_to_who_loses_fewer_comparisons() -> None:
    grades: dict[Ballot, int] = {((0, 5), (1, 2), (2, 1)): 1, ((0, 5), (1, 1), (2, 0)): 1,
                                 ((0, 5), (1, 0), (2, 2)): 1}  # fmt: skip
    report = count(Rule(Method.STAR), grades, 3)
    assert report.rounds[0].tally == (15, 3, 3)
    assert report.rounds[0].ties == (Tie((1, 2), (1,), By.HEAD_TO_HEAD),)


def test_equal_ranks_share_the_points_of_their_places() -> None:
    report = count(Rule(Method.BORDA), {((0, 1),): 1, ((2,), (0,)): 2}, 4)
    # Of 3, 2, 1, 0: the first ballot gives 2.5, 2.5, 0.5, 0.5; the others 2, 0.5, 3, 0.5.
    assert report.rounds[0].tally == (
        Fraction(13, 2),
        Fraction(7, 2),
        Fraction(13, 2),
        Fraction(3, 2),
    )


def test_votes_for_and_against_cost_their_square() -> None:
    report = count(Rule(Method.QUADRATIC), {((0, 9), (1, 3)): 1, ((1, 6), (0, -8)): 1}, 3)
    assert (report.rounds[0].tally, report.winners) == ((1, 9, 0), (1,))


# --- budgets -----------------------------------------------------------------------------------


def test_equal_shares_give_half_the_money_to_half_the_people() -> None:
    """Wikipedia, "Method of equal shares", Motivation: 51 per cent want ten, 49 another ten."""
    red, blue = tuple(range(10)), tuple(range(10, 20))
    rule = Rule(Method.EQUAL_SHARES, budget=1000, costs=(100,) * 20, completion=Completion.ADD_ONE)
    report = count(rule, {red: 51, blue: 49}, 20)
    assert sum(option in red for option in report.winners) == 5
    assert sum(option in blue for option in report.winners) == 5
    greedy = count(Rule(Method.GREEDY, budget=1000, costs=(100,) * 20), {red: 51, blue: 49}, 20)
    assert sorted(greedy.winners) == list(red)


def test_who_pays_what_under_equal_shares() -> None:
    # 4 voters, 3 each. 0 costs 6 and all want it: 1.5 each, support 4. Then 1 costs 4, two want
    # it and have 1.5 each: too little.
    rule = Rule(
        Method.EQUAL_SHARES, budget=12, costs=(6, 4, 3), completion=Completion.NONE, lot="0>1>2"
    )
    report = count(rule, {(0, 1): 2, (0, 2): 2}, 3)
    assert [(each.elected, each.tally) for each in report.rounds] == [
        ((0,), (4, None, None)),
        ((2,), (None, None, 2)),
    ]
    # What somebody cannot pay the others do: at 2 for 10, one has 2, the others pay 4 each.
    scores = Rule(
        Method.EQUAL_SHARES, form=Form.SCORES, budget=12, costs=(2, 10), completion=Completion.NONE
    )
    report = count(scores, {((0, 5), (1, 1)): 1, ((1, 1),): 2}, 2)
    assert [(each.elected, each.tally) for each in report.rounds] == [
        ((0,), (Fraction(5, 2), None)),
        ((1,), (None, Fraction(1, 4))),
    ]


def test_greedy_goes_by_votes_or_by_votes_for_the_money() -> None:
    ballots: dict[Ballot, int] = {(0,): 5, (1,): 4, (2,): 3}
    votes = Rule(Method.GREEDY, budget=10, costs=(9, 4, 2))
    worth = Rule(Method.GREEDY, budget=10, costs=(9, 4, 2), worth=Worth.VOTES_PER_COST)
    assert count(votes, ballots, 3).winners == (0,)
    assert count(worth, ballots, 3).winners == (2, 1)
