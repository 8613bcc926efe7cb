"""Counting: order and names change nothing, and each ballot counts for what it holds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfar.rooms.decisions.tally import Method, Tally, tally, valid

Ballots = list[tuple[int, ...]]
OPTIONS = 4


def ballots_of(method: Method) -> st.SearchStrategy[Ballots]:
    one = st.integers(0, OPTIONS - 1)
    many = st.lists(one, min_size=1, unique=True).map(sorted).map(tuple)
    return st.lists(st.tuples(one) if method is Method.PLURALITY else many, max_size=12)


CAST = st.sampled_from(Method).flatmap(lambda m: st.tuples(st.just(m), ballots_of(m)))


@given(CAST)
def test_it_is_what_counting_by_hand_gives(cast: tuple[Method, Ballots]) -> None:
    method, ballots = cast
    votes = tuple(sum(option in ballot for ballot in ballots) for option in range(OPTIONS))
    most = [n for n in range(OPTIONS) if ballots and votes[n] == max(votes)]
    assert tally(method, ballots, OPTIONS) == Tally(votes, tuple(most), len(ballots))


@given(CAST, st.randoms())
def test_the_order_of_arrival_changes_nothing(cast: tuple[Method, Ballots], luck: object) -> None:
    method, ballots = cast
    shuffled = list(ballots)
    luck.shuffle(shuffled)  # type: ignore[attr-defined]
    assert tally(method, shuffled, OPTIONS) == tally(method, ballots, OPTIONS)


@given(CAST, st.permutations(range(OPTIONS)))
def test_other_names_for_the_options_give_other_names_to_the_winners(
    cast: tuple[Method, Ballots], names: list[int]
) -> None:
    method, ballots = cast
    here = tally(method, ballots, OPTIONS)
    there = tally(method, [tuple(names[c] for c in ballot) for ballot in ballots], OPTIONS)
    assert tuple(there.votes[names[n]] for n in range(OPTIONS)) == here.votes
    assert there.winners == tuple(sorted(names[n] for n in here.winners))


@given(CAST, st.data())
def test_a_ballot_more_adds_one_vote_to_each_option_it_names(
    cast: tuple[Method, Ballots], data: st.DataObject
) -> None:
    method, ballots = cast
    [one] = data.draw(ballots_of(method).filter(bool).map(lambda drawn: drawn[:1]))
    before, after = tally(method, ballots, OPTIONS), tally(method, [*ballots, one], OPTIONS)
    gained = [now - then for now, then in zip(after.votes, before.votes, strict=True)]
    assert gained == [int(n in one) for n in range(OPTIONS)]
    assert after.ballots == before.ballots + 1


def test_no_ballot_has_no_winner_and_a_tie_has_several() -> None:
    assert tally(Method.APPROVAL, [], 2) == Tally((0, 0), (), 0)
    assert tally(Method.PLURALITY, [(0,), (2,)], 3) == Tally((1, 0, 1), (0, 2), 2)


@pytest.mark.parametrize(
    ("choices", "plurality", "approval"),
    [
        ((), False, False),
        ((0,), True, True),
        ((2,), True, True),
        ((3,), False, False),
        ((-1,), False, False),
        ((0, 1), False, True),
        ((2, 0), False, True),
        ((1, 1), False, False),
        ((0, 3), False, False),
    ],
)
def test_what_a_ballot_of_three_options_is(
    choices: tuple[int, ...], plurality: bool, approval: bool
) -> None:
    assert valid(Method.PLURALITY, choices, 3) is plurality
    assert valid(Method.APPROVAL, choices, 3) is approval
    for method, fits in ((Method.PLURALITY, plurality), (Method.APPROVAL, approval)):
        if not fits:
            with pytest.raises(ValueError, match=r"^not a ballot under"):
                tally(method, [choices], 3)
