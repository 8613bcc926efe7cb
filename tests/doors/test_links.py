"""Links that stand for a right: for ninety days, and for nobody who makes one up."""

from __future__ import annotations

import time
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfar.doors import links
from kfar.ground.errors import Refused


def made() -> str:
    """The token in a link of ours."""
    return links.good(UUID(int=1), UUID(int=2)).rstrip("/").rpartition("/")[2]


def test_it_opens_for_ninety_days(monkeypatch: pytest.MonkeyPatch) -> None:
    now = float(int(time.time()))
    monkeypatch.setattr(time, "time", lambda: now)
    token = made()
    now += 90 * 24 * 3600
    assert links.opened(token, "good") == [UUID(int=1), UUID(int=2)]
    now += 1
    with pytest.raises(Refused, match=r"^links\.expired$"):
        links.opened(token, "good")


@given(st.text())
def test_no_other_text_opens_anything(token: str) -> None:
    with pytest.raises(Refused, match=r"^links\.forged$"):
        links.opened(token, "good")


def test_a_link_changed_anywhere_opens_nothing() -> None:
    token = made()
    for place in range(len(token)):
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        with pytest.raises(Refused, match=r"^links\.forged$"):
            links.opened(changed, "good")
