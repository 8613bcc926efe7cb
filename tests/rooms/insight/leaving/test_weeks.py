from __future__ import annotations

import numpy as np

from kfar.rooms.insight.leaving.visits import Visits
from kfar.rooms.insight.leaving.weeks import coarsened, person_weeks

NONE = (np.empty(0, np.int64), np.empty(0, np.int64))


def visits_in(weeks: list[int], person: int = 1) -> Visits:
    ones = np.ones(len(weeks))
    return Visits.of(person * ones, 7 * np.array(weeks), ones, ones)


def test_one_leaves_in_the_first_week_of_a_silence_and_may_come_back() -> None:
    """Five whole weeks without a visit are a silence of 30 days."""
    found = person_weeks(visits_in([0, 1, 3, 9, 10]), NONE, NONE, today=7 * 16)
    assert found.week.tolist() == list(range(16))
    assert np.flatnonzero(found.event).tolist() == [4, 11]
    assert np.flatnonzero(found.at_risk).tolist() == [0, 1, 2, 3, 4, 9, 10, 11]


def test_a_silence_that_cannot_be_seen_whole_is_none_yet() -> None:
    found = person_weeks(visits_in([0, 1]), NONE, NONE, today=7 * 6)
    assert not found.event.any()
    assert np.flatnonzero(found.at_risk).tolist() == [0, 1]
    assert person_weeks(visits_in([0, 1]), NONE, NONE, today=7 * 7).event.sum() == 1


def test_exposures_are_what_was_known_at_the_end_of_the_week() -> None:
    found = person_weeks(visits_in([0, 1, 3]), NONE, NONE, today=7 * 5)
    assert found.exposures.tolist() == [
        [1, 0, 0, 0],
        [1, 1, 1, 1],
        [0, 1, 1, 1],
        [1, 1, 2, 2],
        [0, 2, 1, 2],
    ]


def test_experiences_stand_in_their_week_and_strangers_nowhere() -> None:
    bad = (np.array([1, 1, 2]), np.array([8, 500, 8]))
    found = person_weeks(visits_in([0, 3]), bad, (np.array([1]), np.array([14])), today=7 * 5)
    assert np.flatnonzero(found.bad).tolist() == [1]
    assert np.flatnonzero(found.helped).tolist() == [2]


def test_nobody_has_no_weeks() -> None:
    assert len(person_weeks(Visits.of([], [], [], []), NONE, NONE, today=9).week) == 0


def test_few_values_stay_and_many_are_put_together() -> None:
    few, many = np.arange(100) % 3, np.arange(100)
    cells = coarsened(np.stack([few, many], axis=1), bins=4)
    assert cells[:, 0].tolist() == few.tolist()
    assert np.bincount(cells[:, 1]).tolist() == [25, 25, 25, 25]
