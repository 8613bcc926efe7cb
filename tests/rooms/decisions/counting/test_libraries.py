"""Other people's counts, VoteKit's and pref_voting's, of the same ballots, ties included.

Where they differ by design, docs/decisions/0014-how-votes-are-counted.md says why.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise, permutations
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kfar.ground.ballots import Ballot, Form
from kfar.rooms.decisions.counting.count import count
from kfar.rooms.decisions.counting.report import Report, Round
from kfar.rooms.decisions.counting.rules import Method, Rule, Strength
from tests.rooms.decisions.counting.profiles import OPTIONS, Profile, cast, strict, weak

# They warn of each other's news, and numba of its own.
pytestmark = pytest.mark.filterwarnings("ignore")

ORDERS = st.permutations(range(OPTIONS)).map(tuple)
RANKINGS = cast(st.one_of(strict(), weak()), 1)
Order = tuple[int, ...]


@pytest.fixture(scope="module")
def voting() -> Any:
    return pytest.importorskip("pref_voting", exc_type=ImportError)


def slots(ballot: Ballot) -> list[tuple[int, ...]]:
    return [slot for slot in ballot if isinstance(slot, tuple)]


def theirs(profile: Profile) -> Any:
    """Return the ballots for pref_voting, what is not ranked behind all that is."""
    from pref_voting.profiles_with_ties import ProfileWithTies

    rankings = [
        {option: rank for rank, slot in enumerate(slots(ballot)) for option in slot}
        for ballot in profile
    ]
    made = ProfileWithTies(rankings, rcounts=list(profile.values()), candidates=[*range(OPTIONS)])
    made.use_extended_strict_preference()
    return made


def ours(method: Method, profile: Profile, order: Order, **rule: Any) -> Report:
    lot = ">".join(map(str, order))
    return count(Rule(method, form=Form.RANKING, lot=lot, **rule), profile, OPTIONS)


def strengths(made: Any, strength: Strength) -> Callable[[int, int], int]:
    found: Callable[[int, int], int] = (
        made.support if strength is Strength.WINNING_VOTES else made.margin
    )
    return found


@given(RANKINGS, ORDERS, st.sampled_from(Strength))
def test_minimax_and_schulze_are_pref_votings(
    voting: Any, profile: Profile, order: Order, strength: Strength
) -> None:
    from pref_voting.margin_based_methods import beat_path, minimax

    made = theirs(profile)
    for method, peer in ((Method.MINIMAX, minimax), (Method.SCHULZE, beat_path)):
        tied = peer(made, strength_function=strengths(made, strength))
        report = ours(method, profile, order, strength=strength)
        assert report.winners == (min(tied, key=order.index),)
        assert [tie.tied for tie in report.by_lot] == ([tuple(tied)] if len(tied) > 1 else [])


@given(RANKINGS, ORDERS, st.sampled_from(Strength))
def test_ranked_pairs_are_pref_votings(
    voting: Any, profile: Profile, order: Order, strength: Strength
) -> None:
    from pref_voting.margin_based_methods import ranked_pairs_tb

    made = theirs(profile)
    report = ours(Method.RANKED_PAIRS, profile, order, strength=strength)
    if strength is Strength.WINNING_VOTES:
        # With theirs, pairs with equally many ballots both ways are as strong as their ballots.
        even = range(OPTIONS)
        assume(not any(made.is_tied(a, b) for a in even for b in even if a < b))
    found = ranked_pairs_tb(
        made, tie_breaker=list(order), strength_function=strengths(made, strength)
    )
    assert list(report.winners) == found


@given(cast(strict(), 1), ORDERS)
def test_instant_runoff_is_pref_votings(voting: Any, profile: Profile, order: Order) -> None:
    from pref_voting.iterative_methods import instant_runoff

    found = instant_runoff(theirs(profile), tie_breaker=[*reversed(order)])
    assert list(ours(Method.IRV, profile, order).winners) == found


@given(cast(weak(), 1), ORDERS)
def test_borda_is_pref_votings_symmetric_one(voting: Any, profile: Profile, order: Order) -> None:
    from pref_voting.scoring_methods import symmetric_borda_scores

    # Theirs is what an option is put before, less what is put before it.
    scores = symmetric_borda_scores(theirs(profile))
    cast_ = sum(profile.values())
    tally = ours(Method.BORDA, profile, order).rounds[0].tally
    assert [2 * (votes or 0) - cast_ * (OPTIONS - 1) for votes in tally] == [
        scores[option] for option in range(OPTIONS)
    ]


@given(cast(strict(), 1), ORDERS, st.integers(2, 3))
def test_the_scottish_vote_is_pref_votings(
    voting: Any, profile: Profile, order: Order, seats: int
) -> None:
    from pref_voting.proportional_methods import stv_scottish

    report = ours(Method.STV, profile, order, seats=seats)
    if not report.by_lot:
        assert sorted(report.winners) == stv_scottish(theirs(profile), num_seats=seats)


# --- VoteKit -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def kits() -> Any:
    return pytest.importorskip("votekit.elections", exc_type=ImportError)


def names(order: Order) -> list[str]:
    """Name the options so that the alphabet is the order of the lots."""
    return [chr(ord("a") + order.index(option)) for option in range(OPTIONS)]


def kit(profile: Profile, order: Order) -> Any:
    """Return the ballots for VoteKit."""
    from votekit.ballot import RankBallot
    from votekit.pref_profile import RankProfile

    called = names(order)
    ballots = [
        RankBallot(
            ranking=[{called[option] for option in slot} for slot in slots(ballot)],
            weight=times,
        )
        for ballot, times in profile.items()
    ]
    return RankProfile(ballots=tuple(ballots), candidates=tuple(called))


def near(each: Round) -> bool:
    """Whether two options differ by no more than rounding."""
    votes = sorted(Fraction(vote) for vote in each.tally if vote is not None)
    return any(0 < b - a < Fraction(1, 10**30) for a, b in pairwise(votes))


def elected(election: Any, order: Order) -> list[int]:
    called = names(order)
    return sorted(called.index(name) for level in election.get_elected() for name in level)


@settings(max_examples=60)
@given(cast(strict(), 1), ORDERS)
def test_instant_runoff_is_votekits_and_its_ties_one_of_our_lots(
    kits: Any, profile: Profile, order: Order
) -> None:
    found = elected(kits.IRV(kit(profile, order), tiebreak="lex", exact=True), order)
    report = ours(Method.IRV, profile, order)
    orders = permutations(range(OPTIONS)) if report.by_lot else [order]
    assert found in [list(ours(Method.IRV, profile, lots).winners) for lots in orders]


@settings(max_examples=60)
@given(cast(strict(), 1), ORDERS, st.integers(2, 3))
def test_the_exact_single_transferable_vote_is_votekits(
    kits: Any, profile: Profile, order: Order, seats: int
) -> None:
    # Theirs never rounds: with forty decimal places nothing is lost but a tie, where two stand
    # equal and one of them by votes that were rounded.
    report = ours(Method.STV, profile, order, seats=seats, digits=40)
    assume(not any(each.ties or near(each) for each in report.rounds))
    election = kits.STV(kit(profile, order), n_seats=seats, exact=True)
    assert elected(election, order) == sorted(report.winners)


@settings(max_examples=60)
@given(cast(strict(), 1), ORDERS)
def test_ranked_pairs_and_schulze_are_votekits(kits: Any, profile: Profile, order: Order) -> None:
    for method, election in (
        (Method.RANKED_PAIRS, kits.RankedPairs),
        (Method.SCHULZE, kits.Schulze),
    ):
        report = ours(method, profile, order, strength=Strength.MARGINS)
        if not report.by_lot:
            assert elected(election(kit(profile, order)), order) == list(report.winners)
