"""What may be said, and where a voice stands."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfar.ground.errors import Refused
from kfar.rooms.voice.rules import MOST, Stands, check_text, stands

AT = datetime(2026, 3, 1, tzinfo=UTC)


@given(st.text(max_size=60))
def test_what_is_said_is_kept_but_for_space_around_it(text: str) -> None:
    try:
        said = check_text(text)
    except Refused as refused:
        assert refused.code == "voice.nothing_said"  # noqa: PT017
        assert not text.replace("\x00", "").strip()
    else:
        assert said == text.replace("\r\n", "\n").replace("\x00", "").strip()
        assert check_text(said) == said


@pytest.mark.parametrize("text", ["", " \n\t", "\x00", " \x00 ", "\u00a0\u2003"])
def test_nothing_is_not_a_voice(text: str) -> None:
    with pytest.raises(Refused, match=r"^voice\.nothing_said$"):
        check_text(text)


@pytest.mark.parametrize("letter", ["a", "ש", "ż", "😀"])
def test_five_thousand_letters_fit_in_any_script(letter: str) -> None:
    assert check_text(letter * MOST + "\n") == letter * MOST
    with pytest.raises(Refused) as refused:
        check_text(letter * (MOST + 2))
    assert refused.value.code == "voice.too_long"
    assert refused.value.params == {"most": 5000, "length": 5002, "over": 2}


def test_what_is_owed_comes_before_what_was_told() -> None:
    found = [
        stands(read_at=read, told_at=told, closed_at=closed, owed=owed)
        for closed, owed, told, read in product([AT, None], [True, False], [AT, None], [AT, None])
    ]
    assert found == [
        *[Stands.CLOSED] * 8,
        *[Stands.OWED] * 4,
        *[Stands.TOLD] * 2,
        Stands.READ,
        Stands.UNREAD,
    ]
