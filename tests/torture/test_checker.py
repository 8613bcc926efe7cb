"""The checker sees what is lost, doubled, invented, and a ballot that is not the last."""

from __future__ import annotations

import pytest

from tests.torture.checker import Found, Report, check, touch_id
from tests.torture.load import Cast, Ledger, choices, number

LEDGER = Ledger(
    events={"a": True, "b": True, "unanswered": False},
    ballots={7: [Cast(1, True), Cast(2, True), Cast(3), Cast(4)], 8: [Cast(1)]},
)
A, B, UNANSWERED, STRANGE = map(touch_id, ["a", "b", "unanswered", "strange"])


@pytest.mark.parametrize(
    ("found", "wrong"),
    [
        (Found([A, B], {7: 2}), Report()),
        (Found([B, UNANSWERED, A], {7: 3, 8: 1}), Report()),
        (Found([A, B], {7: 4}), Report()),
        (Found([B], {7: 2}), Report(lost=["a"])),
        (Found([A, B, A], {7: 2}), Report(doubled=["a"])),
        (Found([A, B, STRANGE], {7: 2}), Report(invented=[str(STRANGE)])),
        (Found([A, B], {}), Report(voters=[7])),
        (Found([A, B], {7: 1}), Report(voters=[7])),
        (Found([A, B], {7: 5}), Report(voters=[7])),
        (Found([A, B], {7: 2, 8: 2}), Report(voters=[8])),
        (Found([A, B], {7: 2, 9: 1}), Report(voters=[9])),
        (Found([A, B], {7: 2}, votes=2), Report(untold=1)),
        (Found([A, B], {7: 2}, settled=False), Report(unsettled=True)),
        (Found([A, B], {7: 2}, verified=["dropped"]), Report(wrong=["dropped"])),
    ],
    ids=[
        *("all", "unanswered-too", "later-too", "lost", "doubled", "invented"),
        *("no-ballot", "older", "newer", "unsent", "nobody", "touches", "unsettled", "unverified"),
    ],
)
def test_what_is_wrong_is_named(found: Found, wrong: Report) -> None:
    report = check(LEDGER, found)
    assert report == wrong
    assert report.well == (wrong == Report())


def test_an_answer_that_makes_clients_throw_away_what_they_have_is_wrong() -> None:
    assert check(Ledger(wrong=["/v1/batch: 401"]), Found([], {})).wrong == ["/v1/batch: 401"]


def test_a_ballot_is_known_by_its_options() -> None:
    assert [number(choices(n)) for n in range(1, 4096)] == list(range(1, 4096))
    assert choices(5) == [0, 2]
