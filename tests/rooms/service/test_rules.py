"""What a remedy is, and whose authority covers it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfar.ground.errors import Refused
from kfar.ground.money import Money
from kfar.rooms.service.rules import MOST, Kind, check_remedy, within

KINDS: st.SearchStrategy[str] = st.sampled_from(list(Kind))


def usd(minor: int) -> Money:
    return Money(minor, "USD")


@pytest.mark.parametrize(
    ("kind", "minor", "words", "code"),
    [
        ("holiday", 500, "", "service.unknown_remedy"),
        ("", 500, "", "service.unknown_remedy"),
        ("refund", 0, "Sorry", "service.amount_missing"),
        ("voucher", 0, "", "service.amount_missing"),
        ("answer", 1, "Sorry", "service.answer_costs_nothing"),
        ("answer", 0, " \x00\n", "service.words_missing"),
        ("refund", 500, "x" * (MOST + 1), "service.words_too_long"),
    ],
)
def test_what_is_no_remedy(kind: str, minor: int, words: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        check_remedy(kind, usd(minor), words)
    assert refused.value.code == code
    if code == "service.words_too_long":
        assert refused.value.params == {"most": 2000, "length": 2001}


@given(KINDS, st.integers(1, 10**9), st.text(max_size=30))
def test_what_is_one(kind: str, minor: int, words: str) -> None:
    words += "!" * (kind == Kind.ANSWER)  # an answer says something
    amount = usd(0 if kind == Kind.ANSWER else minor)
    said = words.replace("\r\n", "\n").replace("\x00", "").strip()
    assert check_remedy(kind, amount, words) == (kind, said)


@given(st.dictionaries(KINDS, st.integers(0, 100)), KINDS, st.integers(0, 100))
def test_a_limit_covers_up_to_itself_and_none_covers_nothing(
    limits: dict[str, int], kind: str, minor: int
) -> None:
    covered = within(limits, Kind(kind), usd(minor))
    assert covered == (minor <= limits.get(kind, -1))


def test_a_limit_of_nothing_covers_an_answer_alone() -> None:
    limits = {"answer": 0, "refund": 0}
    found = [within(limits, kind, usd(n)) for kind, n in zip(Kind, (1, 0, 0, 0), strict=True)]
    assert found == [False, False, False, True]
