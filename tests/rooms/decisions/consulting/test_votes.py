"""Votes: the last word counts, and nothing else of the order."""

from __future__ import annotations

from collections import Counter
from random import Random
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfar.rooms.decisions.consulting.votes import Votes, gather

TRIPLES = st.lists(
    st.tuples(st.integers(0, 6), st.sampled_from("abcde"), st.sampled_from((-1, 0, 1))),
    max_size=60,
)
Cast = dict[tuple[object, object], int]


def said(votes: Votes) -> Cast:
    entries = zip(votes.person, votes.statement, votes.vote.tolist(), strict=True)
    return {(votes.people[p], votes.statements[s]): vote for p, s, vote in entries}


@given(TRIPLES)
def test_the_last_vote_of_a_person_on_a_statement_counts(
    triples: list[tuple[int, str, int]],
) -> None:
    votes = gather(triples)
    last = {(person, statement): vote for person, statement, vote in triples}
    assert said(votes) == last
    assert len(votes.vote) == len(last)
    assert votes.people == tuple(sorted({person for person, _, _ in triples}))
    assert votes.statements == tuple(sorted({statement for _, statement, _ in triples}))


@given(TRIPLES, st.integers())
def test_the_order_of_arrival_changes_nothing_else(
    triples: list[tuple[int, str, int]], seed: int
) -> None:
    once = [(p, s, v) for (p, s), v in {(p, s): v for p, s, v in triples}.items()]
    shuffled = Random(seed).sample(once, len(once))
    here, there = gather(once), gather(shuffled)
    assert (here.people, here.statements) == (there.people, there.statements)
    for name in ("person", "statement", "vote"):
        assert getattr(here, name).tolist() == getattr(there, name).tolist()


@given(TRIPLES, st.sets(st.sampled_from("abcdef")))
def test_what_is_not_in_play_is_as_if_nobody_had_said_it(
    triples: list[tuple[int, str, int]], in_play: set[str]
) -> None:
    here = gather(triples, in_play)
    there = gather([t for t in triples if t[1] in in_play], in_play)
    assert here.statements == tuple(sorted(in_play))
    assert here.people == there.people
    assert said(here) == said(there)


@given(TRIPLES, st.lists(st.integers(-1, 2), min_size=7, max_size=7))
def test_the_tally_is_what_counting_by_hand_gives(
    triples: list[tuple[int, str, int]], group: list[int]
) -> None:
    votes = gather(triples)
    of = np.array([group[p] for p in votes.people if isinstance(p, int)], int)
    tally = votes.tally(of, 3)
    by_hand = Counter(
        (group[p], vote, s) for (p, s), vote in said(votes).items() if isinstance(p, int)
    )
    assert tally.shape == (3, 3, len(votes.statements))
    for g in range(3):
        for vote in (-1, 0, 1):
            for n, s in enumerate(votes.statements):
                assert tally[g, vote + 1, n] == by_hand[g, vote, s]


@pytest.mark.parametrize("wrong", [2, -2, 7, 1000])
def test_another_vote_is_refused(wrong: int) -> None:
    with pytest.raises(ValueError, match="a vote is -1, 0 or \\+1"):
        gather([(1, 1, 1), (1, 2, wrong)])


def test_people_may_have_any_id_that_has_an_order() -> None:
    votes = gather([(UUID(int=9), "b", 1), (UUID(int=3), "a", -1), (UUID(int=9), "a", 0)])
    assert votes.people == (UUID(int=3), UUID(int=9))
    assert said(votes) == {
        (UUID(int=3), "a"): -1,
        (UUID(int=9), "a"): 0,
        (UUID(int=9), "b"): 1,
    }
    assert votes.cast.tolist() == [1, 2]
    assert votes.seen.tolist() == [2, 1]
