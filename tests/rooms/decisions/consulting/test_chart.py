"""The chart: one's own place, the next statement, and what is kept from refresh to refresh."""

from __future__ import annotations

from collections import Counter
from math import log2

import numpy as np
import pytest

from kfar.rooms.decisions.consulting.chart import Chart, priorities
from kfar.rooms.decisions.consulting.opinion import Opinion, refresh
from kfar.rooms.decisions.consulting.votes import Statement, gather
from tests.rooms.decisions.consulting.planted import planted

#: Statements 0 to 29 were voted on, 30 was not.
IN_PLAY = range(31)


@pytest.fixture(scope="module")
def opinion() -> Opinion:
    return refresh(gather(planted(3, 300, 30, 0.5)[1], IN_PLAY))


@pytest.fixture(scope="module")
def chart(opinion: Opinion) -> Chart:
    return opinion.chart


def of(person: int) -> dict[Statement, int]:
    return {s: vote for p, s, vote in planted(3, 300, 30, 0.5)[1] if p == person}


def test_priorities_give_what_one_computes_by_hand() -> None:
    # 18 agree, 3 pass, none disagrees; 20 agree, none passes; nobody voted.
    everybody = np.array([[0, 0, 0], [3, 0, 0], [17, 20, 0]])
    extremity = np.array([1.0, 0.0, 0.0])
    first = (1 - 4 / 22) * 2 * (18 / 22) * (1 + 8 * 2**-4)
    second = (1 - 1 / 22) * (21 / 22) * (1 + 8 * 2**-4)
    assert priorities(everybody, extremity).tolist() == pytest.approx(
        [first**2, second**2, (0.5 * 0.5 * 9) ** 2]
    )


def test_everybody_finds_the_own_place_and_group(opinion: Opinion, chart: Chart) -> None:
    for n, person in enumerate(opinion.people):
        assert isinstance(person, int)
        assert chart.place(of(person)) == pytest.approx(tuple(opinion.places[n]))
        assert chart.group(of(person)) == (opinion.groups[n] if opinion.groups[n] >= 0 else None)


def test_before_seven_votes_nobody_has_a_group(chart: Chart) -> None:
    six = dict(list(of(0).items())[:6])
    assert len(six) == 6
    assert chart.group(six) is None
    assert chart.group({**six, 30: 1}) is None  # nobody voted on that before
    assert chart.place({}) == (0, 0)


def test_nobody_is_asked_twice_and_in_the_end_nothing_is_left(chart: Chart) -> None:
    said: dict[Statement, int] = {}
    for n in range(31):
        statement = chart.next(said, seed=n, leaving_out=[5])
        if n == 30:
            assert statement is None
            break
        assert statement is not None
        assert statement not in said
        said[statement] = 1
    assert sorted(said, key=int) == [n for n in IN_PLAY if n != 5]


def test_the_same_seed_draws_the_same(chart: Chart) -> None:
    drawn = [chart.next(of(7), seed="Noa") for _ in range(3)]
    assert len({*drawn}) == 1
    assert len({chart.next(of(7), seed=n) for n in range(50)}) > 3


def test_statements_are_drawn_in_proportion_to_their_weight(chart: Chart) -> None:
    said = of(7)
    weight = chart.priority * (1 + chart.telling(said)) ** 2
    weight[[chart.statements.index(s) for s in said]] = 0
    drawn = Counter(chart.next(said, seed=n) for n in range(20_000))
    for n, statement in enumerate(chart.statements):
        expected = weight[n] / weight.sum()
        assert drawn[statement] / 20_000 == pytest.approx(expected, abs=0.015)


def test_a_statement_tells_as_much_as_the_groups_differ_on_it() -> None:
    # Two groups of the same size; on one statement they are sure to differ, on one they agree.
    votes = [(p, s, 1 if p < 100 else -1) for p in range(200) for s in range(8)]
    chart = refresh(gather([*votes, *((p, 8, 1) for p in range(200))])).chart
    told = chart.telling({})
    rare = 1 / 103  # a vote that nobody cast, of 100 in a group

    def entropy(*parts: float) -> float:
        return -sum(part * log2(part) for part in parts)

    often = (101 - 0) / 103
    mixed = (often + rare) / 2
    assert told[0] == pytest.approx(entropy(mixed, rare, mixed) - entropy(often, rare, rare))
    assert told[0] > 0.85
    assert told[8] == pytest.approx(0, abs=1e-12)
    # Who has said enough tells nothing more about the group.
    assert chart.telling(dict.fromkeys(range(4), 1))[5] < 1e-6


def test_what_is_kept_comes_back_to_the_last_bit(opinion: Opinion, chart: Chart) -> None:
    text = chart.to_json()
    again = Chart.from_json(text)
    assert again.to_json() == text
    assert np.array_equal(again.space.mean, chart.space.mean, equal_nan=True)
    assert np.array_equal(again.space.components, chart.space.components)
    assert again.kept == chart.kept
    assert again.next(of(3), seed=1) == chart.next(of(3), seed=1)
    assert again.group(of(3)) == chart.group(of(3)) == opinion.groups[3]


def test_nothing_of_a_person_is_kept() -> None:
    triples = [(f"person {p}", s, v) for p, s, v in planted(3, 50, 30, 0.5)[1]]
    assert "person" not in refresh(gather(triples)).chart.to_json()
