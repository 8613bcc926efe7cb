"""What may be promised in return, and that one comes back to it once at most."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfar.ground.errors import Refused
from kfar.rooms.promises.in_return.rules import (
    AFTER,
    BEFORE,
    LATEST,
    PRODUCT,
    Kind,
    check_about,
    check_day,
    check_kind,
    may_remind,
    meant,
)
from kfar.rooms.promises.rules import State, state

TODAY = date(2026, 3, 31)
DAYS = st.integers(-400, 400).map(lambda n: TODAY + timedelta(days=n))


@given(due=DAYS, agreed=DAYS, lived=st.lists(st.booleans(), min_size=60, max_size=60))
def test_one_comes_back_once_at_most_near_its_day_and_never_on_the_day_of_the_yes(
    due: date, agreed: date, lived: list[bool]
) -> None:
    reminded: list[date] = []
    for n, free in enumerate(lived):  # free: they may be asked that day
        today = due - timedelta(days=30) + timedelta(days=n)
        if free and may_remind(due=due, agreed=agreed, reminded=bool(reminded), today=today):
            reminded.append(today)
    assert len(reminded) <= 1
    for day in reminded:
        assert due - BEFORE <= day <= due + AFTER
        assert day > agreed


@given(due=DAYS, kept=st.booleans(), released=st.booleans(), agreed=st.booleans())
def test_what_nobody_said_yes_to_is_never_open_or_late(
    due: date, kept: bool, released: bool, agreed: bool
) -> None:
    found = state(due=due, kept=kept, released=released, agreed=agreed, today=TODAY)
    if kept:
        assert found is State.KEPT
    elif released:
        assert found is State.RELEASED
    elif not agreed:
        assert found is State.ASKED
    else:
        assert found is (State.LATE if due < TODAY else State.OPEN)


def test_a_kind_is_one_of_ours_and_words_of_their_own_are_words() -> None:
    assert [check_kind(kind, "words") for kind in Kind] == list(Kind)
    assert check_kind("review", "") is Kind.REVIEW
    assert refused(check_kind, "other", "") == ("promises.nothing_promised", {})
    assert refused(check_kind, "payment", "words") == ("promises.unknown_kind", {})


def test_a_day_lies_within_a_year() -> None:
    for days in (0, LATEST.days):
        check_day(TODAY + timedelta(days=days), TODAY)
    before, after = TODAY - timedelta(days=1), TODAY + LATEST + timedelta(days=1)
    assert refused(check_day, before, TODAY) == ("promises.due_in_past", {})
    assert refused(check_day, after, TODAY) == ("promises.due_too_late", {"days": 365})


def refused(check: Any, *said: object) -> tuple[str, dict[str, object]]:
    with pytest.raises(Refused) as caught:
        check(*said)
    return caught.value.code, dict(caught.value.params)


@given(st.text(max_size=300))
def test_a_product_stands_on_one_line_and_fits(said: str) -> None:
    line = " ".join(said.replace("\x00", "").split())
    if len(line) > PRODUCT:
        with pytest.raises(Refused, match=r"^promises\.about_too_long$"):
            check_about(said)
    else:
        assert check_about(said) == line


def test_a_product_is_meant_by_its_code_or_its_name() -> None:
    names = ("33", "MILK 1L")
    found = [meant(about, names) for about in ("", "33", "milk 1l", "MILK", "34")]
    assert found == [True, True, True, False, False]
    assert (meant("", ()), meant("33", ())) == (True, False)
