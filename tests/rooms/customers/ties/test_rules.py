"""Names that are no advertisement, and how often one may invite."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfar.ground.errors import Refused
from kfar.rooms.customers.ties.rules import (
    KEPT,
    MOST_A_DAY,
    MOST_A_MONTH,
    MOST_OPEN,
    QUIET,
    check_called,
    check_often,
    fits,
    may_write,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "name", ["Anna", "Anna K.", "Dr. Jan Nowak", "חנה לוי", "Żółć O'Brien-Ćwik", "Anna 2"]
)
def test_what_people_are_called_stands_in_a_letter(name: str) -> None:
    assert check_called(name) == name


@pytest.mark.parametrize(
    "name",
    ["shop.example", "Buy at shop.co", "http://x", "a@b", "Call 0048601222333", "x" * 61, "//evil"],
)
def test_an_advertisement_does_not(name: str) -> None:
    with pytest.raises(Refused) as refused:
        check_called(name)
    assert refused.value.code == "customers.tie_bad_name"


@pytest.mark.parametrize("name", ["", "  "])
def test_who_has_no_name_says_one_first(name: str) -> None:
    assert not fits(name)
    with pytest.raises(Refused) as refused:
        check_called(name)
    assert refused.value.code == "customers.tie_no_name"


@given(
    st.lists(
        st.tuples(
            st.integers(0, 60 * 24 * 60).map(lambda m: NOW - timedelta(minutes=m)), st.booleans()
        ),
        max_size=25,
    )
)
def test_one_more_is_made_while_no_limit_is_reached(made: list[tuple[datetime, bool]]) -> None:
    day = sum(NOW - at < timedelta(days=1) for at, _ in made)
    month = sum(NOW - at < KEPT for at, _ in made)
    waiting = sum(still for _, still in made)
    enough = waiting >= MOST_OPEN or day >= MOST_A_DAY or month >= MOST_A_MONTH
    if not enough:
        check_often(made, NOW)
        return
    with pytest.raises(Refused) as refused:
        check_often(made, NOW)
    assert refused.value.code == "customers.tie_enough"


@given(st.none() | st.timedeltas(timedelta(0), timedelta(days=100)), st.booleans())
def test_an_address_is_written_to_once_in_a_month_and_never_after_its_no(
    ago: timedelta | None, stopped: bool
) -> None:
    last = None if ago is None else NOW - ago
    assert may_write(last, stopped, NOW) is (not stopped and (ago is None or ago >= QUIET))
