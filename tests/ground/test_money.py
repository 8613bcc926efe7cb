"""Money: what people write is read to the minor unit, or refused."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfar.ground.errors import Refused
from kfar.ground.money import DIGITS, Money

CURRENCIES = st.sampled_from(["USD", "PLN", "ILS", *DIGITS])


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("5", "USD", 500),
        ("5.9", "USD", 590),
        ("5,99", "PLN", 599),
        (" 0.05 ", "ILS", 5),
        ("0", "USD", 0),
        ("7", "JPY", 7),
        ("1,234", "BHD", 1234),
        ("1.5", "KWD", 1500),
        ("999999999999", "JPY", 999_999_999_999),
    ],
)
def test_amounts_are_read_as_people_write_them(text: str, currency: str, minor: int) -> None:
    assert Money.parse(text, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", ".", "-5", "+5", "5.999", "1,000", "1.000,50", "1 000", "5.", ".5", "five"),
        *("NaN", "Infinity", "1e3", "1e999999999", "1_000", "5\x00", "²", "5 USD", "1" * 13),
    ],
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(Refused) as refused:
        Money.parse(text, "USD")
    assert (refused.value.code, refused.value.params) == ("money.not_an_amount", {"text": text})


def test_yen_have_no_parts() -> None:
    with pytest.raises(Refused, match=r"^money\.not_an_amount$"):
        Money.parse("7.0", "JPY")


@given(st.integers(0, 10**11), CURRENCIES, st.sampled_from(".,"))
def test_what_is_written_is_read_again(minor: int, currency: str, point: str) -> None:
    amount = Money(minor, currency)
    assert Money.parse(f"{amount.major:f}".replace(".", point), currency) == amount


@given(st.text(max_size=30), CURRENCIES)
def test_any_text_is_an_amount_or_refused(text: str, currency: str) -> None:
    try:
        amount = Money.parse(text, currency)
    except Refused as refused:
        assert refused.code == "money.not_an_amount"  # noqa: PT017
    else:
        assert amount.major == Decimal(text.strip().replace(",", "."))
