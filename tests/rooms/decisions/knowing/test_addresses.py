"""One mailbox is one voice, and a network is as wide as its owner's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfar.rooms.decisions.knowing.addresses import block, country, identity


@pytest.mark.parametrize(
    ("kind", "value", "found"),
    [
        ("email", "A.Nna+1@GMail.com", "email:anna@gmail.com"),
        ("email", "anna+2@googlemail.com", "email:anna@gmail.com"),
        ("email", "a.nna@village.example", "email:a.nna@village.example"),
        ("email", "a.nna+shop@Village.example", "email:a.nna@village.example"),
        ("email", "+only@village.example", "email:+only@village.example"),
        ("email", "dov@כפר.example", "email:dov@xn--gebsm.example"),
        ("email", "nobody", ""),
        ("phone", "+972 50-234-5678", "phone:+972502345678"),
        ("phone", "12", ""),
        ("x", "anna", ""),
    ],
)
def test_one_voter_whatever_they_write(kind: str, value: str, found: str) -> None:
    assert identity(kind, value) == found


@given(st.from_regex(r"[a-z][a-z0-9]{0,8}", fullmatch=True), st.text("abc0.+", max_size=5))
def test_nothing_after_a_plus_makes_another_voter(local: str, more: str) -> None:
    own = identity("email", f"{local}@village.example")
    assert identity("email", f"{local}+{more}@village.example") == own


def test_where_a_number_is_from() -> None:
    assert [country(n) for n in ("+972502345678", "+48221234567", "+12025550123", "+999", "x")] == [
        *("IL", "PL", "US", "", "")
    ]
    assert block("+972502345678") == block("+972502349999") == "+97250234"
