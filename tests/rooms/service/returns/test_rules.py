"""What goes back, for how much, and whether it goes by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfar.ground.errors import Refused
from kfar.rooms.service.returns.rules import (
    DEFAULT,
    LENGTH,
    LETTERS,
    Bought,
    Doubt,
    State,
    Term,
    check_chosen,
    check_term,
    doubts,
    read_code,
    repeated,
    state,
    striking,
    worth,
)

MILK, BREAD, COUPON = UUID(int=1), UUID(int=2), UUID(int=3)
AT = datetime(2026, 3, 1, tzinfo=UTC)


def line(touch: UUID = MILK, units: int = 3, paid: int = 1000, currency: str = "USD") -> Bought:
    return Bought(touch, "1", "MILK", "Dairy", units, paid, currency)


LINES = [line(), line(BREAD, 1, 250), line(COUPON, 1, -50)]


@given(
    paid=st.integers(1, 10**9),
    pieces=st.lists(st.integers(1, 50), min_size=1, max_size=20),
)
def test_however_it_goes_back_piece_by_piece_it_comes_to_what_was_paid(
    paid: int, pieces: list[int]
) -> None:
    whole = line(units=sum(pieces), paid=paid)
    back = [worth(whole, n, sum(pieces[:at])) for at, n in enumerate(pieces)]
    assert sum(back) == paid
    assert min(back) >= 0


@pytest.mark.parametrize(
    ("chosen", "code"),
    [
        ({}, "returns.nothing_chosen"),
        ({MILK: 0}, "returns.nothing_chosen"),
        ({UUID(int=9): 1}, "returns.not_bought"),
        ({COUPON: 1}, "returns.not_bought"),
        ({MILK: 3}, "returns.too_many"),
        ({MILK: -1}, "returns.too_many"),
    ],
)
def test_what_was_not_bought_does_not_go_back(chosen: dict[UUID, int], code: str) -> None:
    with pytest.raises(Refused, match=f"^{code}$"):
        check_chosen(LINES, chosen, {MILK: 1})


def test_what_is_left_goes_back() -> None:
    assert check_chosen(LINES, {MILK: 2, BREAD: 1}, {MILK: 1}) == [(LINES[0], 2), (LINES[1], 1)]
    with pytest.raises(Refused, match=r"^returns\.two_currencies$"):
        check_chosen([line(), line(BREAD, currency="EUR")], {MILK: 1, BREAD: 1}, {})


@pytest.mark.parametrize(
    ("parts", "days", "given_before", "expected"),
    [
        ([("Dairy", 10_000)], 30, {}, []),
        ([("Dairy", 10_001)], 30, {}, [Doubt.MUCH]),
        ([("Dairy", 6_000), ("Bread", 4_001)], 0, {}, [Doubt.MUCH]),
        ([("Dairy", 1)], 0, {"Bread": 10_000}, [Doubt.MUCH]),
        ([("Dairy", 1)], 31, {}, [Doubt.LATE]),
        ([("Phones", 100)], 14, {"Dairy": 10_000}, []),
        ([("Phones", 101)], 15, {}, [Doubt.LATE, Doubt.MUCH]),
        ([("Phones", 1)], 0, {"Phones": 100}, [Doubt.MUCH]),
    ],
)
def test_the_policy_says_what_goes_by_itself(
    parts: list[tuple[str, int]], days: int, given_before: dict[str, int], expected: list[Doubt]
) -> None:
    terms = {"": DEFAULT, "Phones": Term(14, 100)}
    age = timedelta(days=days)
    assert doubts(parts, terms=terms, given=given_before, age=age, own_money=True) == expected


def test_other_money_is_for_a_person() -> None:
    found = doubts([("", 1)], terms={}, given={}, age=timedelta(), own_money=False)
    assert found == [Doubt.CURRENCY]


@given(
    amounts=st.lists(st.integers(1, 9_000), min_size=1, max_size=30),
    most=st.integers(0, 20_000),
)
def test_many_small_returns_are_one_large_one(amounts: list[int], most: int) -> None:
    """Whatever is returned piece by piece, the policy gives no more than it says."""
    by_itself = 0
    for amount in amounts:
        said = doubts(
            [("Dairy", amount)],
            terms={"": Term(30, most)},
            given={"Dairy": by_itself},
            age=timedelta(),
            own_money=True,
        )
        by_itself += 0 if said else amount
    assert by_itself <= most


def test_a_term_is_a_time_and_an_amount() -> None:
    assert check_term(0, 0) == Term(0, 0)
    for days, most in ((-1, 0), (3651, 0), (1, -1), (1, 10**12)):
        with pytest.raises(Refused, match=r"^returns\.bad_term$"):
            check_term(days, most)


def test_where_it_stands() -> None:
    none: dict[str, datetime | None] = dict.fromkeys(
        ("money_at", "sent_at", "arrived_at", "taken_back_at", "refused_at")
    )
    for happened, stands in [
        ((), State.WAITING),
        (("sent_at", "arrived_at"), State.WAITING),
        (("money_at",), State.MONEY_BACK),
        (("money_at", "sent_at"), State.SENT),
        (("money_at", "arrived_at"), State.ARRIVED),
        (("refused_at",), State.REFUSED),
        (("money_at", "taken_back_at"), State.TAKEN_BACK),
    ]:
        assert state(**(none | dict.fromkeys(happened, AT))) is stands


@given(st.text(LETTERS, min_size=LENGTH, max_size=LENGTH))
def test_a_code_is_read_however_it_comes(code: str) -> None:
    for written in (
        code,
        f" {code.lower()} ",
        f"{code[:4]} {code[4:8]} {code[8:]}",
        f"{code[:5]}-{code[5:]}",
        f"https://shop.example/returns/{code}/",
        f"https://shop.example/returns/{code}",
    ):
        assert read_code(written) == code


class TestPatterns:
    def test_a_share_far_above_others_is_striking(self) -> None:
        found = striking(returned=20, bought=40, others=50, others_returned=40, others_bought=2000)
        assert found is not None
        assert (found.own, found.beside) == (0.5, 0.02)
        assert (round(found.low, 3), round(found.high, 3)) == (0.352, 0.648)

    @pytest.mark.parametrize(
        ("returned", "bought", "others", "theirs"),
        [(4, 4, 50, 0), (20, 40, 4, 0), (8, 40, 50, 200), (6, 100, 50, 40)],
    )
    def test_few_or_not_far_is_not(
        self, returned: int, bought: int, others: int, theirs: int
    ) -> None:
        found = striking(
            returned=returned, bought=bought, others=others, others_returned=theirs,
            others_bought=2000,
        )  # fmt: skip
        assert found is None

    def test_who_bought_before_the_year_has_a_share_of_one_at_most(self) -> None:
        found = striking(returned=9, bought=3, others=50, others_returned=0, others_bought=200)
        assert found is not None
        assert (found.own, found.high <= 1) == (1, True)

    def test_the_same_again_and_again(self) -> None:
        said = [("Shoes", 3), ("Bread", 2), ("Coat", 5), ("Axe", 3)]
        assert repeated(said) == [("Coat", 5), ("Axe", 3), ("Shoes", 3)]
