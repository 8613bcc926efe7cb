"""What a message may be, and how a long answer is taken apart."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from kfar.ground.errors import Refused
from kfar.rooms.voice.channels.rules import (
    EARLIEST,
    LONGEST,
    Message,
    check_name,
    link,
    parts,
    sound,
)


@given(st.text(), st.integers(1, 50))
def test_no_part_is_too_long_and_no_sign_is_lost(text: str, most: int) -> None:
    pieces = parts(text, most)
    assert all(0 < len(piece) <= most for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_a_text_is_cut_between_words() -> None:
    assert parts("one two three four", 9) == ["one two", "three", "four"]
    assert parts("onetwothree", 4) == ["onet", "woth", "ree"]
    assert parts("short", 9) == ["short"]


@pytest.mark.parametrize(
    ("why", "name"),
    [
        ("no_channel_name", ""),
        *(("channel_name_kept", name) for name in ("email", "phone", "sms", "whatsapp", "x")),
        *(("bad_channel_name", name) for name in ("Shop", "a/b", "x" * 41)),
    ],
)
def test_a_name_that_means_something_else_names_no_channel(why: str, name: str) -> None:
    with pytest.raises(Refused) as refused:
        check_name(name)
    assert refused.value.code == f"voice.{why}"


@pytest.mark.parametrize(
    "url",
    [
        *("javascript:alert(1)", "data:text/html,x", "//a.b", "http://a b", "x" * 9),
        'http://a"onclick="x',
        "https://a.example/" + "x" * 2000,
    ],
)
def test_a_link_that_is_none_of_the_web_is_left_out(url: str) -> None:
    assert link(url) == ""


def test_a_link_of_the_web_stays() -> None:
    assert link(" https://forum.example/t/1?a=b#c ") == "https://forum.example/t/1?a=b#c"


@given(st.text(), st.text(), st.text())
def test_whatever_is_said_can_be_kept_or_is_refused(one: str, text: str, author: str) -> None:
    message = Message(id=one, text=text, author=author, at=timezone.now())
    if not text.replace("\x00", "").strip() or not "".join(one.replace("\x00", "").split()):
        with pytest.raises(Refused, match=r"voice\.(nothing_said|no_message_id)"):
            sound(message)
        return
    said = sound(message)
    kept = (said.id, said.text, said.author)
    assert said.id
    assert said.text
    assert not any("\x00" in part for part in kept)
    assert "".join(kept).encode()
    assert len(said.id) <= 500


def test_before_all_clocks_is_when_they_began() -> None:
    early = datetime(1, 1, 1, tzinfo=timezone.get_fixed_timezone(14 * 60))
    assert sound(Message(id="1", text="x", at=early)).at == EARLIEST


def test_what_is_too_long_to_keep_ends_with_a_sign_that_says_so() -> None:
    said = sound(Message(id="1", text="x" * (LONGEST + 1), at=timezone.now()))
    assert said.text == "x" * (LONGEST - 1) + "…"
