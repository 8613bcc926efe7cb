"""What a promise must say, and when it is late."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfar.ground.errors import Refused
from kfar.rooms.promises.rules import MOST, State, check_promise, state

TODAY = date(2026, 3, 1)


def test_it_says_something_in_one_language_or_more() -> None:
    assert check_promise({"en": " Fresh\r\nmilk\x00 ", "pl": " "}, TODAY, TODAY) == {
        "en": "Fresh\nmilk",
        "pl": "",
    }


@pytest.mark.parametrize(
    ("text", "due", "code"),
    [
        ({}, TODAY, "promises.nothing_promised"),
        ({"en": " ", "he": "\x00"}, TODAY, "promises.nothing_promised"),
        ({"en": "Milk"}, TODAY - timedelta(days=1), "promises.due_in_past"),
        ({"en": "Milk", "he": "ח" * (MOST + 1)}, TODAY, "promises.too_long"),
    ],
)
def test_what_is_no_promise(text: dict[str, str], due: date, code: str) -> None:
    with pytest.raises(Refused) as refused:
        check_promise(text, due, TODAY)
    assert refused.value.code == code
    if code == "promises.too_long":
        assert refused.value.params == {"most": 1000, "length": 1001}


@given(st.integers(-400, 400), st.booleans())
def test_it_is_late_from_the_day_after(days: int, kept: bool) -> None:
    found = state(due=TODAY + timedelta(days=days), kept=kept, today=TODAY)
    assert found == (State.KEPT if kept else State.OPEN if days >= 0 else State.LATE)
