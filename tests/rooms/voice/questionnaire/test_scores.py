"""Scores and results, by exact values; of a few people nothing is told."""

from __future__ import annotations

from datetime import date
from math import comb, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfar.ground.shares import wilson
from kfar.rooms.voice.questionnaire.answers import Answers
from kfar.rooms.voice.questionnaire.form import Score
from kfar.rooms.voice.questionnaire.results import results
from kfar.rooms.voice.questionnaire.scores import LEVEL, difference, scored
from tests.rooms.voice.questionnaire.forms import form


def test_an_nps_is_who_recommends_less_who_does_not() -> None:
    found = scored(Score.NPS, {10: 3, 9: 2, 8: 1, 7: 1, 6: 2, 0: 1})
    assert found.people == 10
    assert found.value == pytest.approx(0.2)
    assert found.mean == pytest.approx((30 + 18 + 8 + 7 + 12 + 0) / 10)
    p, q = 5.5 / 12, 3.5 / 12
    spread = 1.959963984540054 * sqrt((p + q - (p - q) ** 2) / 12)
    assert (found.low, found.high) == pytest.approx((p - q - spread, p - q + spread))


def test_csat_and_ces_are_shares_of_good_answers() -> None:
    csat = scored(Score.CSAT, {5: 6, 4: 2, 3: 1, 1: 1})
    assert (csat.value, csat.mean) == pytest.approx((0.8, 4.2))
    assert (csat.low, csat.high) == wilson(8, 10, LEVEL)
    ces = scored(Score.CES, {7: 1, 5: 1, 4: 2})
    assert (ces.value, ces.mean) == (0.5, 5.0)
    assert (ces.low, ces.high) == wilson(2, 4, LEVEL)


def test_wilson_is_as_published() -> None:
    """Newcombe, Statistics in Medicine 17 (1998), table I."""
    found = {n: wilson(*n, 0.95) for n in [(81, 263), (15, 148), (0, 20), (1, 29)]}
    assert {n: (round(a, 4), round(b, 4)) for n, (a, b) in found.items()} == {
        (81, 263): (0.2553, 0.3662),
        (15, 148): (0.0624, 0.1605),
        (0, 20): (0.0, 0.1611),
        (1, 29): (0.0061, 0.1718),
    }


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60))
def test_a_difference_lies_within_its_bounds_and_turns_round(a: int, b: int, rest: int) -> None:
    people = a + b + rest + 1
    low, high = difference(a, b, people)
    assert -1 <= low < high <= 1
    assert difference(b, a, people) == pytest.approx((-high, -low))
    assert low <= (a - b) / people <= high or people < 5


def test_the_interval_of_an_nps_holds_the_truth_as_often_as_it_says() -> None:
    """Over all that 20 answers may say where 45 % recommend and 25 % do not."""
    n, p, q = 20, 0.45, 0.25
    held = 0.0
    for ones in range(n + 1):
        for others in range(n + 1 - ones):
            low, high = difference(ones, others, n)
            rest = n - ones - others
            ways = comb(n, ones) * comb(n - ones, others)
            if low <= p - q <= high:
                held += ways * p**ones * q**others * (1 - p - q) ** rest
    assert 0.94 <= held <= 0.96


JAN, FEB = date(2026, 1, 1), date(2026, 2, 1)
NPS = {"type": "rating", "name": "n", "rateMin": 0, "rateMax": 10, "kfarScore": "nps"}


def test_results_count_every_value_and_every_month() -> None:
    one = form([NPS, {"type": "checkbox", "name": "c", "choices": ["a", "b"]}])
    good: Answers = {"n": 10, "c": ["a", "b"]}
    bad: Answers = {"n": 0, "c": ["a"]}
    said = [(JAN, good)] * 5 + [(FEB, bad)] * 4
    score, choice = results(one, said)
    assert (score.people, dict(score.counts)[10], dict(score.counts)[0]) == (9, 5, 4)
    assert [value for value, _times in score.counts] == list(range(11))
    assert score.scored == scored(Score.NPS, {10: 5, 0: 4})
    assert score.months == ((JAN, scored(Score.NPS, {10: 5})), (FEB, None))
    assert (choice.people, choice.counts) == (9, (("a", 9), ("b", 5)))


def test_of_fewer_than_five_nothing_is_told() -> None:
    one = form([NPS, {"type": "boolean", "name": "b"}, {"type": "comment", "name": "w"}])
    said: list[tuple[date, Answers]]
    said = [(JAN, {"n": 10, "b": True, "w": "x"})] * 4
    assert [(a.told, a.people, a.counts, a.scored) for a in results(one, said)] == [
        (False, 4, (), None)
    ] * 3
    more = results(one, [*said, (JAN, {"b": False})])
    assert [a.told for a in more] == [False, True, False]
    assert more[1].counts == ((True, 4), (False, 1))
